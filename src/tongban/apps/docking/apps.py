from django.apps import AppConfig


class DockingConfig(AppConfig):
    name = "tongban.apps.docking"
    label = "docking"
    verbose_name = "Exchange with upper platforms"

    def ready(self) -> None:
        """Register the page, the verbs, the purpose of providing data, the gauges and the pack section."""
        from tongban.apps.docking import wiring

        wiring.register()
