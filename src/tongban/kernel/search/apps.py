from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "tongban.kernel.search"
    label = "search"
    verbose_name = "Full-text index"
