from django.apps import AppConfig


class FiguresConfig(AppConfig):
    name = "tongban.apps.figures"
    label = "figures"
    verbose_name = "Figures"

    def ready(self) -> None:
        """Register duties, words and navigation."""
        from tongban.apps.figures import wiring

        wiring.register()
