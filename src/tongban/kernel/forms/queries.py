"""Reading forms and what people filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from tongban.base.published import Kept
from tongban.base.text import LocalizedText
from tongban.kernel.forms.checking import situation_of
from tongban.kernel.forms.display import as_text
from tongban.kernel.forms.errors import EntryNotFound, FormNotFound
from tongban.kernel.forms.models import Entry, FormDef
from tongban.kernel.forms.options import Options
from tongban.kernel.forms.provenance import Bound
from tongban.kernel.forms.rules.schema import json_schema
from tongban.kernel.forms.rules.structure import Form, build
from tongban.kernel.forms.rules.values import same

__all__ = [
    "CompareRow",
    "compare",
    "counting",
    "definition_id",
    "form_of",
    "get_entry",
    "get_form",
    "list_forms",
    "schema_of",
]


def get_form(key: str, version: int | None = None, *, on: date | None = None) -> Form:
    """Return a published form: that version, else the one valid ``on`` that day, else the latest. Raises FormNotFound."""
    for each, digest, valid_from in _versions.get(key):
        if each == version or (version is None and (on is None or valid_from <= on)):
            return _compiled(key, each, digest)
    raise FormNotFound(form=key)


def _load_versions(key: str) -> list[tuple[int, str, date]]:
    rows = FormDef.objects.filter(key=key).order_by("-version")
    return list(rows.values_list("version", "digest", "valid_from"))


_versions = Kept(("forms_formdef",), _load_versions)
_named: Kept[int, tuple[str, int, str]] = Kept(
    ("forms_formdef",), lambda pk: FormDef.objects.values_list("key", "version", "digest").get(pk=pk)
)


def form_of(entry: Entry) -> Form:
    """Return the form version that this entry answers."""
    return _compiled(*_named.get(entry.form_id))


def definition_id(form: Form) -> int:
    """Return the row of a published form version."""
    return _ids.get((form.key, form.version))


_ids: Kept[tuple[str, int], int] = Kept(
    ("forms_formdef",),
    lambda name: FormDef.objects.values_list("pk", flat=True).get(key=name[0], version=name[1]),
)


@lru_cache(maxsize=512)
def _compiled(key: str, version: int, digest: str) -> Form:
    # Published versions never change; the digest keeps test databases from seeing one another's forms.
    content = FormDef.objects.get(key=key, version=version, digest=digest).content
    return build(content, version=version)


def list_forms() -> list[tuple[str, int, LocalizedText]]:
    """Return key, latest version and name of every form, by key."""
    rows = FormDef.objects.order_by("key", "-version").distinct("key").values_list("key", "version", "name")
    return list(rows)


def schema_of(form: Form) -> dict[str, Any]:
    """Return the JSON Schema of the answers, for those who send them through the API."""
    return json_schema(form)


def get_entry(entry_id: UUID) -> Entry:
    """Return an entry with its form. Whose it is, the caller knows. Raises EntryNotFound."""
    entry = Entry.objects.filter(pk=entry_id).first()
    if entry is None:
        raise EntryNotFound()
    return entry


def counting(entry: Entry, *, at: datetime | None = None) -> Mapping[str, Any]:
    """Return every field with the answer that counts, None where there is none: for conditions outside of the form.

    What is not asked does not count, whatever was typed before it was hidden. An entry that was handed in counts as of then; an
    open one as of ``at``, by default as of its last change.
    """
    moment = entry.closed_at or at or entry.updated_at
    return situation_of(form_of(entry), entry.data, at=moment).context


@dataclass(frozen=True, slots=True)
class CompareRow:
    """One answer beside what the register says. Texts are ready to show."""

    field: str
    label: LocalizedText
    value: Any
    value_text: LocalizedText
    register_value: Any
    register_text: LocalizedText
    source: LocalizedText
    as_of: datetime | None
    read_at: datetime | None
    changed: bool


def compare(
    entry: Entry, *, at: datetime, fresh: Mapping[str, Bound] | None = None, options: Options | None = None,
    mask: bool = True,
) -> list[CompareRow]:  # fmt: skip
    """Return the answers that a register can be asked about, each beside the register's value, differences first.

    By default beside the value that was read when the form was filled in; with ``fresh`` (from ``prefill`` by whoever looks
    now, an act in the ledger) beside the present one.
    """
    form = form_of(entry)
    now = situation_of(form, entry.data, at=at)
    rows = []
    for field in form.bound_fields():
        known = (fresh or {}).get(field.key) or Bound.read(entry.provenance.get(field.key))
        if known is None or field.key not in now.visible:
            continue
        value = now.context[field.key]
        choices = (options or {}).get(field.key, field.options)
        rows.append(
            CompareRow(
                field=field.key,
                label=field.label,
                value=value,
                value_text=as_text(field, value, choices, masked=mask),
                register_value=known.value,
                register_text=as_text(field, known.value, choices, masked=mask),
                source=known.source,
                as_of=known.as_of,
                read_at=known.read_at,
                changed=not same(value, known.value),
            )
        )
    return sorted(rows, key=lambda row: not row.changed)
