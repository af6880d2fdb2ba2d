"""The whole examination: the chain, and on request the data."""

from __future__ import annotations

from pathlib import Path

from tongban.kernel.ledger.chain import Report, verify_chain
from tongban.kernel.ledger.subjects import check_subjects

__all__ = ["verify"]


def verify(*, against: Path | None = None, data: bool = False, limit: int = 20) -> Report:
    """Check every sealed act against its batch, every batch against the kept roots, and with ``data`` the data against the acts.

    Reads only; memory does not grow with the ledger. Raises OSError and ValueError for a file of roots that cannot be read.
    """
    report = verify_chain(against=against, limit=limit)
    if data:
        check_subjects(report, limit=limit)
    return report
