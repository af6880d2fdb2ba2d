"""What the cases module makes known to the modules below it."""

from __future__ import annotations

from uuid import UUID

from tongban.base import outbox
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.design import navigation
from tongban.design.navigation import NavEntry
from tongban.kernel.calendars import service as calendars
from tongban.kernel.cases import events, handlers, policies
from tongban.kernel.cases.models import Case, Party
from tongban.kernel.cases.operations.clocks import follow_moved_clocks
from tongban.kernel.cases.operations.follow import CaseOwner
from tongban.kernel.cases.operations.hand_over import ADMINISTER
from tongban.kernel.cases.operations.open import STANDING
from tongban.kernel.cases.operations.warn import WORDS, CaseClockOwner
from tongban.kernel.cases.queries import measures
from tongban.kernel.files import service as files
from tongban.kernel.identity import service as identity
from tongban.kernel.instruments import service as instruments
from tongban.kernel.ledger import service as ledger
from tongban.kernel.messages import service as messages
from tongban.kernel.processes import service as processes

__all__ = ["register"]

CLOCKS = CaseClockOwner()
VERBS = {
    "cases.bring": LocalizedText(zh="从原系统导入", en="Brought from another system"),
    "cases.open": LocalizedText(zh="开始填写", en="Draft started"),
    "cases.submit": LocalizedText(zh="提交", en="Submitted"),
    "cases.claim_task": LocalizedText(zh="领取", en="Step taken"),
    "cases.release_task": LocalizedText(zh="退回待领", en="Step given back"),
    "cases.complete_task": LocalizedText(zh="办理一步", en="Step completed"),
    "cases.return_task": LocalizedText(zh="退回", en="Sent back"),
    "cases.withdraw_task": LocalizedText(zh="撤回", en="Taken back"),
    "cases.add_signer": LocalizedText(zh="加签", en="Opinion asked"),
    "cases.transfer_task": LocalizedText(zh="转办", en="Passed to a colleague"),
    "cases.urge_task": LocalizedText(zh="催办", en="Urged"),
    "cases.circulate": LocalizedText(zh="传阅", en="Circulated"),
    "cases.hand_over": LocalizedText(zh="工作交接", en="Work handed over"),
    "cases.pause_clocks": LocalizedText(zh="暂停计时", en="Clock paused"),
    "cases.resume_clocks": LocalizedText(zh="恢复计时", en="Clock resumed"),
    "cases.clocks_resumed": LocalizedText(zh="告知的时间已到，恢复计时", en="Told time over, clock resumed"),
    "cases.extend_clocks": LocalizedText(zh="延长时限", en="Time limit extended"),
    "cases.warn_soon": LocalizedText(zh="提醒：快到期", en="Reminder: due soon"),
    "cases.warn_overdue": LocalizedText(zh="提醒：已超期", en="Reminder: overdue"),
}


def register() -> None:
    """Called once by ``CasesConfig.ready``."""
    policies.register()
    measures.register()
    processes.register_owner("case", CaseOwner())
    for verb, label in VERBS.items():
        ledger.register_verb(verb, label)
    # Beside the acts that brought it about: for the ledger's own comparison, not for the timeline.
    ledger.register_verb("cases.change_state", LocalizedText(zh="状态变化", en="State changed"), quiet=True)
    handlers.register_words()
    _register_navigation()
    outbox.handler(events.MOVED, "cases.tell_of_move")(handlers.tell_of_move)
    calendars.register_owner("case", CLOCKS)
    calendars.register_follower("cases.turns", follow_moved_clocks)
    for key, (subject, body) in WORDS.items():
        messages.register_words(key, subject=subject, body=body)
    files.register_file_policy("case", _may_read, about=_people_of)
    instruments.register_paper_policy("case", _may_read)
    ledger.register_act_reader("case", _may_read)
    ledger.register_subject_check("case", f"SELECT id::text, {STANDING} FROM cases_case")  # noqa: S608


MINE = LocalizedText(zh="我的工作", en="My work")
UNIT = LocalizedText(zh="本单位", en="My unit")


def _has_cases(actor: Actor) -> bool:
    return any(not duty.startswith("admin.") for duty in actor.duties)


def _register_navigation() -> None:
    navigation.register_desk(
        NavEntry(
            key="delegations",
            group=MINE,
            label=LocalizedText(zh="委托代行", en="Standing in"),
            url_name="cases:delegations",
            icon="users",
            order=18,
            visible=_has_cases,
        )
    )
    navigation.register_desk(
        NavEntry(
            key="hand-over",
            group=UNIT,
            label=LocalizedText(zh="工作交接", en="Hand over"),
            url_name="cases:hand-over",
            icon="hand",
            order=60,
            visible=lambda actor: ADMINISTER in actor.duties,
        )
    )


def _may_read(actor: Actor, ref: Ref) -> bool:
    """Files and papers of a case are for those who may see the case."""
    case = Case.objects.filter(pk=UUID(ref.id)).first()
    return case is not None and policies.may_see(actor, case)


def _people_of(ref: Ref) -> list[str]:
    """What is in the files of a case concerns its parties."""
    parties = Party.objects.filter(case_id=UUID(ref.id))
    return [key for party in parties for key in identity.keys_of(party.person_id, party.entity_id)]
