from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "tongban.base"
    label = "base"

    def ready(self) -> None:
        """Register the gauges of the queue and the outbox."""
        from tongban.base import gauges

        gauges.register()
