from django.apps import AppConfig


class HallConfig(AppConfig):
    name = "tongban.apps.hall"
    label = "hall"
    verbose_name = "Service hall"

    def ready(self) -> None:
        """Register duties, verbs, words, options, the process operation, navigation and the pack section."""
        from tongban.apps.hall import wiring

        wiring.register()
