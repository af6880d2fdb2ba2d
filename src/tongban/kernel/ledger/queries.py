"""Reading the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.ledger.blinding import blind
from tongban.kernel.ledger.models import Act
from tongban.kernel.ledger.operations.record import READ
from tongban.kernel.ledger.verbs import label_of, name_posts, name_units, quiet_verbs

__all__ = ["ROLES", "ActRow", "acts_of", "reads_about"]

ROLES = {
    "system": LocalizedText("系统", "System"),
    "official": LocalizedText("工作人员", "Official"),
    "person": LocalizedText("当事人", "Party"),
    "entity": LocalizedText("当事人（单位）", "Party (organisation)"),
    "code": LocalizedText("凭查询码", "By query code"),
    "stranger": LocalizedText("未登录访客", "Visitor, not signed in"),
}


NOBODY = LocalizedText("")


@dataclass(frozen=True, slots=True)
class ActRow:
    """One act, ready to be shown.

    ``who`` is the official's name or the role of a citizen, never a citizen's name.
    """

    id: int
    at: datetime
    verb: str
    label: LocalizedText
    role: str
    who: LocalizedText
    unit: LocalizedText
    subject: Ref
    channel: str
    reason: str
    facts: Mapping[str, Any]
    fields: tuple[str, ...]
    digest: str
    person_id: UUID | None
    xid: int = 0
    account_id: int | None = None
    post: LocalizedText = NOBODY
    batch: int | None = None

    @property
    def is_system(self) -> bool:
        """True when no person acted: a timer, a job."""
        return self.role == "system"


def acts_of(subject: Ref | None = None, *, case: Ref | str | None = None, limit: int = 500) -> list[ActRow]:
    """Return the acts on a thing, or of a whole case, oldest first.

    Takes exactly one of both; at most ``limit`` newest.
    """
    if (subject is None) == (case is None):
        raise TypeError("acts_of takes a subject or a case")
    acts = (
        Act.objects.filter(case=str(case))
        if subject is None
        else Act.objects.filter(subject_kind=subject.kind, subject_id=subject.id)
    )
    return _rows(acts.exclude(verb__in=quiet_verbs()).order_by("-id")[:limit])[::-1]


def reads_about(number: str, *, limit: int = 200) -> list[ActRow]:
    """Return who read about the person or entity with this identity number or credit code, newest first; posts are named too."""
    acts = Act.objects.filter(verb=READ, about__contains=[blind(number)]).order_by("-id")[:limit]
    return _rows(acts, with_posts=True)


def _rows(acts: Iterable[Act], *, with_posts: bool = False) -> list[ActRow]:
    found = list(acts)
    units = name_units(act.unit_id for act in found if act.unit_id is not None)
    posts = name_posts(act.post_id for act in found if act.post_id is not None) if with_posts else {}
    return [_row(act, units, posts) for act in found]


def _row(act: Act, units: Mapping[int, LocalizedText], posts: Mapping[int, LocalizedText]) -> ActRow:
    named = act.role == "official" and act.actor_name
    return ActRow(
        id=act.pk,
        at=act.at,
        verb=act.verb,
        label=label_of(act.verb),
        role=act.role,
        who=LocalizedText(act.actor_name) if named else ROLES.get(act.role, LocalizedText(act.role)),
        unit=units.get(act.unit_id or 0, LocalizedText("")),
        subject=Ref(act.subject_kind, act.subject_id),
        channel=act.channel,
        reason=act.reason,
        facts=act.facts,
        fields=tuple(act.fields),
        digest=act.digest,
        person_id=act.person_id,
        xid=act.xid,
        account_id=act.account_id,
        post=posts.get(act.post_id or 0, NOBODY),
    )
