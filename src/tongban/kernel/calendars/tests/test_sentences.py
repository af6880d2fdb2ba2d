"""The derivation as people read it, in words and in drawn days."""

from __future__ import annotations

import itertools
from datetime import date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tongban.base.text import LocalizedText
from tongban.kernel.calendars.rules import Extension, Interval, Limit, Unit, drawn, due_on
from tongban.kernel.calendars.sentences import cell_texts, describe, pause_text, remaining_text
from tongban.kernel.calendars.tests.world import published

CALENDAR = published()
ACCEPTED = LocalizedText(zh="受理", en="acceptance")


def test_the_sentence_names_start_holidays_make_up_days_and_end() -> None:
    text = describe(due_on(date(2026, 2, 6), Limit(20, "wd"), CALENDAR), ACCEPTED)
    assert text.zh == (
        "2026年2月6日受理，当天不算，从第二天起数 20 个工作日。2月15日至23日春节放假，不算。"
        "2月14日、2月28日调休上班，要算。最晚 2026年3月12日（星期四）。"
    )
    assert text.en == (
        "20 working days from 6 February 2026 (acceptance); that day does not count. "
        "15–23 February (Spring Festival) are days off and do not count. "
        "14 February and 28 February are make-up working days and count. Due on Thursday 12 March 2026."
    )


def test_the_sentence_names_pause_paper_and_extension() -> None:
    derivation = due_on(
        date(2026, 3, 2),
        Limit(20, "wd"),
        CALENDAR,
        [Interval(date(2026, 3, 10), date(2026, 3, 12), ("检验", "testing"), "澄市监特〔2026〕7号")],
        [Extension(Limit(10, "wd"), ("情况复杂", "a complex case"), "澄市监延〔2026〕1号")],
    )
    text = describe(derivation, ACCEPTED)
    assert "延长 10 个工作日（情况复杂）（澄市监延〔2026〕1号）。" in text.zh
    assert "3月10日至3月12日因检验暂停 3 个工作日（澄市监特〔2026〕7号），不算。" in text.zh
    assert (
        "Paused for 3 working days (10 March to 12 March) for testing, notice 澄市监特〔2026〕7号." in text.en
    )


def test_a_lasting_pause_says_what_is_left() -> None:
    text = describe(due_on(date(2026, 3, 2), Limit(20, "wd"), CALENDAR, [Interval(date(2026, 3, 10), None)]))
    assert text.zh.endswith("3月10日起暂停，还没有恢复。恢复后还剩 15 个工作日。")
    assert text.en.endswith("not resumed yet. 15 working days are left when it resumes.")


def test_a_provisional_date_says_so_and_why() -> None:
    text = describe(due_on(date(2026, 12, 20), Limit(20, "wd"), CALENDAR))
    assert "暂定最晚" in text.zh and "2027年的放假安排还没有公布" in text.zh
    assert "Provisionally due" in text.en


def test_hours_name_the_minute() -> None:
    start = datetime(2026, 3, 2, 15, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    text = describe(due_on(start, Limit(24, "h"), CALENDAR), ACCEPTED)
    assert text.zh.endswith("最晚 2026年3月3日 15:30。")


def test_the_words_for_what_is_left() -> None:
    assert remaining_text(1, "wd", "running").zh == "剩 1 个工作日"
    assert remaining_text(1, "wd", "running").en == "1 working day left"
    assert remaining_text(0, "wd", "running").zh == "今天到期"
    assert remaining_text(-2, "d", "running").en == "2 calendar days overdue"
    assert remaining_text(5, "wd", "paused").zh == "暂停中"


def test_a_short_limit_is_drawn_day_by_day() -> None:
    cells = drawn(due_on(date(2026, 11, 19), Limit(2, "wd"), CALENDAR), date(2026, 11, 20))
    assert [c.kind for c in cells] == ["start", "counted", "off", "off", "due"]
    assert [c.has_today for c in cells] == [False, True, False, False, False]
    texts = [cell_texts(cell, ACCEPTED) for cell in cells]
    assert [t[2].zh for t in texts] == ["受理", "第1天", "不算", "不算", "第2天"]
    assert [t[0].zh for t in texts] == ["周四", "今天", "周六", "周日", "周一"]


def test_a_long_limit_is_drawn_in_runs_and_keeps_holidays_apart() -> None:
    cells = drawn(due_on(date(2026, 2, 6), Limit(45, "wd"), CALENDAR))
    assert len(cells) <= 12
    assert cells[0].kind == "start" and cells[-1].kind == "due"
    assert any(cell.name == ("春节", "Spring Festival") for cell in cells)


@given(
    start=st.dates(min_value=date(2024, 1, 1), max_value=date(2026, 12, 1)),
    value=st.integers(0, 250),
    unit=st.sampled_from(["wd", "d"]),
    pauses=st.lists(st.tuples(st.integers(1, 200), st.integers(0, 9)), max_size=6),
)
def test_the_drawing_has_at_most_twelve_cells_and_covers_every_day(
    start: date, value: int, unit: Unit, pauses: list[tuple[int, int]]
) -> None:
    intervals = [
        Interval(date.fromordinal(start.toordinal() + a), date.fromordinal(start.toordinal() + a + n))
        for a, n in pauses
    ]
    derivation = due_on(start, Limit(value, unit), CALENDAR, intervals)
    cells = drawn(derivation)
    assert len(cells) <= 12
    assert cells[0].first == derivation.days[0].on
    assert cells[-1].last == derivation.due_on
    for before, after in itertools.pairwise(cells):
        assert (after.first - before.last).days == 1
    assert describe(derivation).en and describe(derivation).zh


def test_a_pause_that_lasts_says_since_when_for_how_long_and_what_is_left() -> None:
    pause = Interval(date(2026, 3, 10), None, ("检测", "testing"), "澄卫特〔2026〕7号")
    assert pause_text(pause, 3, 1, "wd").zh == (
        "从3月10日起因检测停止计算（澄卫特〔2026〕7号），到今天停了 3 个工作日。接着算的时候还剩 1 个工作日。"
    )
    assert pause_text(pause, 3, 1, "wd").en == (
        "standing still since 10 March for testing, notice 澄卫特〔2026〕7号, 3 working days so far. "
        "1 working day is left when it runs again."
    )


def test_a_pause_over_a_weekend_counts_its_working_days() -> None:
    pause = Interval(date(2026, 3, 6), date(2026, 3, 10), ("检测", "testing"))
    derivation = due_on(date(2026, 3, 2), Limit(5, "wd"), CALENDAR, [pause])
    assert "3月6日至3月10日因检测暂停 3 个工作日，不算。" in describe(derivation).zh
    assert "Paused for 3 working days (6 March to 10 March) for testing." in describe(derivation).en


def test_what_ended_during_a_pause_says_so() -> None:
    pause = Interval(date(2026, 3, 6), None, ("检测", "testing"))
    derivation = due_on(date(2026, 3, 2), Limit(5, "wd"), CALENDAR, [pause])
    assert describe(derivation).zh.endswith("还没有恢复。恢复后还剩 2 个工作日。")
    assert describe(derivation, is_stopped=True).zh.endswith("到结束没有恢复。")
    assert describe(derivation, is_stopped=True).en.endswith("not resumed to the end.")
