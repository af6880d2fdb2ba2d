"""The demo's accounts as its packs list them: shown at the start of the demo, refused in production."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

__all__ = ["DemoAccount", "accounts", "welcome"]


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account whose password everybody knows."""

    username: str
    password: str
    role: str


def accounts(packs: Path) -> list[DemoAccount]:
    """Return the accounts of all packs under a directory, in the packs' order."""
    return list(_read(packs))


def _read(packs: Path) -> Iterator[DemoAccount]:
    for file in sorted(packs.glob("*/accounts.yaml")):
        rows = yaml.safe_load(file.read_text(encoding="utf-8")).get("accounts", [])
        for row in sorted(rows, key=lambda row: row.get("order", 99)):
            role = row.get("role") or {}
            words = f"{role.get('zh', '')} / {role.get('en', '')}".strip(" /")
            yield DemoAccount(row["username"], str(row.get("password", "")), words)


def welcome(packs: Path) -> str:
    """Return the table that the supervisor shows when everything runs."""
    rows = [account for account in accounts(packs) if account.password and account.role]
    if not rows:
        return ""
    lines = [f"  {row.username:<12} {row.password:<8} {row.role}" for row in rows]
    return "\n".join(["Demo accounts (name, password, who):", *lines, ""])
