"""The words under which acts appear in a timeline.

Every module registers its own verbs in ``AppConfig.ready()``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from tongban.base.text import LocalizedText

__all__ = [
    "label_fields",
    "label_of",
    "label_of_purpose",
    "name_posts",
    "name_units",
    "quiet_verbs",
    "register_field_labels",
    "register_post_names",
    "register_purpose",
    "register_unit_names",
    "register_verb",
    "verbs",
]

Names = Callable[[Iterable[int]], Mapping[int, LocalizedText]]

FieldLabels = Callable[[Iterable[str]], Mapping[str, LocalizedText]]

_labels: dict[str, LocalizedText] = {}
_unit_names: list[Names] = []
_post_names: list[Names] = []
_quiet: set[str] = set()
_purposes: dict[str, LocalizedText] = {}
_field_labels: list[FieldLabels] = []


def register_verb(verb: str, label: LocalizedText, *, quiet: bool = False) -> None:
    """Give ``verb`` ("services.accept") its words. Raises ValueError when it has others already.

    A ``quiet`` one accompanies another act and is left out of timelines.
    """
    if _labels.setdefault(verb, label) != label:
        raise ValueError(f"the verb {verb!r} is registered with other words already")
    if quiet:
        _quiet.add(verb)


def quiet_verbs() -> set[str]:
    """Return the verbs that no timeline shows."""
    return set(_quiet)


def verbs() -> Mapping[str, LocalizedText]:
    """Return all registered verbs with their words."""
    return dict(_labels)


def label_of(verb: str) -> LocalizedText:
    """Return the words of a verb; the verb itself for one that a later version no longer knows."""
    return _labels.get(verb) or LocalizedText(verb, verb)


def register_unit_names(resolver: Names) -> None:
    """Tell the ledger how units are called.

    ``identity`` does, because it stands above and the ledger keeps only ids.
    """
    _unit_names[:] = [resolver]


def name_units(ids: Iterable[int]) -> Mapping[int, LocalizedText]:
    """Return names for unit ids, in one query of whoever knows them."""
    wanted = set(ids)
    return _unit_names[0](wanted) if _unit_names and wanted else {}


def register_post_names(resolver: Names) -> None:
    """Tell the ledger how posts are called; ``identity`` does."""
    _post_names[:] = [resolver]


def name_posts(ids: Iterable[int]) -> Mapping[int, LocalizedText]:
    """Return names for post ids, in one query of whoever knows them."""
    wanted = set(ids)
    return _post_names[0](wanted) if _post_names and wanted else {}


def register_purpose(key: str, label: LocalizedText) -> None:
    """Give words to a purpose of reading that the product itself states ("services.apply"); what people write needs none."""
    _purposes[key] = label


def label_of_purpose(purpose: str) -> LocalizedText:
    """Return a purpose in words: a stated one ("services.apply:food-licence" too), or what somebody wrote, as it is."""
    return _purposes.get(purpose.partition(":")[0]) or LocalizedText(purpose)


def register_field_labels(resolver: FieldLabels) -> None:
    """Tell the ledger how the fields of records are called: ``registers`` does, and who reads fields of other names."""
    if resolver not in _field_labels:
        _field_labels.append(resolver)


def label_fields(keys: Iterable[str]) -> dict[str, LocalizedText]:
    """Return words for names of fields, of whoever knows them first; the name itself where nobody does."""
    wanted = set(keys)
    known: dict[str, LocalizedText] = {}
    for resolver in _field_labels if wanted else ():
        known = {**resolver(wanted), **known}
    return {key: known.get(key) or COMMON.get(key) or LocalizedText(key) for key in wanted}


COMMON = {
    "name": LocalizedText("姓名或名称", "Name"),
    "citizen_id": LocalizedText("证件号码", "Identity number"),
    "mobile": LocalizedText("手机号码", "Mobile number"),
    "address": LocalizedText("住址", "Address"),
    "handed_in": LocalizedText("交来的材料", "A paper that was handed in"),
}
