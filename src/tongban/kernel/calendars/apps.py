from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    name = "tongban.kernel.calendars"
    label = "calendars"
    verbose_name = "Working days, limits, clocks"
    published_tables = ("calendars_calendarchange",)

    def ready(self) -> None:
        """Register verbs, the pack section, the gauges and the page."""
        from tongban.base.text import LocalizedText
        from tongban.design import navigation
        from tongban.kernel.calendars import (
            gauges,
            packs,  # noqa: F401 - registers its section
        )
        from tongban.kernel.ledger import service as ledger

        gauges.register()
        ledger.register_verb("calendars.import_year", LocalizedText("公布放假安排", "Holidays imported"))
        ledger.register_verb(
            "calendars.set_day", LocalizedText("改一天的放假安排", "One day of the calendar changed")
        )
        navigation.register_desk(
            navigation.NavEntry(
                key="calendar",
                group=LocalizedText("查阅", "Look up"),
                label=LocalizedText("工作日历", "Working calendar"),
                url_name="calendars:year",
                icon="calendar",
                order=75,
                count=gauges.count_missing,
            )
        )
        ledger.register_verb(
            "calendars.recompute", LocalizedText("时限重新计算", "Time limits worked out anew")
        )
