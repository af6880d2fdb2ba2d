from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    name = "tongban.kernel.decisions"
    label = "decisions"
    verbose_name = "Expressions and decision tables"
