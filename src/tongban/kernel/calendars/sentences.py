"""The words for dates and clocks, in Chinese and English. Composed here and nowhere else: views only print
them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from tongban.base.text import LocalizedText
from tongban.kernel.calendars.rules import Cell, Day, Derivation, Interval, Limit

__all__ = [
    "cell_texts",
    "day_text",
    "describe",
    "limit_text",
    "pause_text",
    "remaining_text",
    "short_day_text",
]

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS_ZH = "一二三四五六日"
WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
UNITS = {
    "wd": (LocalizedText("个工作日"), "working day"),
    "d": (LocalizedText("天"), "calendar day"),
    "h": (LocalizedText("小时"), "hour"),
}
START = LocalizedText(zh="开始", en="start")
START_EVENTS = {
    "submitted": LocalizedText(zh="提交", en="submission"),
    "received": LocalizedText(zh="收到", en="receipt"),
    "accepted": LocalizedText(zh="受理", en="acceptance"),
    "corrected": LocalizedText(zh="补正", en="correction"),
    "decided": LocalizedText(zh="作出决定", en="decision"),
    "assigned": LocalizedText(zh="转办", en="assignment"),
    "returned": LocalizedText(zh="退回", en="return"),
}
"""Words for the usual start events, so that callers may give a key."""


def start_event_text(event: LocalizedText | str) -> LocalizedText:
    """Return the words of a start event: of its key, of the text given, or simply "start"."""
    if isinstance(event, str) and event in START_EVENTS:
        return START_EVENTS[event]
    return LocalizedText.of(event) or START


def limit_text(limit: Limit) -> LocalizedText:
    """Return "20 个工作日" and "20 working days"."""
    return amount_text(limit.value, limit.unit)


def amount_text(value: int, unit: str) -> LocalizedText:
    """Return a number with its unit."""
    zh, en = UNITS[unit]
    return LocalizedText(zh=f"{value} {zh.zh}", en=f"{value} {en}{'' if value == 1 else 's'}")


def day_text(day: date, *, year: bool = True, weekday: bool = False) -> LocalizedText:
    """Return "2026年3月12日（星期四）" and "Thursday 12 March 2026"; no zero padding (GB/T 9704)."""
    zh = f"{f'{day.year}年' if year else ''}{day.month}月{day.day}日"
    en = f"{day.day} {MONTHS[day.month - 1]}{f' {day.year}' if year else ''}"
    if weekday:
        zh, en = f"{zh}（星期{WEEKDAYS_ZH[day.weekday()]}）", f"{WEEKDAYS_EN[day.weekday()]} {en}"
    return LocalizedText(zh=zh, en=en)


def short_day_text(day: date) -> LocalizedText:
    """Return "3月12日 周四" and "Thu 12 Mar": what stands large beside the sentence, which names the year."""
    return LocalizedText(
        zh=f"{day.month}月{day.day}日 周{WEEKDAYS_ZH[day.weekday()]}",
        en=f"{WEEKDAYS_EN[day.weekday()][:3]} {day.day} {MONTHS[day.month - 1][:3]}",
    )


def _moment_text(moment: datetime) -> LocalizedText:
    day = day_text(moment.date())
    return LocalizedText(zh=f"{day.zh} {moment:%H:%M}", en=f"{moment:%H:%M} on {day.en}")


def describe(
    derivation: Derivation, start_event: LocalizedText = START, *, is_stopped: bool = False
) -> LocalizedText:
    """Say in a few sentences how the due date came about: start, limit, holidays, make-up days, pauses,
    end. ``is_stopped``: the clock has ended, so nothing resumes it any more.
    """
    parts = [_beginning(derivation, start_event), *_exceptions(derivation, is_stopped)]
    if derivation.due_on is not None or not is_stopped:
        parts.append(_end(derivation))
    return LocalizedText(zh="".join(part.zh for part in parts), en=" ".join(part.en for part in parts))


def _beginning(derivation: Derivation, start_event: LocalizedText) -> LocalizedText:
    limit, start = limit_text(derivation.limit), day_text(derivation.start)
    event_zh, event_en = start_event.zh, start_event.in_language("en")
    if derivation.limit.unit == "h":
        return LocalizedText(
            zh=f"{start.zh}{event_zh}，从那一刻起算 {limit.zh}。",
            en=f"{limit.en} from the moment itself ({event_en}, {start.en}).",
        )
    if derivation.limit.value == 0:
        return LocalizedText(
            zh=f"{start.zh}{event_zh}，当天办结；当天不是工作日的，顺延到下一个工作日。",
            en=f"To be done on the day itself ({event_en}, {start.en}), or on the next working day.",
        )
    return LocalizedText(
        zh=f"{start.zh}{event_zh}，当天不算，从第二天起数 {limit.zh}。",
        en=f"{limit.en} from {start.en} ({event_en}); that day does not count.",
    )


def _exceptions(derivation: Derivation, is_stopped: bool) -> Iterable[LocalizedText]:
    for extension in derivation.extensions:
        more, why = limit_text(extension.limit), LocalizedText(*extension.reason)
        paper_zh, paper_en = _paper(extension.paper)
        yield LocalizedText(
            zh=f"延长 {more.zh}{f'（{why.zh}）' if why else ''}{paper_zh}。",
            en=f"Extended by {more.en}{f' ({_en(why)})' if why else ''}{paper_en}.",
        )
    if derivation.limit.unit == "h":
        return
    holidays = [day for day in derivation.days if day.kind == "off" and day.name[0]]
    if holidays:
        spans = _spans(holidays)
        yield LocalizedText(
            zh="；".join(f"{_span(s).zh}{LocalizedText(*s[0].name).zh}放假" for s in spans)
            + ("，不算。" if derivation.limit.unit == "wd" else "，最后一天不能落在假日。"),
            en=f"{_join([f'{_span(s).en} ({_en(LocalizedText(*s[0].name))})' for s in spans])} "
            + ("are days off and do not count." if derivation.limit.unit == "wd" else "are days off."),
        )
    makeup = [day for day in derivation.days if day.kind == "makeup"]
    if makeup and derivation.limit.unit == "wd":
        one = len(makeup) == 1
        yield LocalizedText(
            zh=f"{'、'.join(day_text(day.on, year=False).zh for day in makeup)}调休上班，要算。",
            en=f"{_join([day_text(day.on, year=False).en for day in makeup])} "
            + ("is a make-up working day and counts." if one else "are make-up working days and count."),
        )
    for pause in derivation.pauses:
        yield _pause(pause, derivation, is_stopped)


def pause_text(pause: Interval, lasted: int, left: int, unit: str) -> LocalizedText:
    """Say of a pause that lasts since when and why, by which notice, how long so far, and what is left afterwards."""
    why, (paper_zh, paper_en) = LocalizedText(*pause.reason), _paper(pause.paper)
    since, rest = day_text(pause.start, year=False), amount_text(left, unit)
    so_far = amount_text(lasted, unit)
    return LocalizedText(
        zh=f"从{since.zh}起{f'因{why.zh}' if why else ''}停止计算{paper_zh}，"
        f"到今天停了 {so_far.zh}。接着算的时候还剩 {rest.zh}。",
        en=f"standing still since {since.en}{f' for {_en(why)}' if why else ''}{paper_en}, "
        f"{so_far.en} so far. {rest.en} {'is' if left == 1 else 'are'} left when it runs again.",
    )


def _pause(pause: Interval, derivation: Derivation, is_stopped: bool) -> LocalizedText:
    why, (paper_zh, paper_en) = LocalizedText(*pause.reason), _paper(pause.paper)
    for_zh, for_en = (f"因{why.zh}", f" for {_en(why)}") if why else ("", "")
    if pause.end is None:
        since = day_text(pause.start, year=False)
        end_zh, end_en = (
            ("到结束没有恢复", "not resumed to the end") if is_stopped else ("还没有恢复", "not resumed yet")
        )
        return LocalizedText(
            zh=f"{since.zh}起{for_zh}暂停{paper_zh}，{end_zh}。",
            en=f"Paused since {since.en}{for_en}{paper_en}; {end_en}.",
        )
    skipped = sum(1 for day in derivation.days if day.kind == "paused" and pause.holds(day.on))
    if not skipped:
        return LocalizedText(
            zh=f"{for_zh}暂停当天就恢复{paper_zh}。",
            en=f"Paused{for_en} and resumed on the same day{paper_en}.",
        )
    first, last = day_text(pause.start, year=False), day_text(pause.end, year=False)
    span_zh = first.zh if pause.start == pause.end else f"{first.zh}至{last.zh}"
    span_en = first.en if pause.start == pause.end else f"{first.en} to {last.en}"
    if pause.working is None:
        amount = LocalizedText(zh=f"{skipped} 天", en="1 day" if skipped == 1 else f"{skipped} days")
    else:
        amount = amount_text(pause.working, "wd")
    return LocalizedText(
        zh=f"{span_zh}{for_zh}暂停 {amount.zh}{paper_zh}，不算。",
        en=f"Paused for {amount.en} ({span_en}){for_en}{paper_en}.",
    )


def _end(derivation: Derivation) -> LocalizedText:
    if derivation.due_on is None:
        n = derivation.total - derivation.counted
        left, are = amount_text(n, derivation.limit.unit), "is" if n == 1 else "are"
        return LocalizedText(zh=f"恢复后还剩 {left.zh}。", en=f"{left.en} {are} left when it resumes.")
    if derivation.due_at is not None:
        moment = _moment_text(derivation.due_at)
        return LocalizedText(zh=f"最晚 {moment.zh}。", en=f"Due at {moment.en}.")
    due = day_text(derivation.due_on, weekday=True)
    if not derivation.provisional or derivation.known_until is None:
        return LocalizedText(zh=f"最晚 {due.zh}。", en=f"Due on {due.en}.")
    year = derivation.known_until.year + 1
    return LocalizedText(
        zh=f"暂定最晚 {due.zh}：{year}年的放假安排还没有公布，公布后重新计算。",
        en=f"Provisionally due on {due.en}: the holidays of {year} are not published yet; "
        "the date is worked out again when they are.",
    )


def remaining_text(left: int, unit: str, state: str) -> LocalizedText:
    """Return "剩 3 个工作日", "今天到期", "超期 1 个工作日", "暂停中", "已办"."""
    if state == "paused":
        return LocalizedText(zh="暂停中", en="paused")
    if state == "stopped":
        return LocalizedText(zh="已停", en="stopped")
    if left == 0:
        return LocalizedText(zh="今天到期", en="due today")
    amount = amount_text(abs(left), "d" if unit == "h" else unit)
    if left < 0:
        return LocalizedText(zh=f"超期 {amount.zh}", en=f"{amount.en} overdue")
    return LocalizedText(zh=f"剩 {amount.zh}", en=f"{amount.en} left")


def cell_texts(
    cell: Cell, start_event: LocalizedText = START
) -> tuple[LocalizedText, LocalizedText, LocalizedText]:
    """Return what stands in a drawn cell: small line above (weekday), figure (day or days), word below."""
    return _above(cell), _figure(cell), _below(cell, start_event)


def _above(cell: Cell) -> LocalizedText:
    if cell.has_today and (cell.kind != "paused" or cell.first == cell.last):
        return LocalizedText(zh="今天", en="today")
    if cell.first == cell.last:
        day = cell.first.weekday()
        return LocalizedText(zh=f"周{WEEKDAYS_ZH[day]}", en=WEEKDAYS_EN[day][:3])
    return LocalizedText(zh=f"{cell.first.month}月", en=MONTHS[cell.first.month - 1][:3])


def _figure(cell: Cell) -> LocalizedText:
    if cell.first == cell.last:
        return LocalizedText(
            zh=f"{cell.first.month}/{cell.first.day}", en=f"{cell.first.month}/{cell.first.day}"
        )
    if cell.first.month == cell.last.month:
        text = f"{cell.first.day}–{cell.last.day}"
    else:
        text = f"{cell.first.month}/{cell.first.day}–{cell.last.month}/{cell.last.day}"
    return LocalizedText(zh=text, en=text)


def _below(cell: Cell, start_event: LocalizedText) -> LocalizedText:
    if cell.kind == "start":
        return start_event
    if cell.kind == "paused":
        if cell.has_today and cell.first != cell.last:
            return LocalizedText(zh="停到今天", en="paused so far")
        return LocalizedText(zh="暂停", en="paused")
    if cell.kind == "off":
        return LocalizedText(zh=cell.name[0] or "不算", en=cell.name[1] or "off")
    if cell.first_number is None or cell.last_number == 0:
        return (
            LocalizedText(zh="到期", en="due") if cell.kind == "due" else LocalizedText(zh="在算", en="runs")
        )
    if cell.first_number == cell.last_number:
        word = LocalizedText(zh=f"第{cell.last_number}天", en=f"day {cell.last_number}")
    else:
        word = LocalizedText(
            zh=f"第{cell.first_number}–{cell.last_number}天",
            en=f"days {cell.first_number}–{cell.last_number}",
        )
    return word


def _spans(days: Sequence[Day]) -> list[list[Day]]:
    """Group days that follow one another and have one name."""
    spans: list[list[Day]] = []
    for day in days:
        if spans and (day.on - spans[-1][-1].on).days == 1 and day.name == spans[-1][-1].name:
            spans[-1].append(day)
        else:
            spans.append([day])
    return spans


def _span(days: Sequence[Day]) -> LocalizedText:
    first, last = days[0].on, days[-1].on
    if first == last:
        return day_text(first, year=False)
    if first.month == last.month:
        return LocalizedText(
            zh=f"{first.month}月{first.day}日至{last.day}日",
            en=f"{first.day}–{last.day} {MONTHS[last.month - 1]}",
        )
    one, two = day_text(first, year=False), day_text(last, year=False)
    return LocalizedText(zh=f"{one.zh}至{two.zh}", en=f"{one.en}–{two.en}")


def _paper(number: str) -> tuple[str, str]:
    return (f"（{number}）", f", notice {number}") if number else ("", "")


def _en(text: LocalizedText) -> str:
    return text.in_language("en")


def _join(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
