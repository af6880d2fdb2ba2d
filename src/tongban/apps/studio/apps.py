from django.apps import AppConfig


class StudioConfig(AppConfig):
    name = "tongban.apps.studio"
    label = "studio"
    verbose_name = "Browser editors"

    def ready(self) -> None:
        """Register the case kind, the operations of its process, verbs, navigation and the editors."""
        from tongban.apps.studio import wiring

        wiring.register()
