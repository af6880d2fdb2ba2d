"""Which database, and as whom: an external one by ``DATABASE_URL``, else the embedded one that the supervisor runs.

There are two roles. The *owner* migrates and installs packs. The *application* (web, worker) may only do what the grants in
``roles`` say. ``TONGBAN_DATABASE_ROLE`` says which one a process is; management commands are the owner unless told otherwise.

An external address may name several servers (``postgresql://me@one:5432,two:5432/county``), of which one is the primary: each
connection looks for it, so after a failover the next one finds the new primary by itself. Between web, worker and database
there may be a pooler that lends a session for a transaction only (PgBouncer); ``DATABASE_DIRECT_URL`` then leads past it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

from tongban.main import secrets

__all__ = [
    "APP_ROLE",
    "DATABASE",
    "OWNER_ROLE",
    "embedded_url",
    "place_file",
    "replica_settings",
    "session_parameters",
    "settings_for",
    "use_role",
]

APP_ROLE = "tongban_app"
OWNER_ROLE = "tongban_owner"
DATABASE = "tongban"
SEVERAL = {
    "connect_timeout": "3",
    "keepalives_idle": "5",
    "keepalives_interval": "3",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
}
"""Where one of several servers may vanish: do not wait long for a machine that does not answer."""


def use_role(role: str) -> None:
    """Make this process the ``owner`` or the ``app``; before the settings are read."""
    os.environ["TONGBAN_DATABASE_ROLE"] = role


def place_file(home: Path) -> Path:
    """Return the file in which the supervisor writes down where the embedded cluster lies."""
    return home / "run" / "database.json"


def embedded_url(home: Path, login: str) -> str:
    """Return the URL of the embedded database for a login; of a socket that does not exist when it was never started."""
    file = place_file(home)
    socket = json.loads(file.read_text())["socket"] if file.exists() else str(home / "postgres" / "run")
    password = secrets.obtain(home, login) if file.exists() else ""
    return f"postgresql://{login}:{quote(password)}@/{DATABASE}?{urlencode({'host': socket, 'port': 5432})}"


def settings_for(
    *, home: Path, external: str, external_app: str, role: str, is_pooled: bool = False
) -> dict[str, Any]:
    """Return Django's description of the database for a process of that role; ``is_pooled``: through a pooler of transactions."""
    application = role == "app"
    if application and external_app:
        # A cursor that outlives its transaction would be looked for in another session.
        described = {**_parse(external_app, "DATABASE_APP_URL"), "DISABLE_SERVER_SIDE_CURSORS": is_pooled}
        return described if is_pooled else _preparing(described)
    if not external:
        return _preparing(_parse(embedded_url(home, APP_ROLE if application else OWNER_ROLE)))
    described = _preparing(_parse(external, "DATABASE_URL"))
    return _as_application(described) if application else described


def session_parameters(url: str) -> dict[str, Any]:
    """Return psycopg's parameters for what needs a session of its own (the queue of a worker), past the pooler."""
    described = _as_application(_parse(url, "DATABASE_DIRECT_URL"))
    named = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    return {name: described[key] for key, name in named.items() if described[key]} | described["OPTIONS"]


def replica_settings(url: str) -> dict[str, Any]:
    """Return the description of a copy of the database that is only read. A replica refuses every write; this says it twice."""
    described = _parse(url, "DATABASE_REPLICA_URL", among_several="standby")
    options = described["OPTIONS"]
    options.setdefault("connect_timeout", "2")  # somebody waits for the page, and the primary has it too
    options["options"] = f"{options.get('options', '')} -c default_transaction_read_only=on".strip()
    return {**described, "DISABLE_SERVER_SIDE_CURSORS": True, "TEST": {"MIRROR": "default"}}


def _preparing(described: dict[str, Any]) -> dict[str, Any]:
    """Let sessions that are one's own keep the statements that ``base.prepared`` sends. No other cursor of Django prepares."""
    described["OPTIONS"]["prepare_threshold"] = 5
    return described


def _as_application(described: dict[str, Any]) -> dict[str, Any]:
    """Keep the login, but let every statement run as the application's role, which may do less."""
    described["OPTIONS"]["options"] = f"-c role={APP_ROLE}"
    return described


def _parse(url: str, name: str = "DATABASE_URL", among_several: str = "read-write") -> dict[str, Any]:
    scheme = url.partition(":")[0]
    if scheme not in {"postgresql", "postgres"}:
        raise ValueError(f"{name}: only postgresql:// is supported, not {scheme!r}")
    try:
        options: dict[str, Any] = conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise ValueError(f"{name}: {str(error).strip()}") from None
    described = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": options.pop("dbname", DATABASE),
        "USER": options.pop("user", ""),
        "PASSWORD": options.pop("password", ""),
        "HOST": options.pop("host", ""),
        "PORT": str(options.pop("port", "")),
        "OPTIONS": options,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
    if "," in described["HOST"]:
        for option, value in {"target_session_attrs": among_several, **SEVERAL}.items():
            options.setdefault(option, value)
    return described
