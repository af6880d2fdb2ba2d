"""Numbers, identifiers, codes and validity of certificates."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.apps.certificates import rules
from tongban.base import checks

RULE = {"format": "JY{format_digit}{area}{n:08d}", "digits": {"catering": 2, "retail": 1}}
DAYS = st.dates(date(1950, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("valid_from", "years", "last_day"),
    [
        (date(2026, 11, 20), 5, date(2031, 11, 19)),
        (date(2026, 1, 1), 1, date(2026, 12, 31)),
        (date(2024, 3, 1), 3, date(2027, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 28)),
        (date(2024, 2, 29), 5, date(2029, 2, 28)),
        (date(2026, 11, 20), 0, None),
    ],
)
def test_the_last_day_is_the_day_before_the_same_date(
    valid_from: date, years: int, last_day: date | None
) -> None:
    assert rules.end_of_validity(valid_from, years) == last_day


@given(DAYS, st.integers(1, 30))
def test_a_certificate_is_valid_for_all_its_years_and_not_a_day_longer(valid_from: date, years: int) -> None:
    last = rules.end_of_validity(valid_from, years)
    assert last is not None
    after = last + timedelta(days=1)
    assert (after.year, after.month) == (
        valid_from.year + years,
        valid_from.month if valid_from.day != 29 else after.month,
    )
    assert after.day in {valid_from.day, 1}


def test_a_number_follows_the_rule_of_its_type_and_holds_nothing_typed() -> None:
    def number(answers: dict[str, str]) -> str:
        return rules.format_number(RULE, year=2026, n=7, area="532399", answers=answers)

    assert number({"format": "catering"}) == "JY253239900000007"
    assert number({"format": "{secret}"}) == number({}) == "JY053239900000007"


@given(st.integers(1, 99_999_999), st.sampled_from(["11100000MB0143028R031", "11532399MB0C000369"]))
def test_an_identifier_with_its_check_character_is_one(n: int, type_code: str) -> None:
    """GB/T 36904: root, type, organ, serial, version, and a check character over all of them."""
    plain = rules.identifier(type_code, "11532399MB0C000369", f"2026{n:08d}", 1)
    whole = f"{plain}.{checks.certificate_check_character(plain)}"
    assert checks.is_certificate_identifier(whole)
    wrong = "0" if whole[-1] != "0" else "1"
    assert not checks.is_certificate_identifier(whole[:-1] + wrong)


def test_codes_are_long_distinct_and_read_back_as_typed() -> None:
    codes = {rules.new_code() for _ in range(200)}
    assert len(codes) == 200
    for code in codes:
        assert len(code) == 16
        assert not set(code) & set("IO01")
        assert rules.clean_code(f" {code[:4]}-{code[4:8]} {code[8:].lower()} ") == code


@given(st.text())
def test_cleaning_takes_anything(typed: str) -> None:
    clean = rules.clean_code(typed)
    assert len(clean) <= 16
    assert set(clean) <= set(rules.CODE_ALPHABET)
    assert rules.clean_code(clean) == clean
