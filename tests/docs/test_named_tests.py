"""The reference is the specification, the threat model a promise: each test that they name exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.support.installation import ROOT

NAMED = re.compile(r"`((?:src|tests)/[\w/]+/test_\w+\.py)(?:::(\w+))?`")
PAGES = [
    *sorted([*(ROOT / "docs" / "reference").glob("*.md"), *(ROOT / "docs" / "explanation").glob("*.md")]),
    ROOT / "docs" / "zh" / "threats.md",
    ROOT / "docs" / "zh" / "dengbao.md",
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_test_named_in_the_reference_exists(page: Path) -> None:
    missing = []
    for path, function in NAMED.findall(page.read_text("utf-8")):
        file = ROOT / path
        if not file.is_file():
            missing.append(path)
        elif function and function not in functions_of(file):
            missing.append(f"{path}::{function}")
    assert not missing


def functions_of(file: Path) -> set[str]:
    """Return the names of a test file's functions and classes."""
    return {
        node.name
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
