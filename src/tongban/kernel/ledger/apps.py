from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "tongban.kernel.ledger"
    label = "ledger"
    verbose_name = "Append-only record of acts"
