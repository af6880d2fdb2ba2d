from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "tongban.kernel.cases"
    label = "cases"
    verbose_name = "The case"

    def ready(self) -> None:
        """Register policy, verbs, the owner protocol and what hangs on a case."""
        from tongban.kernel.cases import wiring

        wiring.register()
