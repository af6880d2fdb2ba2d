"""Compile the translations, and check that every Chinese msgid of the templates and the Python code has its English.

No gettext program is needed: templates become Python-like source by Django's own ``templatize``, Babel reads that and the code.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.template.base import Lexer, TokenType
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")
MARKED = re.compile(r"""_\((?:"[^"]*"|'[^']*')\)""")


def catalogues() -> Iterator[Path]:
    """Yield every module's English catalogue."""
    yield from sorted(SOURCE.rglob("locale/en/LC_MESSAGES/django.po"))


def compile_all() -> None:
    """Write the ``.mo`` beside every ``.po``."""
    for path in sorted(SOURCE.rglob("locale/*/LC_MESSAGES/*.po")):
        with path.open("rb") as source:
            catalogue = read_po(source, locale=path.parents[1].name)
        with path.with_suffix(".mo").open("wb") as target:
            write_mo(target, catalogue)


def product_files() -> Iterator[Path]:
    """Yield the Python files and templates whose texts people read; tests are left out."""
    for path in sorted(
        [*SOURCE.rglob("*.py"), *SOURCE.rglob("templates/**/*.html"), *SOURCE.rglob("templates/**/*.txt")]
    ):
        if "/tests/" not in str(path):
            yield path


def messages_of(text: str, *, is_template: bool) -> Iterator[tuple[int, str]]:
    """Yield line and msgid of everything a file marks for translation."""
    source = templatize(text) if is_template else text
    for line, found, _comments, _context in extract("python", io.BytesIO(source.encode()), KEYWORDS):
        for msgid in found if isinstance(found, tuple) else (found,):
            if isinstance(msgid, str) and CHINESE.search(msgid):
                yield line, msgid


def bare_text_of(text: str) -> Iterator[tuple[int, str]]:
    """Yield the Chinese of a template that nothing marks for translation (a line with its own ``lang="zh`` is meant).

    Arguments of other tags and of filters count too: ``{% tag "green" "已办好" %}``, ``{{ name|default:"未填" }}``.
    """
    inside = ""
    for token in Lexer(text).tokenize():
        if token.token_type == TokenType.BLOCK:
            word = token.contents.split()[0]
            if inside:
                inside = "" if word == inside else inside
                continue
            if word in {"blocktranslate", "blocktrans", "comment"}:
                inside = f"end{word}"
                continue
            if word in {"translate", "trans"}:
                continue
        if inside or token.token_type == TokenType.COMMENT:
            continue
        for number, line in enumerate(MARKED.sub("", token.contents).splitlines()):
            if CHINESE.search(line) and 'lang="zh' not in line:
                yield (token.lineno or 0) + number, line.strip()


def placeholders(text: str) -> set[str]:
    """Return the names a text leaves to be filled in: ``%(n)s`` and ``{n}``."""
    return {first or second for first, second in PLACEHOLDER.findall(text.replace("%%", ""))}


def check() -> int:
    """Print what has no English; return how many."""
    settings.configure(USE_I18N=True)
    known: set[str] = set()
    faults: list[str] = []
    for path in catalogues():
        with path.open("rb") as source:
            for message in read_po(source, locale="en"):
                ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
                texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
                if message.id and all(texts) and not message.fuzzy:
                    known.update(ids)
                    if any(placeholders(one) != placeholders(ids[0]) for one in texts):
                        faults.append(f"{path.relative_to(ROOT)}: other placeholders in English: {ids[0]!r}")
    for path in product_files():
        text, is_template = path.read_text(), path.suffix != ".py"
        for line, msgid in messages_of(text, is_template=is_template):
            if msgid not in known:
                faults.append(f"{path.relative_to(ROOT)}:{line}: no English for {msgid!r}")
        for line, bare in bare_text_of(text) if path.suffix == ".html" else ():
            faults.append(f"{path.relative_to(ROOT)}:{line}: Chinese outside a translation tag: {bare}")
    for fault in sorted(set(faults)):
        sys.stdout.write(f"{fault}\n")
    sys.stdout.write(f"translations: {len(set(faults))} missing\n")
    return len(faults)


if __name__ == "__main__":
    if sys.argv[1:] == ["compile"]:
        compile_all()
    else:
        raise SystemExit(1 if check() else 0)
