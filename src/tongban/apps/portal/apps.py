from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "tongban.apps.portal"
    label = "portal"
    verbose_name = "Public home page"

    def ready(self) -> None:
        from tongban.base.text import LocalizedText
        from tongban.design import navigation
        from tongban.design.navigation import NavEntry

        navigation.register_public(
            NavEntry(key="home", label=LocalizedText("首页", "Home"), url_name="portal:home", order=0)
        )
