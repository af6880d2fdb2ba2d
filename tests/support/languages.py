"""Which texts exist in both languages, and how one finds a text that stands on a page in the wrong one.

The rule: a text that the program or the county's pack has in both languages must stand on a page in the language of the page.
What exists in one language only is data (names, addresses, what people wrote, numbers of papers) and stands as it is.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from babel.messages.pofile import read_po

from tests.support.installation import ROOT

__all__ = ["VISIBLE_TEXTS", "in_wrong_language"]

VISIBLE_TEXTS = """
() => {
  const language = document.documentElement.lang.slice(0, 2), found = new Set();
  const own = element => (element.closest('[lang]')?.lang ?? '').slice(0, 2) === language;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    if (node.data.trim() && !element.closest('script, style, template, noscript') && own(element)) found.add(node.data);
  }
  for (const element of document.body.querySelectorAll('[aria-label], [placeholder], [title], img[alt]'))
    for (const name of ['aria-label', 'placeholder', 'title', 'alt'])
      if (element.getAttribute(name) && own(element)) found.add(element.getAttribute(name));
  found.add(document.title);
  return [...found].map(text => text.replace(/\\s+/g, ' ').trim());
}
"""
"""Run in a page: its texts and labels, without those that are marked as being in another language."""

CALLS = {"LocalizedText", "T"}
HOLE = re.compile(r"%\([a-z_]+\)[sd]|%[sd]|\{[a-z_.]*\}")
CJK = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Pair:
    """A text in both languages; what stands in holes (``%(n)s``) may be anything."""

    zh: re.Pattern[str]
    en: re.Pattern[str]


def in_wrong_language(texts: list[str], language: str) -> list[str]:
    """Return the texts of a page in ``language`` ("zh", "en") that exist in it but stand there in the other one."""
    if language == "en":
        return [text for text in texts if CJK.search(text) and any(p.zh.fullmatch(text) for p in _pairs())]
    return [text for text in texts if not CJK.search(text) and any(p.en.fullmatch(text) for p in _pairs())]


@cache
def _pairs() -> tuple[Pair, ...]:
    found = {*_of_catalogues(), *_of_code(), *_of_pack()}
    return tuple(
        Pair(_pattern(zh), _pattern(en))
        for zh, en in sorted(found)
        if zh != en and CJK.search(HOLE.sub("", zh)) and len(re.sub(r"[^A-Za-z]", "", HOLE.sub("", en))) > 3
    )


def _pattern(text: str) -> re.Pattern[str]:
    parts = [re.escape(" ".join(part.split())) for part in HOLE.split(text.strip())]
    return re.compile(".*".join(parts), re.DOTALL)


def _of_catalogues() -> Iterator[tuple[str, str]]:
    for file in (ROOT / "src").rglob("locale/en/LC_MESSAGES/django.po"):
        with file.open("rb") as source:
            for message in read_po(source):
                ids = message.id if isinstance(message.id, tuple) else (message.id,)
                words = message.string if isinstance(message.string, tuple) else (message.string,)
                if ids[0]:
                    yield from ((ids[0], word) for word in words)


def _of_code() -> Iterator[tuple[str, str]]:
    for file in (ROOT / "src").rglob("*.py"):
        if "tests" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in CALLS:
                words = [*node.args, *(keyword.value for keyword in node.keywords)]
                texts = [word.value for word in words if isinstance(word, ast.Constant)]
                if len(texts) == 2 and all(isinstance(text, str) for text in texts):
                    yield str(texts[0]), str(texts[1])


def _of_pack() -> Iterator[tuple[str, str]]:
    for file in sorted(Path(ROOT / "packs").rglob("*.yaml")):
        if "sources" not in file.parts and file.name not in {"history.yaml", "accounts.yaml"}:
            yield from _walk(yaml.safe_load(file.read_text(encoding="utf-8")))


def _walk(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        if set(value) == {"zh", "en"} and all(isinstance(text, str) for text in value.values()):
            yield value["zh"], value["en"]
        for child in value.values():
            yield from _walk(child)
    elif isinstance(value, list):
        for child in value:
            yield from _walk(child)
