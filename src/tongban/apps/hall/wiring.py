"""What the hall makes known to the kernel and the workbench. Called once by ``HallConfig.ready``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from tongban.apps.hall import packs, queries
from tongban.apps.hall.duties import DUTIES
from tongban.apps.hall.models import Appointment, Point, Service, Window
from tongban.apps.hall.operations import book, processes
from tongban.apps.hall.policies import is_citizen, may_serve
from tongban.apps.hall.words import MESSAGES
from tongban.base import outbox
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText as T
from tongban.design import navigation
from tongban.design.navigation import NavEntry
from tongban.kernel.cases import service as cases
from tongban.kernel.forms import service as forms
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.messages import service as messages

__all__ = ["register"]

VERBS = {
    "hall.book": T("预约", "Appointment made"),
    "hall.move": T("改预约时间", "Appointment moved"),
    "hall.cancel": T("取消预约", "Appointment cancelled"),
    "hall.arrived": T("到了", "Arrived"),
    "hall.missed": T("约了没来", "Did not come"),
    "hall.done": T("预约的事办了", "Served"),
    "hall.undo": T("撤回登记", "Mark taken back"),
    "hall.settle": T("当天过后结清预约", "Appointment settled after its day"),
    "hall.offer": T("大厅改期，另留时间", "Moved by the hall"),
    "hall.close": T("大厅不开放，取消预约", "Cancelled by the hall"),
    "hall.serve": T("窗口办完一个号", "Number served"),
    "hall.put_point": T("设大厅", "Hall set up"),
    "hall.set_hours": T("改开放时间", "Hours changed"),
    "hall.set_day": T("改一天的开放时间", "Hours of a day changed"),
    "hall.usual_day": T("恢复平常的开放时间", "Day as usual again"),
    "hall.put_up_kiosk": T("设自助机", "Kiosk put up"),
    "hall.take_down_kiosk": T("停用自助机", "Kiosk taken down"),
}
STANDING = "SELECT id::text, jsonb_build_object('state', state) FROM hall_appointment"


def register() -> None:
    """Register duties, verbs, words, options, the panel and links of cases, what a unit has, navigation."""
    identity.register_duties(DUTIES)
    for verb, label in VERBS.items():
        ledger.register_verb(verb, label)
    ledger.register_subject_check("appointment", STANDING)
    ledger.register_act_reader("appointment", _may_read)
    ledger.register_purpose("hall.day", T("窗口接待预约的人", "Receiving people with appointments"))
    for key, (subject, body) in MESSAGES.items():
        messages.register_words(key, subject=subject, body=body)
    forms.register_options("hall.times", processes.times_to_choose)
    cases.register_panel(cases.Panel("appointment", "hall/parts/case_panel.html", _panel, place="where"))
    cases.register_party_links("hall", _party_links)
    outbox.handler("services.withdrawn", "hall.give_back")(book.on_withdrawn)
    for key, label, model in (
        ("hall.points", T("大厅", "Halls"), Point),
        ("hall.services", T("大厅的业务", "Services of a hall"), Service),
        ("hall.windows", T("大厅的窗口", "Windows of a hall"), Window),
    ):
        _register_standing(key, label, model)
    _register_navigation()
    _ = packs  # importing it registered the section


def _register_standing(key: str, label: T, model: Any) -> None:
    identity.register_standing(
        key,
        label,
        count=lambda unit: model.objects.filter(unit_id=unit).count(),
        move=lambda unit, heir: model.objects.filter(unit_id=unit).update(unit_id=heir),
    )


def _register_navigation() -> None:
    work = T("大厅", "Hall")
    for key, label, url_name, icon, order, visible in (
        ("hall-queue", T("叫号", "Call numbers"), "hall:queue", "bell", 60, queries.has_desk),
        ("hall-day", T("预约", "Appointments"), "hall:day", "calendar", 61, queries.has_desk),
        ("hall-manage", T("大厅设置", "Halls"), "hall:manage", "gear", 62, queries.manages),
    ):
        navigation.register_desk(
            NavEntry(
                key=key, group=work, label=label, url_name=url_name, icon=icon, order=order, visible=visible
            )
        )
    navigation.register_account(
        NavEntry(
            key="appointments",
            label=T("预约和取号", "Appointments and numbers"),
            url_name="hall:appointments",
            icon="calendar",
            order=35,
            visible=lambda actor: not actor.is_official,
        )
    )
    navigation.register_foot(
        NavEntry(
            key="appointments",
            group=T("服务大厅", "Service hall"),
            label=T("预约和取号", "Appointments and numbers"),
            url_name="hall:appointments",
        )
    )


def _panel(case: Any, actor: Actor, at: datetime) -> Mapping[str, Any] | None:
    """Show the appointment of a case whose process booked one; every other page costs no statement."""
    if case.instance is None or "appointment" not in case.instance.vars:
        return None
    row = queries.appointment_of_case(case, at=at)
    return {"row": row} if row is not None else None


def _party_links(case: Any, actor: Actor) -> list[tuple[T, str]]:
    """Lead the applicant to the times, when the process waits for one; else to the appointment."""
    if case.closed_at is not None or case.instance_id is None or not is_citizen(actor):
        return []
    if case.state == "choosing":
        return [(T("选来大厅的时间", "Choose when to come"), reverse("hall:for-case", args=[case.number]))]
    if case.state != "expected":
        return []
    found = Appointment.objects.filter(case_id=case.pk).order_by("-booked_at").first()
    if found is None or found.person_id != actor.person_id:
        return []
    if found.state in ("booked", "arrived"):
        return [(T("看预约", "See the appointment"), reverse("hall:mine", args=[found.pk]))]
    return [(T("另约时间", "Choose another time"), reverse("hall:for-case", args=[case.number]))]


def _may_read(actor: Actor, ref: Ref) -> bool:
    found = Appointment.objects.select_related("service__point").filter(pk=UUID(ref.id)).first()
    if found is None:
        return False
    return may_serve(actor, found.service) or (is_citizen(actor) and found.person_id == actor.person_id)
