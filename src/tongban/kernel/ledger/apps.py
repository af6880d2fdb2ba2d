from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "tongban.kernel.ledger"
    label = "ledger"
    verbose_name = "Append-only record of acts"
    # The application's database role may INSERT and SELECT here, nothing else.
    append_only_tables = ["ledger_act", "ledger_batch"]
    owner_only_tables = ["ledger_thinned", "ledger_era"]

    def ready(self) -> None:
        """Name the own verbs, show the lag among the measurements, and the public page in the foot of the site."""
        from tongban.base.metrics import register_gauge
        from tongban.base.text import LocalizedText
        from tongban.design.navigation import NavEntry, register_foot
        from tongban.kernel.ledger.service import READ, STOCK, THIN, register_verb, sealing_lag

        register_verb(READ, LocalizedText("查看个人信息", "Read personal data"))
        register_verb(THIN, LocalizedText("到期精简查看记录", "Old records of reading thinned"))
        register_verb(STOCK, LocalizedText("盘点登记", "Taken into the ledger"))
        register_gauge(
            "tongban_ledger_sealing_lag_seconds", "Age of the oldest act that is not sealed yet", sealing_lag
        )
        register_foot(
            NavEntry(
                key="ledger",
                group=LocalizedText("办事和互动", "Services and letters"),
                label=LocalizedText("政务账本", "Public ledger"),
                url_name="ledger:home",
                order=60,
            )
        )
