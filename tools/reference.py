"""Write the tables of the reference that the code itself can tell: pages, API operations, refusals.

    python tools/reference.py          # bring docs/reference up to date
    python tools/reference.py check    # say what is out of date; exit code 1

Each page has words of its own; only what stands between the two marks is written here.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "reference"
BEGIN, END = "<!-- written by tools/reference.py: begin -->", "<!-- end -->"

sys.path.insert(0, str(ROOT / "src"))


def start() -> None:
    """Set Django up; no database is needed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongban.main.settings")
    import django

    django.setup()


def routes() -> Iterator[tuple[str, str, str, str]]:
    """Yield module, address, name and first words of every page (the API is described by itself)."""
    from django.urls import get_resolver

    yield from _routes(get_resolver(), "", "")


def _routes(resolver: Any, prefix: str, namespace: str) -> Iterator[tuple[str, str, str, str]]:
    for pattern in resolver.url_patterns:
        address = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            if pattern.namespace != "api":
                inner = f"{pattern.namespace}:" if pattern.namespace else namespace
                yield from _routes(pattern, address, inner)
        else:
            view = getattr(pattern.callback, "view_class", pattern.callback)
            module = view.__module__.removeprefix("tongban.").split(".views")[0]
            yield module, f"/{address}", f"{namespace}{pattern.name}", _first_words(view)


def operations() -> Iterator[tuple[str, str, str, str, str]]:
    """Yield tag, method, path, summary and who may call, of every operation of the API."""
    from tongban.main.api import api

    for path, methods in api.get_openapi_schema()["paths"].items():
        for method, operation in methods.items():
            who = "token" if operation.get("security") else "open"
            yield operation["tags"][0], method.upper(), path, operation.get("summary", ""), who


def refusals() -> Iterator[type]:
    """Yield every kind of refusal of the program, tests' own excepted."""
    from tongban.base.errors import TongbanError

    for file in sorted((ROOT / "src" / "tongban").rglob("errors.py")):
        importlib.import_module(".".join(file.relative_to(ROOT / "src").with_suffix("").parts))
    importlib.import_module("tongban.main.urls")
    yield from (each for each in _below(TongbanError) if ".tests." not in each.__module__)


def _below(kind: type) -> Iterator[type]:
    yield kind
    for each in kind.__subclasses__():
        yield from _below(each)


def _first_words(thing: Any) -> str:
    text = " ".join((thing.__doc__ or "").split("\n\n")[0].split())
    return text.replace("``", "`").replace("|", "\\|").replace("<", "&lt;")


def routes_table() -> str:
    """Return the pages, a table for each module."""
    return _grouped(
        (module, (f"`{address}`", f"`{name}`", words)) for module, address, name, words in routes()
    )("Address", "Name", "What it does")


def operations_table() -> str:
    """Return the API's operations, a table for each tag."""
    rows = ((tag, (method, f"`{path}`", summary, who)) for tag, method, path, summary, who in operations())
    return _grouped(rows)("Method", "Path", "What it does", "Who")


def refusals_table() -> str:
    """Return the refusals, sorted by module and code."""
    rows = []
    for each in sorted(set(refusals()), key=lambda each: (each.__module__, each.code)):  # type: ignore[attr-defined]
        module = each.__module__.removeprefix("tongban.").removesuffix(".errors").split(".operations")[0]
        title = each.title  # type: ignore[attr-defined]
        rows.append((module, (f"`{each.code}`", str(each.status), title.en, title.zh, _first_words(each))))  # type: ignore[attr-defined]
    return _grouped(iter(rows))("Code", "Status", "Title", "标题", "When")


def items_table() -> str:
    """Return the elements of a service item: field, where the guide shows it, the test that sees it there."""
    from tongban.apps.services.rules.listing import ELEMENTS

    test = "`tests/county/test_item_elements.py::test_every_element_stands_on_the_guide[{}]`"
    rows = (
        (
            each.group.en,
            (each.label.zh, each.label.en, f"`{each.path}`", each.shown.en, test.format(each.path)),
        )
        for each in ELEMENTS
    )
    return _grouped(rows)("要素", "Element", "Field", "Shown in the guide under", "Test")


def _grouped(rows: Iterator[tuple[str, tuple[str, ...]]]) -> Callable[..., str]:
    groups: dict[str, list[tuple[str, ...]]] = {}
    for group, cells in rows:
        groups.setdefault(group, []).append(cells)

    def draw(*heads: str) -> str:
        lines: list[str] = []
        for group, cells in groups.items():
            lines += [f"## {group}", "", f"| {' | '.join(heads)} |", "|" + " --- |" * len(heads)]
            lines += [*(f"| {' | '.join(row)} |" for row in cells), ""]
        return "\n".join(lines)

    return draw


PAGES: dict[str, Callable[[], str]] = {
    "routes.md": routes_table,
    "api.md": operations_table,
    "errors.md": refusals_table,
    "items.md": items_table,
}


def renewed(text: str, table: str) -> str:
    """Return a page with another table between its marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table}\n{END}{after}"


def out_of_date() -> dict[str, str]:
    """Return the pages that the code contradicts, with what they should say."""
    found = {}
    for name, make in PAGES.items():
        text = (REFERENCE / name).read_text("utf-8")
        wanted = renewed(text, make())
        if text != wanted:
            found[name] = wanted
    return found


def main() -> int:
    """Write, or only check."""
    start()
    stale = out_of_date()
    if "check" in sys.argv[1:]:
        for name in stale:
            sys.stderr.write(f"docs/reference/{name} is out of date: run python tools/reference.py\n")
        return 1 if stale else 0
    for name, text in stale.items():
        (REFERENCE / name).write_text(text, "utf-8")
        sys.stdout.write(f"docs/reference/{name}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
