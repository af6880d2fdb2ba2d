"""Beginning a change, saving its drafts, adding and taking away what it changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from tongban.apps.studio.checking import check_content
from tongban.apps.studio.errors import (
    ChangeNotFound,
    DraftOvertaken,
    KeyInvalid,
    KeyTaken,
    NotEditable,
    SomebodyElseChanges,
)
from tongban.apps.studio.models import Change, Draft
from tongban.apps.studio.policies import EDIT, REVIEW, require_studio
from tongban.apps.studio.rules import is_key
from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.editables import Link, editable, text_of
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.cases import service as cases
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes
from tongban.kernel.processes.errors import DefinitionNotFound

__all__ = [
    "PROCESS",
    "NewDraft",
    "add_draft",
    "ensure_process",
    "open_change",
    "recheck",
    "remove_draft",
    "save_draft",
    "set_plan",
    "title_of",
]

PROCESS = "studio-change"
FILE = Path(__file__).resolve().parents[1] / "definitions" / "change.bpmn"


@dataclass(frozen=True, slots=True)
class NewDraft:
    """What a change shall change. ``base_version`` 0 is something new, whose key nobody may have yet."""

    kind: str
    key: str
    content: Mapping[str, Any]
    base_version: int = 0


def ensure_process(*, at: datetime) -> None:
    """Publish the built-in process of changes where an installation has none yet: studio works without any pack."""
    try:
        processes.get_definition(PROCESS)
    except DefinitionNotFound:
        processes.publish(actor=Actor.system("studio"), key=PROCESS, xml=FILE.read_bytes(), at=at)


def title_of(kind: str, content: Mapping[str, Any], key: str) -> LocalizedText:
    """Return what a content calls itself, else its key."""
    if kind == "process":
        return _name_in_drawing(str(content.get("xml", ""))) or LocalizedText(key)
    for word in ("name", "subject", "title"):
        said = text_of(content.get(word))
        if said:
            return said
    return LocalizedText(key)


def _name_in_drawing(xml: str) -> LocalizedText:
    """Return the name of the process element; a file that cannot be read has none."""
    opening = re.search(r"<(?:\w+:)?process\b[^>]*>", xml)
    said = dict(re.findall(r'\b(name|label_en)="([^"]*)"', opening[0])) if opening else {}
    return LocalizedText(unescape(said.get("name", "")), unescape(said.get("label_en", "")))


def open_change(*, actor: Actor, drafts: Sequence[NewDraft], at: datetime) -> Change:
    """Begin a change of one or several things and take it in hand. Raises KeyInvalid, KeyTaken, SomebodyElseChanges."""
    require_studio(actor, EDIT)
    for draft in drafts:
        _refuse_key(draft)
    ensure_process(at=at)
    near = {Link(draft.kind, draft.key): draft.content for draft in drafts}
    try:
        with work.unit(savepoint=True):
            first = drafts[0]
            case = cases.open_case(
                actor=actor,
                kind="change",
                title=_title(drafts),
                subject=Ref(first.kind, first.key),
                unit_id=_unit(actor),
                parties=[],
                at=at,
            )
            holder = identity.holder_id("duty", f"{_unit(actor)}:{EDIT}")
            cases.give_access(case=case, holder_id=holder, right="handle", at=at)
            change = work.add(
                Change(case=case, reviewing_id=_reviewing(actor), editors=[str(actor.person_id)])
            )
            for draft in drafts:
                work.add(_new(change, draft, beside=near, actor=actor, at=at))
            case, _ = cases.submit_case(
                actor=actor,
                case_id=case.pk,
                definition_key=PROCESS,
                vars={"reviewing": change.reviewing_id},
                at=at,
            )
            for task in processes.tasks_of(case.instance_id) if case.instance_id else ():
                cases.claim_task(actor=actor, task_id=task.id, at=at)
    except IntegrityError:
        raise _taken(list(near)) from None
    return change


def add_draft(*, actor: Actor, case_id: UUID, draft: NewDraft, at: datetime) -> Draft:
    """Let a change change one thing more: what is published together counts together. Refuses as ``open_change`` does."""
    _refuse_key(draft)
    try:
        with work.unit(savepoint=True):
            change = editable_change(actor=actor, case_id=case_id, at=at)
            beside = _contents(change.drafts.all())
            made = work.add(_new(change, draft, beside=beside, actor=actor, at=at))
            _name_in_item(change, made, actor=actor, at=at)
            _edited(change, actor)
    except IntegrityError:
        raise _taken([Link(draft.kind, draft.key)]) from None
    recheck(case_id=case_id)
    return made


def _name_in_item(change: Change, made: Draft, *, actor: Actor, at: datetime) -> None:
    """Let a new item of the change name what was made for it, where it names none yet: nobody has to do that by hand."""
    if not made.is_new or made.kind not in ("form", "process", "certificate"):
        return
    for item in change.drafts.select_for_update().filter(kind="item", base_version=0):
        if item.content.get(made.kind) == "":
            item.content = {**item.content, made.kind: made.key}
            item.revision += 1
            item.saved_at, item.saved_by = at, actor.name
            work.change(item, "content", "revision", "saved_at", "saved_by")


@work.unit()
def remove_draft(*, actor: Actor, case_id: UUID, kind: str, key: str, at: datetime) -> None:
    """Take one thing out of a change; the last one stays (a change of nothing is withdrawn). Raises NotEditable."""
    change = editable_change(actor=actor, case_id=case_id, at=at)
    drafts = list(change.drafts.all())
    found = next((draft for draft in drafts if (draft.kind, draft.key) == (kind, key)), None)
    if found is None:
        raise ChangeNotFound
    if len(drafts) == 1:
        raise NotEditable(
            LocalizedText("只剩这一项了；不想改了，请撤销整项修改", "It is the only one; withdraw the change")
        )
    found.delete()
    _edited(change, actor)


def save_draft(
    *,
    actor: Actor,
    case_id: UUID,
    kind: str,
    key: str,
    content: Mapping[str, Any],
    revision: int,
    at: datetime,
) -> Draft:
    """Save a draft that was read at ``revision``; the same content again changes nothing.

    The check runs before anything is locked. Raises ChangeNotFound, NotEditable, DraftOvertaken.
    """
    known = Draft.objects.filter(change_id=case_id, kind=kind, key=key).select_related("change").first()
    if known is None:
        raise ChangeNotFound
    beside = _contents(Draft.objects.filter(change_id=case_id))
    faults = [fault.as_json() for fault in check_content(kind, key, content, beside=beside)]
    with work.unit():
        change = editable_change(actor=actor, case_id=case_id, at=at)
        draft = Draft.objects.select_for_update().get(pk=known.pk)
        if draft.content == content:
            if draft.faults != faults:
                draft.faults = faults
                work.change(draft, "faults")
            return draft
        if draft.revision != revision:
            raise DraftOvertaken(revision=draft.revision, by=draft.saved_by)
        draft.content, draft.faults = dict(content), faults
        draft.title = title_of(kind, content, key)
        draft.revision += 1
        draft.saved_at, draft.saved_by = at, actor.name
        work.change(draft, "content", "faults", "title", "revision", "saved_at", "saved_by")
        _edited(change, actor)
    if kind in NAMED_BY_ITEMS and any(link.kind == "item" for link in beside):
        recheck(case_id=case_id)
    return draft


NAMED_BY_ITEMS = ("form", "table")
"""Kinds that an item has to fit: it is judged anew when they change."""


def recheck(*, case_id: UUID) -> None:
    """Check every draft of a change anew: what one of them names may have come or gone."""
    drafts = list(Draft.objects.filter(change_id=case_id))
    beside = _contents(drafts)
    for draft in drafts:
        faults = [f.as_json() for f in check_content(draft.kind, draft.key, draft.content, beside=beside)]
        if faults != draft.faults:
            Draft.objects.filter(pk=draft.pk, revision=draft.revision).update(faults=faults)


@work.unit()
def set_plan(
    *, actor: Actor, case_id: UUID, reviewing_id: int | None = None, publish_on: date | None, at: datetime
) -> None:
    """Say from which day the change shall count (None: at once) and, while it is edited, which unit reviews it."""
    case = _case(actor, case_id)
    change = Change.objects.select_for_update().get(pk=case.pk)
    if case.state == "editing" and EDIT in actor.duties and reviewing_id is not None:
        if reviewing_id not in {unit.pk for unit in identity.units_with_duty(REVIEW)}:
            raise ChangeNotFound
        change.reviewing_id = reviewing_id
    elif case.state != "editing" and not (case.state == "reviewing" and REVIEW in actor.duties):
        raise NotEditable
    change.publish_on = publish_on
    work.change(change, "reviewing_id", "publish_on")
    ledger.record(
        actor=actor,
        verb="studio.plan",
        subject=case.ref,
        case=str(case.ref),
        facts={"publish_on": publish_on.isoformat() if publish_on else ""},
        at=at,
    )


def editable_change(*, actor: Actor, case_id: UUID, at: datetime) -> Change:
    """Return the change, its case locked and its editing in this actor's hands. Raises ChangeNotFound, NotEditable."""
    require_studio(actor, EDIT)
    case = _case(actor, case_id)
    task = next(
        (t for t in processes.tasks_of(case.instance_id) if t.node == "edit" and t.state == "open"), None
    )
    if case.state != "editing" or task is None:
        raise NotEditable
    cases.claim_task(actor=actor, task_id=task.id, at=at)
    return Change.objects.select_for_update().get(pk=case.pk)


def _case(actor: Actor, case_id: UUID) -> Any:
    from tongban.kernel.cases.errors import CaseNotFound

    try:
        case = cases.locked_case(Ref.to("case", case_id))
    except Exception as error:
        if type(error).__name__ == "DoesNotExist":
            raise ChangeNotFound from None
        raise
    if case.kind != "change" or not cases.may_see(actor, case):
        raise ChangeNotFound from CaseNotFound()
    return case


def _edited(change: Change, actor: Actor) -> None:
    person = str(actor.person_id)
    if person not in change.editors:
        change.editors = [*change.editors, person]
        work.change(change, "editors")


def _contents(drafts: Iterable[Draft]) -> dict[Link, Mapping[str, Any]]:
    """Return what is published together, by its link: a draft may name another, and has to fit it."""
    return {draft.link: draft.content for draft in drafts}


def _new(
    change: Change, draft: NewDraft, *, beside: Mapping[Link, Mapping[str, Any]], actor: Actor, at: datetime
) -> Draft:
    near = {**beside, Link(draft.kind, draft.key): draft.content}
    faults = check_content(draft.kind, draft.key, draft.content, beside=near)
    return Draft(
        change=change,
        kind=draft.kind,
        key=draft.key,
        title=title_of(draft.kind, draft.content, draft.key),
        content=dict(draft.content),
        base_version=draft.base_version,
        faults=[fault.as_json() for fault in faults],
        saved_at=at,
        saved_by=actor.name,
    )


def _refuse_key(draft: NewDraft) -> None:
    if draft.base_version:
        return
    known = bool(editable(draft.kind).versions(draft.key))
    if draft.kind == "message":  # who sends a message names it: an office can only write others' words anew
        if not known:
            raise ChangeNotFound
        return
    if not is_key(draft.key):
        raise KeyInvalid(errors=[{"field": "key", "message": KeyInvalid.title.as_json()}])
    if known:
        raise KeyTaken(errors=[{"field": "key", "message": KeyTaken.title.as_json()}])


def _taken(links: Sequence[Link]) -> SomebodyElseChanges:
    for link in links:
        found = (
            Draft.objects.filter(kind=link.kind, key=link.key, is_open=True)
            .select_related("change__case")
            .first()
        )
        if found is not None:
            return SomebodyElseChanges(number=found.change.case.number, kind=link.kind, key=link.key)
    return SomebodyElseChanges()


def _unit(actor: Actor) -> int:
    if actor.unit_id is None:
        raise ChangeNotFound
    return actor.unit_id


def _reviewing(actor: Actor) -> int:
    """Return the unit that reviews unless told otherwise: the editor's own where somebody may, else the first with the duty."""
    units = [unit.pk for unit in identity.units_with_duty(REVIEW)]
    return _unit(actor) if _unit(actor) in units or not units else units[0]


def _title(drafts: Sequence[NewDraft]) -> LocalizedText:
    first = drafts[0]
    called = title_of(first.kind, first.content, first.key)
    words = NEW if first.base_version == 0 else CHANGE
    named = words.format(what=editable(first.kind).label, name=called)
    more = len(drafts) - 1
    return LocalizedText(f"{named.zh}等 {more + 1} 项", f"{named.en} and {more} more") if more else named


CHANGE = LocalizedText(zh="修改{what}：{name}", en="Change of {what}: {name}")
NEW = LocalizedText(zh="新建{what}：{name}", en="New {what}: {name}")
