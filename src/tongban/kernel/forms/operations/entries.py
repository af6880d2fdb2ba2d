"""Filling in: an entry is made, saved page by page, closed when it is handed in, reopened for a correction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.errors import NotFound
from tongban.base.ref import Ref
from tongban.base.statements import Statement
from tongban.kernel.forms.checking import answers_of, check
from tongban.kernel.forms.errors import AnswersInvalid, EntryClosed, EntryNotFound
from tongban.kernel.forms.models import Entry
from tongban.kernel.forms.provenance import Bound
from tongban.kernel.forms.queries import definition_id, form_of
from tongban.kernel.forms.rules.structure import Form
from tongban.kernel.forms.rules.values import same
from tongban.kernel.registers import service as registers

__all__ = [
    "Overtaken",
    "Saved",
    "apply_prefill",
    "close_entry",
    "create_entry",
    "reopen_entry",
    "report_wrong",
    "save_entry",
]


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Another device had saved the same page in between; its answers to these fields have been replaced."""

    page: str
    saved_at: datetime
    replaced: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return the shape in which the entry remembers it."""
        return {"saved_at": self.saved_at.isoformat(), "replaced": dict(self.replaced)}

    @classmethod
    def read(cls, page: str, data: Mapping[str, Any] | None) -> Overtaken | None:
        """Read what ``as_json`` wrote; None stays None."""
        return cls(page, datetime.fromisoformat(data["saved_at"]), data["replaced"]) if data else None


@dataclass(frozen=True, slots=True)
class Saved:
    """What saving did: the entry as it now is and, when so, whom it overtook."""

    entry: Entry
    overtaken: Overtaken | None = None
    changed: tuple[str, ...] = field(default=())

    @property
    def revision(self) -> int:
        """The revision to send with the next saving."""
        return self.entry.revision


def create_entry(
    *,
    form: Form,
    at: datetime,
    bound: Mapping[str, Bound] | None = None,
    data: Mapping[str, Any] | None = None,
) -> Entry:
    """Begin to fill in ``form`` with what is known (``bound``) and, where given, with answers taken over (``data``)."""
    entry = Entry(form_id=definition_id(form), data=_known(form, data or {}), created_at=at, updated_at=at)
    _apply(entry, form, bound or {})
    return work.hold(Entry, entry.pk, lambda: work.add(entry))


@transaction.atomic
def save_entry(
    *,
    entry_id: UUID,
    page: str,
    values: Mapping[str, Any],
    at: datetime,
    revision: int | None = None,
    sheet: str = "",
    strict: bool = False,
    actor: Actor | None = None,
    about: Ref | None = None,
) -> Saved:
    """Save the answers of one page, right or wrong: nothing typed is lost.

    ``values`` come from ``clean`` and hold only the fields that were on the page. ``revision`` is the one the page was
    made from and ``sheet`` the token of that very page (``sheet_of`` reads both): when another device saved *this* page after
    it, the later answers win and ``overtaken`` says what they replaced, so that the person can be told; it is said again at
    every saving from the same sheet, because the first may have been an unattended autosave. Other pages are not touched.
    With ``strict`` the answers of the page are checked first (``actor`` as in ``check``).
    Raises EntryNotFound, EntryClosed and, when strict, AnswersInvalid.
    """
    entry = _open(entry_id)
    form = form_of(entry)
    new = {key: value for key, value in values.items() if form.page_of.get(key) == page}
    if strict:
        errors = check(form, {**entry.data, **new}, page=page, at=at, actor=actor, about=about)
        if errors:
            raise AnswersInvalid(errors=[e.as_json() for e in errors])
    changed = tuple(key for key, value in new.items() if not same(entry.data.get(key), value))
    overtaken = _overtaken(entry, page, revision, sheet, changed)
    if changed or page not in entry.page_saves:
        entry.data |= new
        entry.revision += 1
        entry.page_saves[page] = {
            "revision": entry.revision,
            "at": at.isoformat(),
            "sheet": sheet,
            "overtaken": overtaken.as_json() if overtaken else None,
        }
        entry.updated_at = at
        entry.save(update_fields=["data", "revision", "page_saves", "updated_at"])
    return Saved(entry, overtaken, changed)


@transaction.atomic
def apply_prefill(*, entry_id: UUID, bound: Mapping[str, Bound], at: datetime) -> Entry:
    """Take over what registers say (after the person chose on whose behalf she applies, or on coming back).

    An answer that she changed stays as she gave it; one that still was the register's follows the register.
    """
    entry = _open(entry_id)
    _apply(entry, form_of(entry), bound)
    entry.revision += 1
    entry.updated_at = at
    entry.save(update_fields=["data", "provenance", "revision", "updated_at"])
    return entry


@transaction.atomic
def report_wrong(*, actor: Actor, entry_id: UUID, field: str, note: str, at: datetime) -> Entry:
    """Tell the register's owner that a known value is wrong; from now on the form asks for it.

    The register changes only when its owner agrees. Raises NotFound when nothing is known about the field, Invalid without
    words, EntryClosed.
    """
    entry = _open(entry_id)
    known = Bound.read(entry.provenance.get(field))
    if known is None:
        raise NotFound()
    registers.report_error(
        actor=actor, register=known.register, key=known.key, field=known.field, note=note, at=at
    )
    entry.provenance[field] = replace(known, reported_at=at).as_json()
    entry.updated_at = at
    entry.save(update_fields=["provenance", "updated_at"])
    return entry


@work.unit()
def close_entry(*, entry_id: UUID, at: datetime) -> Entry:
    """Fix the answers as they are handed in: only what counts remains, and nothing changes any more."""
    entry = _open(entry_id)
    entry.data = answers_of(form_of(entry), entry.data, at=at)
    entry.provenance = {key: known for key, known in entry.provenance.items() if key in entry.data}
    entry.closed_at = entry.updated_at = at
    work.change(entry, "data", "provenance", "closed_at", "updated_at")
    return entry


@work.unit()
def reopen_entry(*, entry_id: UUID, at: datetime) -> Entry:
    """Let the answers be corrected once more (a correction notice was served)."""
    entry = _locked(entry_id)
    entry.closed_at = None
    entry.updated_at = at
    work.change(entry, "closed_at", "updated_at")
    return entry


_LOCK = Statement(lambda pk: Entry.objects.select_for_update().filter(pk=pk))


def _locked(entry_id: UUID) -> Entry:
    entry = work.hold(Entry, entry_id, lambda: _LOCK.first(pk=entry_id))
    if entry is None:
        raise EntryNotFound()
    return entry


def _open(entry_id: UUID) -> Entry:
    entry = _locked(entry_id)
    if entry.closed_at is not None:
        raise EntryClosed()
    return entry


def _known(form: Form, data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key in form.fields}


def _apply(entry: Entry, form: Form, bound: Mapping[str, Bound]) -> None:
    for key, known in bound.items():
        if key not in form.fields:
            continue
        before = Bound.read(entry.provenance.get(key))
        untouched = key not in entry.data or (before is not None and same(entry.data[key], before.value))
        reported_at = before.reported_at if before else None
        entry.provenance[key] = replace(known, reported_at=reported_at).as_json()
        if untouched:
            entry.data[key] = known.value


def _overtaken(
    entry: Entry, page: str, revision: int | None, sheet: str, changed: tuple[str, ...]
) -> Overtaken | None:
    last = entry.page_saves.get(page)
    if revision is None or not last or last["revision"] <= revision:
        return None
    if sheet and last["sheet"] == sheet:
        return Overtaken.read(page, last["overtaken"])
    if not changed:
        return None
    replaced = {key: entry.data.get(key) for key in changed}
    return Overtaken(page, datetime.fromisoformat(last["at"]), replaced)
