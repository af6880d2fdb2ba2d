from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "tongban.apps.portal"
    label = "portal"
    verbose_name = "Public home page"

    def ready(self) -> None:
        from tongban.apps.portal.wiring import register

        register()
