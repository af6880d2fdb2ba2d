from django.apps import AppConfig


class AdminConfig(AppConfig):
    name = "tongban.apps.admin"
    label = "admin"
    verbose_name = "Organisation, posts, people, accounts"

    def ready(self) -> None:
        """Put the pages into the workbench of those who administer."""
        from tongban.apps.admin import wiring

        wiring.register()
