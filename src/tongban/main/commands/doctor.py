"""``tongban doctor``: what is well, what is not, and what to do."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from tongban.main.commands import session

__all__ = ["run"]

CODES = {"ok": 0, "warning": 2, "fault": 1}
MARKS = {"ok": "ok  ", "warning": "warn", "fault": "FAULT"}


def run(arguments: Sequence[str]) -> int:
    """Look at database, roles, migrations, disk, clocks, fonts, worker, calendar, copies, keys, signing authority, mail, ledger.

    Changes nothing. Ends with 0 when all is well, 2 with warnings only, 1 with a fault.
    """
    parser = argparse.ArgumentParser("tongban doctor", description=run.__doc__)
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.add_argument("--quiet", action="store_true", help="say only what is not well")
    wanted = parser.parse_args(arguments)
    from tongban.main import environment

    try:
        settled = environment.read()
    except ValueError as error:
        sys.stderr.write(f"tongban: {error}\n")
        return CODES["fault"]
    session.start("owner")
    from tongban.main.doctor.examination import examine

    found = examine(settled)
    code = max((CODES[each.level] for each in found), key=[0, 2, 1].index, default=0)
    if wanted.json:
        rows = [
            {
                "key": each.key,
                "level": each.level,
                "seen": {"zh": each.seen.zh, "en": each.seen.en},
                "advice": {"zh": each.advice.zh, "en": each.advice.en} if each.advice else None,
            }
            for each in found
        ]
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return code
    spoken = session.language()
    for each in found:
        if wanted.quiet and each.level == "ok":
            continue
        print(f"{MARKS[each.level]:<5} {each.key}: {each.seen.in_language(spoken)}")
        if each.advice:
            print(f"      -> {each.advice.in_language(spoken)}")
    return code
