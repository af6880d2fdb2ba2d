"""Both READMEs list every row of the product, and what they say works is shown by a test that exists."""

from __future__ import annotations

import ast
import re

import pytest

from tests.support.installation import ROOT

ROWS = [
    *(f"A{number}" for number in range(1, 10)),
    *(f"B{number}" for number in range(1, 9)),
    *(f"C{number}" for number in range(1, 15)),
    *(f"D{number}" for number in range(1, 8)),
    *(f"E{number}" for number in range(1, 10)),
]
"""What the product is meant to cover, by letter: open to the public, services, inside the office, data, governing the system."""

READMES = {"README.md": "not yet", "README.zh-CN.md": "还没有"}
ROW = re.compile(r"^\| ([A-E]\d+) \| ([^|]+) \| ([^|]+) \|([^|]*)\|$", re.M)
each_readme = pytest.mark.parametrize("name", READMES)


def rows(name: str) -> list[tuple[str, str, list[str]]]:
    """Return id, what works, and the tests named, of every row of a README's table."""
    text = (ROOT / name).read_text("utf-8")
    return [
        (key, works.strip(), re.findall(r"`([^`]+)`", tests)) for key, _, works, tests in ROW.findall(text)
    ]


@each_readme
def test_every_row_is_there_once_and_in_order(name: str) -> None:
    assert [key for key, _, _ in rows(name)] == ROWS


@each_readme
def test_what_works_names_a_test_and_what_does_not_names_none(name: str) -> None:
    wrong = [key for key, works, tests in rows(name) if (works == READMES[name]) == bool(tests)]
    assert wrong == []


@each_readme
def test_every_named_test_exists(name: str) -> None:
    missing = [test for _, _, tests in rows(name) for test in tests if not exists(test)]
    assert missing == []


def test_both_languages_say_the_same() -> None:
    english, chinese = (
        [(key, tests) for key, _, tests in rows(name)] for name in ("README.md", "README.zh-CN.md")
    )
    assert english == chinese


@each_readme
def test_every_file_that_is_linked_exists(name: str) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", (ROOT / name).read_text("utf-8"))
    assert [link for link in links if not (ROOT / link).exists()] == []


def exists(test: str) -> bool:
    """True when ``path::name`` is a test function of the repository."""
    path, _, function = test.partition("::")
    file = ROOT / path
    if not file.is_file():
        return False
    tree = ast.parse(file.read_text("utf-8"))
    return any(isinstance(node, ast.FunctionDef) and node.name == function for node in tree.body)
