"""Every module is furnished alike."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.house import MODULES, SOURCE, Module, place

EVERY = pytest.mark.parametrize("module", MODULES.values(), ids=list(MODULES))
FURNISHED = [m for m in MODULES.values() if m.name not in ("main",)]
SAYS_NO_MORE_THAN = 90
"""Lines of a module's README: one screen, or two with a table."""


def test_every_package_is_in_the_house() -> None:
    packages = {p.parent.relative_to(SOURCE).as_posix().replace("/", ".") for p in SOURCE.glob("*/*/apps.py")}
    packages |= {p.parent.name for p in SOURCE.glob("*/apps.py")}
    assert packages <= {m.name for m in MODULES.values()}


@pytest.mark.parametrize("module", FURNISHED, ids=lambda m: m.name)
def test_every_module_says_what_it_is_for(module: Module) -> None:
    readme = module.path / "README.md"
    assert readme.is_file(), f"{module.name} has no README.md"
    text = readme.read_text("utf-8")
    assert text.startswith(f"# {module.label}"), f"{place(readme)} must begin with '# {module.label}'"
    assert "lways hold" in text, f"{place(readme)} does not say what always holds"
    assert len(text.splitlines()) <= SAYS_NO_MORE_THAN, f"{place(readme)} is longer than a screen"


@EVERY
def test_a_door_says_what_goes_through_it(module: Module) -> None:
    door = module.path / "service.py"
    if not door.exists():
        return
    tree = ast.parse(door.read_text("utf-8"))
    assert ast.get_docstring(tree), f"{place(door)} has no docstring"
    names = [
        n for n in tree.body if isinstance(n, ast.Assign) and getattr(n.targets[0], "id", "") == "__all__"
    ]
    assert names, f"{place(door)} has no __all__"


@EVERY
def test_migrations_have_spoken_names(module: Module) -> None:
    named_by_machine = [place(p) for p in module.files("migrations/0*.py") if "_auto_" in p.name]
    assert named_by_machine == []


# --- the clock -------------------------------------------------------------------------------------------------------

INNER = ("operations", "queries", "rules", "policies", "models")


EDGES_INSIDE = {
    "src/tongban/kernel/identity/operations/throttling.py": "throttle takes the request: it is a part of views"
}
"""Inner files that may ask the clock all the same, and why."""


def _asks_the_clock(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "tongban.base.time":
            yield from (
                f"{place(path)}:{node.lineno} imports {a.name}"
                for a in node.names
                if a.name in ("now", "today")
            )
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("now", "today")
        ):
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id in ("datetime", "date", "timezone"):
                yield f"{place(path)}:{node.lineno} calls {owner.id}.{node.func.attr}()"


@pytest.mark.parametrize("module", [m for m in FURNISHED if m.name != "base"], ids=lambda m: m.name)
def test_only_edges_ask_the_clock(module: Module) -> None:
    found = [
        line
        for path in module.files("*.py")
        if set(path.relative_to(module.path).with_suffix("").parts) & set(INNER)
        and place(path) not in EDGES_INSIDE
        for line in _asks_the_clock(path)
    ]
    assert found == []


# --- writes ----------------------------------------------------------------------------------------------------------


def _loose_operations(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            by_name = {a.arg for a in node.args.kwonlyargs}
            everything = {a.arg for a in node.args.args} | by_name
            if {"actor", "at"} <= everything and "actor" not in by_name:
                yield f"{place(path)}:{node.lineno} {node.name} takes its actor by position"


@EVERY
def test_operations_take_their_actor_by_name(module: Module) -> None:
    found = [line for path in module.files("operations/*.py") for line in _loose_operations(path)]
    assert found == []


def test_business_does_not_hang_on_receivers() -> None:
    """History and business belong to operations, never to signals of the object mapper."""
    found = [
        place(path)
        for module in MODULES.values()
        for path in module.files("*.py")
        if re.search(
            r"\b(post_save|(?<!\.)(?<!def )pre_save|post_delete|m2m_changed)\b", path.read_text("utf-8")
        )
    ]
    assert found == []
