from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "tongban.apps.audit"
    label = "audit"
    verbose_name = "The audit administrator's view of the ledger"

    def ready(self) -> None:
        """Put the page into the audit administrator's workbench; name the acts of searching."""
        from tongban.apps.audit.operations.search import DUTY, EXPORT, SEARCH
        from tongban.base.text import LocalizedText as T
        from tongban.design import navigation
        from tongban.design.navigation import NavEntry
        from tongban.kernel.ledger import service as ledger

        navigation.register_desk(
            NavEntry(
                key="audit",
                group=T("系统管理", "System"),
                label=T("审计", "Audit"),
                url_name="audit:search",
                icon="shield",
                order=81,
                visible=lambda actor: DUTY in actor.duties,
            )
        )
        ledger.register_verb(SEARCH, T("审计查人", "Audit: searched for a person"))
        ledger.register_verb(EXPORT, T("审计导出", "Audit: exported acts"))
