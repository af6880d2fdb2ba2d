"""Packs: declarative content (YAML, CSV, BPMN, typst) that fills an installation, the demo county first.

Every module registers loaders for the sections that are its own, in ``AppConfig.ready()``::

    @section("units", order=20)
    def load_units(pack: Pack, *, actor: Actor, at: datetime) -> None:
        for row in pack.yaml("units.yaml", "units"):
            put_unit(actor=actor, at=at, ...)

A loader goes through the module's own door and asks ``bringing.bring`` what to put, so a pack can be installed again
at any time: what has not changed is left alone, and so is what the office changed. Sections run in the order of their
numbers, each in its own transaction, by the owner of the database. Orders in use: 20 the organisation, people and
registers, 30 calendar and decision tables, 40 forms, papers, messages and processes, 60 items and search words,
80 news, letters and past cases.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import yaml
from django.db import transaction

from tongban.base.actor import Actor
from tongban.base.registry import Registry
from tongban.base.text import LocalizedText

__all__ = ["Pack", "PackError", "Section", "install", "section", "sections"]


UNNAMED = frozenset({"person", "mandate"})
"""Kinds whose keys name people: of these only the number is told."""

SAFE_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader in C where PyYAML was built with it: ten times quicker."""


class PackError(ValueError):
    """A pack says something that cannot be read; the message names the file."""


class Loader(Protocol):
    """Loads one section of a pack."""

    def __call__(self, pack: Pack, *, actor: Actor, at: datetime) -> object:
        """Load it; what is returned does not matter."""


@dataclass(frozen=True, slots=True)
class Section:
    """A named part of a pack and the loader that reads it."""

    name: str
    order: int
    load: Loader


sections: Registry[Section] = Registry("pack sections")


def section(name: str, order: int) -> Callable[[Loader], Loader]:
    """Register the decorated function as the loader of a section; lower orders run first."""

    def register(load: Loader) -> Loader:
        known = sections.find(name)
        if known is None or (known.order, known.load) != (order, load):
            sections.register(name, Section(name, order, load))
        return load

    return register


class Pack:
    """A directory with ``pack.yaml`` and the files of its sections. Reading never leaves the directory."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        if not (self.path / "pack.yaml").is_file():
            raise PackError(f"{self.path} is not a pack: there is no pack.yaml")
        self.left: dict[str, list[str]] = {}
        """What was left as the office has it, while this pack was installed: keys by kind."""

    def leave(self, kind: str, key: str) -> None:
        """Write down that a thing stays as people have changed it."""
        self.left.setdefault(kind, []).append(key)

    @cached_property
    def about(self) -> dict[str, Any]:
        """What pack.yaml says: key, name, values of the site."""
        return dict(self.yaml("pack.yaml"))

    @property
    def key(self) -> str:
        """The pack's short name."""
        return str(self.about["key"])

    @property
    def name(self) -> LocalizedText:
        """The pack's name."""
        return LocalizedText.of(self.about["name"])

    def file(self, name: str) -> Path:
        """Return the path of a file in the pack, existing or not. Raises PackError for one outside it."""
        path = (self.path / name).resolve()
        if not path.is_relative_to(self.path):
            raise PackError(f"{name!r} lies outside the pack")
        return path

    def has(self, name: str) -> bool:
        """True when the pack has this file or directory."""
        return self.file(name).exists()

    def files(self, pattern: str) -> list[Path]:
        """Return the files that match a glob pattern ("items/*/item.yaml"), sorted."""
        return sorted(path for path in self.path.glob(pattern) if path.is_file())

    def text(self, name: str | Path) -> str:
        """Return a file's text."""
        return self.file(str(name)).read_text(encoding="utf-8")

    def yaml(self, name: str | Path, key: str | None = None) -> Any:
        """Return what a YAML file says.

        With ``key`` the list under that key, and an empty one where there is no file.
        """
        if key is not None and not self.has(str(name)):
            return []
        try:
            content = yaml.load(self.text(name), Loader=SAFE_LOADER)  # noqa: S506 - it is the safe one
        except yaml.YAMLError as error:
            raise PackError(f"{name}: {error}") from error
        if key is None:
            return content
        if isinstance(content, dict) and isinstance(content.get(key), list):
            return content[key]
        raise PackError(f"{name}: there must be a list under {key!r}")

    def csv(self, name: str | Path) -> Iterator[dict[str, str]]:
        """Yield the rows of a CSV file (UTF-8, with a header); none where there is no file."""
        if not self.has(str(name)):
            return
        with self.file(str(name)).open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.DictReader(file), start=2):
                if None in row or None in row.values():
                    raise PackError(f"{name}, line {number}: wrong number of columns")
                yield row


def install(
    path: Path, *, at: datetime, only: str | None = None, report: Callable[[str], None] = lambda line: None
) -> Pack:
    """Load a pack, section after section; ``only`` names one. Raises PackError and what the loaders raise."""
    pack = Pack(path)
    if only is not None and only not in sections:
        raise PackError(f"no section {only!r}; there are: {', '.join(sorted(sections.keys()))}")
    for each in sorted(sections, key=lambda each: each.order):
        if only in (None, each.name):
            report(each.name)
            with transaction.atomic():
                each.load(pack, actor=Actor.system(f"pack {pack.key}"), at=at)
    return pack
