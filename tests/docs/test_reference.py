"""The reference names every page, API operation, refusal, event and handler, and none that does not exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.installation import ROOT
from tongban.base import outbox
from tools import reference

EVENTS = (ROOT / "docs/reference/events.md").read_text("utf-8")


@pytest.mark.parametrize("page", reference.PAGES)
def test_what_the_code_can_tell_is_up_to_date(page: str) -> None:
    """Addresses, names and codes must agree; the words beside them may lag until the page is written again."""
    _, _, rest = (reference.REFERENCE / page).read_text("utf-8").partition(reference.BEGIN)
    written, _, _ = rest.partition(reference.END)
    assert firm_cells(written) == firm_cells(reference.PAGES[page]()), "run python tools/reference.py"


def firm_cells(text: str) -> list[str]:
    return re.findall(r"^(\| [^|]+ \| [^|]+ \|)", text, re.M)


def test_every_page_has_words() -> None:
    speechless = [name for _module, _address, name, words in reference.routes() if not words]
    assert speechless == []


def test_every_operation_of_the_api_has_a_summary() -> None:
    speechless = [
        f"{method} {path}" for _tag, method, path, words, _who in reference.operations() if not words
    ]
    assert speechless == []


def test_codes_of_refusals_are_unique() -> None:
    codes: dict[str, type] = {}
    for each in reference.refusals():
        code = each.code  # type: ignore[attr-defined]
        assert codes.setdefault(code, each) is each, f"{each} and {codes[code]} share the code {code!r}"


def test_every_event_is_explained() -> None:
    named = set(re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \| (?!`[a-z_]+\.)", EVENTS, re.M))
    assert set(announced()) == named


def test_every_handler_is_explained() -> None:
    named = set(re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \| `([a-z_]+\.[a-z_]+)` \|", EVENTS, re.M))
    assert {(event, key) for event in announced() for key in outbox.handlers_of(event)} == named


def announced() -> Iterator[str]:
    """Yield the name of every event in a call of ``announce``: written there, or a constant of ``events.py``."""
    for file in sorted((ROOT / "src" / "tongban").rglob("*.py")):
        if "tests" in file.parts or file.name == "outbox.py":
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and _called(node) == "announce":
                yield _event(node.args[0], file)


def _called(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def _event(name: ast.expr, file: Path) -> str:
    if isinstance(name, ast.Constant):
        return str(name.value)
    constant = getattr(name, "attr", getattr(name, "id", ""))
    source = (_module_of(file) / "events.py").read_text("utf-8")
    found = re.search(rf'^{constant} = "([^"]+)"', source, re.M)
    assert found, f"{file}: announce({ast.unparse(name)}) names no constant of events.py"
    return found[1]


def _module_of(file: Path) -> Path:
    return next(parent for parent in file.parents if (parent / "apps.py").exists())
