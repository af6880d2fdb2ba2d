from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "tongban.apps.certificates"
    label = "certificates"
    verbose_name = "E-certificates"

    def ready(self) -> None:
        """Register the operation, the verb, the file policy, navigation and the pack section."""
        from tongban.apps.certificates import wiring

        wiring.register()
