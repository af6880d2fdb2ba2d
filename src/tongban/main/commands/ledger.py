"""``tongban ledger``: check that no act was changed, seal now, show the roots, thin old reads, go on after a move."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tongban.main.commands import session

if TYPE_CHECKING:
    from tongban.kernel.ledger.service import Report

__all__ = ["run"]

CLEAN, FOUND, NOT_CHECKED = 0, 1, 2


def run(arguments: Sequence[str]) -> int:
    """Work on the ledger. ``verify`` ends with 0 when it is clean, 1 when something was found, 2 when it could not be checked."""
    parser = argparse.ArgumentParser("tongban ledger", description=run.__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verify = verbs.add_parser(
        "verify", help="name the first act that was altered, removed, inserted, swapped or cut off"
    )
    verify.add_argument("--against", type=Path, metavar="ROOTS", help="roots that were kept elsewhere")
    verify.add_argument("--data", action="store_true", help="also compare each case with its last act")
    verify.add_argument("--limit", type=_positive, default=20, help="stop after so many findings (20)")
    verify.add_argument("--json", action="store_true", help="for machines")
    verbs.add_parser("seal", help="seal what waits, now")
    roots = verbs.add_parser("roots", help="print the roots, one JSON line a batch")
    roots.add_argument(
        "--from", dest="first", type=_positive, default=1, metavar="NUMBER", help="begin with this batch"
    )
    roots.add_argument("--last", type=_positive, metavar="N", help="only the newest N")
    verbs.add_parser("thin", help="forget what reads older than the retention were about (as the owner)")
    verbs.add_parser(
        "take-stock", help="write down how everything stands of which the ledger does not know it"
    )
    verbs.add_parser(
        "resume", help="go on sealing after the database was restored from a dump (as the owner)"
    )
    years = verbs.add_parser("years", help="show the parts of the ledger, one a year, with their sizes")
    years.add_argument(
        "--open", action="store_true", help="make the parts of this year and the next (as the owner)"
    )
    years.add_argument("--json", action="store_true", help="for machines")
    wanted = parser.parse_args(arguments)
    is_owners = wanted.verb in {"thin", "resume"} or (wanted.verb == "years" and wanted.open)
    session.start("owner" if is_owners else "app")
    work: dict[str, Callable[[Any], int]] = {
        "verify": _verify,
        "seal": _seal,
        "roots": _roots,
        "thin": _thin,
        "take-stock": _take_stock,
        "resume": _resume,
        "years": _years,
    }
    answered: list[int] = []

    def do() -> int:
        answered.append(work[wanted.verb](wanted))
        return answered[0]

    code = session.guarded(do)
    return code if answered else NOT_CHECKED


def _verify(wanted: Any) -> int:
    from tongban.kernel.ledger import service as ledger

    try:
        report = ledger.verify(against=wanted.against, data=wanted.data, limit=wanted.limit)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"tongban: {error}\n")
        return NOT_CHECKED
    if wanted.json:
        print(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
    else:
        _tell(report)
    return CLEAN if report.is_clean else FOUND


def _tell(report: Report) -> None:
    from tongban.kernel.ledger import service as ledger

    for line in ledger.describe(report).in_language(session.language()).splitlines():
        print(line)


def _seal(wanted: Any) -> int:
    from tongban.base.time import now
    from tongban.kernel.ledger import service as ledger

    print(ledger.seal(at=now()))
    return CLEAN


def _roots(wanted: Any) -> int:
    from tongban.kernel.ledger import service as ledger

    for line in ledger.root_lines(first=wanted.first, last=wanted.last):
        print(line)
    return CLEAN


def _thin(wanted: Any) -> int:
    from tongban.base.time import now
    from tongban.kernel.ledger import service as ledger

    print(ledger.thin_reads(at=now()))
    return CLEAN


def _take_stock(wanted: Any) -> int:
    from tongban.base.time import now
    from tongban.kernel.ledger import service as ledger

    print(ledger.take_stock(at=now()))
    return CLEAN


def _resume(wanted: Any) -> int:
    from tongban.base.time import now
    from tongban.kernel.ledger import service as ledger

    print(ledger.resume(at=now()))
    return CLEAN


def _years(wanted: Any) -> int:
    from dataclasses import asdict

    from django.utils import timezone

    from tongban.kernel.ledger import service as ledger

    if wanted.open:
        for name in ledger.open_years(at=timezone.now()):  # not the demo's moved time
            sys.stderr.write(f"made: {name}\n")
    parts = ledger.parts()
    if wanted.json:
        print(json.dumps([asdict(part) for part in parts], indent=2))
        return CLEAN
    for part in parts:
        print(f"{part.name:<24} {part.acts:>12} acts {part.bytes / 2**20:>10.1f} MB")
    return CLEAN


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number
