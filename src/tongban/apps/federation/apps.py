from django.apps import AppConfig


class FederationConfig(AppConfig):
    name = "tongban.apps.federation"
    label = "federation"
    verbose_name = "Other systems: single sign-on and provisioning"

    def ready(self) -> None:
        """Register verbs and the entries in the workbench."""
        from tongban.apps.federation import wiring

        wiring.register()
