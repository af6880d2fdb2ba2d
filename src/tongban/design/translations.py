"""Finds texts that would be shown in Chinese to an English reader. ``python -m
tongban.design.translations`` in every check.

It reads every template and Python file of the product with the same rules as Django's own collector, takes
together all ``locale/en/LC_MESSAGES/django.po`` files, and reports

- a text without an English translation (or with a fuzzy or empty one),
- Chinese characters of a template that stand outside ``{% translate %}`` and ``{% blocktranslate %}``,
- placeholders that differ between a text and its translation.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "Finding",
    "Message",
    "check",
    "messages_in_python",
    "messages_in_template",
    "read_po",
    "translated",
]

HAN = re.compile(r"[㐀-鿿豈-﫿]")
_GETTEXT = {"_", "gettext", "gettext_lazy", "gettext_noop", "pgettext", "pgettext_lazy"}
_NGETTEXT = {"ngettext", "ngettext_lazy", "npgettext", "npgettext_lazy"}
_TAG = re.compile(r"{%-?\s*(.*?)\s*-?%}|{#.*?#}", re.DOTALL)
_COMMENT = re.compile(r"{%\s*comment\b.*?%}.*?{%\s*endcomment\s*%}|{#.*?#}|<!--.*?-->", re.DOTALL)
_TRANSLATE = re.compile(r"""{%\s*(?:translate|trans)\s+("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')[^%]*%}""")
_UNDERSCORE = re.compile(r"""_\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*\)""")
_BLOCK = re.compile(
    r"{%\s*(?:blocktranslate|blocktrans)\b(?P<options>[^%]*)%}(?P<body>.*?){%\s*endblocktrans(?:late)?\s*%}",
    re.DOTALL,
)
_PLURAL = re.compile(r"{%\s*plural\s*%}")
_VARIABLE = re.compile(r"{{\s*(\w+)\s*}}")
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|{(\w*)}")
_LANGUAGE_NAMES = {"中文", "简体中文", "中"}


@dataclass(frozen=True, slots=True)
class Message:
    """A text to translate, and where it stands."""

    text: str
    path: Path
    line: int


@dataclass(frozen=True, slots=True)
class Finding:
    """Something an English reader would stumble over."""

    path: Path
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


def messages_in_template(source: str, path: Path) -> Iterator[Message]:
    """Yield every text a template translates."""
    source = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), source)
    for pattern in (_TRANSLATE, _UNDERSCORE):
        for found in pattern.finditer(source):
            yield Message(ast.literal_eval(found[1]), path, _line(source, found.start()))
    for found in _BLOCK.finditer(source):
        body = found["body"]
        if re.search(r"\btrimmed\b", found["options"]):
            body = " ".join(part.strip() for part in body.strip().splitlines())
        for text in _PLURAL.split(body)[:1]:
            yield Message(
                _VARIABLE.sub(r"%(\1)s", text.replace("%", "%%")), path, _line(source, found.start())
            )


def messages_in_python(source: str, path: Path) -> Iterator[Message]:
    """Yield every literal text a Python file hands to gettext."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        position = 1 if name.lstrip("n").startswith("pgettext") else 0
        if name in _GETTEXT | _NGETTEXT and len(node.args) > position:
            text = node.args[position]
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                yield Message(text.value, path, node.lineno)


def bare_chinese(source: str) -> Iterator[tuple[int, str]]:
    """Yield the Chinese texts of a template that are not translated, by line.

    Names of languages are themselves.
    """
    blank = lambda found: "\n" * found[0].count("\n")  # noqa: E731
    for pattern in (_COMMENT, _BLOCK, _TRANSLATE, _UNDERSCORE):
        source = pattern.sub(blank, source)
    for number, line in enumerate(source.splitlines(), start=1):
        for text in re.findall(r"[㐀-鿿豈-﫿]+", line):
            if text not in _LANGUAGE_NAMES:
                yield number, text


def read_po(source: str) -> dict[str, str]:
    """Return the finished translations of a .po file:

    No fuzzy, empty or obsolete ones. A plural counts by its first.
    """
    finished: dict[str, str] = {}
    for block in re.split(r"\n\s*\n", source):
        lines = [line for line in block.splitlines() if not line.startswith("#~")]
        if any(line.startswith("#,") and "fuzzy" in line for line in lines):
            continue
        parts: dict[str, str] = {}
        key = ""
        for line in lines:
            if found := re.match(r'(msgid|msgid_plural|msgstr(?:\[\d+\])?|msgctxt)\s+(".*")$', line):
                key, text = found[1], found[2]
            elif line.startswith('"') and key:
                text = line
            else:
                continue
            parts[key] = parts.get(key, "") + ast.literal_eval(text)
        strings = [text for name, text in parts.items() if name.startswith("msgstr")]
        if parts.get("msgid") and strings and all(strings):
            finished[parts["msgid"]] = strings[0]
    return finished


def translated(root: Path) -> dict[str, str]:
    """Return the English texts of all modules under ``root``."""
    found: dict[str, str] = {}
    for path in sorted(root.rglob("locale/en/LC_MESSAGES/django.po")):
        found.update(read_po(path.read_text(encoding="utf-8")))
    return found


def messages(root: Path) -> Iterator[Message]:
    """Yield every text of the product, tests left out."""
    for path in _files(root, ".html", ".txt"):
        if "templates" in path.parts:
            yield from messages_in_template(path.read_text(encoding="utf-8"), path)
    for path in _files(root, ".py"):
        yield from messages_in_python(path.read_text(encoding="utf-8"), path)


def check(root: Path) -> list[Finding]:
    """Return everything an English reader would stumble over."""
    english = translated(root)
    findings = []
    for message in messages(root):
        if not HAN.search(message.text):
            continue
        if message.text not in english:
            findings.append(Finding(message.path, message.line, f"no English for: {message.text}"))
        elif _placeholders(message.text) != _placeholders(english[message.text]):
            findings.append(
                Finding(message.path, message.line, f"other placeholders in the English of: {message.text}")
            )
    for path in _files(root, ".html"):
        for line, text in bare_chinese(path.read_text(encoding="utf-8")):
            findings.append(Finding(path, line, f"Chinese outside translate: {text}"))
    return sorted(set(findings), key=lambda finding: (str(finding.path), finding.line, finding.what))


def _files(root: Path, *suffixes: str) -> Iterable[Path]:
    return sorted(path for path in root.rglob("*") if path.suffix in suffixes and "tests" not in path.parts)


def _line(source: str, position: int) -> int:
    return source.count("\n", 0, position) + 1


def _placeholders(text: str) -> set[str]:
    return {found[1] or found[2] for found in _PLACEHOLDER.finditer(text.replace("%%", ""))}


def main() -> int:
    """Print the findings under the paths given (the product by default); 1 when there are any."""
    roots = [Path(argument) for argument in sys.argv[1:]] or [Path(__file__).resolve().parents[1]]
    findings = [finding for root in roots for finding in check(root)]
    for finding in findings:
        sys.stdout.write(f"{finding}\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
