"""Which materials an application must bring."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tongban.apps.services import rules
from tongban.apps.services.kind import STATES
from tongban.apps.services.rules import Requirement

MATERIALS: list[dict[str, Any]] = [
    {"key": "form", "action": "generated", "required": True},
    {"key": "licence", "action": "held", "required": True},
    {"key": "plan", "required": True},
    {"key": "training", "required": False},
    {"key": "room", "required": True, "when": "cold"},
]


def holds(expression: str, data: Mapping[str, Any]) -> bool:
    return bool(data.get(expression))


def test_only_what_nobody_holds_must_be_uploaded() -> None:
    assert rules.requirements(MATERIALS, {}, holds) == [
        Requirement("form", is_required=False, is_upload=False),
        Requirement("licence", is_required=False, is_upload=False),
        Requirement("plan", is_required=True, is_upload=True),
        Requirement("training", is_required=False, is_upload=True),
    ]


def test_a_material_with_a_condition_is_asked_for_when_the_answers_raise_it() -> None:
    assert [r.key for r in rules.requirements(MATERIALS, {"cold": True}, holds)][-1] == "room"


def test_everything_that_is_missing_is_named_at_once() -> None:
    required = rules.requirements(MATERIALS, {"cold": True}, holds)
    assert rules.missing_materials(required, {}) == ["plan", "room"]
    assert rules.missing_materials(required, {"plan": ["a.png"], "room": []}) == ["room"]
    assert rules.missing_materials(required, {"plan": ["a.png"], "room": ["b.png"]}) == []


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "key": st.text(min_size=1),
                "action": st.sampled_from(["upload", "held", "generated"]),
                "required": st.booleans(),
            }
        ),
        unique_by=lambda m: m["key"],
    )
)
def test_nothing_is_missing_that_is_held_or_optional(materials: list[dict[str, Any]]) -> None:
    required = rules.requirements(materials, {}, holds)
    missing = set(rules.missing_materials(required, {}))
    assert missing == {m["key"] for m in materials if m["required"] and m["action"] == "upload"}


def test_every_state_has_one_place_in_the_life_of_an_application() -> None:
    """Administrative Licensing Law art. 42: what may be withdrawn or extended is not decided and has not ended."""
    known = rules.EDITABLE | rules.WITHDRAWABLE | rules.EXTENDABLE | rules.FINAL
    assert known <= STATES.keys()
    assert STATES.keys() - known == {"granted", "paying", "certificate_made"}, (
        "decided, on the way to the applicant"
    )
    assert rules.EXTENDABLE <= rules.WITHDRAWABLE
    assert not rules.WITHDRAWABLE & rules.FINAL
    assert {key for key, state in STATES.items() if state.is_final} == rules.FINAL
