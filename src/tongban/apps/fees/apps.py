from django.apps import AppConfig


class FeesConfig(AppConfig):
    name = "tongban.apps.fees"
    label = "fees"
    verbose_name = "Fees and payment"

    def ready(self) -> None:
        """Register operations, duties, verbs, words, navigation, panels, providers and the checks of settings."""
        from tongban.apps.fees import wiring

        wiring.register()
