"""The door of the hall: book, move and cancel; the day; numbers; hours."""

from tongban.apps.hall.operations.book import book, cancel, find_service, reschedule
from tongban.apps.hall.operations.day import close_days, mark, move_displaced, remind
from tongban.apps.hall.operations.hours import (
    find_point,
    put_point,
    put_up_kiosk,
    set_day,
    set_hours,
    take_down_kiosk,
    usual_day,
)
from tongban.apps.hall.operations.queue import (
    bring_back,
    call_next,
    check_in,
    finish,
    recall,
    receive,
    skip,
    take_number,
)
from tongban.apps.hall.queries import appointment_of_case, day_page, queue_of
from tongban.apps.hall.schedule import offered

__all__ = [
    "appointment_of_case",
    "book",
    "bring_back",
    "call_next",
    "cancel",
    "check_in",
    "close_days",
    "day_page",
    "find_point",
    "find_service",
    "finish",
    "mark",
    "move_displaced",
    "offered",
    "put_point",
    "put_up_kiosk",
    "queue_of",
    "recall",
    "receive",
    "remind",
    "reschedule",
    "set_day",
    "set_hours",
    "skip",
    "take_down_kiosk",
    "take_number",
    "usual_day",
]
