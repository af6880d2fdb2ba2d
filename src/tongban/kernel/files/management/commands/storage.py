"""``tongban storage``: do stored files and their rows fit together? And moving them to another storage."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tongban.base.errors import TongbanError
from tongban.kernel.files import service
from tongban.kernel.files.operations.move import Moved
from tongban.kernel.files.storage import DISK, storage_at

__all__ = ["Command"]


class Command(BaseCommand):
    """Compares the file store with the database, removes what no row points to, moves it all to another place."""

    help = "Compare the file store with the database (check), remove stray bytes (sweep), move everything (move)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["check", "sweep", "move", "claim"])
        parser.add_argument(
            "--older-than",
            type=int,
            default=24 * 60,
            metavar="MINUTES",
            help="leave younger bytes alone (1440)",
        )
        parser.add_argument("--from", dest="source", metavar="PLACE", help="disk or s3://… (the present one)")
        parser.add_argument("--to", dest="target", metavar="PLACE", help="disk or s3://…")
        parser.add_argument(
            "--remove", action="store_true", help="remove what was moved, and read back, from where it was"
        )

    def handle(self, *args: Any, what: str, older_than: int, **options: Any) -> None:
        try:
            if what == "move":
                self._move(options["source"], options["target"], options["remove"])
            elif what == "claim":
                service.claim_storage(instead=True)
            else:
                self._check(timedelta(minutes=older_than), is_sweep=what == "sweep")
        except TongbanError as refusal:
            raise CommandError(str(refusal.title)) from refusal

    def _check(self, age: timedelta, *, is_sweep: bool) -> None:
        if is_sweep:
            self.stdout.write(f"removed: {service.sweep(age=age)}")
        findings = service.check_storage(age=age)
        self.stdout.write(f"stray: {len(findings.stray)}\nmissing: {len(findings.missing)}")
        if findings.missing:
            raise CommandError("files without bytes: " + ", ".join(str(pk) for pk in findings.missing[:50]))

    def _move(self, source: str | None, target: str | None, remove: bool) -> None:
        present = settings.TONGBAN_FILES_URL or DISK
        source = source or present
        if not target or source == target:
            raise CommandError("where to? --to s3://bucket/prefix?endpoint=https://host, or --to disk")
        if remove and source == present:
            raise CommandError("what is in use is not removed: set TONGBAN_FILES_URL to the new place first")
        try:
            places = storage_at(source), storage_at(target)
        except (ValueError, OSError) as error:
            raise CommandError(f"no place for files: {error}") from error
        if not all(settings.TONGBAN_FILES_KEY):
            raise CommandError("no key to the bucket: TONGBAN_FILES_KEY and TONGBAN_FILES_SECRET")
        done = service.move_stored(*places, remove=remove, say=self._progress)
        self.stdout.write(
            f"{places[0]} -> {places[1]}: {done.copied} files copied and read back ({done.bytes / 2**20:.1f} MB), "
            f"{done.there} were there, {done.removed} removed"
        )
        if done.damaged:
            raise CommandError("these have other bytes than they should: " + ", ".join(done.damaged[:50]))

    def _progress(self, done: Moved) -> None:
        self.stderr.write(f"{done.copied + done.there} files")
