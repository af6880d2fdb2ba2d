from django.apps import AppConfig


class OversightConfig(AppConfig):
    name = "tongban.apps.oversight"
    label = "oversight"
    verbose_name = "Oversight"
    published_tables = ("oversight_rule",)

    def ready(self) -> None:
        """Register the kind of case, operations, duties, verbs, words and navigation."""
        from tongban.apps.oversight import wiring

        wiring.register()
