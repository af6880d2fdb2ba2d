from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "tongban.kernel.search"
    label = "search"
    verbose_name = "Full-text index"

    def ready(self) -> None:
        from tongban.kernel.search import packs  # noqa: F401 - registers its section
