"""Can a form be walked to its end, whatever is answered? Questions nobody sees, pages without any, dead ends.

Conditions compare with few values. A field is tried with each of them, with one other value beside them, and with the edges of
its range; a condition depends on few fields, so that each is looked at with just those it depends on. What is shown to happen can
happen. That something can *never* happen is only said when every case was tried and no calculation stands between the answers
and the condition; else it is ``undecided``.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from tongban.base.text import LocalizedText as T
from tongban.kernel.forms.rules.conditions import Evaluate, fails, holds, is_required, names_in, value_of
from tongban.kernel.forms.rules.samples import Refusal, Samples, is_plain
from tongban.kernel.forms.rules.structure import Field, Form, Page

__all__ = ["Finding", "examine"]

MANY = 3000
"""So many ways through the fields of one question are tried; where there are more, as many as ``SOME`` at random."""
SOME = 400


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with the ways through a form. ``place`` is "pages[1].fields[3].visible", or a name given by the caller."""

    code: str
    place: str
    message: T
    is_fault: bool = True


@dataclass(frozen=True, slots=True)
class _Walk:
    """One way through some of the fields."""

    context: Mapping[str, Any]
    visible: frozenset[str]
    pages: frozenset[str]
    required: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Ways:
    """Ways through some of the fields; ``is_all`` when what is not among them cannot happen."""

    walks: Sequence[_Walk]
    is_all: bool


def examine(
    form: Form, *, evaluate: Evaluate, today: str, conditions: Mapping[str, str] | None = None, refusal: Refusal | None = None
) -> list[Finding]:  # fmt: skip
    """Return what is wrong, in the order of the form, then of ``conditions`` (of others over the answers, by their place)."""
    examination = _Examination(form, evaluate, today, conditions or {}, refusal)
    return list(dict.fromkeys(examination.findings()))


@dataclass
class _Examination:
    form: Form
    evaluate: Evaluate
    today: str
    conditions: Mapping[str, str]
    refusal: Refusal | None
    samples: dict[str, list[Any]] = field(default_factory=dict)
    known: dict[frozenset[str], _Ways] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pages = {page.key: page for page in self.form.pages}
        self.places = {
            f.key: f"pages[{p}].fields[{n}]" for p, page in enumerate(self.form.pages) for n, f in enumerate(page.fields)
        }  # fmt: skip
        self.samples = Samples(self.form, self.today, self._expressions(), self.refusal).by_field()

    def findings(self) -> Iterator[Finding]:
        never: set[str] = set()
        for number, page in enumerate(self.form.pages):
            place = f"pages[{number}]"
            found = list(self._page(page, place))
            never |= {f.key for f in page.fields if any(x.code == "page-never-shown" for x in found)}
            yield from found
            for each in page.fields:
                if each.key not in never:
                    yield from self._field(each, self.places[each.key])
        for place, condition in self.conditions.items():
            yield from self._condition(place, condition)
        for keys in self._components():
            yield from self._ends(keys)

    # --- what is asked -------------------------------------------------------------------------

    def _page(self, page: Page, place: str) -> Iterator[Finding]:
        if page.visible:
            ways = self._ways(names_in(page.visible))
            if not any(holds(page.visible, walk.context, self.evaluate) for walk in ways.walks):
                yield _never(ways, "page-never-shown", f"{place}.visible", PAGE_NEVER)
                return
            yield from self._unasked(f"{place}.visible", page.visible)
        asked = [f for f in page.fields if f.is_asked]
        if all(f.visible for f in asked):
            ways = self._ways({f.key for f in asked} | names_in(page.visible))
            keys = {f.key for f in asked}
            if not asked or any(page.key in w.pages and not (w.visible & keys) for w in ways.walks):
                yield Finding("page-asks-nothing", place, PAGE_EMPTY)

    def _field(self, each: Field, place: str) -> Iterator[Finding]:
        if each.visible:
            ways = self._ways({each.key})
            if not any(each.key in walk.visible for walk in ways.walks):
                yield _never(ways, "question-never-asked", f"{place}.visible", QUESTION_NEVER)
                return
            yield from self._unasked(f"{place}.visible", each.visible)
        if isinstance(each.required, str):
            ways = self._ways({each.key} | names_in(each.required))
            if not any(each.key in walk.required for walk in ways.walks):
                yield Finding("never-required", f"{place}.required", REQUIRED_NEVER, is_fault=False)
            yield from self._unasked(f"{place}.required", each.required)

    def _condition(self, place: str, condition: str) -> Iterator[Finding]:
        unknown = sorted(names_in(condition) - set(self.form.fields) - {"today"})
        if unknown:
            yield Finding("condition-unknown-field", place, UNKNOWN.format(field="、".join(unknown)))
            return
        ways = self._ways(names_in(condition), (condition,))
        if not any(holds(condition, walk.context, self.evaluate) for walk in ways.walks):
            yield _never(ways, "condition-never-holds", place, CONDITION_NEVER)
            return
        yield from self._unasked(place, condition)

    def _unasked(self, place: str, condition: str) -> Iterator[Finding]:
        """A condition hangs on an answer that is not asked for just there. Who thought of it wrote ``??`` or null."""
        if "??" in condition or "null" in condition:
            return
        for name in sorted(names_in(condition) & set(self.form.fields)):
            if not (self.form.fields[name].visible or self.pages[self.form.page_of[name]].visible):
                continue
            for walk in self._ways(names_in(condition)).walks:
                if name not in walk.visible and len(self._answers(condition, walk, name)) > 1:
                    yield Finding(
                        "condition-reads-unasked", place, UNASKED.format(field=self._label(name)), is_fault=False
                    )  # fmt: skip
                    break

    def _answers(self, condition: str, walk: _Walk, name: str) -> set[bool]:
        return {
            holds(condition, {**walk.context, name: value}, self.evaluate)
            for value in self.samples.get(name, ())
            if value is not None
        }

    # --- where it ends -------------------------------------------------------------------------

    def _ends(self, keys: frozenset[str]) -> Iterator[Finding]:
        """Every question can be answered, every answer leads on, and some answers can be handed in."""
        fields = [self.form.fields[key] for key in self.form.fields if key in keys]
        refuses = self.refusal if self.refusal and keys & set(self.refusal.tests) else None
        if not any(f.checks for f in fields) and refuses is None:
            return
        ways = self._ways(set(keys))
        judged = [(walk, self._failing(fields, walk)) for walk in ways.walks]
        stuck = False
        for each in fields:
            met = [
                failing
                for walk, failing in judged
                if each.key in walk.visible and walk.context[each.key] is not None
            ]
            if each.checks and met and all(each.key in failing for failing in met):
                stuck = True
                yield _never(ways, "question-unanswerable", f"{self.places[each.key]}.checks", UNANSWERABLE)
        fine = [walk for walk, failing in judged if not failing]
        yield from self._options(fields, judged, ways)
        if not stuck and not any(refuses is None or not refuses.rules_out(walk.context) for walk in fine):
            yield _never(ways, "nothing-can-be-handed-in", "pages", NO_WAY)

    def _failing(self, fields: Sequence[Field], walk: _Walk) -> dict[str, set[str]]:
        """Return which visible fields stand in the way, each with the fields that are told so."""
        failing: dict[str, set[str]] = {}
        for each in fields:
            if each.key not in walk.visible:
                continue
            if walk.context[each.key] is None:
                if each.key in walk.required:
                    failing[each.key] = {each.key}
                continue
            for check in each.checks:
                if fails(check.that, walk.context, self.evaluate):
                    failing.setdefault(each.key, set()).update(names_in(check.that) | {each.key})
        return failing

    def _options(
        self, fields: Sequence[Field], judged: Sequence[tuple[_Walk, dict[str, set[str]]]], ways: _Ways
    ) -> Iterator[Finding]:  # fmt: skip
        """An answer is a dead end when it can never be handed in and no check tells the person so."""
        for each in fields:
            if each.type not in ("bool", "enum") or not each.is_asked:
                continue
            for value in self.samples[each.key]:
                met = [
                    f for walk, f in judged if each.key in walk.visible and walk.context[each.key] == value
                ]
                told = all(any(each.key in names for names in failing.values()) for failing in met)
                if value is not None and met and not told and all(met):
                    words = NOWHERE.format(answer=_words(each, value))
                    yield _never(ways, "answer-leads-nowhere", self.places[each.key], words)

    # --- ways ----------------------------------------------------------------------------------

    def _ways(self, names: set[str], more: Sequence[str] = ()) -> _Ways:
        keys = frozenset(self._depends(names))
        if keys not in self.known:
            walks = list(islice(self._walk(keys, None), MANY + 1))
            is_whole = len(walks) <= MANY
            if not is_whole:
                chance = random.Random(len(keys))  # noqa: S311 - the same ways every time
                walks = [next(self._walk(keys, chance)) for _ in range(SOME)]
            self.known[keys] = _Ways(walks, is_whole and all(map(is_plain, self._expressions_of(keys))))
        found = self.known[keys]
        return _Ways(found.walks, found.is_all and all(map(is_plain, more)))

    def _walk(self, keys: frozenset[str], chance: random.Random | None) -> Iterator[_Walk]:
        """Answer the fields from top to bottom in every way, or in one way by chance."""
        steps: list[Page | Field] = []
        for page in self.form.pages:
            fields = [f for f in page.fields if f.key in keys]
            steps += [page, *fields] if fields else []
        context: dict[str, Any] = dict.fromkeys(self.form.fields) | {"today": self.today}
        yield from self._from(steps, 0, context, set(), set(), set(), chance)

    def _from(
        self, steps: Sequence[Page | Field], at: int, context: dict[str, Any], visible: set[str], pages: set[str],
        required: set[str], chance: random.Random | None,
    ) -> Iterator[_Walk]:  # fmt: skip
        if at == len(steps):
            yield _Walk(dict(context), frozenset(visible), frozenset(pages), frozenset(required))
            return
        step = steps[at]
        if step.visible and not holds(step.visible, context, self.evaluate):
            skipped = at + 1
            while isinstance(step, Page) and skipped < len(steps) and isinstance(steps[skipped], Field):
                skipped += 1
            yield from self._from(steps, skipped, context, visible, pages, required, chance)
            return
        if isinstance(step, Page):
            yield from self._from(steps, at + 1, context, visible, pages | {step.key}, required, chance)
            return
        if is_required(step, context, self.evaluate):
            required = required | {step.key}
        if step.computed:
            values = [value_of(step, {}, context, self.evaluate)]
        else:
            values = self.samples[step.key]
        for value in [chance.choice(values)] if chance else values:
            yield from self._from(
                steps, at + 1, context | {step.key: value}, visible | {step.key}, pages, required, chance
            )

    def _depends(self, names: set[str]) -> set[str]:
        """Return the fields on which these depend: whether they are asked, and what is computed."""
        found: set[str] = set()
        waiting = names & set(self.form.fields)
        while waiting:
            key = waiting.pop()
            found.add(key)
            each = self.form.fields[key]
            spoken = names_in(each.visible) | names_in(each.computed)
            spoken |= names_in(self.pages[self.form.page_of[key]].visible)
            if isinstance(each.required, str):
                spoken |= names_in(each.required)
            waiting |= (spoken & set(self.form.fields)) - found
        return found

    def _components(self) -> list[frozenset[str]]:
        """Return the fields in groups between which no condition and no check speaks."""
        group = {key: {key} for key in self.form.fields}
        links = [set(names) for names, _ in self._expressions()]
        if self.refusal:
            links.append(set(self.refusal.tests))
        for names in links:
            joined: set[str] = set().union(*(group[key] for key in names if key in group))
            for key in joined:
                group[key] = joined
        return list(dict.fromkeys(frozenset(group[key]) for key in self.form.fields))

    def _expressions(self) -> list[tuple[set[str], str]]:
        """Return every expression with the fields that it binds together."""
        found = []
        for page in self.form.pages:
            for each in page.fields:
                own = [each.visible, each.computed, each.required if isinstance(each.required, str) else ""]
                own += [page.visible, *(check.that for check in each.checks)]
                found += [(names_in(text) | {each.key}, text) for text in own if text]
        return found + [(names_in(text), text) for text in self.conditions.values()]

    def _expressions_of(self, keys: frozenset[str]) -> list[str]:
        found = []
        for key in keys:
            each = self.form.fields[key]
            found += [each.visible, each.computed, self.pages[self.form.page_of[key]].visible]
            found += [each.required] if isinstance(each.required, str) else []
            found += [check.that for check in each.checks]
            if self.refusal:
                found += self.refusal.tests.get(key, ())
        return [text for text in found if text]

    def _label(self, key: str) -> T:
        return self.form.fields[key].label


def _never(ways: _Ways, code: str, place: str, message: T) -> Finding:
    if ways.is_all:
        return Finding(code, place, message)
    return Finding("undecided", place, UNDECIDED.format(what=message), is_fault=False)


def _words(each: Field, value: Any) -> T:
    if isinstance(value, bool):
        return T("是", "yes") if value else T("否", "no")
    return next((option.label for option in each.options if option.value == value), T(str(value)))


PAGE_NEVER = T(
    "这一页怎么填都不会出现：条件不可能成立", "This page is never shown: its condition can never hold"
)
PAGE_EMPTY = T(
    "有时这一页出现了，却什么也不问", "There are answers with which this page is shown and asks nothing"
)
QUESTION_NEVER = T(
    "这个问题怎么填都不会问到：条件不可能成立", "This question is never asked: its condition can never hold"
)
REQUIRED_NEVER = T("怎么填都不会变成必填", "It is never required, whatever is answered")
CONDITION_NEVER = T("这个条件怎么填都不会成立", "This condition never holds, whatever is answered")
UNKNOWN = T("条件里的“{field}”，表单没有问", "The condition speaks of {field}, which the form does not ask")
UNASKED = T(
    "条件要看“{field}”，可是有时没有问这一项，条件就当作不成立；确实想这样的，写明没有问的时候怎么办（??）",
    "The condition hangs on “{field}”, which is not always asked; it then counts as false. If that is meant, say so with ??",
)
UNANSWERABLE = T(
    "这个问题填什么都不对：没有一个答案能通过检查", "No answer to this question passes its checks"
)
NOWHERE = T(
    "选“{answer}”以后就没有办法提交了，也没有告诉填表的人",
    "After “{answer}” nothing can be handed in, and nobody is told",
)
NO_WAY = T("怎么填都交不了", "Whatever is answered, it cannot be handed in")
UNDECIDED = T(
    "没有查完（情况太多或者要计算），可能：{what}",
    "Undecided (too many cases, or a calculation); perhaps: {what}",
)
