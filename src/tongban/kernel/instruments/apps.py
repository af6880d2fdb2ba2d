from django.apps import AppConfig


class InstrumentsConfig(AppConfig):
    name = "tongban.kernel.instruments"
    label = "instruments"
    verbose_name = "Statutory papers"
    published_tables = ("instruments_papertemplate",)

    def ready(self) -> None:
        from tongban.base import editables
        from tongban.base.text import LocalizedText
        from tongban.kernel.files.service import register_file_policy
        from tongban.kernel.instruments import packs  # noqa: F401 - registers its section
        from tongban.kernel.instruments.editable import PaperEditable
        from tongban.kernel.instruments.policies import can_read_ref
        from tongban.kernel.ledger.service import register_subject_check, register_verb
        from tongban.kernel.messages.service import register_words

        editables.register(PaperEditable())
        register_file_policy("paper", can_read_ref)
        register_verb("instruments.issue", LocalizedText("制发文书", "Issued a paper"))
        register_verb("instruments.serve", LocalizedText("送达文书", "Served a paper"))
        register_verb("instruments.receive", LocalizedText("签收文书", "Received a paper"))
        register_subject_check(
            "paper", "SELECT id::text, jsonb_build_object('number', number) FROM instruments_paper"
        )
        register_words(
            "instruments.served",
            subject=LocalizedText("您收到一份{paper}", "You have received a paper: {paper}"),
            body=LocalizedText(
                "{organ}向您送达了{paper}（{number}）。请打开查看；打开即视为签收。",
                "{organ} has served on you: {paper} ({number}). Please open it; opening it counts as receipt.",
            ),
        )
