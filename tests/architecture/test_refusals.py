"""Every refusal has a code of its own and words in both languages."""

from __future__ import annotations

import importlib
from collections import defaultdict
from collections.abc import Iterator

from tests.architecture.house import MODULES
from tongban.base.errors import TongbanError


def _refusals() -> Iterator[type[TongbanError]]:
    for module in MODULES.values():
        for path in module.files("errors.py"):
            parts = path.relative_to(module.path).with_suffix("").parts
            importlib.import_module(".".join(["tongban", module.name, *parts]))
    waiting = [TongbanError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith("tongban.") and ".tests." not in kind.__module__:
            yield kind


def test_every_refusal_has_words_in_both_languages() -> None:
    silent = [kind.__qualname__ for kind in _refusals() if not kind.title.zh or not kind.title.en]
    assert silent == []


def test_every_refusal_has_a_code_of_its_own() -> None:
    by_code = defaultdict(set)
    for kind in _refusals():
        by_code[kind.code].add(f"{kind.__module__}.{kind.__qualname__}")
    doubled = {code: sorted(kinds) for code, kinds in by_code.items() if len(kinds) > 1}
    assert doubled == {}


def test_refusals_stand_in_errors() -> None:
    stray = [
        f"{kind.__module__}.{kind.__qualname__}"
        for kind in _refusals()
        if "errors" not in kind.__module__.rpartition(".")[2]
    ]
    assert stray == []
