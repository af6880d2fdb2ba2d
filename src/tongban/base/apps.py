from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "tongban.base"
    label = "base"

    def ready(self) -> None:
        """Register the gauges of the queue and the outbox, the reader of moments, and what happens after a migration."""
        from django.db.models.signals import post_migrate

        from tongban.base import builtin, gauges, moments

        gauges.register()
        moments.read_by_interpreter()
        post_migrate.connect(builtin.bring_after_migrating, sender=self)
