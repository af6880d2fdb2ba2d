"""Applications that another system began: closed ones come as history, open ones go on here at the step where they stand.

A row is judged without writing anything, and judged again when it is brought. What the other system told is kept in the case's
moments; what the law makes of it (the limits of an open case) is worked out here from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tongban.apps.services.errors import ApplicantKindRefused, IdentityMismatch, PastRefused, TownshipUnknown
from tongban.apps.services.models import Item
from tongban.apps.services.operations.apply import process_vars, start_acceptance_clock
from tongban.apps.services.operations.begin import require_kind
from tongban.apps.services.operations.handle import begin_handling
from tongban.apps.services.queries import application as reading
from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.checks import citizen_id_problem, is_citizen_id, uscc_problem
from tongban.base.text import LocalizedText as T
from tongban.kernel.cases import service as cases
from tongban.kernel.files import service as files
from tongban.kernel.forms import service as forms
from tongban.kernel.identity import service as identity
from tongban.kernel.processes import service as processes

__all__ = ["PastApplication", "bring_application", "check_application"]

ENDS = {
    "granted": "delivered",
    "refused": "refused",
    "not_accepted": "not_accepted",
    "withdrawn": "withdrawn",
}
"""How an application can have ended, and the state in which it then is."""
BEFORE_ACCEPTANCE = frozenset({"submitted", "received", "correction", "choosing", "expected"})
AFTER_DECISION = frozenset({"granted", "paying", "certificate_made"})
VIEWERS = ("services.window", "services.review", "services.decide")
"""Whose holders in the unit see what was brought."""
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class PastApplication:
    """One application as another system had it.

    ``name`` and ``key`` are of the applicant: a person with an ID number, or an entity with its credit code; ``agent`` and
    ``agent_key`` the person who acted for it. ``item`` is a key or a code. ``result`` is one of ``ENDS`` when it has ended, then
    ``closed_at`` is known; else ``steps`` are the steps of the process that are open, since ``since`` (by default since the last
    moment known). ``answers`` are as they stand in a table, ``uploads`` files by the key of their material.
    """

    source: str
    number: str
    item: str
    name: str
    key: str
    submitted_at: datetime
    unit: str = ""
    agent: str = ""
    agent_key: str = ""
    accepted_at: datetime | None = None
    decided_at: datetime | None = None
    closed_at: datetime | None = None
    result: str = ""
    steps: Sequence[str] = ()
    since: datetime | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    uploads: Sequence[tuple[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class _Judged:
    """What a row comes to: everything that is looked up only once."""

    item: Item
    unit_id: int
    past: cases.Past
    answers: Mapping[str, Any]

    @property
    def state(self) -> str:
        """The state in which it is now."""
        return self.past.changes[-1][0]


def check_application(*, row: PastApplication, at: datetime) -> None:
    """Refuse what cannot be brought; writes nothing.

    Raises PastRefused and what the doors below refuse: EntryRefused, BroughtInDisorder, AlreadyBrought, ItemNotFound,
    ApplicantKindRefused, IdentityMismatch.
    """
    _judge(row, at=at)


@work.unit(savepoint=True)
def bring_application(*, actor: Actor, row: PastApplication, at: datetime) -> Any:
    """Bring one application whole or not at all, and return its case. Raises like ``check_application``, and for its files
    FileTooLarge, FileEmpty, FileTypeRefused, FileDamaged, FileDangerous.

    A person or an entity of whom nobody knew is recorded; nobody gets an account by it.
    """
    judged = _judge(row, at=at)
    item = judged.item
    case = cases.bring_case(
        actor=actor,
        kind="licence",
        title=item.name,
        subject=item.ref,
        unit_id=judged.unit_id,
        parties=_parties(row, actor=actor, at=at),
        past=judged.past,
        viewers=[identity.holder_id("duty", f"{judged.unit_id}:{duty}") for duty in VIEWERS],
        entry_id=_entry(item, judged, at=at),
        facts={
            "item_version": item.version,
            **({"corrections": 1} if judged.state == "correction" else {}),
        },
        at=at,
    )
    for material, upload in row.uploads:
        files.store_upload(actor=actor, upload=upload, use=case.ref, role=f"material:{material}", at=at)
    if row.result:
        return case
    if judged.state not in BEFORE_ACCEPTANCE and row.accepted_at is not None:
        begin_handling(case=case, item=item, accepted_at=row.accepted_at, automatic=False, at=at)
    elif judged.state != "correction":
        start_acceptance_clock(case=case, started_at=row.submitted_at, at=at)
    cases.go_on_at(
        case=case,
        definition_key=item.process_key,
        steps=row.steps,
        vars={
            **process_vars(case, item),
            "received_at": row.submitted_at.isoformat(),
            **({"accepted_at": row.accepted_at.isoformat()} if row.accepted_at else {}),
            **({"corrections": 1} if judged.state == "correction" else {}),
        },
        since=judged.past.changes[-1][1],
        actor=actor,
        at=at,
    )
    return case


# --- judging ------------------------------------------------------------------------------------------------------


def _judge(row: PastApplication, *, at: datetime) -> _Judged:
    if (known := cases.find_brought(row.source, row.number)) is not None:
        raise PastRefused(T(f"已经导入，本系统编号 {known}", f"It is here already, as {known}"))
    _check_number(row)
    item = _item(row)
    _check_people(row, item)
    unit_id = _unit(row, item)
    states = _states(row, item)
    past = cases.Past(
        source=row.source,
        number=row.number,
        submitted_at=row.submitted_at,
        changes=_changes(row, states),
        accepted_at=row.accepted_at,
        decided_at=row.decided_at if row.result in ("granted", "refused") else None,
        closed_at=row.closed_at if row.result else None,
        result=row.result,
    )
    cases.check_past("licence", past, at=at)
    materials = {material["key"] for material in item.materials}
    for material, _ in row.uploads:
        if material not in materials or item.is_announced:
            raise PastRefused(
                T(f"这个事项没有材料“{material}”", f"The item has no material {material!r} to attach it to")
            )
    return _Judged(item, unit_id, past, _answers(row, item, at=at))


def _check_number(row: PastApplication) -> None:
    if is_citizen_id(row.number) or len(row.number) > 80 or row.number.startswith(FORMULA):
        raise PastRefused(
            T(
                "原编号不能是身份证号、公式，最多 80 个字符",
                "An old number is no ID number and no formula, and has 80 characters at most",
            )
        )


def _item(row: PastApplication) -> Item:
    rows = Item.objects.select_related("unit")
    found = (rows.filter(**{name: row.item}).first() for name in ("key", "code", "local_code"))
    item = next((item for item in found if item is not None), None)
    if item is None or item.version < 1:
        raise PastRefused(T(f"没有这个事项：{row.item}", f"There is no item {row.item}"))
    if not row.result and (item.is_announced or not item.is_in_force):
        raise PastRefused(
            T(
                "这个事项现在不能在这里办，在办件接不下去",
                "The item is not handled here: an open case could not go on",
            )
        )
    return item


def _check_people(row: PastApplication, item: Item) -> None:
    is_person = is_citizen_id(row.key)
    problem = None if is_person else uscc_problem(row.key)
    if problem is not None:
        if len(row.key) == 18 and row.key[:6].isdigit():
            problem = citizen_id_problem(row.key) or problem
        raise PastRefused(T(f"申请人号码：{problem.zh}", f"Number of the applicant: {problem.en}"))
    if (bad := citizen_id_problem(row.agent_key) if row.agent_key else None) is not None:
        raise PastRefused(T(f"经办人身份证号：{bad.zh}", f"ID number of the agent: {bad.en}"))
    if bool(row.agent) != bool(row.agent_key) or (row.agent and is_person):
        raise PastRefused(
            T(
                "经办人要写姓名和身份证号，只有单位申请才写",
                "An agent has name and ID number, and only where an entity applies",
            )
        )
    for name in (row.name, row.agent):
        if len(name) > 120 or name.startswith(FORMULA) or not name.isprintable():
            raise PastRefused(T("姓名、名称不对", "This is no name"))
    if not row.result:
        try:
            require_kind(item, "person" if is_person else "entity")
        except ApplicantKindRefused as refused:
            raise PastRefused(refused.title) from None
    people = [(row.name, row.key)] if is_person else [(row.agent, row.agent_key)] if row.agent else []
    for name, key in people:
        known = identity.find_person(key)
        if known is not None and known.name != name:
            raise PastRefused(IdentityMismatch.title)
    entity = None if is_person else identity.find_entity(row.key)
    if entity is not None and entity.name != row.name and not row.result:
        raise PastRefused(
            T(
                f"这个信用代码登记的名称是“{entity.name}”",
                f"The entity of this code is called {entity.name!r}",
            )
        )


def _unit(row: PastApplication, item: Item) -> int:
    """Return the unit in charge: the one that the row names, else the item's."""
    person = _known_person(row)
    if not row.result and item.content.get("township"):
        try:
            township = reading.township_of(person) if person is not None else None
        except TownshipUnknown:
            township = None
        if township is None:
            raise PastRefused(
                T(
                    "这个事项由申请人户籍所在乡镇参加办理，人口库里查不到他的乡镇",
                    "A township takes part in this item, and the register does not tell the applicant's",
                )
            )
        if item.content.get("township") == "decides" and not row.unit:
            return township
    if row.unit:
        found = next((unit for unit in identity.list_units() if unit.code == row.unit), None)
        if found is None:
            raise PastRefused(T(f"没有这个单位：{row.unit}", f"There is no unit {row.unit}"))
        return int(found.pk)
    return int(item.unit_id)


def _known_person(row: PastApplication) -> Any | None:
    key = row.key if is_citizen_id(row.key) else row.agent_key
    return identity.find_person(key) if key else None


def _states(row: PastApplication, item: Item) -> list[str]:
    """Return the state in which it is: that of its end, or those that its open steps bring, the last counts."""
    if row.result:
        if row.result not in ENDS:
            raise PastRefused(T(f"没有这个结果：{row.result}", f"There is no result {row.result}"))
        if row.steps:
            raise PastRefused(T("有结果就没有在办的步骤", "What has a result has no open step"))
        if row.closed_at is None or (row.result in ("granted", "refused") and row.decided_at is None):
            raise PastRefused(T("办结的要写决定时间", "What has ended needs the time of its decision"))
        if row.result == "granted" and row.accepted_at is None:
            raise PastRefused(T("准予的要写受理时间", "What was granted needs the time of acceptance"))
        return [ENDS[row.result]]
    if row.decided_at is not None or row.closed_at is not None:
        raise PastRefused(T("写了决定或者办结时间，没有写结果", "There is a time of decision, but no result"))
    states = [
        entered.state for entered in processes.check_entry(item.process_key, row.steps) if entered.state
    ]
    states = states or ["accepted" if row.accepted_at else "submitted"]
    if AFTER_DECISION & set(states):
        raise PastRefused(
            T(
                "已经作出决定的，请在原系统办完，再作为办结件导入",
                "What is decided already is finished in the old system and comes as closed",
            )
        )
    if any((state in BEFORE_ACCEPTANCE) != (row.accepted_at is None) for state in states):
        raise PastRefused(
            T("受理时间和在办的步骤对不上", "The time of acceptance does not fit the open step")
        )
    return states


def _changes(row: PastApplication, states: Sequence[str]) -> list[tuple[str, datetime]]:
    """Return the road that the applicant sees, as far as it is told."""
    road: list[tuple[str, datetime]] = [("submitted", row.submitted_at)]
    if row.accepted_at is not None:
        road.append(("accepted", row.accepted_at))
    if row.result == "granted" and row.decided_at is not None:
        road.append(("granted", row.decided_at))
    if row.result and row.closed_at is not None:
        road.append((states[-1], row.closed_at))
    else:
        since = row.since or road[-1][1]
        road += [(state, since) for state in states if state != road[-1][0]]
    return road


# --- answers --------------------------------------------------------------------------------------------------------


def _answers(row: PastApplication, item: Item, *, at: datetime) -> Mapping[str, Any]:
    """Return the answers as they are stored. Raises PastRefused for the first that is wrong or that nobody asked for."""
    given = {key: value for key, value in row.answers.items() if value}
    if not given:
        return {}
    if item.is_announced:
        raise PastRefused(T("这个事项没有表单，不能有答案", "The item has no form, so there are no answers"))
    form = forms.get_form(item.form_key)
    for key in given:
        if key not in form.fields or not form.fields[key].is_asked:
            raise PastRefused(T(f"表单里没有 {key}", f"The form has no field {key}"))
    clean = forms.clean_json(form, {key: _said(form.fields[key], value) for key, value in given.items()})
    errors = forms.check(form, clean, at=at, actor=Actor.system("import"))
    counting = forms.answers_of(form, clean, at=at)
    for error in errors:
        if error.field in given:
            label = form.fields[error.field].label
            raise PastRefused(T(f"{label.zh}：{error.message.zh}", f"{label.en}: {error.message.en}"))
    for key in clean:
        if key not in counting:
            label = form.fields[key].label
            raise PastRefused(
                T(f"{label.zh}：按其他答案不问这一项", f"{label.en}: not asked, as the other answers are")
            )
    return clean


def _said(question: Any, text: str) -> Any:
    """Return what stands in a cell as an answer: of options the label will do, several are divided by semicolons."""
    if not question.is_choice:
        return text
    labels = {option.label.zh: option.value for option in question.options}
    if question.type != "multi":
        return labels.get(text, text)
    parts = [part.strip() for part in text.replace("；", ";").split(";")]
    return [labels.get(part, part) for part in parts if part]


# --- writing --------------------------------------------------------------------------------------------------------


def _entry(item: Item, judged: _Judged, *, at: datetime) -> Any | None:
    """Make the answers, closed unless the applicant is to correct them."""
    if item.is_announced:
        return None
    entry = forms.create_entry(form=forms.get_form(item.form_key), data=judged.answers, at=at)
    if judged.state != "correction":
        forms.close_entry(entry_id=entry.pk, at=at)
    return entry.pk


def _parties(row: PastApplication, *, actor: Actor, at: datetime) -> list[cases.NewParty]:
    if is_citizen_id(row.key):
        person = _person(row.name, row.key, actor=actor, at=at)
        return [cases.NewParty("applicant", row.name, person_id=person.pk)]
    entity = identity.find_entity(row.key) or identity.put_entity(
        actor=actor, uscc=row.key, name=row.name, at=at
    )
    parties = [cases.NewParty("applicant", row.name, entity_id=entity.pk)]
    if row.agent:
        agent = _person(row.agent, row.agent_key, actor=actor, at=at)
        parties.append(cases.NewParty("agent", row.agent, person_id=agent.pk, has_access=False))
    return parties


def _person(name: str, citizen_id: str, *, actor: Actor, at: datetime) -> Any:
    return identity.find_person(citizen_id) or identity.put_person(
        actor=actor, name=name, citizen_id=citizen_id, at=at
    )
