"""Notices of the State Council's General Office, in the wording of three years, against the published days."""

from __future__ import annotations

from datetime import date

import pytest

from tongban.kernel.calendars.notice import read
from tongban.kernel.calendars.packs import BUILTIN, read_days

NOTICES = {
    2024: """一、元旦：1月1日放假，与周末连休。
二、春节：2月10日至17日放假调休，共8天。2月4日（星期日）、2月18日（星期日）上班。鼓励各单位结合带薪年休假等制度落实，安排职工在除夕（2月9日）休息。
三、清明节：4月4日至6日放假调休，共3天。4月7日（星期日）上班。
四、劳动节：5月1日至5日放假调休，共5天。4月28日（星期日）、5月11日（星期六）上班。
五、端午节：6月10日放假，与周末连休。
六、中秋节：9月15日至17日放假调休，共3天。9月14日（星期六）上班。
七、国庆节：10月1日至7日放假调休，共7天。9月29日（星期日）、10月12日（星期六）上班。""",
    2025: """国务院办公厅关于2025年部分节假日安排的通知
一、元旦：1月1日（周三）放假1天，不调休。
二、春节：1月28日（农历除夕、周二）至2月4日（农历正月初七、周二）放假调休，共8天。1月26日（周日）、2月8日（周六）上班。
三、清明节：4月4日（周五）至6日（周日）放假，共3天。
四、劳动节：5月1日（周四）至5日（周一）放假调休，共5天。4月27日（周日）上班。
五、端午节：5月31日（周六）至6月2日（周一）放假，共3天。
六、国庆节、中秋节：10月1日（周三）至8日（周三）放假调休，共8天。9月28日（周日）、10月11日（周六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作。""",
    2026: """国务院办公厅关于2026年部分节假日安排的通知

    一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
    二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
    三、清明节：4月4日（周六）至6日（周一）放假，共3天。
    四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
    五、端午节：6月19日（周五）至21日（周日）放假，共3天。
    六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
    七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。""",
}


@pytest.mark.parametrize("year", NOTICES)
def test_the_notices_of_three_years_are_read_to_the_last_day(year: int) -> None:
    published = {
        day.day: (day.is_off, day.name.zh, day.name.en)
        for day in read_days(BUILTIN.csv(f"calendar/{year}.csv"))
    }
    reading = read(NOTICES[year], year)
    assert (reading.errors, reading.remarks) == ([], [])
    assert {found.day: (found.is_off, *found.name) for found in reading.days} == published


def test_a_table_is_read_like_a_notice() -> None:
    table = "date,kind,name_zh,name_en\n2027-01-01,off,元旦,\n2027-01-03,work,元旦,New Year's Day\n"
    reading = read(table, 2027)
    assert not reading.errors
    assert [(found.day, found.is_off, found.name[1]) for found in reading.days] == [
        (date(2027, 1, 1), True, "New Year's Day"),
        (date(2027, 1, 3), False, "New Year's Day"),
    ]


def test_a_notice_may_begin_in_the_december_before() -> None:
    for text in (
        "一、元旦：2022年12月31日至2023年1月2日放假调休，共3天。",
        "一、元旦：12月31日（周六）至1月2日（周一）放假，共3天。",
    ):
        reading = read(text, 2023)
        assert not reading.errors
        assert [found.day for found in reading.days] == [
            date(2022, 12, 31),
            date(2023, 1, 1),
            date(2023, 1, 2),
        ]


def test_full_width_figures_are_read_too() -> None:
    reading = read("一、元旦：１月１日（周四）至３日（周六）放假调休，共３天。", 2026)
    assert not reading.errors
    assert [found.day.day for found in reading.days] == [1, 2, 3]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("一、元旦：1月1日（周五）放假1天。", "是周四，不是周五"),
        ("一、元旦：1月1日（周四）至3日（周六）放假调休，共4天。", "数出来是3天"),
        ("一、春节：2月30日放假1天。", "不是一个日期"),
        ("一、国庆节：10月7日至1日放假。", "起止日期不对"),
        ("国务院办公厅关于2025年部分节假日安排的通知\n一、元旦：1月1日放假。", "是2025年的通知"),
        ("今天天气很好。", "没有认出"),
        ("date,kind,name_zh\n明天,off,元旦", "第 2 行看不懂"),
    ],
)
def test_what_contradicts_itself_is_named_and_not_taken(text: str, words: str) -> None:
    assert any(words in zh for zh, _ in read(text, 2026).errors)


def test_a_holiday_that_is_missing_is_remarked() -> None:
    reading = read("\n".join(NOTICES[2026].splitlines()[:6]), 2026)
    assert not reading.errors
    assert reading.remarks[0][0] == "没有找到：端午节、中秋节、国庆节"
