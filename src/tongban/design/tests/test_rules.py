"""Masks and dates as people see them."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.design import rules


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("李秀英", "李*英"),
        ("王芳", "王*"),
        ("欧阳小红", "欧阳*红"),
        ("迪丽热巴·艾力", "迪*·艾*"),
        ("Mary Ann Smith", "M* A* S*"),
        ("李", "*"),
        ("", ""),
    ],
)
def test_a_name_hides_one_character(name: str, shown: str) -> None:
    assert rules.mask_name(name) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("532399198808081027", "532399********1027"),
        ("92532399MA7K3R5T8F", "925323********5T8F"),
        ("12345", "***45"),
        ("1", "*"),
    ],
)
def test_an_identity_number_keeps_six_and_four(number: str, shown: str) -> None:
    assert rules.mask_id(number) == shown


def test_a_mobile_number_keeps_three_and_four() -> None:
    assert rules.mask_mobile("13800004471") == "138****4471"


@given(st.text(alphabet="0123456789X", min_size=11, max_size=30))
def test_a_mask_keeps_the_length_and_hides_the_middle(number: str) -> None:
    shown = rules.mask_id(number)
    assert len(shown) == len(number)
    assert set(shown[6:-4]) == {"*"}


@given(st.text(alphabet="李王张秀英小明华", min_size=1, max_size=4))
def test_a_chinese_name_never_stays_whole(name: str) -> None:
    assert rules.mask_name(name).count("*") == 1
    assert len(rules.mask_name(name)) == len(name)


def test_dates_are_said_in_the_language_of_the_page() -> None:
    day, moment = date(2026, 3, 5), datetime(2026, 3, 5, 9, 5)
    assert rules.day_in_words(day, "zh-hans") == "2026年3月5日"
    assert rules.day_in_words(day, "en") == "5 Mar 2026"
    assert rules.day_in_words(day, "zh-hans", with_year=False) == "3月5日"
    assert rules.moment_in_words(moment, "zh-hans") == "2026年3月5日 9:05"
    assert rules.moment_in_words(moment, "en", with_year=False) == "5 Mar, 9:05"
    assert rules.weekday_in_words(day, "zh-hans") == "星期四"
    assert rules.weekday_in_words(day, "en") == "Thursday"
