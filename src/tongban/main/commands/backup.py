"""``tongban backup TO``: a copy of the installation while it runs; ``--check`` and ``--rehearse`` say whether a copy is good."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tongban.main.commands import session

__all__ = ["run"]

DONE, FAILED, WITH_FINDINGS = 0, 1, 3


def run(arguments: Sequence[str]) -> int:
    """Copy database, files, keys and the ledger's roots into a new directory in TO, or judge a copy that is there.

    Ends with 0; 1 when there is no (good) copy; 3 when there is one, but of an installation whose files are not whole.
    """
    parser = argparse.ArgumentParser("tongban backup", description=run.__doc__)
    parser.add_argument(
        "place", nargs="?", type=Path, metavar="TO", help="where copies lie (TONGBAN_BACKUP_TO)"
    )
    parser.add_argument("--check", type=Path, metavar="FROM", help="read a copy and compare every sum")
    parser.add_argument(
        "--rehearse",
        type=Path,
        metavar="FROM",
        help="restore a copy into a home that is thrown away, and prove it",
    )
    parser.add_argument(
        "--in", dest="within", type=Path, metavar="DIR", help="where to rehearse (temporary files)"
    )
    parser.add_argument(
        "--passphrase-file", type=Path, help="seal the keys with it, or open them when rehearsing"
    )
    parser.add_argument("--no-keys", action="store_true", help="leave the keys out: you keep them elsewhere")
    parser.add_argument("--keep", type=int, metavar="N", help="afterwards remove all but the newest N copies")
    parser.add_argument("--json", action="store_true", help="for machines")
    wanted = parser.parse_args(arguments)
    from tongban.main import environment
    from tongban.main.backup.errors import BackupFault

    try:
        settled = environment.read()
        if wanted.check:
            return _check(wanted)
        if wanted.rehearse:
            return _rehearse(wanted)
        place = wanted.place or settled.backup_to
        if place is None:
            parser.error("where to? Name a directory, or set TONGBAN_BACKUP_TO")
        file = wanted.passphrase_file or (None if wanted.no_keys else settled.backup_passphrase_file)
        return _take(wanted, place, file)
    except (BackupFault, ValueError) as error:
        sys.stderr.write(f"tongban: {error}\n")
        return FAILED


def _take(wanted: Any, place: Path, passphrase_file: Path | None) -> int:
    from tongban.main.backup import keys

    passphrase = keys.passphrase_in(passphrase_file) if passphrase_file else ""
    session.start("owner")

    def work() -> int:
        from tongban.main.backup import keeper

        made = keeper.back_up(place, passphrase=passphrase, with_keys=not wanted.no_keys, keep=wanted.keep)
        manifest = made.copy.manifest
        if wanted.json:
            shown = {"copy": str(made.copy.directory), "seconds": made.seconds, "bytes": manifest.bytes}
            shown |= {"files": manifest.files, "tables": manifest.tables, "keys": manifest.keys}
            shown |= {"missing": manifest.missing, "damaged": manifest.damaged}
            print(json.dumps({**shown, "removed": [str(each) for each in made.removed]}, indent=1))
        else:
            print(made.copy.directory)
            rows = sum(manifest.tables.values())
            print(
                f"{made.seconds:.1f} s, {manifest.bytes / 2**20:.1f} MB: {rows} rows in {len(manifest.tables)} tables, "
                f"{manifest.files} files, keys: {manifest.keys}"
            )
            for gone in made.removed:
                print(f"removed: {gone}")
        for warning in made.warnings:
            sys.stderr.write(f"tongban: {warning}\n")
        return WITH_FINDINGS if manifest.missing or manifest.damaged else DONE

    return session.guarded(work)


def _check(wanted: Any) -> int:
    from tongban.main.backup.form import read_copy

    copy = read_copy(wanted.check.absolute())
    read = copy.check()
    if wanted.json:
        print(json.dumps({"copy": str(copy.directory), "made_at": copy.manifest.made_at, "bytes": read}))
    else:
        print(
            f"{copy.directory}: whole, {copy.manifest.files} files, {read / 2**20:.1f} MB, made {copy.manifest.made_at}"
        )
    return DONE


def _rehearse(wanted: Any) -> int:
    from tongban.main.backup import rehearsal

    report = rehearsal.rehearse(
        wanted.rehearse.absolute(), within=wanted.within, passphrase_file=wanted.passphrase_file
    )
    if wanted.json:
        print(json.dumps(report, indent=1))
    else:
        print(f"{report['copy']}: can be restored")
        print(rehearsal.words(report))
    return DONE
