"""``tongban organisation import``: units, posts, officials, people, entities and mandates from tables."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tongban.main.commands import session

__all__ = ["run"]

TABLES = ("units", "posts", "officials", "people", "entities", "mandates")


def run(arguments: Sequence[str]) -> int:
    """Bring organisation and people from CSV or XLSX tables: everything, or nothing when a row is wrong."""
    parser = argparse.ArgumentParser("tongban organisation", description=run.__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    imports = verbs.add_parser("import", help="the same tables again change nothing")
    for table in TABLES:
        imports.add_argument(f"--{table}", type=Path, metavar="FILE")
    imports.add_argument(
        "--links", type=Path, metavar="FILE", help="where to write the links by which passwords are set"
    )
    imports.add_argument("--preview", action="store_true", help="say what is wrong, write nothing")
    wanted = parser.parse_args(arguments)
    files = {table: getattr(wanted, table) for table in TABLES if getattr(wanted, table)}
    if not files:
        parser.error("give a table: --units, --posts, --officials, --people, --entities or --mandates")
    if wanted.officials and not (wanted.links or wanted.preview):
        parser.error("with --officials say where the links go: --links FILE")
    session.start()
    return session.guarded(lambda: _import(wanted, files))


def _import(wanted: Any, files: dict[str, Path]) -> int:
    from django.conf import settings
    from django.db import transaction
    from django.urls import reverse

    from tongban.base import spreadsheets
    from tongban.base.actor import Actor
    from tongban.base.time import now
    from tongban.main.organisation import bring

    spoken = session.language()
    actor = Actor.system(f"tongban organisation import ({session.operator()})")
    try:
        tables = {table: file.read_bytes() for table, file in files.items()}
        with transaction.atomic():  # the links are written before anything is committed: none is lost
            report = bring(tables=tables, actor=actor, at=now(), preview=wanted.preview)
            if report.links:
                rows = [["username", "link"]]
                for username, secret in report.links:
                    path = reverse("identity:invitation", args=[secret])
                    rows.append([username, settings.TONGBAN_PUBLIC_URL.rstrip("/") + path])
                handle = os.open(wanted.links, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
                    out.writelines(spreadsheets.write_csv(rows))
    except OSError as error:
        sys.stderr.write(f"tongban: {error.filename}: {error.strerror}\n")
        return 1
    for table, number, text in report.faults[:50]:
        print(f"{files[table]}:{number}: {text.in_language(spoken)}")
    if len(report.faults) > 50:
        print(f"... {len(report.faults) - 50}")
    counts = ", ".join(f"{table}: {count}" for table, count in report.rows.items())
    if report.faults:
        print(f"{counts}; {len(report.faults)} wrong, nothing was written")
        return 1
    print(counts + ("; preview, nothing was written" if wanted.preview else ""))
    return 0
