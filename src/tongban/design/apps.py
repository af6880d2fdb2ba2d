from django.apps import AppConfig


class DesignConfig(AppConfig):
    name = "tongban.design"
    label = "design"
    verbose_name = "Design system"

    def ready(self) -> None:
        from tongban.design import packs  # noqa: F401 - registers its section
