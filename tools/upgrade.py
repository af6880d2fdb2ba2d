"""Make what an update begins with: the program of an earlier release runs, makes cases, and its database is dumped.

    python tools/upgrade.py --dump tests/install/upgrade/before.dump.xz [--from REVISION] [--cases N] [--home DIRECTORY]

The revision comes out of git and runs with its own source and packs in this environment's Python. With ``--cases`` so many cases
are made by its ``tongban demo cases``; without, one of every course that the demo county knows, and the dump is packed small
(``.xz``), to be kept. ``make test`` migrates that one, the campaign one with 10,000 cases (``tests/install/test_upgrade.py``).
See ``docs/how-to/upgrade.md``.
"""

from __future__ import annotations

import argparse
import io
import lzma
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
PREVIOUS = "5ab6583c70eb607ce41f6da030767db3deb9c03d"
"""The release before this one. While nothing has been released: what stood before version 0.2."""
UNNEEDED = (
    "procrastinate_events",
    "procrastinate_jobs",
    "procrastinate_periodic_defers",
    "django_session",
)
"""Tables that a kept dump has empty, because it lies in the repository."""


def unpack(revision: str, directory: Path) -> None:
    """Put the files of a revision into a directory. Raises SystemExit for one that git does not have."""
    done = subprocess.run(["git", "archive", revision], cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(f"upgrade: git has no {revision}: {done.stderr.decode().strip()}")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(directory, filter="data")
    directory.chmod(0o755)


def shorten(program: Path) -> None:
    """Leave of the past of the unpacked demo county one application of every course, and a few letters."""
    file = program / "packs" / "chengxi" / "history.yaml"
    past = yaml.safe_load(file.read_text("utf-8"))
    courses = {}
    for row in past["applications"]:
        course = tuple((step.get("task") or step.get("action"), step.get("outcome")) for step in row["steps"])
        courses.setdefault((row["item"], course), row)
    past["applications"] = list(courses.values())
    past["letters"] = past["letters"][:5]
    file.write_text(yaml.safe_dump(past, allow_unicode=True, sort_keys=False), "utf-8")


def dump(home: Path, target: Path, without: tuple[str, ...] = ()) -> None:
    """Dump the embedded database of a running home, with the tables ``without`` empty."""
    from tongban.main import database
    from tongban.main.supervisor.postgres import programs

    packed = target.suffix == ".xz"
    command = [
        str(programs() / "pg_dump"), "--format=custom", f"--compress={0 if packed else 6}", "--no-owner", "--no-privileges",
        f"--dbname={database.embedded_url(home, database.OWNER_ROLE)}",
        *(f"--exclude-table-data={name}" for name in without),
    ]  # fmt: skip
    environment = {**os.environ, "LC_ALL": "C", "PGTZ": "UTC"}
    if packed:
        content = subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE).stdout
        target.write_bytes(lzma.compress(content, preset=9 | lzma.PRESET_EXTREME))
    else:
        subprocess.run([*command, f"--file={target}"], check=True, env=environment)


def main(arguments: list[str] | None = None) -> int:
    """Do it."""
    parser = argparse.ArgumentParser("upgrade", description=__doc__)
    parser.add_argument("--from", dest="revision", default=PREVIOUS)
    parser.add_argument(
        "--cases", type=int, default=0, help="how many cases to add by its `tongban demo cases`"
    )
    parser.add_argument("--dump", type=Path, required=True)
    parser.add_argument(
        "--home", type=Path, help="a new directory that keeps its home, to be taken over by `tongban up`"
    )
    wanted = parser.parse_args(arguments)
    from tests.support.installation import Installation, open_directory

    with open_directory() as directory:
        program = directory / "program"
        unpack(wanted.revision, program)
        if not wanted.cases:
            shorten(program)
        home = wanted.home or directory / "home"
        source = {"PYTHONPATH": str(program / "src")}
        old = Installation(home).start(**source, TONGBAN_DEMO_PAST="1" if not wanted.cases else "0")
        try:
            old.wait_until_well(1200)
            if wanted.cases:
                done = old.command("demo", "cases", str(wanted.cases), patience=3600, **source)
                if done.returncode:
                    raise SystemExit(f"upgrade: {done.stderr.strip()}")
            dump(home, wanted.dump.absolute(), () if wanted.cases else UNNEEDED)
        finally:
            old.stop()
    sys.stdout.write(f"upgrade: {wanted.dump}: {wanted.dump.stat().st_size / 1024:.0f} kB\n")
    return 0


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]
    raise SystemExit(main())
