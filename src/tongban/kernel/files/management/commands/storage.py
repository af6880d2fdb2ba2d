"""``tongban storage check``: do stored files and their rows fit together?"""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tongban.kernel.files import service

__all__ = ["Command"]


class Command(BaseCommand):
    """Compares the file store with the database; ``sweep`` removes what no row points to."""

    help = "Compare the file store with the database (check), or also remove stray bytes (sweep)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["check", "sweep"])
        parser.add_argument(
            "--older-than",
            type=int,
            default=24 * 60,
            metavar="MINUTES",
            help="leave younger bytes alone (1440)",
        )

    def handle(self, *args: Any, what: str, older_than: int, **options: Any) -> None:
        age = timedelta(minutes=older_than)
        if what == "sweep":
            self.stdout.write(f"removed: {service.sweep(age=age)}")
        findings = service.check_storage(age=age)
        self.stdout.write(f"stray: {len(findings.stray)}\nmissing: {len(findings.missing)}")
        if findings.missing:
            raise CommandError("files without bytes: " + ", ".join(str(pk) for pk in findings.missing[:50]))
