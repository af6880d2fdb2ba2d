"""The words of the hall: states, messages, moments."""

from __future__ import annotations

from datetime import date, datetime

from tongban.apps.hall import rules
from tongban.base.text import LocalizedText as T
from tongban.base.time import LOCAL

__all__ = ["MESSAGES", "STATES", "TICKETS", "WEEKDAYS", "day_text", "moment_text"]

STATES: dict[str, tuple[T, str, str]] = {
    rules.BOOKED: (T("已约好", "Booked"), "blue", "calendar"),
    rules.ARRIVED: (T("已到", "Arrived"), "green", "check"),
    rules.DONE: (T("已办", "Done"), "green", "check-c"),
    rules.MISSED: (T("约了没来", "Did not come"), "red-soft", "close"),
    rules.CANCELLED: (T("已取消", "Cancelled"), "", "close"),
    rules.LAPSED: (T("当天没有登记", "Not recorded"), "", "info"),
}
"""Label, colour of the tag, icon."""

TICKETS: dict[str, tuple[T, str, str]] = {
    rules.WAITING: (T("等候", "Waiting"), "blue", "clock"),
    rules.CALLED: (T("正在叫号", "Called"), "amber", "bell"),
    rules.SKIPPED: (T("过号", "Passed over"), "", "close"),
    rules.DONE: (T("已办", "Done"), "green", "check"),
}

WEEKDAYS = (
    T("星期一", "Monday"),
    T("星期二", "Tuesday"),
    T("星期三", "Wednesday"),
    T("星期四", "Thursday"),
    T("星期五", "Friday"),
    T("星期六", "Saturday"),
    T("星期日", "Sunday"),
)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

MESSAGES = {
    "hall.booked": (
        T("约好了：{when} {service}", "Booked: {service}, {when}"),
        T(
            "您约了 {when} 到{point}办“{service}”。地点：{place}。签到码 {code}，到了在自助机上输入。"
            "{bring}来不了请提前改时间或者取消。",
            "You are expected on {when} at {point} for “{service}”. Place: {place}. Code {code}, to be typed in at the kiosk. "
            "{bring} If you cannot come, please move or cancel it in time.",
        ),
    ),
    "hall.moved": (
        T("已改到 {when}：{service}", "Moved to {when}: {service}"),
        T(
            "“{service}”改到 {when}，地点不变：{place}。签到码还是 {code}。",
            "“{service}” was moved to {when}, at the same place: {place}. The code is still {code}.",
        ),
    ),
    "hall.cancelled": (
        T("已取消预约：{service}", "Cancelled: {service}"),
        T(
            "{when}的“{service}”已经取消，可以随时再约。",
            "“{service}” on {when} was cancelled. You can book again at any time.",
        ),
    ),
    "hall.reminder": (
        T("提醒：{when} {service}", "Reminder: {service}, {when}"),
        T(
            "您约了 {when} 到{point}办“{service}”。地点：{place}。签到码 {code}。{bring}",
            "You are expected on {when} at {point} for “{service}”. Place: {place}. Code {code}. {bring}",
        ),
    ),
    "hall.offered": (
        T("您的预约要改时间：{service}", "Your appointment has to move: {service}"),
        T(
            "{point}原定的 {before} 不开放（{reason}），实在抱歉。已经替您留了 {when}，签到码还是 {code}。"
            "这个时间不合适，可以在开始以前改时间或者取消。",
            "{point} will not be open on {before} ({reason}); we are sorry. We have kept {when} for you, with the same "
            "code {code}. If that does not suit you, move or cancel it before it begins.",
        ),
    ),
    "hall.closed": (
        T("您的预约取消了：{service}", "Your appointment was cancelled: {service}"),
        T(
            "{point}原定的 {when} 不开放（{reason}），最近又没有空的时间，只好取消，实在抱歉。请另选时间，或者打 {phone}。",
            "{point} will not be open on {when} ({reason}) and has no free time soon, so it had to be cancelled; we are sorry. "
            "Please choose another time or call {phone}.",
        ),
    ),
}


def day_text(day: date) -> T:
    """Return a day in words: 6月3日 星期三."""
    name = WEEKDAYS[day.weekday()]
    return T(f"{day.month}月{day.day}日 {name.zh}", f"{name.en[:3]} {day.day} {MONTHS[day.month - 1]}")


def moment_text(at: datetime) -> T:
    """Return a moment in words: 6月3日 星期三 9:00."""
    local = at.astimezone(LOCAL)
    day, hour = day_text(local.date()), f"{local.hour}:{local.minute:02d}"
    return T(f"{day.zh} {hour}", f"{day.en}, {hour}")
