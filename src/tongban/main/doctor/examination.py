"""The examination: every look in its order."""

from __future__ import annotations

from tongban.base.text import LocalizedText as T
from tongban.main.doctor.findings import FAULT, Finding, Look
from tongban.main.doctor.installation import (
    look_at_backup,
    look_at_calendar,
    look_at_clocks,
    look_at_migrations,
    look_at_production,
    look_at_roles,
    look_at_root_file,
    look_at_worker,
)
from tongban.main.doctor.machine import (
    look_at_authority,
    look_at_database,
    look_at_disk,
    look_at_files,
    look_at_fonts,
    look_at_secrets,
)
from tongban.main.doctor.neighbours import look_at_mail, look_at_scanner, look_at_tls
from tongban.main.environment import Environment

__all__ = ["LOOKS", "LOOKS_INTO_DATABASE", "examine"]


def examine(environment: Environment) -> list[Finding]:
    """Look at everything. Django is set up."""
    found: list[Finding] = []
    for key, look in LOOKS.items():
        found += _attempt(key, look, environment)
    reachable = not any(each.key == "database" and each.level == FAULT for each in found)
    for key, look in LOOKS_INTO_DATABASE.items() if reachable else ():
        found += _attempt(key, look, environment)
    return found


def _attempt(key: str, look: Look, environment: Environment) -> list[Finding]:
    try:
        return list(look(environment))
    except Exception as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        return [Finding(key, FAULT, T(f"看不了：{said}", f"could not be looked at: {said}"))]


LOOKS: dict[str, Look] = {
    "database": look_at_database,
    "disk": look_at_disk,
    "files": look_at_files,
    "fonts": look_at_fonts,
    "secrets": look_at_secrets,
    "authority": look_at_authority,
    "mail": look_at_mail,
    "scanner": look_at_scanner,
    "https": look_at_tls,
}
LOOKS_INTO_DATABASE: dict[str, Look] = {
    "environment": look_at_production,
    "roles": look_at_roles,
    "migrations": look_at_migrations,
    "clocks": look_at_clocks,
    "worker": look_at_worker,
    "calendar": look_at_calendar,
    "copies": look_at_backup,
    "ledger roots": look_at_root_file,
}
