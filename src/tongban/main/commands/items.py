"""``tongban items``: check service items, take a table of items into the catalogue."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tongban.base import spreadsheets
from tongban.main.commands import session

__all__ = ["run"]


def run(arguments: Sequence[str]) -> int:
    """Work on the catalogue. ``check`` ends with 1 when an item has an error, ``import`` when a row was given back."""
    parser = argparse.ArgumentParser("tongban items", description=run.__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    check = verbs.add_parser("check", help="say what the rules of the catalogue hold against each item")
    check.add_argument(
        "files", nargs="*", type=Path,
        help="item.yaml files, each with the form.yaml and tables/ beside it, without a database; by default all items in force",
    )  # fmt: skip
    check.add_argument("--json", action="store_true", help="for machines")
    check.add_argument("--strict", action="store_true", help="judge as in production, also in a demo")
    imports = verbs.add_parser("import", help="take a CSV or XLSX table of items; again changes nothing")
    imports.add_argument("file", type=Path)
    imports.add_argument(
        "--map", action="append", default=[], metavar="ELEMENT=COLUMN", type=_pair,
        help="which column (its header or its number) is which element; an empty column leaves it out",
    )  # fmt: skip
    imports.add_argument(
        "--unit", action="append", default=[], metavar="NAME=CODE", type=_pair, help="a body in the table is this unit"
    )  # fmt: skip
    imports.add_argument(
        "--units", choices=["adopt", "refuse"], default="adopt",
        help="bodies that are no unit here: take them up, each listed (the default), or give their rows back",
    )  # fmt: skip
    imports.add_argument(
        "--source", default="", help="where the table comes from; its limits then count as verified"
    )
    imports.add_argument("--preview", action="store_true", help="say what would happen, write nothing")
    imports.add_argument(
        "--rejected", type=Path, help="where to write the rows that were given back (FILE.rejected.csv)"
    )
    imports.add_argument("--json", action="store_true", help="for machines")
    wanted = parser.parse_args(arguments)
    session.start()
    return session.guarded(lambda: {"check": _check, "import": _import}[wanted.verb](wanted))


def _pair(text: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not mark or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _import(wanted: Any) -> int:
    from tongban.apps.services import service as services
    from tongban.base.actor import Actor
    from tongban.base.text import LocalizedText
    from tongban.base.time import now

    choices = services.Choices(
        mapping=dict(wanted.map),
        units=dict(wanted.unit),
        adopt=wanted.units == "adopt",
        source=LocalizedText(wanted.source),
    )
    try:
        content = wanted.file.read_bytes()
        if wanted.preview:
            report = services.preview_import(content=content, choices=choices)
        else:
            actor = Actor(channel="command", name=f"tongban items import ({session.operator()})")
            report = services.import_items(
                actor=actor, content=content, choices=choices, at=now(), progress=_progress
            )
        rejected = None
        if report.rejected and not wanted.preview:
            rejected = wanted.rejected or wanted.file.with_name(f"{wanted.file.stem}.rejected.csv")
            with rejected.open("w", encoding="utf-8", newline="") as out:
                out.writelines(spreadsheets.write_csv(report.rejected_table()))
    except OSError as error:
        sys.stderr.write(f"tongban: {error.filename}: {error.strerror}\n")
        return 1
    if wanted.json:
        units = [{"name": u.name, "unit": u.unit.code if u.unit else None, "by": u.by, "rows": u.rows}
                 for u in report.units.values()]  # fmt: skip
        print(
            json.dumps(
                {**report.counts(), "mapping": report.mapping, "units": units}, ensure_ascii=False, indent=2
            )
        )
    else:
        _tell_import(report, rejected)
    return 1 if report.rejected else 0


def _progress(done: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done}")
        sys.stderr.flush()


def _tell_import(report: Any, rejected: Path | None) -> None:
    language = session.language()

    def say(zh: str, en: str) -> None:
        print(zh if language == "zh" else en)

    n = report.counts()
    say(
        "共 {total} 行：新增 {new}，更新 {changed}，没变 {same}，已能办理、不动 {kept}，退回 {rejected}".format(
            **n
        ),
        "{total} rows: {new} new, {changed} changed, {same} the same, {kept} left alone (they have a form), "
        "{rejected} given back".format(**n),
    )
    for found in report.adopted:
        say(
            f"导入单位（不是本地单位）：{found.name}，{found.rows} 项",
            f"imported unit (none of ours): {found.name}, {found.rows} items",
        )
    for row in report.rejected[:20]:
        reasons = "; ".join(str(reason) for reason in row.reasons)
        say(f"第 {row.number} 行：{reasons}", f"row {row.number}: {reasons}")
    if len(report.rejected) > 20:
        say(f"……还有 {len(report.rejected) - 20} 行", f"... and {len(report.rejected) - 20} more")
    if rejected is not None:
        say(f"退回的行写在 {rejected}", f"the rows given back are in {rejected}")


def _check(wanted: Any) -> int:
    from django.conf import settings

    from tongban.apps.services import service as services
    from tongban.base.time import now

    is_demo = settings.TONGBAN_ENV == "demo" and not wanted.strict
    report: list[dict[str, Any]] = []
    try:
        at = now()
        for name, content in _of_files(wanted.files) if wanted.files else services.list_contents():
            if wanted.files:
                flaws = services.check_together(content, is_demo=is_demo, at=at, **_beside(Path(name)))
            else:
                flaws = services.faults_of(content, at=at, is_demo=is_demo)
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
    for file in files:
        yield str(file), _mapping_in(file, "this is no item")


def _beside(file: Path) -> dict[str, Any]:
    """Return how the form and the tables that an item's file names are found: beside it, as a pack keeps them."""
    form = file.with_name("form.yaml")
    near = [_mapping_in(form, "this is no form")] if form.exists() else []
    tables = [_mapping_in(table, "this is no table") for table in sorted(file.parent.glob("tables/*.yaml"))]

    def among(contents: Sequence[Any]) -> Callable[[str], Any]:
        return lambda key: next((each for each in contents if each.get("key") == key), None)

    return {"form_of": among(near), "table_of": among(tables)}


def _mapping_in(file: Path, otherwise: str) -> Any:
    import yaml

    try:
        content = yaml.safe_load(file.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{file}: {error}") from error
    if not isinstance(content, dict):
        raise ValueError(f"{file}: {otherwise}")
    return content


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
