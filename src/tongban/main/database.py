"""Which database, and as whom: an external one by ``DATABASE_URL``, else the embedded one that the supervisor runs.

There are two roles. The *owner* migrates and installs packs. The *application* (web, worker) may only do what the grants in
``roles`` say. ``TONGBAN_DATABASE_ROLE`` says which one a process is; management commands are the owner unless told otherwise.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlparse

from tongban.main import secrets

__all__ = ["APP_ROLE", "DATABASE", "OWNER_ROLE", "embedded_url", "place_file", "settings_for", "use_role"]

APP_ROLE = "tongban_app"
OWNER_ROLE = "tongban_owner"
DATABASE = "tongban"


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
    return f"postgresql://{login}:{quote(password)}@/{DATABASE}?{urlencode({'host': socket})}"


def settings_for(*, home: Path, external: str, external_app: str, role: str) -> dict[str, Any]:
    """Return Django's description of the database for a process of that role."""
    application = role == "app"
    if not external:
        return _parse(embedded_url(home, APP_ROLE if application else OWNER_ROLE))
    if application and external_app:
        return _parse(external_app)
    described = _parse(external)
    if application:
        # The same login, but every statement runs as the application's role, which may do less.
        described["OPTIONS"]["options"] = f"-c role={APP_ROLE}"
    return described


def _parse(url: str) -> dict[str, Any]:
    parts = urlparse(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ValueError(f"DATABASE_URL: only postgresql:// is supported, not {parts.scheme!r}")
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or DATABASE,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
