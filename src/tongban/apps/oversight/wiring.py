"""What oversight makes known to the kernel. Called once by ``OversightConfig.ready``."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from tongban.apps.oversight import measures, words
from tongban.apps.oversight.duties import DUTIES, INSPECT, SUPERVISE
from tongban.apps.oversight.kind import KIND
from tongban.apps.oversight.models import Card
from tongban.apps.oversight.operations import steps  # noqa: F401 - registers the operations that the process names
from tongban.apps.oversight.operations.put_rule import BUILTIN
from tongban.base import builtin
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText as T
from tongban.design import navigation
from tongban.kernel.cases import service as cases
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.messages import service as messages

__all__ = ["GROUP", "may_watch", "register"]

GROUP = T("监督", "Oversight")
VERBS = {
    "oversight.put_rule": T("设定监察规则", "Oversight rule put"),
    "oversight.give_card": T("发监察牌", "Oversight card given"),
    "oversight.put_evidence": T("交证据", "Evidence added"),
    "oversight.plead": T("说明情况", "Plea written down"),
    "oversight.escalate": T("逾期没有说明，上报", "No answer in time, escalated"),
    "oversight.press": T("逾期没有裁定，催办", "No decision in time, pressed"),
    "oversight.uphold": T("维持监察牌", "Card upheld"),
    "oversight.withdraw": T("撤销监察牌", "Card withdrawn"),
    "oversight.inspect": T("监察查阅", "Opened by an inspector"),
    "oversight.export": T("导出监察牌", "Cards exported"),
}


def may_watch(actor: Actor) -> bool:
    """Return whether this actor watches over all units: inspects, or decides about cards."""
    return not actor.duties.isdisjoint((INSPECT, SUPERVISE))


def register() -> None:
    """Register kind, duties, verbs, words, built-in content, the pack section and navigation."""
    from tongban.apps.oversight import packs  # noqa: F401 - registers its section

    identity.register_duties(DUTIES)
    measures.register()
    cases.register_kind(KIND)
    builtin.register("oversight", BUILTIN)
    for verb, label in VERBS.items():
        ledger.register_verb(verb, label)
    ledger.register_field_labels(_field_labels)
    for key, (subject, body) in words.MESSAGES.items():
        messages.register_words(key, subject=subject, body=body)
    identity.register_standing(
        "oversight.cards",
        T("监察牌", "Oversight cards"),
        count=lambda unit: _undecided(unit).count(),
        move=lambda unit, heir: _undecided(unit).update(supervisor_id=heir),
    )
    navigation.register_foot(
        navigation.NavEntry(
            key="oversight",
            group=T("办事和互动", "Services and letters"),
            label=T("监察公开", "Oversight figures"),
            url_name="oversight:extract",
            order=70,
        )
    )
    navigation.register_desk(
        navigation.NavEntry(
            key="oversight",
            group=GROUP,
            label=T("监察牌", "Cards"),
            url_name="oversight:cards",
            icon="warn",
            order=70,
            visible=may_watch,
        )
    )
    navigation.register_desk(
        navigation.NavEntry(
            key="oversight-late",
            group=GROUP,
            label=T("超期办件", "Late cases"),
            url_name="oversight:late",
            icon="clock",
            order=71,
            visible=lambda actor: INSPECT in actor.duties,
        )
    )


def _undecided(unit: int) -> QuerySet[Card]:
    return Card.objects.filter(supervisor_id=unit, decided_at=None).exclude(state="told")


def _field_labels(keys: Iterable[str]) -> dict[str, T]:
    return {key: T("办件全部内容", "The whole case") for key in keys if key == "application"}
