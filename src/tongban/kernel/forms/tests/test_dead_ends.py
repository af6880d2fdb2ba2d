"""Whatever is answered, a form asks something on each page and comes to an end; one that does not is found out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.campaign import size
from tongban.kernel.forms import service as forms
from tongban.kernel.forms.tests.generated import (
    OPTIONS,
    SPOILING,
    Made,
    field,
    form,
    page,
    sound_forms,
    spoilt,
)

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
EXAMPLES = settings(max_examples=size(25, 2000), suppress_health_check=list(HealthCheck))
VALUES: dict[str, Any] = {
    "bool": st.booleans(),
    "enum": st.sampled_from(OPTIONS),
    "multi": st.lists(st.sampled_from(OPTIONS), min_size=1, unique=True),
    "integer": st.integers(0, 100),
    "text": st.just("文昌茶馆"),
    "date": st.just("2026-03-01"),
}


def found_in(made: Made, **how: Any) -> list[forms.Finding]:
    return forms.examine(forms.form_from(made.content), at=AT, conditions=made.conditions, **how)


@EXAMPLES
@given(made=sound_forms())
def test_nothing_is_held_against_a_sound_form(made: Made) -> None:
    assert [found for found in found_in(made) if found.is_fault] == []


@EXAMPLES
@given(made=sound_forms(), drawn=st.data())
def test_every_way_through_a_sound_form_asks_and_can_be_handed_in(made: Made, drawn: st.DataObject) -> None:
    sound = forms.form_from(made.content)
    data: dict[str, Any] = {}
    for each in sound.pages:
        for question in each.fields:
            now = forms.situation_of(sound, data, at=AT)
            if question.key in now.visible:
                values = VALUES[question.type]
                data[question.key] = drawn.draw(
                    values.filter(lambda v: v != "a") if question.checks else values
                )
        now = forms.situation_of(sound, data, at=AT)
        assert each.key not in now.pages or any(question.key in now.visible for question in each.fields)
    assert forms.check(sound, data, at=AT) == []
    counts = forms.answers_of(sound, data, at=AT)
    assert forms.answers_of(sound, counts, at=AT) == counts, "what counts is handed in, and still counts then"


@pytest.mark.parametrize("how", SPOILING)
@settings(EXAMPLES, max_examples=size(6, 300))
@given(made=sound_forms())
def test_a_fault_is_found_where_it_is(how: str, made: Made) -> None:
    broken, place = spoilt(made, how)
    found = {(each.code, each.place) for each in found_in(broken)}
    assert (how, place) in found


def test_where_everybody_is_ruled_out_nothing_can_be_handed_in() -> None:
    made = Made(form(page("one", field("age", "integer"))), {})
    nobody = forms.Refusal({"age": ["< 60", ">= 60"]}, lambda answers: True)
    assert [each.code for each in found_in(made, refusal=nobody)] == ["nothing-can-be-handed-in"]
    young = forms.Refusal({"age": ["< 60"]}, lambda answers: answers["age"] < 60)
    assert found_in(made, refusal=young) == []


def test_a_check_that_tells_the_person_is_no_dead_end() -> None:
    told = [{"that": "truth == true", "say": {"zh": "请确认"}}]
    assert found_in(Made(form(page("one", field("truth", "bool", checks=told))), {})) == []


def test_who_thought_of_the_question_that_is_not_asked_is_not_told_of_it() -> None:
    asked = page("one", field("shop", "bool"), field("loose", "bool", visible="shop == true"))
    thought = Made(form(asked), {"materials.0.when": "(loose ?? false) == false"})
    careful = Made(form(asked), {"materials.0.when": "shop == true and loose == false"})
    careless = Made(form(asked), {"materials.0.when": "loose == false"})
    assert found_in(thought) == found_in(careful) == []
    assert [(each.code, each.is_fault) for each in found_in(careless)] == [("condition-reads-unasked", False)]


def test_what_would_need_a_calculation_or_too_many_cases_is_undecided_and_no_fault() -> None:
    calculated = Made(
        form(page("one", field("n", "integer"), field("m", "text", visible="n * 7919 == 104729 * 3"))), {}
    )
    many = [field(f"c{n}", "enum") for n in range(14)]
    one_of_many = " and ".join(f"c{n} == 'c'" for n in range(14))
    rare = Made(form(page("one", *many, field("m", "text", visible=one_of_many))), {})
    for made in (calculated, rare):
        assert [(each.code, each.is_fault) for each in found_in(made)] == [("undecided", False)]


def test_dates_and_ages_are_tried_around_what_conditions_name() -> None:
    late = field("why", "text", visible="(date(today) - date(hired)) / 86400 > 30")
    age = field("age", "integer", required=False, computed="year(d(today)) - year(d(born))")
    grown = field("guardian", "text", visible="age < 18")
    made = Made(
        form(page("one", field("hired", "date", max="today"), late, field("born", "date"), age, grown)), {}
    )
    assert found_in(made) == []
