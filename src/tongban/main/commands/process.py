"""``tongban process check FILE``: would this file be published? ``tongban process export KEY``: the file of a published one."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tongban.main.commands import session

if TYPE_CHECKING:
    from tongban.kernel.processes.service import Examination, Problem

__all__ = ["run"]

KEYS = ("TONGBAN_SECRET_KEY", "TONGBAN_BLIND_KEY")
"""What settings would make an installation for: a mere look gets keys that are thrown away."""


def run(arguments: Sequence[str]) -> int:
    """Judge a BPMN file as publishing does, or write a published one to standard output."""
    parser = argparse.ArgumentParser("tongban process", description=run.__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    check = verbs.add_parser("check", help="say as JSON what publishing would say; needs no database")
    check.add_argument("file", type=Path, help="a BPMN 2.0 file")
    export = verbs.add_parser("export", help="write a published process as BPMN")
    export.add_argument("key", help="the key of the process: food-licence-new")
    export.add_argument("--version", type=int, help="by default the current one")
    wanted = parser.parse_args(arguments)
    if wanted.verb == "export":
        session.start()
        return session.guarded(lambda: _export(wanted.key, wanted.version))
    return _check(wanted.file)


def _check(file: Path) -> int:
    for name in KEYS:
        os.environ.setdefault(name, secrets.token_urlsafe(48))
    os.environ.setdefault("TONGBAN_DATA_KEYS", f"1:{secrets.token_urlsafe(48)}")
    session.start()
    from tongban.kernel.processes import service as processes

    try:
        with file.open("rb") as opened:
            content = opened.read(processes.MAX_BYTES + 1)
    except OSError as error:
        sys.stderr.write(f"tongban: {file}: {error.strerror}\n")
        return 1
    examined = processes.examine(content)
    print(json.dumps(_report(examined), ensure_ascii=False, indent=2))
    return 0 if examined.is_publishable else 1


def _report(examined: Examination) -> dict[str, Any]:
    return {
        "importable": examined.graph is not None,
        "unsupported": [_problem(problem) for problem in examined.unsupported],
        "problems": [_problem(problem) for problem in examined.problems],
        "soundness": examined.soundness,
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "element": problem.element,
        "id": problem.id,
        "reason": {"zh": problem.zh, "en": problem.en},
    }


def _export(key: str, version: int | None) -> int:
    from tongban.kernel.processes import service as processes

    sys.stdout.buffer.write(processes.export_definition(key, version))
    sys.stdout.buffer.flush()
    return 0
