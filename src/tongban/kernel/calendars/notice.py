"""Reading the yearly notice of the State Council's General Office on holidays. Pure: text in, days and doubts out.

The notice says it in sentences of one pattern for many years: "二、春节：2月15日（周日）至23日（周一）放假调休，共9天。
2月14日（周六）、2月28日（周六）上班。" Every day is compared with what the sentence itself says about it (weekday, number of
days), so a slip of the pen or of the clipboard is found before any time limit moves.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

__all__ = ["HOLIDAYS", "FoundDay", "Reading", "read"]

HOLIDAYS = {
    "元旦": "New Year's Day",
    "春节": "Spring Festival",
    "清明节": "Qingming Festival",
    "劳动节": "Labour Day",
    "端午节": "Dragon Boat Festival",
    "中秋节": "Mid-Autumn Festival",
    "国庆节": "National Day",
}
WEEKDAYS = "一二三四五六日"
KINDS = {
    "off": True,
    "放假": True,
    "休": True,
    "1": True,
    "work": False,
    "上班": False,
    "班": False,
    "0": False,
}
WIDE = str.maketrans("０１２３４５６７８９，：（）", "0123456789,:()")
ITEM = re.compile(r"[一二三四五六七八九十]{1,2}、([^：:。；\n]{2,14})[：:]")
DAY = re.compile(r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日(?:\(([^)]*)\))?")
RANGE = re.compile(r"^(?:至|到|[-—–~～])$")
COUNT = re.compile(r"(?:共|放假)(\d{1,2})天")
TITLE = re.compile(r"(?:关于)?(\d{4})年(?:部分)?(?:节假日|放假)")
ONE_DAY = timedelta(days=1)
LONGEST = 20
Words = tuple[str, str]


@dataclass(frozen=True, slots=True)
class FoundDay:
    """One day that the text speaks of, with the sentence that says so."""

    day: date
    is_off: bool
    name: Words
    sentence: str


@dataclass(slots=True)
class Reading:
    """What a text says. With ``errors`` it cannot be taken; ``remarks`` are for the reader to look at."""

    days: list[FoundDay] = field(default_factory=list)
    errors: list[Words] = field(default_factory=list)
    remarks: list[Words] = field(default_factory=list)


def read(text: str, year: int) -> Reading:
    """Read the text of a notice, or a table with the columns date, kind, name_zh, name_en."""
    text = text.strip().lstrip("\ufeff")
    reading = Reading()
    if re.match(r"(?:date|日期)\s*[,，\t]", text):
        _table(text, reading)
    else:
        _sentences(text, year, reading)
    reading.days.sort(key=lambda found: found.day)
    if not reading.days and not reading.errors:
        reading.errors.append(
            (
                "没有认出放假安排，请粘贴通知正文或者表格",
                "No holidays were recognised; paste the notice or a table",
            )
        )
    return reading


def _sentences(text: str, year: int, reading: Reading) -> None:
    text = re.sub(r"[ \t\u3000\u00a0]+", "", text.translate(WIDE))
    named = TITLE.search(text)
    if named is not None and int(named[1]) != year:
        reading.errors.append(
            (f"这是{named[1]}年的通知，不是{year}年的", f"This is the notice of {named[1]}, not of {year}")
        )
    items = list(ITEM.finditer(text))
    ends = [*(following.start() for following in items[1:]), len(text)]
    for item, end in zip(items, ends, strict=False):
        body = text[item.end() : end]
        name = item[1]
        english = [HOLIDAYS.get(part, "") for part in name.split("、")]
        words = (name, " and ".join(english) if all(english) else "")
        for sentence in re.split(r"[。；;\n]", body):
            _sentence(sentence, words, year, reading)
    seen = "".join(found.name[0] for found in reading.days if found.is_off)
    missing = [holiday for holiday in HOLIDAYS if holiday not in seen]
    if missing and reading.days:
        reading.remarks.append(
            (
                f"没有找到：{'、'.join(missing)}",
                f"Not found: {', '.join(HOLIDAYS[holiday] for holiday in missing)}",
            )
        )


def _sentence(sentence: str, name: Words, year: int, reading: Reading) -> None:
    """A sentence gives days off, gives make-up days, or says something else (鼓励…, 高速公路…), which is left out."""
    if sentence.startswith("鼓励") or not DAY.search(sentence):
        return
    before, off, after = sentence.partition("放假")
    if not off:
        before, work, _ = sentence.partition("上班")
        if not work:
            return
    is_off = bool(off)
    of = year - 1 if "元旦" in name[0] and re.match(r"12月", before) else year
    days = list(_days(before, of, sentence, reading))
    count = COUNT.search(off + after)
    if is_off and count is not None and int(count[1]) != len(days):
        reading.errors.append(
            (
                f"“{sentence}”写共{count[1]}天，数出来是{len(days)}天",
                f"{sentence!r} says {count[1]} days but names {len(days)}",
            )
        )
    reading.days += [FoundDay(day, is_off, name, sentence) for day in days]


def _days(text: str, year: int, sentence: str, reading: Reading) -> Iterator[date]:
    """Yield the days of a list in which two days with 至 between them are a span; month and year are said once."""
    last: date | None = None
    end_of_last = 0
    for match in DAY.finditer(text):
        day = _day(match, year, last, reading, sentence)
        if day is None:
            last = None
            continue
        is_span = last is not None and RANGE.match(text[end_of_last : match.start()]) is not None
        if is_span and last is not None:
            if not ONE_DAY <= day - last <= ONE_DAY * LONGEST:
                reading.errors.append((f"“{sentence}”的起止日期不对", f"The span in {sentence!r} is wrong"))
                return
            yield from (last + ONE_DAY * n for n in range(1, (day - last).days + 1))
        else:
            yield day
        last, end_of_last = day, match.end()


def _day(match: re.Match[str], year: int, last: date | None, reading: Reading, sentence: str) -> date | None:
    month = int(match[2]) if match[2] else last.month if last else 0
    if match[1]:
        of = int(match[1])
    elif last is None:
        of = year
    else:
        of = last.year + 1 if month < last.month else last.year
    try:
        day = date(of, month, int(match[3]))
    except ValueError:
        reading.errors.append((f"“{match[0]}”不是一个日期", f"{match[0]!r} is not a date"))
        return None
    said = re.search(r"(?:周|星期)([一二三四五六日天])", match[4] or "")
    if said and WEEKDAYS.index(said[1].replace("天", "日")) != day.weekday():
        reading.errors.append(
            (
                f"{day.month}月{day.day}日是周{WEEKDAYS[day.weekday()]}，不是周{said[1]}",
                f"{day} is not the weekday that {match[0]!r} says",
            )
        )
    return day


def _table(text: str, reading: Reading) -> None:
    delimiter = "\t" if "\t" in text.splitlines()[0] else ","
    for number, row in enumerate(csv.reader(text.splitlines(), delimiter=delimiter), start=1):
        if number == 1 or not any(cell.strip() for cell in row):
            continue
        cells = [cell.strip() for cell in row] + [""] * 4
        try:
            day, is_off = date.fromisoformat(cells[0]), KINDS[cells[1]]
        except (ValueError, KeyError):
            reading.errors.append(
                (
                    f"第 {number} 行看不懂：{','.join(row)}",
                    f"Line {number} is not understood: {','.join(row)}",
                )
            )
            continue
        reading.days.append(
            FoundDay(day, is_off, (cells[2], cells[3] or HOLIDAYS.get(cells[2], "")), ",".join(row))
        )
        if not cells[2]:
            reading.errors.append((f"第 {number} 行没有名称", f"Line {number} has no name"))
