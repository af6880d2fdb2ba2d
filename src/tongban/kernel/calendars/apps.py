from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    name = "tongban.kernel.calendars"
    label = "calendars"
    verbose_name = "Working days, limits, clocks"
    published_tables = ("calendars_calendarchange",)

    def ready(self) -> None:
        """Register verbs and the pack section."""
        from tongban.base.text import LocalizedText
        from tongban.kernel.calendars import (
            gauges,
            packs,  # noqa: F401 - registers its section
        )
        from tongban.kernel.ledger import service as ledger

        gauges.register()
        ledger.register_verb("calendars.import_year", LocalizedText("公布放假安排", "Holidays imported"))
        ledger.register_verb(
            "calendars.recompute", LocalizedText("时限重新计算", "Time limits worked out anew")
        )
