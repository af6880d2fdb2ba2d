"""Grade A: what the certificate register says of a holder now. Nothing of it is kept here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tongban.apps.vault.words import EXPIRED, NO_FILE, STATUS
from tongban.base.text import LocalizedText as T
from tongban.kernel.registers import service as registers

__all__ = ["Held", "certificates_by_identifier", "certificates_of"]

REGISTER = "certificates"


@dataclass(frozen=True, slots=True)
class Held:
    """A certificate as the register has it today."""

    identifier: str
    name: str
    number: str
    valid_to: date | None
    status: str
    file_id: UUID | None
    holder_key: str

    @property
    def words(self) -> T:
        """Where it comes from, and how it stands now."""
        return T(zh="证照库　{number}　{status}", en="Certificate register, {number}, {status}").format(
            number=self.number, status=STATUS.get(self.status, T(self.status))
        )

    @property
    def why_not(self) -> T:
        """What speaks against using it, "" when nothing does."""
        if self.status == "expired":
            return EXPIRED
        if self.status != "valid":
            return STATUS.get(self.status, T(self.status))
        return T("") if self.file_id is not None else NO_FILE


def certificates_of(holder_key: str, day: date) -> list[Held]:
    """Return the certificates that a person or entity holds, without versions that were replaced."""
    if not holder_key or not registers.field_keys(REGISTER):
        return []
    found = registers.find_records(REGISTER, {"holder_key": holder_key}, limit=200)
    held = [_held(record.values, day) for record in found]
    return sorted((each for each in held if each.status != "replaced"), key=lambda each: each.name)


def certificates_by_identifier(identifiers: Iterable[str], day: date) -> dict[str, Held]:
    """Return certificates by identifier as they stand today, whoever holds them: for who checked the right to know."""
    wanted = sorted(set(identifiers))
    if not wanted or not registers.field_keys(REGISTER):
        return {}
    found = registers.find_records(REGISTER, {"identifier": wanted}, limit=len(wanted))
    return {record.key: _held(record.values, day) for record in found}


def _held(row: Mapping[str, Any], day: date) -> Held:
    valid_to = row.get("valid_to")
    if isinstance(valid_to, str):
        valid_to = date.fromisoformat(valid_to)
    status = str(row.get("status") or "")
    if status == "valid" and isinstance(valid_to, date) and valid_to < day:
        status = "expired"  # time has done it, also where nobody has written it down yet
    file_id = str(row.get("file_id") or "")
    return Held(
        identifier=str(row["identifier"]),
        name=str(row.get("name") or ""),
        number=str(row.get("number") or ""),
        valid_to=valid_to if isinstance(valid_to, date) else None,
        status=status,
        file_id=UUID(file_id) if file_id else None,
        holder_key=str(row.get("holder_key") or ""),
    )
