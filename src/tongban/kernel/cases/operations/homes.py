"""Where applicants are at home, for figures by township. Asked after the fact by a job, so that nobody waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from tongban.kernel.cases.models import Home, Party
from tongban.kernel.registers import service as registers
from tongban.kernel.registers.errors import UnknownRegister

__all__ = ["APPLYING", "find_homes", "find_new_homes"]

APPLYING = ("applicant", "writer")
TOWNSHIP = 9
"""How many digits of a division code name the township (GB/T 10114)."""
AT_ONCE = 500
MOST = 5000
STILL_COMING = 10_000
"""So many parties may have a lower number than one that was seen and yet be committed after it."""
_looked_until = 0


def find_new_homes() -> int:
    """Ask for those who came since the last time in this process; the first time for all that are not known."""
    global _looked_until
    newest = Party.objects.aggregate(newest=Max("pk"))["newest"] or 0
    looked = find_homes(after=max(0, _looked_until - STILL_COMING))
    if looked < MOST:
        _looked_until = newest
    return looked


@transaction.atomic
def find_homes(*, most: int = MOST, after: int = 0) -> int:
    """Ask the registers for the townships of applicants that are not known yet; return how many were looked up.

    ``after`` leaves out the parties up to this one, of whom somebody has asked.
    """
    looked = 0
    while looked < most:
        parties = list(_unknown(after)[:AT_ONCE])
        if not parties:
            break
        people = {p.person_id: p.person.citizen_id for p in parties if p.person is not None}
        entities = {p.entity_id: p.entity.uscc for p in parties if p.entity is not None and not p.person_id}
        found = _townships("population", people) | _townships("entities", entities)
        Home.objects.bulk_create(
            [Home(id=key, township=place) for key, place in found.items()], ignore_conflicts=True
        )
        looked += len(found)
    return looked


def _unknown(after: int) -> QuerySet[Party]:
    who = Coalesce("person_id", "entity_id")
    known = Home.objects.filter(pk=OuterRef("who"))
    named = Party.objects.filter(pk__gt=after, role__in=APPLYING).annotate(who=who).exclude(who=None)
    return named.filter(~Exists(known)).order_by("who").distinct("who").select_related("person", "entity")


def _townships(register: str, keys: Mapping[UUID | None, str | None]) -> dict[UUID, str]:
    """Return the township of each by its number in a register, "" where the register does not know it."""
    wanted = sorted({key for key in keys.values() if key})
    field = "citizen_id" if register == "population" else "uscc"
    try:
        records = registers.find_records(register, {field: wanted}, limit=len(wanted)) if wanted else []
    except UnknownRegister:
        records = []
    codes = {record.values[field]: str(record.values.get("division_code") or "") for record in records}
    return {who: codes.get(key or "", "")[:TOWNSHIP] for who, key in keys.items() if who is not None}
