"""``tongban cases import|layout``: cases of an earlier system from a table."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tongban.main.commands import session

__all__ = ["run"]

SHOWN = 50


def run(arguments: Sequence[str]) -> int:
    """Bring the cases of an earlier system: closed ones as history, open ones to go on at the step where they stand."""
    parser = argparse.ArgumentParser("tongban cases", description=run.__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    imports = verbs.add_parser(
        "import", help="each row whole or not at all; the same table again changes nothing"
    )
    imports.add_argument("table", type=Path, metavar="FILE", help="CSV (UTF-8 or GBK) or XLSX")
    imports.add_argument(
        "--source", required=True, help="what the earlier system is called, in the ledger too"
    )
    imports.add_argument("--files", type=Path, metavar="DIRECTORY", help="where the files lie that rows name")
    imports.add_argument("--preview", action="store_true", help="judge every row, write nothing")
    imports.add_argument(
        "--refused", type=Path, metavar="FILE", help="where to write the refused rows with their reasons"
    )
    layout = verbs.add_parser("layout", help="write a table with all columns and two examples")
    layout.add_argument("--explain", action="store_true", help="say what each column holds instead")
    wanted = parser.parse_args(arguments)
    if wanted.verb == "import" and not 0 < len(wanted.source.strip()) <= 40:
        parser.error("--source has 1 to 40 characters")
    session.start()
    return session.guarded(lambda: _layout(wanted) if wanted.verb == "layout" else _import(wanted))


def _layout(wanted: Any) -> int:
    from tongban.base.spreadsheets import csv_line
    from tongban.main import past_cases

    if wanted.explain:
        spoken = session.language()
        for name, (others, meaning) in past_cases.COLUMNS.items():
            needed = "*" if name in past_cases.NEEDED else " "
            print(f"{needed} {name:<10} {'、'.join(others)}  {meaning.in_language(spoken)}")
        print(f"  {past_cases.ANSWER}FIELD")
        return 0
    heads = list(past_cases.COLUMNS)
    sys.stdout.write(csv_line(heads))
    for row in past_cases.EXAMPLE:
        sys.stdout.write(csv_line(row.get(head, "") for head in heads))
    return 0


def _import(wanted: Any) -> int:
    from tongban.base import spreadsheets
    from tongban.base.actor import Actor
    from tongban.base.time import now
    from tongban.main import past_cases

    spoken = session.language()
    if wanted.files is not None and not wanted.files.is_dir():
        sys.stderr.write(f"tongban: {wanted.files}: no such directory\n")
        return 1
    try:
        report = past_cases.bring(
            content=wanted.table.read_bytes(),
            source=wanted.source.strip(),
            actor=Actor.system(f"tongban cases import ({session.operator()})"),
            at=now(),
            files=wanted.files,
            preview=wanted.preview,
            tell=lambda done: sys.stderr.write(f"{done}\n") if done % 1000 == 0 else None,
        )
        if report.refused and wanted.refused:
            handle = os.open(wanted.refused, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
                out.writelines(spreadsheets.write_csv(past_cases.rejected(report)))
    except OSError as error:
        sys.stderr.write(f"tongban: {error.filename}: {error.strerror}\n")
        return 1
    for row, reason in report.refused[:SHOWN]:
        print(f"{wanted.table}:{row.number}: {reason.in_language(spoken)}")
    if len(report.refused) > SHOWN:
        print(f"... {len(report.refused) - SHOWN}")
    print(
        f"closed: {report.closed}, open: {report.open}, there before: {report.known}, refused: {len(report.refused)}"
        + ("; preview, nothing was written" if wanted.preview else "")
    )
    return 1 if report.refused else 0
