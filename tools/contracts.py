"""Two contracts of import-linter that its own kinds cannot say: doors, and pure rules."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

__all__ = ["DoorsContract", "PureRulesContract"]


class _PairsContract(Contract):
    """A contract that names wrong pairs of importer and imported."""

    ignored = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Collect the wrong imports."""
        ignored = set(self.ignored or [])  # type: ignore[call-overload]
        wrong = sorted({pair for pair in self.wrong(graph) if f"{pair[0]} -> {pair[1]}" not in ignored})
        return ContractCheck(kept=not wrong, metadata={"wrong": wrong})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print one line an import."""
        for importer, imported in check.metadata["wrong"]:
            output.print_error(f"{importer} may not import {imported}", bold=False)
        output.new_line()

    def wrong(self, graph: ImportGraph) -> Iterator[tuple[str, str]]:
        """Yield the wrong imports."""
        raise NotImplementedError


class DoorsContract(_PairsContract):
    """Outsiders import a module's ``service``, ``errors`` and ``events`` only; an ``api`` may also use another's ``api``.

    ``main`` knows everybody. Tests may look behind a door.
    """

    type_name = "doors"
    doors = fields.ListField(subfield=fields.StringField())

    def wrong(self, graph: ImportGraph) -> Iterator[tuple[str, str]]:
        """Yield the imports that go past a door."""
        for imported in graph.modules:
            owner = _owner(imported)
            if owner is None:
                continue
            for importer in graph.find_modules_that_directly_import(imported):
                if importer.startswith("tongban.main") or ".tests" in importer or _owner(importer) == owner:
                    continue
                part = imported.removeprefix(owner).split(".")[1:2]
                between_apis = part == ["api"] and importer.endswith(".api")
                if not (part and part[0] in self.doors) and not between_apis:  # type: ignore[operator]
                    yield importer, imported


class PureRulesContract(_PairsContract):
    """``rules`` are plain Python: no Django, no database, no file; of our own, ``base`` and other pure modules only."""

    type_name = "pure_rules"
    impure = fields.ListField(subfield=fields.StringField())

    def wrong(self, graph: ImportGraph) -> Iterator[tuple[str, str]]:
        """Yield the imports that make rules impure."""
        for importer in graph.modules:
            if "rules" not in importer.split(".") or ".tests" in importer:
                continue
            for imported in graph.find_modules_directly_imported_by(importer):
                top = imported.split(".")[0]
                ours = top == "tongban" and imported.split(".")[-1] in self.impure  # type: ignore[operator]
                if ours or (top != "tongban" and top not in sys.stdlib_module_names and top in FORBIDDEN):
                    yield importer, imported


FORBIDDEN = {"django", "procrastinate", "psycopg", "ninja"}


def _owner(module: str) -> str | None:
    """Return the module of the architecture that a Python module belongs to: ``tongban.kernel.cases``."""
    parts = module.split(".")
    if len(parts) >= 3 and parts[1] in {"kernel", "apps"}:
        return ".".join(parts[:3])
    return None
