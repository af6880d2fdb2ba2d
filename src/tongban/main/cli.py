"""The command line ``tongban``: its own commands, and every management command of Django."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

__all__ = ["COMMANDS", "main"]

COMMANDS = {
    "up": "start everything: database, web, worker",
    "worker": "run the worker only (jobs and periodic tasks)",
    "token": "make an access token for the API",
    "oidc": "show and rotate the keys of single sign-on",
    "invite": "make a link by which somebody sets the password",
    "clock": "compute a due date and show its derivation",
    "process": "check a BPMN file, export a published one",
    "fees": "compare a day with the statements of the payment providers",
    "organisation": "bring units, posts, officials, people and entities from tables",
    "cases": "bring cases of an earlier system from a table",
    "items": "check service items by the rules of the catalogue",
    "certificates": "check the QR code of a certificate without network",
    "ledger": "seal acts, check that none was changed, show the roots",
    "keys": "show and change the keys under which numbers of people are sealed",
    "backup": "copy the installation while it runs; check and rehearse a copy",
    "export": "write everything in open formats: CSV, JSON lines, files",
    "doctor": "look at everything an operator must get right, and say what to do",
    "restore": "bring a copy back into an empty home",
    "demo": "move the demo's time forward, add past or many cases",
}
"""Our own commands, one module each in ``commands``."""


def main() -> None:
    """Run one of our commands, else a management command of Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongban.main.settings")
    arguments = sys.argv[1:]
    if arguments and arguments[0] in COMMANDS:
        run: Callable[[Sequence[str]], int] = import_module(f"tongban.main.commands.{arguments[0]}").run
        raise SystemExit(run(arguments[1:]))
    if arguments[:1] in ([], ["help"], ["-h"], ["--help"]) and len(arguments) < 2:
        sys.stdout.write("Tongban's own commands (each has --help):\n\n")
        sys.stdout.write("".join(f"  tongban {name:<12} {what}\n" for name, what in COMMANDS.items()) + "\n")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["tongban", *arguments])
