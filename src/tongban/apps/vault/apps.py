from django.apps import AppConfig


class VaultConfig(AppConfig):
    name = "tongban.apps.vault"
    label = "vault"
    verbose_name = "The material vault"

    def ready(self) -> None:
        """Register the vault, verbs, the policies of its files, the handlers of events, navigation."""
        from tongban.apps.vault import wiring

        wiring.register()
