"""The environment variables of an installation, read once. Every one of them stands in docs/reference/settings.md."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Environment", "read"]


@dataclass(frozen=True, slots=True)
class Environment:
    """What the operator decided: where the data lives, where to listen, which database, demo or production."""

    env: str
    home: Path
    host: str
    port: int
    database_url: str
    public_url: str
    smtp_url: str


def read(variables: dict[str, str] | None = None) -> Environment:
    """Read the variables (those of the process by default)."""
    values = os.environ if variables is None else variables
    host = values.get("TONGBAN_HOST", "127.0.0.1")
    port = int(values.get("TONGBAN_PORT", "8000"))
    return Environment(
        env=values.get("TONGBAN_ENV", "demo"),
        home=Path(values.get("TONGBAN_HOME", ".tongban")).absolute(),
        host=host,
        port=port,
        database_url=values.get("DATABASE_URL", ""),
        public_url=values.get("TONGBAN_PUBLIC_URL", f"http://{host}:{port}").rstrip("/"),
        smtp_url=values.get("TONGBAN_SMTP_URL", ""),
    )
