"""What the hall refuses."""

from __future__ import annotations

from tongban.base.errors import Conflict, Forbidden, Invalid, NotFound
from tongban.base.text import LocalizedText

__all__ = [
    "AlreadyBooked",
    "AppointmentNotFound",
    "AppointmentState",
    "Barred",
    "CheckInRefused",
    "HoursInvalid",
    "NotAHallMachine",
    "NotYours",
    "PersonNeeded",
    "PlaceNotFound",
    "QueueClosed",
    "SlotFull",
    "SlotNotOffered",
    "TicketState",
    "TooLate",
]


class PlaceNotFound(NotFound):
    """There is no such hall, service or window, or not for this actor."""

    code = "hall-place-not-found"
    title = LocalizedText(zh="没有这个大厅、事项或者窗口", en="There is no such hall, service or window")


class AppointmentNotFound(NotFound):
    """There is no such appointment, or it is somebody else's."""

    code = "hall-appointment-not-found"
    title = LocalizedText(zh="没有找到这个预约", en="This appointment was not found")


class PersonNeeded(Forbidden):
    """Only a person who has signed in as themselves books or takes a number on line."""

    code = "hall-person-needed"
    title = LocalizedText(zh="请用个人账号登录后再约", en="Please sign in with a personal account")


class SlotNotOffered(Conflict):
    """The hall does not offer this time: closed, over, too far ahead, or not a beginning."""

    code = "hall-slot-not-offered"
    title = LocalizedText(
        zh="这个时间不能约，请选别的时间", en="This time is not offered; please choose another"
    )


class SlotFull(Conflict):
    """The last place went to somebody else."""

    code = "hall-slot-full"
    title = LocalizedText(
        zh="这个时间刚刚约满了，请选别的时间", en="This time has just been taken; please choose another"
    )


class AlreadyBooked(Conflict):
    """The person has an open appointment for this service. It can be moved instead."""

    code = "hall-already-booked"
    title = LocalizedText(
        zh="这件事您已经约过了，可以改时间", en="You already have an appointment for this; you can move it"
    )


class Barred(Conflict):
    """The person did not come too often. ``data["until"]`` is the last day."""

    code = "hall-barred"
    title = LocalizedText(
        zh="约了没来的次数太多，暂时不能在网上约，可以直接来大厅取号",
        en="Too many appointments were missed; booking is closed for now. You can come and take a number",
    )


class TooLate(Conflict):
    """The limit for moving or cancelling is over."""

    code = "hall-too-late"
    title = LocalizedText(
        zh="离约好的时间太近，不能再改了，请打大厅电话",
        en="It is too late to change this; please call the hall",
    )


class AppointmentState(Conflict):
    """In this state the appointment cannot be treated like that."""

    code = "hall-appointment-state"
    title = LocalizedText(zh="这个预约现在不能这样处理", en="This cannot be done with the appointment now")


class CheckInRefused(Conflict):
    """No appointment of today at this hall has this code, or it is not the time yet."""

    code = "hall-check-in"
    title = LocalizedText(
        zh="没有找到今天在这里的预约，或者还没到签到时间",
        en="There is no appointment here today with this code, or it is too early to check in",
    )


class QueueClosed(Conflict):
    """The hall gives out no numbers now."""

    code = "hall-queue-closed"
    title = LocalizedText(zh="现在不在取号时间", en="No numbers are given out now")


class NotAHallMachine(Forbidden):
    """Numbers without signing in are given out by the machines in the hall only."""

    code = "hall-not-a-machine"
    title = LocalizedText(
        zh="不登录取号，只能在大厅的自助机上。您可以登录后在网上取号",
        en="Without signing in, numbers come from the machines in the hall. You can sign in and take one on line",
    )


class TicketState(Conflict):
    """In this state the number cannot be treated like that."""

    code = "hall-ticket-state"
    title = LocalizedText(zh="这个号现在不能这样处理", en="This cannot be done with the number now")


class NotYours(Forbidden):
    """The actor's post has nothing to do with this window or hall."""

    code = "hall-not-yours"
    title = LocalizedText(zh="这不是您的窗口或者大厅", en="This window or hall is not yours")


class HoursInvalid(Invalid):
    """The hours cannot be like that. ``data["errors"]`` says why."""

    code = "hall-hours-invalid"
    title = LocalizedText(zh="时间要改一下", en="The hours need correcting")
