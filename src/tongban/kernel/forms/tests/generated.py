"""Forms made up for tests: sound ones, on which every way ends, and the same spoilt in a way of which one knows what is wrong."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

OPTIONS = ["a", "b", "c"]


@dataclass(frozen=True)
class Made:
    """A form and conditions of others over its answers."""

    content: dict[str, Any]
    conditions: dict[str, str]


def field(key: str, kind: str, **more: Any) -> dict[str, Any]:
    """Return a question of a kind."""
    made: dict[str, Any] = {
        "key": key,
        "label": {"zh": f"问题{key}", "en": f"Question {key}"},
        "type": kind,
        "required": True,
    }
    if kind in ("enum", "multi"):
        made["options"] = [{"value": v, "label": {"zh": v}} for v in OPTIONS]
    if kind == "integer":
        made |= {"min": 0, "max": 100}
    return made | more


def page(key: str, *fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a page with these questions."""
    return {"key": key, "title": {"zh": f"第{key}页"}, "fields": list(fields), **more}


def form(*pages: dict[str, Any]) -> dict[str, Any]:
    """Return a form of these pages."""
    return {"key": "made-up", "name": {"zh": "编的表"}, "pages": list(pages)}


@st.composite
def conditions_over(draw: st.DrawFn, asked: list[tuple[str, str]]) -> str:
    """Return a condition that can hold, over questions that are always asked; each is spoken of once."""
    chosen = draw(st.lists(st.sampled_from(asked), min_size=1, max_size=2, unique_by=lambda each: each[0]))
    parts = []
    for key, kind in chosen:
        match kind:
            case "bool":
                parts.append(f"{key} == {draw(st.sampled_from(['true', 'false']))}")
            case "enum":
                parts.append(
                    f"{key} {draw(st.sampled_from(['==', '!=']))} '{draw(st.sampled_from(OPTIONS))}'"
                )
            case "multi":
                parts.append(f"'{draw(st.sampled_from(OPTIONS))}' in {key}")
            case _:
                parts.append(f"{key} {draw(st.sampled_from(['>', '<=']))} {draw(st.integers(1, 99))}")
    return draw(st.sampled_from([" and ", " or "])).join(parts)


@st.composite
def sound_forms(draw: st.DrawFn) -> Made:
    """Return a form on which every way ends: its first page asks always, what follows on conditions that can hold.

    Pages hang on the first question and their fields on others, so that the two cannot contradict each other.
    """
    kinds = [
        "bool",
        *draw(st.lists(st.sampled_from(["bool", "enum", "multi", "integer"]), min_size=1, max_size=3)),
    ]
    asked = [(f"f{n}", kind) for n, kind in enumerate(kinds)]
    pages = [page("first", *(field(key, kind) for key, kind in asked))]
    for number in range(draw(st.integers(0, 2))):
        fields = [field(f"p{number}_always", "text")]
        for index in range(draw(st.integers(0, 3))):
            kind = draw(st.sampled_from(["bool", "enum", "text", "date"]))
            more: dict[str, Any] = {"visible": draw(conditions_over(asked[1:]))}
            if draw(st.booleans()):
                more["required"] = draw(conditions_over(asked))
            if kind == "enum" and draw(st.booleans()):
                key = f"p{number}_{index}"
                more["checks"] = [{"that": f"{key} != 'a'", "say": {"zh": "不能选这个"}}]
            fields.append(field(f"p{number}_{index}", kind, **more))
        visible = {"visible": draw(conditions_over(asked[:1]))} if draw(st.booleans()) else {}
        pages.append(page(f"page-{number}", *fields, **visible))
    when = {f"materials.{n}.when": draw(conditions_over(asked)) for n in range(draw(st.integers(0, 2)))}
    return Made(form(*pages), when)


def spoilt(made: Made, how: str) -> tuple[Made, str]:
    """Return a sound form with one fault, and the place where it has to be found."""
    content, when = copy.deepcopy(made.content), dict(made.conditions)
    pages, at = content["pages"], len(made.content["pages"])
    never = "f0 == true and f0 == false"
    match how:
        case "question-never-asked":
            pages[0]["fields"].append(field("spoilt", "text", visible=never))
            return Made(content, when), f"pages[0].fields[{len(pages[0]['fields']) - 1}].visible"
        case "page-never-shown":
            pages.append(page("spoilt", field("spoilt", "text"), visible=never))
            return Made(content, when), f"pages[{at}].visible"
        case "page-asks-nothing":
            pages.append(page("spoilt", field("spoilt", "text", visible="f0 == true")))
            return Made(content, when), f"pages[{at}]"
        case "question-unanswerable":
            checks = [{"that": f"spoilt != '{value}'", "say": {"zh": "不行"}} for value in OPTIONS]
            pages.append(page("spoilt", field("spoilt", "enum", checks=checks)))
            return Made(content, when), f"pages[{at}].fields[0].checks"
        case "answer-leads-nowhere":
            checks = [{"that": "spoilt < 0", "say": {"zh": "不行"}}]
            # On a question of its own: among very many ways the fault would be undecided.
            gate = field("gate", "bool")
            pages.append(
                page("spoilt", gate, field("spoilt", "integer", visible="gate == true", checks=checks))
            )
            return Made(content, when), f"pages[{at}].fields[0]"
        case "condition-unknown-field":
            return Made(
                content, {**when, "materials.9.when": "f0 == true and nobody == true"}
            ), "materials.9.when"
        case "condition-never-holds":
            return Made(content, {**when, "materials.9.when": never}), "materials.9.when"
        case "condition-reads-unasked":
            pages[0]["fields"].append(field("sometimes", "bool", visible="f0 == true"))
            return Made(content, {**when, "materials.9.when": "sometimes == false"}), "materials.9.when"
    raise AssertionError(how)


SPOILING = (
    "question-never-asked", "page-never-shown", "page-asks-nothing", "question-unanswerable", "answer-leads-nowhere",
    "condition-unknown-field", "condition-never-holds", "condition-reads-unasked",
)  # fmt: skip
