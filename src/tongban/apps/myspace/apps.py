from django.apps import AppConfig


class MyspaceConfig(AppConfig):
    name = "tongban.apps.myspace"
    label = "myspace"
    verbose_name = "The citizen's space"

    def ready(self) -> None:
        """Put my space into the menu of the signed-in citizen."""
        from tongban.base.text import LocalizedText as T
        from tongban.design import navigation
        from tongban.design.navigation import NavEntry

        for order, (key, label, url_name, icon) in enumerate(
            (
                ("my", T("我的事", "My matters"), "myspace:home", "user"),
                ("reads", T("谁看过我的数据", "Who read about me"), "myspace:reads", "eye"),
            )
        ):
            navigation.register_account(
                NavEntry(
                    key=key,
                    label=label,
                    url_name=url_name,
                    icon=icon,
                    order=10 + 40 * order,
                    visible=lambda actor: not actor.is_official,
                )
            )
