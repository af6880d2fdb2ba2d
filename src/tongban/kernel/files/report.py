"""What is said about a signature."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

__all__ = ["SignatureReport"]


@dataclass(frozen=True, slots=True)
class SignatureReport:
    """What a PDF's signature says. ``problem`` is "", "unsigned", "unreadable", "changed" or "untrusted"."""

    is_valid: bool
    problem: str = ""
    signer: str = ""
    signed_at: datetime | None = None
    reason: str = ""
