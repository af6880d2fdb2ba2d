from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    name = "tongban.kernel.decisions"
    label = "decisions"
    verbose_name = "Expressions and decision tables"

    def ready(self) -> None:
        """Register the verb, the pack section and the bench."""
        from tongban.base import editables
        from tongban.base.text import LocalizedText
        from tongban.design import navigation
        from tongban.kernel.decisions import packs  # noqa: F401 - registers its section
        from tongban.kernel.decisions.editable import TableEditable
        from tongban.kernel.ledger import service as ledger

        editables.register(TableEditable())
        ledger.register_verb("decisions.put_table", LocalizedText("发布决策表", "Decision table published"))
        navigation.register_desk(
            navigation.NavEntry(
                key="rules",
                group=LocalizedText("查阅", "Look up"),
                label=LocalizedText("规则试算", "Try the rules"),
                url_name="decisions:list",
                icon="scale",
                order=70,
            )
        )
