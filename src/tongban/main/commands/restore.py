"""``tongban restore FROM``: bring a copy back into an empty home."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

__all__ = ["run"]


def run(arguments: Sequence[str]) -> int:
    """Bring a copy into the empty TONGBAN_HOME and prove it: sums, rows, files, ledger, a sign-in. ``tongban up`` then starts it.

    With DATABASE_URL into that database, which must be empty. When anything is wrong the home is empty again.
    """
    parser = argparse.ArgumentParser("tongban restore", description=run.__doc__)
    parser.add_argument("copy", type=Path, metavar="FROM", help="the directory of one copy")
    parser.add_argument("--passphrase-file", type=Path, help="opens the keys when they are sealed")
    parser.add_argument("--json", action="store_true", help="for machines")
    wanted = parser.parse_args(arguments)
    from tongban.main import environment
    from tongban.main.backup import keys, rehearsal
    from tongban.main.backup.errors import BackupFault
    from tongban.main.backup.restore import restore

    def say(step: str) -> None:
        if not wanted.json:
            print(f"restoring: {step}", flush=True)

    try:
        passphrase = keys.passphrase_in(wanted.passphrase_file) if wanted.passphrase_file else ""
        done = restore(environment.read(), wanted.copy, passphrase=passphrase, say=say)
    except (BackupFault, ValueError) as error:
        sys.stderr.write(f"tongban: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("tongban: broken off; the home is empty again\n")
        return 1
    print(json.dumps(asdict(done), indent=1) if wanted.json else rehearsal.words(asdict(done)))
    return 0
