"""Addresses of the hall."""

from django.urls import path

from tongban.apps.hall.views import citizen, kiosk, manage, queue, staff

app_name = "hall"
urlpatterns = [
    path("appointments/", citizen.home, name="appointments"),
    path("appointments/mine/<uuid:appointment_id>/", citizen.show, name="mine"),
    path("appointments/mine/<uuid:appointment_id>/move/", citizen.move, name="move"),
    path("appointments/mine/<uuid:appointment_id>/cancel/", citizen.cancel, name="cancel"),
    path("appointments/mine/<uuid:appointment_id>/calendar.ics", citizen.calendar, name="calendar"),
    path("appointments/case/<slug:number>/", citizen.for_case, name="for-case"),
    path("appointments/item/<slug:item>/", citizen.for_item, name="for-item"),
    path("appointments/<slug:point>/<slug:service>/", citizen.choose, name="choose"),
    path("queue/<slug:point>/", queue.take, name="take"),
    path("queue/number/<uuid:ticket_id>/", queue.number, name="number"),
    path("hall/<slug:point>/screen/", queue.screen, name="screen"),
    path("hall/<slug:point>/screen/now/", queue.screen_now, name="screen-now"),
    path("kiosk/", kiosk.choose, name="kiosks"),
    path("kiosk/<slug:point>/", kiosk.start, name="kiosk"),
    path("kiosk/<slug:point>/items/", kiosk.items, name="kiosk-items"),
    path("kiosk/<slug:point>/items/<slug:item>/", kiosk.item, name="kiosk-item"),
    path("kiosk/<slug:point>/progress/", kiosk.progress, name="kiosk-progress"),
    path("kiosk/<slug:point>/number/", kiosk.number, name="kiosk-number"),
    path("kiosk/<slug:point>/arrive/", kiosk.arrive, name="kiosk-arrive"),
    path("kiosk/<slug:point>/end/", kiosk.end, name="kiosk-end"),
    path("desk/appointments/", staff.day, name="day"),
    path("desk/appointments/<uuid:appointment_id>/<slug:act>/", staff.mark, name="mark"),
    path("desk/queue/", staff.queue, name="queue"),
    path("desk/queue/<int:window_id>/", staff.window, name="window"),
    path("desk/queue/<int:window_id>/<slug:act>/", staff.act, name="call"),
    path("desk/halls/", manage.home, name="manage"),
    path("desk/halls/<slug:point>/", manage.hours, name="hours"),
    path("desk/halls/<slug:point>/days/", manage.odd_day, name="odd-day"),
    path("desk/halls/<slug:point>/usual/", manage.usual, name="usual"),
    path("desk/halls/<slug:point>/kiosks/", manage.kiosk, name="kiosk-put-up"),
    path("desk/halls/<slug:point>/kiosks/<int:kiosk_id>/", manage.kiosk_end, name="kiosk-take-down"),
]
