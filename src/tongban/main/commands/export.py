"""``tongban export TO``: everything in open formats."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from tongban.main.commands import session

__all__ = ["run"]


def run(arguments: Sequence[str]) -> int:
    """Write all tables as CSV and JSON lines, all files, a dictionary of the columns and the sums into a new directory in TO.

    It holds personal data in clear; that it was made, and by whom, is an act in the ledger.
    """
    parser = argparse.ArgumentParser("tongban export", description=run.__doc__)
    parser.add_argument("place", type=Path, metavar="TO")
    parser.add_argument("--reason", required=True, help="what for; it stands in the ledger")
    parser.add_argument("--json", action="store_true", help="for machines")
    wanted = parser.parse_args(arguments)
    if not wanted.reason.strip():
        parser.error("give a reason")
    session.start("owner")

    def work() -> int:
        from django.db import transaction

        from tongban.base.actor import Actor
        from tongban.base.ref import Ref
        from tongban.base.time import now
        from tongban.kernel.ledger import service as ledger
        from tongban.main.backup import keeper
        from tongban.main.backup.errors import BackupFault
        from tongban.main.backup.form import name_of
        from tongban.main.export import export

        at = now()
        name = name_of(at).replace("tongban-", "tongban-export-")
        with transaction.atomic():  # before anything is written: there is no export without its act
            ledger.record(
                actor=Actor(channel="command", name=f"tongban export ({session.operator()})"),
                verb="main.export",
                subject=Ref.to("export", name),
                reason=wanted.reason.strip(),
                at=at,
            )
        try:
            done = export(keeper.source(), wanted.place, name=name)
        except BackupFault as fault:
            sys.stderr.write(f"tongban: {fault}\n")
            return 1
        if wanted.json:
            shown = {
                "directory": str(done.directory),
                "files": done.files,
                "bytes": done.bytes,
                "tables": done.tables,
            }
            print(json.dumps(shown, indent=1))
        else:
            print(done.directory)
            print(
                f"{sum(done.tables.values())} rows in {len(done.tables)} tables, {done.bytes / 2**20:.1f} MB"
            )
        return 0

    return session.guarded(work)
