"""What the mailbox makes known to the kernel and to the public site. Called once by ``VoiceConfig.ready``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from tongban.apps.voice import queries
from tongban.apps.voice.duties import DUTIES
from tongban.apps.voice.models import Answer, Letter, Mailbox
from tongban.apps.voice.operations import handle  # noqa: F401 - registers the operations that processes name
from tongban.apps.voice.operations.publish import unpublish
from tongban.base import builtin, exchange, figures
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText
from tongban.design import home, navigation
from tongban.kernel.cases import service as cases
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.messages import service as messages

__all__ = ["KIND", "register"]

BUILTIN = Path(__file__).parent / "builtin"
"""What a mailbox names whatever its own content: the words to the writer, the form of taking a letter off the page."""


def _text(zh: str, en: str) -> LocalizedText:
    return LocalizedText(zh=zh, en=en)


STATES = {
    "draft": cases.State(_text("草稿", "Draft"), _text("还没有寄出", "Not sent yet"), tone=""),
    "submitted": cases.State(_text("已收到", "Received"), _text("信已收到", "Your letter has arrived")),
    "assigning": cases.State(
        _text("待转办", "To be passed on"),
        _text("信箱办正在转给管这件事的单位", "The office is passing it to the unit in charge"),
    ),
    "answering": cases.State(
        _text("办理中", "Being answered"), _text("承办单位正在办理", "The unit in charge is working on it")
    ),
    "checking": cases.State(
        _text("答复待核", "Answer to be checked"),
        _text("答复写好了，正在核对", "The answer is written and being checked"),
    ),
    "answered": cases.State(
        _text("已答复，待评价", "Answered, awaiting the writer"),
        _text("已经答复，请看看满意不满意", "Answered: please say whether you are satisfied"),
        tone="green",
    ),
    "closed": cases.State(_text("已办结", "Closed"), _text("已办结", "Closed"), is_final=True, tone="green"),
    "declined": cases.State(
        _text("不予受理", "Not taken up"),
        _text("没有受理，原因见下面", "Not taken up; see the reason below"),
        True,
        "line",
    ),
}

STAGES = (
    cases.Stage("received", _text("收到", "Received"), frozenset({"submitted"})),
    cases.Stage("assigning", _text("转办", "Passed on"), frozenset({"assigning"})),
    cases.Stage("answering", _text("办理", "Handled"), frozenset({"answering", "checking"})),
    cases.Stage("answered", _text("答复", "Answered"), frozenset({"answered"})),
    cases.Stage("closed", _text("办结", "Closed"), frozenset({"closed"})),
    cases.Stage("declined", _text("不予受理", "Not taken up"), frozenset({"declined"})),
)


def _unpublish_refusal(actor: Actor, case: Any) -> LocalizedText | bool | None:
    """The office may take a published letter off the page; nobody else is told of it."""
    if "voice.check" not in actor.duties:
        return False
    if not Answer.objects.filter(letter_id=case.pk, published_at__isnull=False).exists():
        return False
    return None


def _supervisors(case: Any, at: datetime) -> list[UUID]:
    """Return who sorts the letters of this mailbox: the office answers to the county head for every one."""
    letter = Letter.objects.select_related("mailbox").get(pk=case.pk)
    return identity.people_with_duty(letter.mailbox.office_id, "voice.office", at)


KIND = cases.CaseKind(
    key="letter",
    label=_text("县长信箱来信", "Letter to the county head"),
    number_prefix="LX",
    icon="mail",
    states=STATES,
    stages=STAGES,
    optional_stages=frozenset({"declined"}),
    actions=(
        cases.CaseAction(
            key="unpublish",
            label=_text("撤下公开稿", "Take off the public page"),
            refusal=_unpublish_refusal,
            run=unpublish,
            form="letter-unpublish",
        ),
    ),
    panels=(cases.Panel("letter", "voice/panel.html", queries.panel_context),),
    supervisors=_supervisors,
    extra={
        "party_template": "voice/party.html",
        "party_context": queries.party_context,
        "outcome_data": queries.outcome_data,
    },
)

VERBS = {
    "voice.put_mailbox": _text("设置信箱", "Mailbox set up"),
    "voice.assign": _text("交承办单位，开始计时", "With the unit, time limit running"),
    "voice.decline": _text("不予受理，告知来信人", "Not taken up, writer told"),
    "voice.take_back": _text("信箱办收回", "Back at the mailbox office"),
    "voice.deliver_answer": _text("送达答复函", "Answer delivered"),
    "voice.publish": _text("公开来信和答复", "Letter and answer published"),
    "voice.unpublish": _text("撤下公开稿", "Taken off the public page"),
    "voice.reopen": _text("按来信人要求重新办理", "Taken up again at the writer's request"),
    "voice.close": _text("办结", "Closed"),
}


def _names(keys: Collection[str]) -> Mapping[str, LocalizedText]:
    """Return how mailboxes are called, for figures."""
    return {str(box.pk): box.name for box in queries.list_mailboxes() if str(box.pk) in keys}


def _home_block(actor: Actor, at: datetime) -> Mapping[str, Any] | None:
    page = queries.answered_letters(size=5)
    return {"letters": page.items, "figures": _counted(at)} if page.items else None


def _counted(at: datetime) -> queries.Figures:
    return home.kept("letters of a year", lambda: queries.figures(at=at))


def _figures(at: datetime) -> list[home.Figure]:
    counted = _counted(at)
    if not counted.received:
        return []
    return [
        home.Figure(
            label=_text("今年来信已答复", "Answered this year"),
            value=str(counted.answered),
            unit=_text("封", "letters"),
            note=_text(f"共收到 {counted.received} 封", f"of {counted.received} received"),
            url=navigation.address("voice:letters"),
        )
    ]


def register() -> None:
    """Register kind, verbs, pack section, navigation and what stands on the home page."""
    from tongban.apps.voice import packs  # noqa: F401 - registers its section

    cases.register_kind(KIND)
    identity.register_duties(DUTIES)
    identity.register_standing(
        "voice.mailboxes",
        _text("信箱", "Mailboxes"),
        count=lambda unit: Mailbox.objects.filter(office_id=unit).count(),
        move=lambda unit, heir: Mailbox.objects.filter(office_id=unit).update(office_id=heir),
    )
    messages.register_words_in(BUILTIN)
    builtin.register("voice", BUILTIN)
    exchange.register_facts("letter", queries.facts_of_letter)
    for verb, label in VERBS.items():
        ledger.register_verb(verb, label)
    ledger.register_purpose("voice.write", LocalizedText(zh="写信时自动带出", en="Filled into a letter"))
    navigation.register_public(
        navigation.NavEntry(key="letters", label=_text("来信", "Letters"), url_name="voice:letters", order=50)
    )
    navigation.register_desk(
        navigation.NavEntry(
            key="letters",
            group=_text("业务", "Work"),
            label=_text("来信", "Letters"),
            url_name="desk:inbox",
            query="kind=letter",
            icon="mail",
            order=60,
            visible=lambda actor: any(duty.startswith("voice.") for duty in actor.duties),
        )
    )
    home.register_block(
        home.HomeBlock(key="letters", template="voice/home_block.html", context=_home_block, order=60)
    )
    home.register_figures("letters", _figures)
    figures.name_things("mailbox", _names)
