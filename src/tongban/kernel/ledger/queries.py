"""Reading the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from tongban.base.ref import Ref
from tongban.base.statements import Statement
from tongban.base.text import LocalizedText
from tongban.kernel.ledger.blinding import blind
from tongban.kernel.ledger.models import Act
from tongban.kernel.ledger.operations.record import READ
from tongban.kernel.ledger.proofs import batch_of
from tongban.kernel.ledger.rows import finished_acts
from tongban.kernel.ledger.verbs import label_of, name_posts, name_units, quiet_verbs

__all__ = [
    "ROLES",
    "ActFilter",
    "ActRow",
    "acts_of",
    "count_acts",
    "follow_acts",
    "last_place",
    "reads_about",
    "search_acts",
    "who_of",
]

ROLES = {
    "system": LocalizedText("系统", "System"),
    "official": LocalizedText("工作人员", "Official"),
    "person": LocalizedText("当事人", "Party"),
    "entity": LocalizedText("当事人（单位）", "Party (organisation)"),
    "code": LocalizedText("凭查询码", "By query code"),
    "stranger": LocalizedText("未登录访客", "Visitor, not signed in"),
}


NOBODY = LocalizedText("")
LIMIT = 500
"""So many acts of a thing or a case are shown, the newest."""


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
    case: str = ""
    batch: int | None = None
    unit_id: int | None = None
    standing: Mapping[str, Any] | None = None

    @property
    def is_system(self) -> bool:
        """True when no person acted: a timer, a job."""
        return self.role == "system"


def acts_of(subject: Ref | None = None, *, case: Ref | str | None = None, limit: int = LIMIT) -> list[ActRow]:
    """Return the acts on a thing, or of a whole case, oldest first.

    Takes exactly one of both; at most ``limit`` newest.
    """
    if (subject is None) == (case is None):
        raise TypeError("acts_of takes a subject or a case")
    if subject is None and limit == LIMIT:
        return _rows(_OF_CASE.all(case=str(case), quiet=sorted(quiet_verbs())))[::-1]
    acts = (
        Act.objects.filter(case=str(case))
        if subject is None
        else Act.objects.filter(subject_kind=subject.kind, subject_id=subject.id)
    )
    return _rows(acts.exclude(verb__in=quiet_verbs()).order_by("-id")[:limit])[::-1]


_OF_CASE = Statement(
    lambda case, quiet: Act.objects.filter(case=case).exclude(verb__in=quiet).order_by("-id")[:LIMIT],
    quiet="text[]",
)


def reads_about(number: str, *, limit: int = 200) -> list[ActRow]:
    """Return who read about the person or entity with this identity number or credit code, newest first; posts are named too."""
    acts = Act.objects.filter(verb=READ, about__contains=[blind(number)]).order_by("-id")[:limit]
    return _rows(acts, with_posts=True)


@dataclass(frozen=True, slots=True)
class ActFilter:
    """Which acts to search for; what is empty does not narrow. ``about`` is a blind key in hex, ``until`` is exclusive."""

    account_id: int | None = None
    about: str = ""
    unit_id: int | None = None
    verb: str = ""
    case: str = ""
    since: datetime | None = None
    until: datetime | None = None
    channel: str = ""
    reads_only: bool = False

    def as_facts(self) -> dict[str, Any]:
        """Return what is set, for an act; whom it is about stays out."""
        values = {name: getattr(self, name) for name in self.__slots__ if name != "about"}
        return {name: str(value) for name, value in values.items() if value} | (
            {"about": True} if self.about else {}
        )


def search_acts(wanted: ActFilter, *, before: int | None = None, limit: int = 50) -> list[ActRow]:
    """Return acts of all kinds, the newest first, below the act ``before``, with posts and the batch that seals each."""
    acts = Act.objects.order_by("-id")
    simple: dict[str, Any] = {"account_id": wanted.account_id, "unit_id": wanted.unit_id, "id__lt": before}
    simple |= {"channel": wanted.channel or None, "verb": wanted.verb or None}
    simple |= {"at__gte": wanted.since, "at__lt": wanted.until}
    acts = acts.filter(**{name: value for name, value in simple.items() if value is not None})
    if wanted.case:
        case = Ref.parse(wanted.case)  # who read a case in full did it on the case, not within it
        acts = acts.filter(Q(case=wanted.case) | Q(subject_kind=case.kind, subject_id=case.id))
    if wanted.reads_only:
        acts = acts.filter(verb=READ)
    if wanted.about:
        acts = acts.filter(about__contains=[bytes.fromhex(wanted.about)])
    found = _rows(acts[:limit], with_posts=True)
    batches = batch_of({act.id: (act.xid, act.id) for act in found}) if found else {}
    return [replace(act, batch=batches.get(act.id)) for act in found]


def count_acts(verb: str, *, since: datetime, most: int) -> int:
    """Return how many acts of a kind there were since then, counting no further than ``most``."""
    return Act.objects.filter(verb=verb, at__gte=since)[:most].count()


def follow_acts(after: tuple[int, int], *, limit: int = 500) -> list[ActRow]:
    """Return the next acts after a place (transaction, id) in the order of sealing, for who follows everything that happens.

    Only acts of transactions to which nothing can be added any more: whoever goes on from the place of the last one misses none,
    however long another transaction took. The place of an act is ``(act.xid, act.id)``; to begin with, (0, 0).
    """
    ids = [row.id for row in finished_acts(after, limit=limit)]
    found = {row.id: row for row in _rows(Act.objects.filter(pk__in=ids))}
    return [found[act] for act in ids]


def last_place() -> tuple[int, int]:
    """Return the place after which nothing has happened yet, for who follows only what is to come."""
    last = Act.objects.order_by("-xid", "-id").values_list("xid", "id").first()
    return last or (0, 0)


def _rows(acts: Iterable[Act], *, with_posts: bool = False) -> list[ActRow]:
    found = list(acts)
    units = name_units(act.unit_id for act in found if act.unit_id is not None)
    posts = name_posts(act.post_id for act in found if act.post_id is not None) if with_posts else {}
    return [_row(act, units, posts) for act in found]


def who_of(role: str, name: str) -> LocalizedText:
    """Return who did an act in words: an official by name, everybody else by the role only."""
    return LocalizedText(name) if role == "official" and name else ROLES.get(role, LocalizedText(role))


def _row(act: Act, units: Mapping[int, LocalizedText], posts: Mapping[int, LocalizedText]) -> ActRow:
    return ActRow(
        id=act.pk,
        at=act.at,
        verb=act.verb,
        label=label_of(act.verb),
        role=act.role,
        who=who_of(act.role, act.actor_name),
        unit=units.get(act.unit_id or 0, LocalizedText("")),
        subject=Ref(act.subject_kind, act.subject_id),
        channel=act.channel,
        reason=act.reason,
        facts=act.facts,
        fields=tuple(act.fields),
        digest=act.digest,
        person_id=act.person_id,
        xid=act.xid,
        case=act.case,
        unit_id=act.unit_id,
        standing=act.standing,
        account_id=act.account_id,
        post=posts.get(act.post_id or 0, NOBODY),
    )
