from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "tongban.apps.ops"
    label = "ops"
    verbose_name = "Health and operations"

    def ready(self) -> None:
        """Put the page of incidents into the workbench of who runs the machines; name the acts of repair."""
        from tongban.apps.ops.operations.repair import DUTY
        from tongban.apps.ops.queries import count_troubles
        from tongban.base.text import LocalizedText as T
        from tongban.design import navigation
        from tongban.design.navigation import NavEntry
        from tongban.kernel.ledger import service as ledger

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
        ledger.register_verb("ops.make_paper_again", T("重新生成文书", "Paper made again"))
        ledger.register_verb("ops.send_again", T("重新发送消息", "Message sent again"))
