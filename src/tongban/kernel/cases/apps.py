from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "tongban.kernel.cases"
    label = "cases"
    verbose_name = "The case"
