"""Templates and addresses keep the storeys too: import-linter sees neither.

``{% url_if %}`` is left out on purpose: it draws nothing where the page does not exist, so it binds nobody.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.house import MODULES, Module, may_know, place

WITH_TEMPLATES = [m for m in MODULES.values() if (m.path / "templates").is_dir()]
BY_MODULE = pytest.mark.parametrize("module", WITH_TEMPLATES, ids=lambda m: m.name)
COMMENT = re.compile(r"\{#.*?#\}|\{%\s*comment\b.*?%\}.*?\{%\s*endcomment\s*%\}", re.S)
USES = re.compile(r"""\{%\s*(url|include|extends)\s+(?:"([^"]+)"|'([^']+)')""")
LANGUAGE = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.S)
TAGS = re.compile(r"<(?!!)[^>]*>", re.S)


def _text(path: Path) -> str:
    return COMMENT.sub("", path.read_text("utf-8"))


def _owner(kind: str, name: str) -> Module | None:
    """Return the module that a template or an address belongs to, None for one that stands in no namespace."""
    first, mark, _ = name.partition(":" if kind == "url" else "/")
    return MODULES.get(first) if mark else None


@BY_MODULE
def test_templates_use_only_what_stands_below(module: Module) -> None:
    wrong = []
    for path in module.files("templates/**/*.html"):
        for kind, double, single in USES.findall(_text(path)):
            name = double or single
            owner = _owner(kind, name)
            if owner is None and kind == "url":
                wrong.append(f"{place(path)}: {kind} {name!r} has no namespace")
            elif owner is not None and not may_know(module, owner):
                wrong.append(f"{place(path)}: {kind} {name!r} belongs to {owner.name}")
    assert wrong == []


@BY_MODULE
def test_templates_stand_in_a_folder_of_the_modules_name(module: Module) -> None:
    """Or two modules' templates of one name would hide one another. Design alone owns Django's pages of errors."""
    folder = module.path / "templates"
    wrong = [
        place(path)
        for path in module.files("templates/**/*.html")
        if path.relative_to(folder).parts[0] != module.label and module.label != "design"
    ]
    assert wrong == []


@BY_MODULE
def test_templates_are_fit_for_a_strict_content_policy(module: Module) -> None:
    wrong = []
    for path in module.files("templates/**/*.html"):
        for tag in TAGS.findall(LANGUAGE.sub(" ", _text(path))):
            if re.match(r"<script\b(?![^>]*\bsrc=)(?![^>]*type=\"application/(ld\+)?json\")", tag):
                wrong.append(f"{place(path)}: a script stands in the page")
            if re.search(r"\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|href=[\"']javascript:", tag):
                wrong.append(f"{place(path)}: {tag[:80]}")
    assert wrong == []


@pytest.mark.parametrize("module", MODULES.values(), ids=list(MODULES))
def test_nobodys_text_is_declared_safe(module: Module) -> None:
    found = [
        f"{place(path)}: {match}"
        for pattern in ("*.html", "*.py", "*.txt")
        for path in module.files(pattern)
        for match in re.findall(r"\|\s*safe(?:seq)?\b|\bmark_safe\b|\{%\s*autoescape off", _text(path))
    ]
    assert found == []


# --- addresses in Python ---------------------------------------------------------------------------------------------

MAKERS = {"reverse", "reverse_lazy", "redirect", "resolve_url"}


def _addresses(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        first = node.args[0]
        if (
            name in MAKERS
            and isinstance(first, ast.Constant)
            and isinstance(first.value, str)
            and ":" in first.value
        ):
            yield node.lineno, first.value


@pytest.mark.parametrize("module", MODULES.values(), ids=list(MODULES))
def test_code_makes_addresses_only_of_what_stands_below(module: Module) -> None:
    wrong = []
    for path in module.files("*.py"):
        for line, name in _addresses(path):
            owner = _owner("url", name)
            if owner is not None and not may_know(module, owner):
                wrong.append(f"{place(path)}:{line} {name!r} belongs to {owner.name}")
    assert wrong == []
