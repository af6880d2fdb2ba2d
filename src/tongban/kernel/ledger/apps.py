from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "tongban.kernel.ledger"
    label = "ledger"
    verbose_name = "Append-only record of acts"
    # The application's database role may INSERT and SELECT here, nothing else.
    append_only_tables = ["ledger_act", "ledger_batch"]
    owner_only_tables = ["ledger_thinned", "ledger_era"]

    def ready(self) -> None:
        from tongban.base.text import LocalizedText
        from tongban.kernel.ledger.service import READ, THIN, register_verb

        register_verb(READ, LocalizedText("查看个人信息", "Read personal data"))
        register_verb(THIN, LocalizedText("到期精简查看记录", "Old records of reading thinned"))
