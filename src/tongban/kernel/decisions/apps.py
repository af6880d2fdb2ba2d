from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    name = "tongban.kernel.decisions"
    label = "decisions"
    verbose_name = "Expressions and decision tables"

    def ready(self) -> None:
        """Register the verb and the pack section."""
        from tongban.base.text import LocalizedText
        from tongban.kernel.decisions import packs  # noqa: F401 - registers its section
        from tongban.kernel.ledger import service as ledger

        ledger.register_verb("decisions.put_table", LocalizedText("发布决策表", "Decision table published"))
