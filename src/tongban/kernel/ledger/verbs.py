"""The words under which acts appear in a timeline.

Every module registers its own verbs in ``AppConfig.ready()``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from tongban.base.text import LocalizedText

__all__ = ["label_of", "name_units", "register_unit_names", "register_verb", "verbs"]

UnitNames = Callable[[Iterable[int]], Mapping[int, LocalizedText]]

_labels: dict[str, LocalizedText] = {}
_unit_names: list[UnitNames] = []


def register_verb(verb: str, label: LocalizedText) -> None:
    """Give ``verb`` ("services.accept") its words. Raises ValueError when it has others already."""
    if _labels.setdefault(verb, label) != label:
        raise ValueError(f"the verb {verb!r} is registered with other words already")


def verbs() -> Mapping[str, LocalizedText]:
    """Return all registered verbs with their words."""
    return dict(_labels)


def label_of(verb: str) -> LocalizedText:
    """Return the words of a verb; the verb itself for one that a later version no longer knows."""
    return _labels.get(verb) or LocalizedText(verb, verb)


def register_unit_names(resolver: UnitNames) -> None:
    """Tell the ledger how units are called.

    ``identity`` does, because it stands above and the ledger keeps only ids.
    """
    _unit_names[:] = [resolver]


def name_units(ids: Iterable[int]) -> Mapping[int, LocalizedText]:
    """Return names for unit ids, in one query of whoever knows them."""
    wanted = set(ids)
    return _unit_names[0](wanted) if _unit_names and wanted else {}
