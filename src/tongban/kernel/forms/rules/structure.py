"""A form as an immutable object, made from its definition (plain data, see ``definition``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tongban.base.text import LocalizedText

__all__ = ["TYPES", "Binding", "Check", "Field", "Form", "Option", "Page", "build"]

TYPES = (
    "text", "textarea", "decimal", "integer", "date", "bool", "enum", "multi",
    "citizen_id", "uscc", "mobile", "email", "address", "entity", "unit",
)  # fmt: skip

CHOICES = ("enum", "multi", "entity", "unit")
"""Types whose answer is one or several of given options."""

DEFAULT_SOURCE = {"entity": "identity.entities", "unit": "identity.units"}
DEFAULT_ELEMENT = {"citizen_id": "person.citizen_id", "uscc": "entity.uscc"}
MAX_LENGTH = {
    "text": 200, "textarea": 2000, "address": 200, "email": 254, "citizen_id": 18, "uscc": 18, "mobile": 20,
}  # fmt: skip
MASK_BY_ELEMENT = {
    "person.name": "name", "person.citizen_id": "id", "person.phone": "phone", "person.address": "address",
    "entity.legal_representative": "name", "entity.legal_representative_id": "id",
}  # fmt: skip
MASK_BY_TYPE = {"citizen_id": "id", "mobile": "phone", "email": "email"}


@dataclass(frozen=True, slots=True)
class Option:
    """One possible answer; ``note`` is a second line under the label."""

    value: str
    label: LocalizedText
    note: LocalizedText = LocalizedText("")


@dataclass(frozen=True, slots=True)
class Binding:
    """Where a register already holds the answer: which register, which of its fields, about whom.

    ``subject`` is "person" (the applicant) or "entity" (on whose behalf). An ``editable`` binding is shown as an input
    with the known value in it; otherwise it stands in the block of known values and is not asked.
    """

    register: str
    field: str
    subject: str
    editable: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """A condition that must hold once the field is answered, and what is said when it does not."""

    that: str
    say: LocalizedText


@dataclass(frozen=True)
class Field:
    """One question. ``required`` is a bool or an expression; ``visible`` and ``computed`` are expressions or "".

    ``beside`` names an earlier bound field of the page in whose row a known value is shown (a firm's code beside its name).
    """

    key: str
    label: LocalizedText
    type: str
    hint: LocalizedText = LocalizedText("")
    required: bool | str = False
    visible: str = ""
    computed: str = ""
    checks: tuple[Check, ...] = ()
    options: tuple[Option, ...] = ()
    source: str = ""
    element: str = "own"
    bind: Binding | None = None
    reason: LocalizedText = LocalizedText("")
    min: float | str | None = None
    max: float | str | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str = ""
    pattern_hint: LocalizedText = LocalizedText("")
    decimals: int = 2
    unit: LocalizedText = LocalizedText("")
    autocomplete: str = ""
    rows: int = 4
    mask: str = ""
    beside: str = ""

    @property
    def is_choice(self) -> bool:
        """True when the answer is one or several of given options."""
        return self.type in CHOICES

    @property
    def is_asked(self) -> bool:
        """False for a computed field: nobody types it."""
        return not self.computed


@dataclass(frozen=True)
class Page:
    """One topic: what a person answers at a time."""

    key: str
    title: LocalizedText
    fields: tuple[Field, ...]
    intro: LocalizedText = LocalizedText("")
    visible: str = ""


@dataclass(frozen=True)
class Form:
    """A compiled, immutable form. ``content`` is the definition it was made from."""

    key: str
    name: LocalizedText
    pages: tuple[Page, ...]
    content: Mapping[str, Any] = field(repr=False, hash=False, compare=False)
    version: int = 0

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """All fields by key, in the order in which they are asked."""
        return {f.key: f for p in self.pages for f in p.fields}

    @cached_property
    def page_of(self) -> Mapping[str, str]:
        """The key of the page on which a field stands."""
        return {f.key: p.key for p in self.pages for f in p.fields}

    def page(self, key: str) -> Page | None:
        """Return the page or None."""
        return next((p for p in self.pages if p.key == key), None)

    def bound_fields(self) -> Iterator[Field]:
        """Yield the fields whose answer a register holds."""
        return (f for f in self.fields.values() if f.bind)


def build(content: Mapping[str, Any], *, version: int = 0) -> Form:
    """Make a Form from a definition that ``definition.problems`` found nothing wrong with."""
    return Form(
        key=content["key"],
        name=LocalizedText.of(content["name"]),
        pages=tuple(_page(p) for p in content["pages"]),
        content=content,
        version=version,
    )


def _page(data: Mapping[str, Any]) -> Page:
    return Page(
        key=data["key"],
        title=LocalizedText.of(data["title"]),
        intro=LocalizedText.of(data.get("intro")),
        visible=data.get("visible", ""),
        fields=tuple(_field(f) for f in data["fields"]),
    )


def _field(data: Mapping[str, Any]) -> Field:
    kind = data["type"]
    element = data.get("element") or DEFAULT_ELEMENT.get(kind, "own")
    bind = data.get("bind")
    plain = {
        name: data[name]
        for name in ("required", "visible", "computed", "min", "max", "min_length", "pattern", "decimals",
                     "autocomplete", "rows", "beside")
        if name in data
    }  # fmt: skip
    for edge in ("min", "max"):
        if edge in plain and not isinstance(plain[edge], int | float):
            plain[edge] = str(plain[edge])  # a date, or "today"; YAML reads 2026-01-01 as a date
    return Field(
        key=data["key"],
        label=LocalizedText.of(data["label"]),
        type=kind,
        hint=LocalizedText.of(data.get("hint")),
        checks=tuple(Check(c["that"], LocalizedText.of(c["say"])) for c in data.get("checks", ())),
        options=tuple(_option(o) for o in data.get("options", ())),
        source=data.get("source", "" if data.get("options") else DEFAULT_SOURCE.get(kind, "")),
        element=element,
        bind=Binding(bind["register"], bind["field"], bind["subject"], bool(bind.get("editable")))
        if bind
        else None,
        reason=LocalizedText.of(data.get("reason")),
        max_length=data.get("max_length", MAX_LENGTH.get(kind)),
        pattern_hint=LocalizedText.of(data.get("pattern_hint")),
        unit=LocalizedText.of(data.get("unit")),
        mask=data.get("mask", MASK_BY_ELEMENT.get(element) or MASK_BY_TYPE.get(kind, "")),
        **plain,
    )


def _option(data: Mapping[str, Any] | str) -> Option:
    if isinstance(data, str):
        return Option(data, LocalizedText(data))
    return Option(str(data["value"]), LocalizedText.of(data["label"]), LocalizedText.of(data.get("note")))
