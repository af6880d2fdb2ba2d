"""What the pages of studio show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q

from tongban.apps.studio.editors.registry import Editing, editors
from tongban.apps.studio.errors import ChangeNotFound
from tongban.apps.studio.models import Change, Draft
from tongban.apps.studio.operations.changes import title_of
from tongban.apps.studio.policies import EDIT, REVIEW, is_studio, require_studio
from tongban.apps.studio.rules import Difference, differences
from tongban.base.actor import Actor
from tongban.base.editables import Editable, Fault, Version, editable, find
from tongban.base.errors import TongbanError
from tongban.base.text import LocalizedText
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.errors import CaseNotFound
from tongban.kernel.identity import service as identity
from tongban.kernel.processes import service as processes

__all__ = [
    "ChangeView",
    "DraftView",
    "ListRow",
    "addable",
    "case_id_of",
    "change_view",
    "changes_of",
    "editing_of",
    "free_key",
    "history_of",
    "kinds_of",
    "list_kind",
    "panel_context",
    "recently_published",
    "require_studio",
    "title_of",
]


@dataclass(frozen=True, slots=True)
class KindRow:
    """A kind that can be edited, and how much there is of it."""

    key: str
    label: LocalizedText
    icon: str
    count: int


@dataclass(frozen=True, slots=True)
class ListRow:
    """One thing of a kind, and the change that has it now, if any."""

    key: str
    title: LocalizedText
    version: int
    published_at: datetime | None
    number: str = ""


@dataclass(frozen=True, slots=True)
class DraftView:
    """One draft of a change, with what it changes."""

    kind: str
    kind_label: LocalizedText
    key: str
    title: LocalizedText
    base_version: int
    published_version: int | None
    errors: int
    warnings: int
    saved_at: datetime
    saved_by: str
    is_new: bool
    differences: tuple[Difference, ...]
    running: int = 0
    """How many cases run now with what is published, and keep it."""


@dataclass(frozen=True)
class ChangeView:
    """A change as its page shows it."""

    number: str
    title: LocalizedText
    state: str
    state_label: LocalizedText
    tone: str
    drafts: tuple[DraftView, ...]
    publish_on: date | None
    reviewing: Any
    reviewing_units: tuple[tuple[int, LocalizedText], ...]
    task: Any | None
    """The open step, whoever has it."""
    can_edit: bool
    can_review: bool
    can_withdraw: bool
    held_by: str
    is_own: bool
    """True when this person edited it, so that another must review."""
    came_back: str
    """What the reviewer wrote when it came back."""
    submitted_words: str

    @property
    def errors(self) -> int:
        """How many faults keep it from review."""
        return sum(draft.errors for draft in self.drafts)


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change in a list."""

    number: str
    title: LocalizedText
    state: LocalizedText
    tone: str
    who: str
    at: datetime
    publish_on: date | None = None
    errors: int = 0


CASES: Any = Change._meta.get_field("case").related_model._default_manager.all()  # type: ignore[union-attr]
"""All cases, as a scope to be narrowed to those that somebody may see."""


def kinds_of() -> list[KindRow]:
    """Return the kinds that have an editor, in its order."""
    found = []
    for editor in editors:
        entry = find(editor.kind)
        if entry is not None:
            found.append(KindRow(editor.kind, entry.label, editor.icon, len(entry.rows())))
    return found


def _entry(kind: str) -> Editable:
    entry = find(kind)
    if entry is None or kind not in editors:
        raise ChangeNotFound
    return entry


def list_kind(actor: Actor, kind: str, *, words: str = "") -> list[ListRow]:
    """Return what there is of a kind, whose key or title has all the words."""
    require_studio(actor)
    open_drafts = dict(
        Draft.objects.filter(kind=kind, is_open=True).values_list("key", "change__case__number")
    )
    wanted = words.lower().split()
    return [
        ListRow(row.key, row.title, row.version, row.published_at, open_drafts.get(row.key) or "")
        for row in _entry(kind).rows()
        if all(word in f"{row.key} {row.title.zh} {row.title.en}".lower() for word in wanted)
    ]


def history_of(actor: Actor, kind: str, key: str) -> tuple[Editable, list[Version], Mapping[int, str], str]:
    """Return the versions of a thing, by which change each came (its number) and the open change, if any.

    Raises ChangeNotFound.
    """
    require_studio(actor)
    entry = _entry(kind)
    versions = list(entry.versions(key))
    if not versions:
        raise ChangeNotFound
    drafts = Draft.objects.filter(kind=kind, key=key)
    made = drafts.filter(published_version__isnull=False).values_list(
        "published_version", "change__case__number"
    )
    now = drafts.filter(is_open=True).values_list("change__case__number", flat=True).first()
    return entry, versions, {number: name or "" for number, name in made if number is not None}, now or ""


def changes_of(actor: Actor, *, states: Sequence[str], limit: int = 50) -> list[ChangeRow]:
    """Return the changes in these states that the actor may see, the newest first."""
    mine = identity.visible("case", CASES, actor)
    rows = (
        Change.objects.filter(case__state__in=states, case__in=mine)
        .select_related("case")
        .prefetch_related("drafts")
        .annotate(
            faulty=Count("drafts", filter=Q(drafts__faults__contains=[{"level": "error"}]), distinct=True)
        )
        .order_by("-case__created_at")[:limit]
    )
    return [_row(change) for change in rows]


def recently_published(limit: int = 12) -> list[ChangeRow]:
    """Return the latest published changes."""
    published = Change.objects.filter(published_at__isnull=False)
    rows = published.select_related("case").prefetch_related("drafts").order_by("-published_at")
    return [_row(change, at=change.published_at) for change in rows[:limit]]


def _row(change: Change, *, at: datetime | None = None) -> ChangeRow:
    case = change.case
    state = cases.kind_of(case).state(case.state)
    last = max(change.drafts.all(), key=lambda draft: draft.saved_at, default=None)
    return ChangeRow(
        number=case.number or "",
        title=case.title,
        state=state.label,
        tone=state.tone,
        who=last.saved_by if last else "",
        at=at or (last.saved_at if last else case.created_at),
        publish_on=change.publish_on,
        errors=getattr(change, "faulty", 0),
    )


def _change(actor: Actor, number: str) -> tuple[Any, Change]:
    require_studio(actor)
    try:
        case = cases.get_case(actor, number)
    except CaseNotFound:
        raise ChangeNotFound from None
    change = Change.objects.select_related("reviewing").filter(case_id=case.pk).first()
    if change is None:
        raise ChangeNotFound
    return case, change


def case_id_of(actor: Actor, number: str) -> Any:
    """Return the case of a change. Raises ChangeNotFound."""
    return _change(actor, number)[0].pk


def free_key(kind: str, wanted: str) -> str:
    """Return the wanted key, with a number behind it where somebody has it already."""
    taken = {row.key for row in editable(kind).rows()}
    taken |= set(Draft.objects.filter(kind=kind, is_open=True).values_list("key", flat=True))
    return next(key for key in (wanted, *(f"{wanted}-{n}" for n in range(2, 1000))) if key not in taken)


def addable(actor: Actor, change: ChangeView) -> list[tuple[LocalizedText, list[tuple[str, str]]]]:
    """Return what else the change could change, by kind: what its drafts name first of all, without what is open elsewhere."""
    taken = set(Draft.objects.filter(is_open=True).values_list("kind", "key"))
    found = []
    for editor in editors:
        rows = [
            (f"{editor.kind}:{row.key}", f"{row.title}（{row.key}）")
            for row in editable(editor.kind).rows()
            if (editor.kind, row.key) not in taken
        ]
        if rows:
            found.append((editable(editor.kind).label, rows))
    return found


def change_view(actor: Actor, number: str) -> ChangeView:
    """Return a change with the differences of its drafts. Raises ChangeNotFound."""
    case, change = _change(actor, number)
    tasks = processes.tasks_of(case.instance_id) if case.instance_id else []
    task = next((t for t in tasks if t.state == "open"), None)
    mine = task is not None and task.holder_id in actor.holders and task.claimed_by in (None, *actor.persons)
    is_own = str(actor.person_id) in change.editors
    last = [t for t in tasks if t.state == "done"]
    state = cases.kind_of(case).state(case.state)
    action = next(each for each in cases.kind_of(case).actions if each.key == "withdraw")
    return ChangeView(
        number=case.number or "",
        title=case.title,
        state=case.state,
        state_label=state.label,
        tone=state.tone,
        drafts=tuple(_draft_view(draft) for draft in change.drafts.all()),
        publish_on=change.publish_on,
        reviewing=change.reviewing,
        reviewing_units=tuple((unit.pk, unit.name) for unit in identity.units_with_duty(REVIEW)),
        task=task,
        can_edit=mine and task is not None and task.node == "edit" and EDIT in actor.duties,
        can_review=mine
        and task is not None
        and task.node == "review"
        and not is_own
        and REVIEW in actor.duties,
        can_withdraw=action.refusal(actor, case) is None,
        held_by=task.claimed_name if task else "",
        is_own=is_own,
        came_back=last[-1].opinion if last and last[-1].outcome == "send_back" else "",
        submitted_words=last[-1].opinion if last and last[-1].outcome == "submit" else "",
    )


def _draft_view(draft: Draft) -> DraftView:
    return DraftView(
        kind=draft.kind,
        kind_label=editable(draft.kind).label,
        key=draft.key,
        title=draft.title,
        base_version=draft.base_version,
        published_version=draft.published_version,
        errors=draft.errors,
        warnings=len(draft.faults) - draft.errors,
        saved_at=draft.saved_at,
        saved_by=draft.saved_by,
        is_new=draft.is_new,
        differences=tuple(differences(base_of(draft), draft.content)),
        running=_running(draft) if draft.is_open else 0,
    )


MOST_COUNTED = 10_000


def _running(draft: Draft) -> int:
    """Count the cases that the publishing leaves as they are: those of an item, those in a process; of others nobody knows."""
    if draft.kind == "item":
        running = CASES.filter(subject_kind="item", subject_id=draft.key, closed_at=None)
        return int(running.exclude(submitted_at=None).exclude(kind="change").count())
    if draft.kind == "process" and draft.base_version:
        return len(processes.running_instances(draft.key, draft.base_version, limit=MOST_COUNTED))
    return 0


def base_of(draft: Draft) -> Mapping[str, Any]:
    """Return the content that a draft began from, an empty one for something new."""
    if draft.is_new:
        return {}
    return editable(draft.kind).load_version(draft.key, draft.base_version)


def base_of_thing(kind: str, key: str, version: int) -> Mapping[str, Any]:
    """Return a published version, an empty content where there is none."""
    try:
        return editable(kind).load_version(key, version)
    except TongbanError:
        return {}


def editing_of(actor: Actor, number: str, kind: str, key: str) -> Editing:
    """Return one draft as its editor shows it. Raises ChangeNotFound."""
    case, change = _change(actor, number)
    drafts = list(change.drafts.all())
    draft = next((each for each in drafts if (each.kind, each.key) == (kind, key)), None)
    if draft is None:
        raise ChangeNotFound
    tasks = processes.tasks_of(case.instance_id) if case.instance_id else []
    task = next((t for t in tasks if t.state == "open" and t.node == "edit"), None)
    can_edit = (
        case.state == "editing"
        and task is not None
        and task.holder_id in actor.holders
        and task.claimed_by in (None, *actor.persons)
        and EDIT in actor.duties
    )
    return Editing(
        number=number,
        kind=kind,
        key=key,
        title=draft.title,
        content=draft.content,
        revision=draft.revision,
        base_version=draft.base_version,
        faults=tuple(
            Fault(fault["path"], LocalizedText.of(fault["message"]), fault["level"]) for fault in draft.faults
        ),
        can_edit=can_edit,
        beside=tuple((each.kind, each.key, each.title) for each in drafts if each.pk != draft.pk),
        near={each.link: each.content for each in drafts},
    )


def panel_context(case: Any, actor: Actor, at: datetime) -> Mapping[str, Any] | None:
    """Tell the case page what the change changes; nothing for who has no business in studio."""
    if not is_studio(actor):
        return None
    change = Change.objects.filter(case_id=case.pk).first()
    if change is None:
        return None
    return {"drafts": [_draft_view(draft) for draft in change.drafts.all()], "number": case.number}
