from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    name = "tongban.kernel.calendars"
    label = "calendars"
    verbose_name = "Working days, limits, clocks"
