from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "tongban.apps.desk"
    label = "desk"
    verbose_name = "The official's workbench"

    def ready(self) -> None:
        """Put the lists into the workbench navigation."""
        from tongban.apps.desk.landing import handles_cases
        from tongban.base.text import LocalizedText as T
        from tongban.design import navigation
        from tongban.design.navigation import NavEntry
        from tongban.kernel.cases import service as cases

        mine = T("我的工作", "My work")
        navigation.register_desk(
            NavEntry(
                key="todo",
                group=mine,
                label=T("待办", "To do"),
                url_name="desk:inbox",
                icon="inbox",
                order=10,
                visible=handles_cases,
            )
        )
        for order, (view, label, icon) in enumerate(
            (
                ("doing", T("在办", "In progress"), "progress"),
                ("done", T("已办", "Done"), "check-c"),
                ("copied", T("抄送我的", "Copied to me"), "copy"),
            ),
            start=11,
        ):
            navigation.register_desk(
                NavEntry(
                    key=view,
                    group=mine,
                    label=label,
                    url_name="desk:list",
                    kwargs={"view": view},
                    icon=icon,
                    order=order,
                    visible=handles_cases,
                )
            )
        navigation.register_counts(
            "desk", lambda actor: {"todo": cases.waiting_for(actor), "copied": cases.unread_by(actor)}
        )
