"""The house as the tests see it: modules, who stands below whom, and where their files are."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "tongban"


@dataclass(frozen=True)
class Module:
    """A part of the house: ``kernel.cases``, ``apps.voice``, ``design``; ``rank`` is its storey, the ground floor is 0."""

    name: str
    rank: int

    @property
    def label(self) -> str:
        """Django's label, which is also the namespace of its addresses and the folder of its templates."""
        return self.name.rpartition(".")[2]

    @property
    def path(self) -> Path:
        """Where it lives."""
        return SOURCE.joinpath(*self.name.split("."))

    def files(self, pattern: str) -> Iterator[Path]:
        """Yield its files, without those of its tests."""
        for path in sorted(self.path.rglob(pattern)):
            if path.is_file() and "tests" not in path.relative_to(self.path).parts:
                yield path


def _kernel_order() -> list[list[str]]:
    """Return the kernel's layers from bottom to top, as the import contract has them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(c["layers"] for c in contracts if c.get("containers") == ["tongban.kernel"])
    return [[name.strip() for name in layer.split("|")] for layer in reversed(layers)]


def _house() -> dict[str, Module]:
    storeys = [["base"], ["design"], *([f"kernel.{n}" for n in layer] for layer in _kernel_order())]
    storeys.append(sorted(f"apps.{p.parent.name}" for p in (SOURCE / "apps").glob("*/apps.py")))
    storeys.append(["main"])
    modules = [Module(name, rank) for rank, storey in enumerate(storeys) for name in storey]
    return {module.label: module for module in modules}


MODULES = _house()
"""All modules by label."""


def may_know(who: Module, whom: Module) -> bool:
    """True when ``who`` may know of ``whom``: of itself and of everything below; neighbours do not know one another."""
    return who == whom or who.rank > whom.rank


def place(path: Path) -> str:
    """Return a path as it stands in a message."""
    return str(path.relative_to(ROOT))
