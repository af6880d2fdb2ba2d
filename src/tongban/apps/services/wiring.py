"""What the services application makes known to the kernel and the design system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.urls import reverse

from tongban.apps.services import facts, intake, kind, measures, packs
from tongban.apps.services.duties import DUTIES
from tongban.apps.services.models import Item
from tongban.apps.services.operations import calculation, handle, procedures, publicity, registration
from tongban.apps.services.queries import application as reading
from tongban.apps.services.queries import catalogue, keeping
from tongban.apps.services.queries import parties as people
from tongban.base import builtin, vaults, waiting
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText as T
from tongban.base.time import LOCAL
from tongban.design import home, navigation
from tongban.design.navigation import NavEntry
from tongban.kernel.cases import service as cases
from tongban.kernel.forms import service as forms
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.messages import service as messages

__all__ = ["register"]

POPULAR = 8
POPULAR_PERIOD = timedelta(days=30)

VERBS = {
    "services.request_correction": T("一次性告知补正", "Correction asked for, once"),
    "services.receive_correction": T("收到补正材料", "Correction received"),
    "services.accept": T("受理", "Accepted"),
    "services.accept_automatically": T("逾期未告知，视为受理", "Accepted by lapse of time"),
    "services.not_accept": T("不予受理", "Not accepted"),
    "services.grant": T("准予", "Granted"),
    "services.refuse": T("不予准予", "Refused"),
    "services.calculate": T("按表核算", "Worked out by a decision table"),
    "services.charge": T("核定收费", "Fee worked out"),
    "services.record_result": T("登记入库", "Entered into the register"),
    "services.publish_notice": T("公示", "Put on public notice"),
    "services.end_notice": T("公示期满", "Public notice over"),
    "services.deliver": T("送达", "Delivered"),
    "services.withdraw": T("撤回申请", "Withdrawn"),
    "services.extend": T("延长办理时限", "Time limit extended"),
    "services.pause": T("特别程序，时限暂停", "Special procedure, clock stopped"),
    "services.resume": T("特别程序结束，时限继续", "Special procedure over, clock runs again"),
    "services.put_material": T("上传材料", "Document uploaded"),
    "services.choose_material": T("从材料库选用材料", "Document chosen from the vault"),
    "services.sign": T("申请人电子签名", "Signed by the applicant"),
    "services.remove_material": T("删除材料", "Document removed"),
    "services.rate": T("评价", "Rated"),
    "services.put_item": T("发布事项", "Service item published"),
    "services.enforce_item": T("事项新版本生效", "A version of a service item came into force"),
    "services.send_table": T("上传事项表格", "Table of services sent"),
    "services.let_table_in": T("同意导入事项表格", "Table of services let in"),
    "services.import_items": T("导入事项目录", "Catalogue imported"),
    "services.ask_consent": T("请求同意", "Consent asked for"),
    "services.give_consent": T("同意", "Consent given"),
    "services.decline_consent": T("不同意", "Consent declined"),
    "services.put_consent_form": T("上传书面同意书", "Signed consent uploaded"),
    "services.put_proof": T("上传证明", "Proof uploaded"),
    "services.check_consent": T("核对书面同意书", "Signed consent checked"),
    "services.end_agency": T("结束代办", "Agency ended"),
    "services.remove_co_applicant": T("去掉共同申请人", "Co-applicant removed"),
    "services.witness_signature": T("窗口见证签名", "Signature witnessed at the counter"),
    "services.enter_at_counter": T("窗口代录", "Entered at the counter"),
    "services.enter_correction": T("窗口代录补正", "Correction entered at the counter"),
    "services.hand_over": T("当面交付结果", "Result handed over"),
    "services.withdraw_item": T("下架事项", "Service item withdrawn"),
    "services.restore_item": T("恢复事项", "Service item restored"),
}


WORDS = {
    "services.consent_asked": (
        T("{who} 请您确认：{item}", "{who} asks you to confirm: {item}"),
        T(
            "{who} 要替您或者和您一起申请“{item}”。同意以前，登记库里您的信息不会带出来，申请也交不上去。请点开看清楚再决定。",
            "{who} wants to apply for “{item}” for you or together with you. Until you agree nothing is filled in from the "
            "registers and nothing can be submitted. Please open it and decide.",
        ),
    ),
    "services.consent_given": (
        T("{who} 同意了：{item}", "{who} agreed: {item}"),
        T("{who} 已经确认“{item}”，可以接着填了。", "{who} has confirmed “{item}”. You can go on."),
    ),
    "services.consent_declined": (
        T("{who} 没有同意：{item}", "{who} declined: {item}"),
        T("{who} 没有同意“{item}”这件申请。", "{who} has declined the application “{item}”."),
    ),
    "services.agency_ended": (
        T("代办已结束：{item}", "Agency ended: {item}"),
        T("{who} 结束了“{item}”的代办。", "{who} has ended the agency for “{item}”."),
    ),
    "services.signing_code": (
        T("签名验证码：{item}", "Code to sign: {item}"),
        T(
            "您正在签“{item}”的申请。验证码 {code}，{minutes} 分钟内有效，只能用一次。"
            "不是您本人在操作，不要告诉任何人，并尽快联系窗口。",
            "You are signing the application “{item}”. The code is {code}; it works once, for {minutes} minutes. If this is not "
            "you, tell it to nobody and contact the window.",
        ),
    ),
}
"""What the people of an application are told beside the steps of the law."""
BUILTIN = Path(__file__).parent / "builtin"
"""The papers, task forms and words that the operations name."""


def register() -> None:
    """Called once by ``ServicesConfig.ready``."""
    kind.register()
    identity.register_duties(DUTIES)
    identity.register_standing(
        "services.items",
        T(zh="事项", en="Items"),
        count=lambda unit: Item.objects.filter(unit_id=unit).count(),
        move=lambda unit, heir: Item.objects.filter(unit_id=unit).update(unit_id=heir),
    )
    facts.register()
    intake.register()
    for verb, label in VERBS.items():
        ledger.register_verb(verb, label)
    ledger.register_verb(
        "services.identify", T("核对姓名和身份证号", "Name and ID number checked"), quiet=True
    )
    for key, (subject, body) in WORDS.items():
        messages.register_words(key, subject=subject, body=body)
    messages.register_words_in(BUILTIN)
    builtin.register("services", BUILTIN)
    waiting.register_waiting("services.consents", _consents_asked)
    ledger.register_purpose(
        "services.apply", T(zh="填申请表时自动带出", en="Filled into an application form")
    )
    forms.register_options("services.materials", _material_options)
    vaults.register_kinds("services", keeping.material_kinds)
    navigation.register_desk(
        NavEntry(
            key="counter",
            group=T("我的工作", "My work"),
            label=T("窗口代录", "Counter"),
            url_name="services:counter",
            icon="stamp",
            order=14,
            visible=lambda actor: "services.counter" in actor.duties,
        )
    )
    navigation.register_desk(
        NavEntry(
            key="helping",
            group=T("我的工作", "My work"),
            label=T("帮办代办", "Helping villagers"),
            url_name="services:helping",
            icon="hand",
            order=15,
            visible=lambda actor: "services.village" in actor.duties,
        )
    )
    home.register_block(
        home.HomeBlock(key="popular", template="services/home_block.html", context=_popular_block, order=10)
    )
    home.register_figures("services", _figures)
    measures.register()
    home.register_suggestions("services", _suggestions)
    navigation.register_desk(
        NavEntry(
            key="catalogue-tables",
            group=T("系统管理", "System"),
            label=T("导入事项", "Import services"),
            url_name="services:tables",
            icon="upload",
            order=61,
            visible=lambda actor: "studio.edit" in actor.duties,
        )
    )
    navigation.register_public(
        NavEntry(key="services", label=T("办事服务", "Services"), url_name="services:search", order=20)
    )
    _ = (
        calculation,
        handle,
        packs,
        procedures,
        publicity,
        registration,
    )  # importing them registered the operations and the pack sections


def _material_options(request: forms.OptionRequest) -> Sequence[forms.Option]:
    """Offer the uploads of the case's item to a form that asks which of them is missing."""
    if request.about is None or request.about.kind != "case":
        return ()
    item = reading.item_of(cases.case_of(request.about))
    return [
        forms.Option(m["key"], T.of(m["name"]))
        for m in item.materials
        if m.get("action", "upload") == "upload"
    ]


def _popular_block(actor: Actor, at: datetime) -> Mapping[str, Any] | None:
    """What people applied for most in the last 30 days, then the rest in their order: for the home page."""
    counts = home.kept(
        "popular items",
        lambda: dict(cases.list_public_counts(subject_kind="item", since=at - POPULAR_PERIOD, limit=POPULAR)),
    )
    items = {item.key: item for item in catalogue.list_items(online=True)[:50]}
    keys = [key for key in counts if key in items] + [key for key in items if key not in counts]
    rows = [
        {
            "title": T.of(items[key].content.get("short_name")) or items[key].name,
            "note": items[key].limit("promised").text,
            "icon": items[key].content.get("icon", "bowl"),
            "url": reverse("services:item", args=[key]),
        }
        for key in keys[:POPULAR]
    ]
    return {"items": rows} if rows else None


def _figures(at: datetime) -> list[home.Figure]:
    """This month's cases and the share that kept every limit, counted from the cases themselves."""
    today = at.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    a_year_ago = today - timedelta(days=364)  # with today 365 days, as on the page of public figures
    month = home.kept("cases of a month", lambda: cases.figures(since=today.replace(day=1), until=at))
    year = home.kept("cases of a year", lambda: cases.figures(since=a_year_ago, until=at))
    page = navigation.address("figures:public")
    figures = [
        home.Figure(
            label=T("本月办件", "Cases this month"),
            value=str(month.submitted),
            unit=T("件", "cases"),
            note=T(f"其中网上提交 {month.online} 件", f"{month.online} of them online"),
            url=page and f"{page}?period={today:%Y-%m}",
        )
    ]
    if year.on_time_rate is not None:
        figures.append(
            home.Figure(
                label=T("按时办结率", "Done on time"),
                value=f"{year.on_time_rate:.1f}",
                unit=T("%", "%"),
                note=T(
                    f"近一年办结 {year.closed} 件，超期 {year.late} 件",
                    f"{year.closed} closed in a year, {year.late} late",
                ),
                url=page,
            )
        )
    rated = home.kept("ratings", lambda: catalogue.satisfaction(since=a_year_ago))
    if rated.count:
        figures.append(
            home.Figure(
                label=T("满意度", "Satisfaction"),
                value=f"{rated.percent:.1f}",
                unit=T("%", "%"),
                note=T(f"近一年主动评价 {rated.count} 件", f"{rated.count} ratings given in a year"),
                url=page and f"{page}#ratings",
            )
        )
    return figures


def _consents_asked(actor: Actor) -> list[waiting.Waiting]:
    """Say for my space whose applications wait for this person's word."""
    return [
        waiting.Waiting(
            title=case.title,
            note=view.by_name,
            state=T("请您确认", "Please confirm"),
            at=view.asked_at,
            url=reverse("services:consent", args=[view.id]),
        )
        for case, view in people.asked_of(actor)
    ]


def _suggestions(at: datetime) -> list[home.Suggestion]:
    """The questions that the guidances answer."""
    return [home.Suggestion(text=text, url=url) for text, url in catalogue.list_suggestions()]
