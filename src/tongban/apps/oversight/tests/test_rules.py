"""What a rule finds: in cases that break it, and not in those that keep it."""

from __future__ import annotations

from typing import Any

import pytest

from tongban.apps.oversight import rules
from tongban.apps.oversight import service as oversight
from tongban.apps.oversight.errors import RuleInvalid
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.kernel.ledger import service as ledger

SYSTEM = Actor.system("test")


def keys(cards: list[Any]) -> list[str]:
    return sorted({card.rule_key for card in cards})


def test_a_case_that_keeps_its_limits_gets_no_card(watch: Any) -> None:
    watch.county.review(watch.county.accept(watch.county.submit()))
    assert watch.look() == []


def test_a_step_that_nobody_takes_is_a_warning_which_is_only_told(watch: Any) -> None:
    watch.county.submit()
    watch.county.go_to("2026-06-05")
    [card] = watch.look()
    assert (card.rule_key, card.level, card.case.state) == ("late-hand-over", "warning", "told")
    assert card.case.closed_at is not None


def test_a_lawful_refusal_gets_no_card_and_one_without_its_paper_does(watch: Any) -> None:
    county = watch.county
    case = county.refuse(county.review(county.accept(county.submit())))
    assert watch.cards("refusal-without-reason") == []
    chief = county.actor("chief")
    county.go_to("2026-06-02")  # an act that no paper of that day or later tells
    ledger.record(actor=chief, verb="services.refuse", subject=case.ref, case=str(case.ref), at=county.now)
    [card] = watch.cards("refusal-without-reason")
    assert (card.level, card.person_id, card.unit.code) == ("red", chief.person_id, "scjg")


def test_a_pause_without_a_served_paper_and_a_charge_outside_the_list_are_found(watch: Any) -> None:
    county = watch.county
    case = county.accept(county.submit())
    county.go_to("2026-06-01", hour=11)
    officer = county.actor("officer1")
    for verb, facts in (
        ("cases.pause_clocks", {"reason": "testing", "paper": "没有这份文书"}),
        ("fees.charge", {"fee": {"zh": "加急费", "en": "Rush fee"}, "amount": "50.00"}),
    ):
        ledger.record(
            actor=officer, verb=verb, subject=case.ref, case=str(case.ref), facts=facts, at=county.now
        )
    assert keys(watch.look()) == ["charge-not-listed", "pause-without-paper"]


def test_an_office_puts_its_own_rule_in_the_place_of_a_built_in_one(watch: Any, late: Any) -> None:
    rule = {
        "key": "case-overdue",
        "name": {"zh": "停用"},
        "says": {"zh": "停用"},
        "source": {"zh": "本县规定"},
        "origin": "local",
        "level": "red",
        "check": "clock",
        "acts": ["cases.warn_overdue"],
        "roles": ["statutory"],
        "is_active": False,
    }
    assert oversight.put_rule(actor=SYSTEM, content=rule, at=watch.county.now) == 1
    assert oversight.put_rule(actor=SYSTEM, content=rule, at=watch.county.now) == 1
    assert watch.cards("case-overdue") == []
    assert [act.facts["version"] for act in ledger.acts_of(Ref("oversight-rule", "case-overdue"))] == [1]


def test_a_rule_that_cannot_be_used_is_refused_by_name_of_its_fields(watch: Any) -> None:
    with pytest.raises(RuleInvalid) as refused:
        oversight.put_rule(actor=SYSTEM, content={"key": "x", "level": "black"}, at=watch.county.now)
    assert refused.value.data["faults"] == ["name", "says", "source", "level", "check", "origin"]


@pytest.mark.parametrize(
    ("unit", "above", "competent", "chosen"),
    [
        (5, [3, 1], {1, 3}, 3),
        (5, [3, 1], {9}, 9),
        (9, [], {9}, 9),
        (9, [], {4, 9}, 4),
        (5, [3], set(), None),
    ],
)
def test_the_nearest_other_competent_unit_decides(
    unit: int, above: list[int], competent: set[int], chosen: int | None
) -> None:
    assert rules.choose_supervisor(unit, above, competent) == chosen


def test_a_paper_says_a_word_only_with_more_than_spaces() -> None:
    said = {"reasons": " ", "remedies": {"zh": "复议", "en": ""}, "basis": []}
    assert rules.missing_words(said, ["reasons", "remedies", "basis", "none"]) == ["reasons", "basis", "none"]


def test_every_built_in_rule_can_be_used() -> None:
    import yaml

    from tongban.apps.oversight.operations.put_rule import BUILTIN

    said = yaml.safe_load((BUILTIN / "rules.yaml").read_text(encoding="utf-8"))["rules"]
    assert [rules.faults_of(rule) for rule in said] == [[] for _ in said]
    assert {rule["check"] for rule in said} == set(rules.CHECKS)
