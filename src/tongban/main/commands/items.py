"""``tongban items``: check the service items of this installation, or files of items before they are loaded."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tongban.main.commands import session

__all__ = ["run"]


def run(arguments: Sequence[str]) -> int:
    """Work on the catalogue. ``check`` ends with 0 when no item has an error, else with 1."""
    parser = argparse.ArgumentParser("tongban items", description=run.__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    check = verbs.add_parser("check", help="say what the rules of the catalogue hold against each item")
    check.add_argument(
        "files", nargs="*", type=Path, help="item.yaml files, checked without a database; by default all items in force"
    )  # fmt: skip
    check.add_argument("--json", action="store_true", help="for machines")
    check.add_argument("--strict", action="store_true", help="judge as in production, also in a demo")
    wanted = parser.parse_args(arguments)
    session.start()
    return session.guarded(lambda: _check(wanted))


def _check(wanted: Any) -> int:
    from django.conf import settings

    from tongban.apps.services import service as services

    is_demo = settings.TONGBAN_ENV == "demo" and not wanted.strict
    report: list[dict[str, Any]] = []
    try:
        for name, content in _of_files(wanted.files) if wanted.files else services.list_contents():
            flaws = services.check_item(content, is_demo=is_demo)
            report.append({"item": name, "flaws": [flaw.as_json() for flaw in flaws]})
    except (OSError, ValueError) as error:
        sys.stderr.write(f"tongban: {error}\n")
        return 1
    if wanted.json:
        print(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        _tell(report)
    return 1 if any(flaw["level"] == "error" for row in report for flaw in row["flaws"]) else 0


def _of_files(files: Sequence[Path]) -> Iterator[tuple[str, Any]]:
    import yaml

    for file in files:
        try:
            content = yaml.safe_load(file.read_text("utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise ValueError(f"{file}: {error}") from error
        if not isinstance(content, dict):
            raise ValueError(f"{file}: this is no item")
        yield str(file), content


def _tell(report: Sequence[Any]) -> None:
    language = session.language()
    marks = {"error": {"zh": "错误", "en": "error"}, "warning": {"zh": "提醒", "en": "warning"}}
    for row in report:
        for flaw in row["flaws"]:
            message = flaw["message"][language] or flaw["message"]["zh"]
            print(
                f"{row['item']}: {marks[flaw['level']][language]}: {flaw['path']}: {message} [{flaw['code']}]"
            )
    wrong = sum(any(flaw["level"] == "error" for flaw in row["flaws"]) for row in report)
    words = {
        "zh": f"共 {len(report)} 个事项，{wrong} 个有错误",
        "en": f"{len(report)} items, {wrong} of them with errors",
    }
    print(words[language])
