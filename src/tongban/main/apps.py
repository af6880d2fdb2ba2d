from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class MainConfig(AppConfig):
    name = "tongban.main"
    label = "main"
    verbose_name = "Composition root"

    def ready(self) -> None:
        """After every migration the role gets its privileges and published tables their stamps; register what main brings."""
        from tongban.base.text import LocalizedText as T
        from tongban.kernel.ledger import service as ledger
        from tongban.main import history, past_cards  # noqa: F401 - register their sections

        ledger.register_verb("main.export", T("导出全部数据", "Everything exported"))

        # Sent once for every application that has models, after all were migrated: one of them is enough.
        post_migrate.connect(_grant, sender=apps.get_app_config("base"))


def _grant(using: str, verbosity: int = 1, **_: Any) -> None:
    import sys

    from django.db import connections

    from tongban.base import published
    from tongban.main import roles
    from tongban.main.database import APP_ROLE

    with connections[using].cursor() as cursor:
        cursor.execute("SELECT current_user")
        if cursor.fetchone()[0] == APP_ROLE:
            return  # the tables were emptied by a test, not migrated
    published.install_triggers()
    try:
        roles.ensure_role()
        roles.grant()
    except roles.RoleMissing as error:
        sys.stderr.write(f"tongban: the application's role has no privileges yet: {error}\n")
