"""Contents as data: paths, small edits of lists, and the difference of two contents in words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

__all__ = [
    "Difference",
    "add_row",
    "at_path",
    "differences",
    "is_key",
    "move_row",
    "normal_path",
    "remove_row",
    "set_path",
    "split",
]

_KEY = re.compile(r"[a-z][a-z0-9-]{1,59}\Z")
_SAID_BESIDE = re.compile(r" \([^)]*\)")
LIMIT = 400
"""So many differences are told; beyond that somebody rewrote the thing."""


def is_key(key: str) -> bool:
    """True for lower-case letters, digits and hyphens, beginning with a letter."""
    return _KEY.match(key) is not None


# --- paths --------------------------------------------------------------------------------------------------------


def split(path: str) -> list[str]:
    """Return the steps of a path.

    >>> split("pages.0.fields.2.label.zh")
    ['pages', '0', 'fields', '2', 'label', 'zh']
    """
    return [step for step in path.split(".") if step]


def normal_path(path: str) -> str:
    """Return the path of a fault as the editor writes it.

    >>> normal_path("pages[1].fields[3] (area).visible")
    'pages.1.fields.3.visible'
    """
    plain = _SAID_BESIDE.sub("", path)
    return re.sub(r"\[(\d+)\]", r".\1", plain)


def at_path(content: Any, path: str) -> Any:
    """Return what stands at a path, None where there is nothing."""
    for step in split(path):
        if isinstance(content, list):
            content = content[int(step)] if step.isdecimal() and int(step) < len(content) else None
        elif isinstance(content, Mapping):
            content = content.get(step)
        else:
            return None
    return content


def set_path(content: Any, path: str, value: Any) -> Any:
    """Return the content with another value at the path; None takes it away. Nothing that was given is changed.

    A list is only entered at rows that it has.
    """
    steps = split(path)
    return _set(content, steps, value) if steps else value


def _set(content: Any, steps: Sequence[str], value: Any) -> Any:
    first, rest = steps[0], steps[1:]
    if isinstance(content, list):
        if not first.isdecimal() or int(first) >= len(content):
            return content
        row = _set(content[int(first)], rest, value) if rest else value
        return [*content[: int(first)], row, *content[int(first) + 1 :]]
    plain = dict(content) if isinstance(content, Mapping) else {}
    if not rest:
        if value is None:
            plain.pop(first, None)
        else:
            plain[first] = value
        return plain
    plain[first] = _set(plain.get(first), rest, value)
    return plain


def add_row(content: Any, path: str, row: Any) -> Any:
    """Return the content with a row more at the end of the list at the path."""
    rows = at_path(content, path)
    return set_path(content, path, [*(rows if isinstance(rows, list) else []), row])


def remove_row(content: Any, path: str) -> Any:
    """Return the content without the row that the path names (``materials.3``)."""
    return _with_rows(content, path, lambda rows, index: [*rows[:index], *rows[index + 1 :]])


def move_row(content: Any, path: str, by: int) -> Any:
    """Return the content with that row earlier (-1) or later (1); at the edge it stays."""

    def moved(rows: list[Any], index: int) -> list[Any]:
        to = min(max(index + by, 0), len(rows) - 1)
        row = rows[index]
        left = [*rows[:index], *rows[index + 1 :]]
        return [*left[:to], row, *left[to:]]

    return _with_rows(content, path, moved)


def _with_rows(content: Any, path: str, change: Any) -> Any:
    steps = split(path)
    where, last = ".".join(steps[:-1]), steps[-1] if steps else ""
    rows = at_path(content, where)
    if not isinstance(rows, list) or not last.isdecimal() or int(last) >= len(rows):
        return content
    return set_path(content, where, change(rows, int(last)))


# --- differences --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: where, and what stood and stands there. ``what`` is "added", "removed", "changed" or "moved".

    ``names`` are what the rows on the way are called (the label of a field), by their place in the path.
    """

    path: str
    what: str
    before: Any = None
    after: Any = None
    names: tuple[tuple[int, str], ...] = ()


def differences(before: Any, after: Any) -> list[Difference]:
    """Return how two contents differ, in the order of the newer. Rows that have a key are known by it, wherever they stand."""
    found = []
    for each in _compare(before, after, (), ()):
        found.append(each)
        if len(found) >= LIMIT:
            break
    return found


Names = tuple[tuple[int, str], ...]


def _compare(before: Any, after: Any, path: tuple[str, ...], names: Names) -> Iterator[Difference]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        if _is_text(before) and _is_text(after):
            yield Difference(".".join(path), "changed", before, after, names)
            return
        for name in [*after, *(name for name in before if name not in after)]:
            yield from _compare(before.get(name), after.get(name), (*path, str(name)), names)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _compare_rows(before, after, path, names)
    else:
        what = "added" if _is_empty(before) else "removed" if _is_empty(after) else "changed"
        if not (_is_empty(before) and _is_empty(after)):
            yield Difference(".".join(path), what, before, after, names)


def _compare_rows(
    before: list[Any], after: list[Any], path: tuple[str, ...], names: Names
) -> Iterator[Difference]:
    old_keys, new_keys = _keys(before), _keys(after)
    if old_keys is None or new_keys is None:
        yield from _compare_plain_rows(before, after, path, names)
        return
    old = dict(zip(old_keys, before, strict=True))
    for index, (key, row) in enumerate(zip(new_keys, after, strict=True)):
        here, called = (*path, str(index)), (*names, (len(path), _name(row)))
        if key in old:
            yield from _compare(old[key], row, here, called)
        else:
            yield Difference(".".join(here), "added", None, row, called)
    for key, row in old.items():
        if key not in new_keys:
            called = (*names, (len(path), _name(row)))
            yield Difference(".".join((*path, str(old_keys.index(key)))), "removed", row, None, called)
    kept_before = [key for key in old_keys if key in new_keys]
    kept_after = [key for key in new_keys if key in old]
    if kept_before != kept_after:
        shown = [[_name(old[key]) for key in keys] for keys in (kept_before, kept_after)]
        yield Difference(".".join(path), "moved", shown[0], shown[1], names)


def _compare_plain_rows(
    before: list[Any], after: list[Any], path: tuple[str, ...], names: Names
) -> Iterator[Difference]:
    """Rows without keys are known by what they say; a replaced one beside a replaced one is a changed one."""
    matcher = SequenceMatcher(a=[repr(row) for row in before], b=[repr(row) for row in after], autojunk=False)
    for tag, a, a_end, b, b_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        both = min(a_end - a, b_end - b)
        for step in range(both):
            here, called = (*path, str(b + step)), (*names, (len(path), _name(after[b + step])))
            yield from _compare(before[a + step], after[b + step], here, called)
        for index in range(a + both, a_end):
            called = (*names, (len(path), _name(before[index])))
            yield Difference(".".join((*path, str(index))), "removed", before[index], None, called)
        for index in range(b + both, b_end):
            called = (*names, (len(path), _name(after[index])))
            yield Difference(".".join((*path, str(index))), "added", None, after[index], called)


def _keys(rows: list[Any]) -> list[str] | None:
    """Return the keys of the rows, None when one has none or two have the same."""
    keys = [str(row.get("key") or row.get("value") or "") if isinstance(row, Mapping) else "" for row in rows]
    return keys if all(keys) and len(set(keys)) == len(keys) else None


def _name(row: Any) -> str:
    """Return what a row is called: its Chinese label, name, title or question, else its key, else the row itself."""
    if isinstance(row, Mapping):
        for word in ("label", "name", "title", "question", "q", "law", "zh", "key", "value"):
            said = row.get(word)
            if isinstance(said, Mapping):
                said = said.get("zh")
            if isinstance(said, str) and said:
                return said[:60]
        return ""
    return str(row)[:60]


def _is_text(value: Mapping[str, Any]) -> bool:
    return "zh" in value and set(value) <= {"zh", "en"} and all(isinstance(v, str) for v in value.values())


def _is_empty(value: Any) -> bool:
    return value is None or value == "" or value == [] or value == {}
