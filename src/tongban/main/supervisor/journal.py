"""What the supervisor says: a line for the person at the terminal and a JSON line in its log."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

__all__ = ["Journal"]

LARGEST = 50 * 1024 * 1024
"""Bytes: at a start, a longer log is put aside as ``.1``."""


class Journal:
    """The supervisor's log, beside which its children's logs lie."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.directory = file.parent
        for log in self.directory.glob("*.log"):
            if log.stat().st_size > LARGEST:
                log.replace(log.with_suffix(".log.1"))

    def tell(self, event: str, **details: object) -> None:
        """Write down an event and show it."""
        line = {"timestamp": datetime.now(UTC).isoformat(), "logger": "supervisor", "event": event, **details}
        with self.file.open("a") as log:
            log.write(json.dumps(line, ensure_ascii=False) + "\n")
        said = "  ".join(str(value) for value in details.values() if value is not None)
        self.show(f"tongban: {event}{': ' if said else ''}{said}\n")

    def show(self, text: str) -> None:
        """Show something to the person at the terminal only."""
        sys.stdout.write(text)
        sys.stdout.flush()
