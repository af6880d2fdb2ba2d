from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "tongban.apps.ops"
    label = "ops"
    verbose_name = "Health and operations"

    def ready(self) -> None:
        """Put the page of incidents into the workbench of who runs the machines; name the acts of repair."""
        from tongban.apps.ops import words
        from tongban.apps.ops.operations.repair import DUTY
        from tongban.apps.ops.operations.watch import watch
        from tongban.apps.ops.queries import count_troubles
        from tongban.apps.ops.queries_of_backups import backup_age
        from tongban.base.metrics import register_gauge
        from tongban.base.models import Event
        from tongban.base.outbox import handler
        from tongban.base.text import LocalizedText as T
        from tongban.design import navigation
        from tongban.design.navigation import NavEntry
        from tongban.kernel.ledger import service as ledger
        from tongban.kernel.processes import events as processes

        words.register()
        register_gauge(
            "tongban_backup_age_seconds",
            "Age of the newest good copy of the installation",
            backup_age,
        )

        @handler(processes.INCIDENT_OPENED, "ops.watch")
        def look_at_once(event: Event) -> None:
            watch(at=event.created_at)

        navigation.register_desk(
            NavEntry(
                key="incidents",
                group=T("系统管理", "System"),
                label=T("异常和运行", "Incidents and health"),
                url_name="ops:incidents",
                icon="warn",
                order=80,
                visible=lambda actor: DUTY in actor.duties,
                count=count_troubles,
            )
        )
        navigation.register_desk(
            NavEntry(
                key="processes",
                group=T("系统管理", "System"),
                label=T("流程", "Processes"),
                url_name="ops:processes",
                icon="progress",
                order=82,
                visible=lambda actor: DUTY in actor.duties,
            )
        )
        ledger.register_verb("ops.make_paper_again", T("重新生成文书", "Paper made again"))
        ledger.register_verb("ops.send_again", T("重新发送消息", "Message sent again"))
        ledger.register_verb("ops.run_again", T("重新运行后台任务", "Background job run again"))
        ledger.register_verb("ops.drop_job", T("放弃后台任务", "Background job dropped"))
