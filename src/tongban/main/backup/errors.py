"""What keeps a copy from being made or brought back. Told to the operator as it is."""

from __future__ import annotations

__all__ = ["BackupFault"]


class BackupFault(RuntimeError):
    """A copy could not be made, or is not what it should be; the message says why and what to do."""
