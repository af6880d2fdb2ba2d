from django.apps import AppConfig


class RegistersConfig(AppConfig):
    name = "tongban.kernel.registers"
    label = "registers"
    verbose_name = "Registers and their records"
    published_tables = ("registers_registerdef", "registers_registerfield")

    @property
    def append_only_tables(self) -> list[str]:
        """The history of every register there is: the application's role may only add to it."""
        from tongban.kernel.registers.tables import history_tables

        return history_tables()

    def ready(self) -> None:
        from tongban.base.resealing import register_sealed_tables
        from tongban.base.reveiling import register_veiled_tables
        from tongban.base.text import LocalizedText
        from tongban.kernel.calendars.service import register_region_names
        from tongban.kernel.ledger.service import register_field_labels, register_verb
        from tongban.kernel.registers import packs  # noqa: F401 -- registers its sections
        from tongban.kernel.registers.queries import field_labels, region_names
        from tongban.kernel.registers.sealing import sealed_tables, veiled_tables

        register_sealed_tables(sealed_tables)
        register_veiled_tables(veiled_tables)
        register_field_labels(field_labels)
        register_region_names("registers", region_names)

        register_verb("registers.define", LocalizedText("设置登记簿", "Set up a register"))
        register_verb("registers.put", LocalizedText("登记或变更记录", "Entered or changed a record"))
        register_verb("registers.load", LocalizedText("批量导入记录", "Loaded records"))
        register_verb(
            "registers.report_error", LocalizedText("反映登记信息有误", "Said that a record is wrong")
        )
        register_verb("registers.answer_notice", LocalizedText("答复纠错", "Answered a correction notice"))
