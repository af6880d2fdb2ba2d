from django.apps import AppConfig


class ProcessesConfig(AppConfig):
    name = "tongban.kernel.processes"
    label = "processes"
    verbose_name = "BPMN definitions, token engine, tasks"
    published_tables = ("processes_definition",)

    def ready(self) -> None:
        from tongban.base import editables
        from tongban.base.models import Event
        from tongban.base.outbox import handler
        from tongban.kernel.calendars import service as calendars
        from tongban.kernel.calendars.events import CALENDAR_CHANGED
        from tongban.kernel.processes import gauges, packs, words
        from tongban.kernel.processes.editable import ProcessEditable
        from tongban.kernel.processes.operations.timers import follow_clocks, recompute_timers

        editables.register(ProcessEditable())
        words.register()
        packs.register()
        gauges.register()
        calendars.register_follower("processes.tasks", follow_clocks)

        @handler(CALENDAR_CHANGED, "processes.recompute_timers")
        def recompute(event: Event) -> None:
            moved = recompute_timers(at=event.created_at)
            calendars.note_timers(change_id=event.data["change"], moved=moved)
