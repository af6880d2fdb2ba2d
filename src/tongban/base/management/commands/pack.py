"""``tongban pack install PATH``: fill the installation from a pack."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tongban.base import packs
from tongban.base.errors import TongbanError
from tongban.base.time import now

__all__ = ["Command"]


class Command(BaseCommand):
    """Installs packs. Runs as the owner of the database, because registers are tables."""

    help = "Install a pack (again, at any time: what has not changed, or people changed here, is left alone)"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare ``install PATH [--only SECTION]`` and ``sections``."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        install = verbs.add_parser("install", help="load a pack")
        install.add_argument("path", type=Path)
        install.add_argument("--only", metavar="SECTION", help="load one section")
        verbs.add_parser("sections", help="list what packs may contain")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it; a refusal is told in one line that names the section."""
        if options["verb"] == "sections":
            for each in sorted(packs.sections, key=lambda each: each.order):
                self.stdout.write(f"{each.order:3} {each.name}")
            return
        running: list[str] = []

        def report(name: str) -> None:
            running.append(name)
            if options["verbosity"] > 1:
                self.stdout.write(f"  {name}")

        try:
            pack = packs.install(options["path"], at=now(), only=options["only"], report=report)
        except (packs.PackError, TongbanError) as error:
            where = f"section {running[-1]}: " if running else ""
            raise CommandError(
                f"{where}{getattr(error, 'code', '')} {error} {getattr(error, 'data', '')}"
            ) from error
        self.stdout.write(f"pack {pack.key}: {len(running)} sections installed")
        for kind, keys in pack.left.items():
            self.stdout.write(f"  left as changed here: {kind} {_told(kind, keys)}")


def _told(kind: str, keys: list[str]) -> str:
    """Name things; of people only how many there are."""
    return f"({len(keys)})" if kind in packs.UNNAMED else ", ".join(sorted(keys))
