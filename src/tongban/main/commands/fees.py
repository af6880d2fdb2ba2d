"""``tongban fees reconcile``: compare a day with what the payment providers say of it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import date
from typing import Any

from tongban.main.commands import session

__all__ = ["run"]


def run(arguments: Sequence[str]) -> int:
    """Compare a day with the statements of the payment providers; ends with 1 when something differs or is missing."""
    parser = argparse.ArgumentParser("tongban fees", description=run.__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    reconcile = verbs.add_parser(
        "reconcile", help="fetch the statements of a day and compare them with our books"
    )
    reconcile.add_argument("day", type=_day, metavar="DATE", help="the day, 2026-06-01")
    reconcile.add_argument("--json", action="store_true", help="for machines")
    wanted = parser.parse_args(arguments)
    session.start()
    return session.guarded(lambda: _reconcile(wanted))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day like 2026-06-01") from None


def _reconcile(wanted: Any) -> int:
    from tongban.apps.fees import service as fees
    from tongban.base.actor import Actor
    from tongban.base.time import now

    actor = Actor.system("tongban fees")
    found, missing = fees.reconcile_all(actor=actor, day=wanted.day, at=now())
    rows = [fees.summary_of(each) for each in found]
    if wanted.json:
        print(json.dumps({"days": rows, "missing": missing}, ensure_ascii=False, indent=2))
    else:
        zh = session.language() == "zh"
        for row in rows:
            print(
                "{provider} {day}：一致 {matched}，差异 {differences}，我方 {ours} 元，对方 {theirs} 元".format(
                    **row
                )
                if zh
                else "{provider} {day}: {matched} agree, {differences} differ; ours {ours} yuan, theirs {theirs} yuan".format(
                    **row
                )
            )
        for key in missing:
            sys.stderr.write(
                f"tongban: {key}：没有这一天的账单\n" if zh else f"tongban: {key}: no statement of that day\n"
            )
        if not rows and not missing:
            sys.stderr.write(
                "tongban: 没有设置缴费渠道\n" if zh else "tongban: no payment provider is set up\n"
            )
    return 1 if missing or any(row["differences"] for row in rows) else 0
