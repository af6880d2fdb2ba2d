"""Veiled columns: texts and JSON documents in which ID and telephone numbers stand as envelopes, and everything else as it is.

What people answer is read as JSON by expressions, papers and other platforms, searched here and there, and may name a number
in the middle of a sentence. So not the whole is sealed but each number in it: ``{"phone": "⟦0101…⟧", "area": 80}``. In Python
there are only plain values; a model says it by the class of its field.

    data = VeiledJSON(default=dict)
    number = VeiledText()

A number is what looks like one (``NUMBER``). Its envelope is bound to table and column, not to the row: the same number gives the
same text in a column, which is therefore what it is found by (``=`` and ``in``), as by a blind. Whoever types the sign with
which an envelope begins gets that sealed as well, so that nobody can bring an envelope from elsewhere and read it.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import FieldError
from django.db import models
from django.db.models.lookups import Lookup
from psycopg.types.json import Jsonb

from tongban.base.keyring import keyring, open_text, place_of
from tongban.base.text import LocalizedTextField

__all__ = [
    "NUMBER",
    "SIGN",
    "Veiled",
    "VeiledJSON",
    "VeiledLocalizedText",
    "VeiledText",
    "opened_document",
    "unveiled",
    "veiled",
    "veiled_json",
    "veils_of",
]

SIGN = "⟦"
"""How an envelope within a text begins; it ends with ⟧."""
NUMBER = re.compile(
    r"[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]"
    r"|(?<![0-9A-Za-z])(?:(?:\+?86[ -]?)?1[3-9][0-9](?:[0-9]{8}|[ -][0-9]{4}[ -][0-9]{4})|0[1-9][0-9]{1,2}-[0-9]{7,8})"
    rf"(?![0-9A-Za-z])|{SIGN}"
)
"""An ID number wherever it stands, also as a part of another number; a mobile or fixed telephone; the sign itself."""
_like_id = re.compile(r"[1-9][0-9]{5}(?:18|19|20)[0-9]{9}").search
_like_mobile = re.compile(r"1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}").search
_like_fixed = re.compile(r"0[1-9][0-9]{1,2}-[0-9]{7}").search
"""Without one of these there is no number. They are looked for first: one by one they are found five times as fast."""
SHORTEST = 11
"""Characters of the shortest number."""
_ENVELOPE = re.compile(rf"{SIGN}([0-9a-f]{{8}})([0-9A-Za-z_-]+)⟧")
HEAD = 4
"""Bytes of an envelope that say how it was sealed; written in hexadecimal, so that the database can tell them, too."""


def _is_likely(text: str) -> bool:
    if SIGN in text:
        return True
    return len(text) >= SHORTEST and bool(_like_mobile(text) or _like_id(text) or _like_fixed(text))


def veiled(text: str, *, column: str) -> str:
    """Return a text with its numbers sealed for a column (``table.column``)."""
    return _veiled(text, column, keyring().seal) if _is_likely(text) else text


def veiled_json(document: Any, *, column: str, encoder: type[json.JSONEncoder] | None = None) -> str:
    """Return a document as JSON with the numbers in its texts sealed for a column."""
    text = json.dumps(document, cls=encoder, ensure_ascii=False)
    if not _is_likely(text):
        return text
    sealed = _every_text(document, _veiling(column, keyring().seal))
    return json.dumps(sealed, cls=encoder, ensure_ascii=False)


def unveiled(text: str, *, column: str) -> str:
    """Return the text as it was before. Raises NotOpened."""
    if SIGN not in text:
        return text
    return _ENVELOPE.sub(lambda found: _opened(found, column), text)


def veils_of(text: str, *, column: str) -> list[str]:
    """Return all ways in which a text may stand in a column: under each key and cipher, and clear as before it was veiled."""
    if not _is_likely(text):
        return [text]
    return [*dict.fromkeys([*(_veiled(text, column, seal) for seal in keyring().every_seal()), text])]


def _veiled(text: str, column: str, seal: Callable[..., bytes]) -> str:
    place = place_of(column, "")
    return NUMBER.sub(lambda found: _envelope(seal(found.group(), place=place)), text)


def _veiling(column: str, seal: Callable[..., bytes]) -> Callable[[str], str]:
    return lambda text: _veiled(text, column, seal) if _is_likely(text) else text


def _envelope(sealed: bytes) -> str:
    return f"{SIGN}{sealed[:HEAD].hex()}{urlsafe_b64encode(sealed[HEAD:]).rstrip(b'=').decode()}⟧"


def _opened(found: re.Match[str], column: str) -> str:
    head, rest = found.groups()
    sealed = bytes.fromhex(head) + urlsafe_b64decode(rest + "=" * (-len(rest) % 4))
    return open_text(sealed, place=place_of(column, ""))


def opened_document(value: Any, *, column: str) -> Any:
    """Return a text or a document read from JSON with its numbers. Raises NotOpened."""
    return _every_text(value, lambda each: unveiled(each, column=column))


def _every_text(value: Any, change: Callable[[str], str]) -> Any:
    """Return a document with all its texts changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _every_text(each, change) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_every_text(each, change) for each in value]
    return value


class Veiled(models.Field):  # type: ignore[type-arg]
    """What veiled fields have in common. Their columns are ordinary ones: migrations know nothing of it."""

    @property
    def column_name(self) -> str:
        """Table and column, to which the numbers are bound."""
        return f"{self.model._meta.db_table}.{self.column}"


class VeiledJSON(Veiled, models.JSONField):
    """A JSON document with its numbers veiled."""

    def deconstruct(self) -> Any:
        name, _, args, options = super().deconstruct()
        return name, "django.db.models.JSONField", args, options

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if isinstance(value, str):
            value = unveiled(value, column=self.column_name)  # no number has a sign that JSON would escape
        return super().from_db_value(value, expression, connection)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        made = super().get_db_prep_value(value, connection, prepared)
        if not isinstance(made, Jsonb):
            return made
        text = veiled_json(made.obj, column=self.column_name, encoder=self.encoder)
        return Jsonb(made.obj, dumps=lambda _: text)

    def get_lookup(self, lookup_name: str) -> Any:
        return _Contains if lookup_name == "contains" else super().get_lookup(lookup_name)


class VeiledLocalizedText(VeiledJSON, LocalizedTextField):
    """A text in both languages with its numbers veiled."""

    def deconstruct(self) -> Any:
        name, _, args, options = super().deconstruct()
        return name, "tongban.base.text.LocalizedTextField", args, options


class VeiledText(Veiled, models.TextField):
    """A text with its numbers veiled: longer in the column than it is in Python."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return unveiled(value, column=self.column_name) if isinstance(value, str) else value

    def deconstruct(self) -> Any:
        name, _, args, options = super().deconstruct()
        return name, "django.db.models.TextField", args, options

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        value = super().get_db_prep_save(value, connection)
        return veiled(value, column=self.column_name) if isinstance(value, str) else value

    def get_lookup(self, lookup_name: str) -> Any:
        wanted: dict[str, Any] = {"exact": _Exact, "in": _In}
        return wanted.get(lookup_name) or super().get_lookup(lookup_name)


class _Found(Lookup):  # type: ignore[type-arg]
    """Compares with every way in which a text may stand in the column."""

    prepare_rhs = False

    def wanted(self) -> Iterable[str]:
        raise NotImplementedError

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        column, parameters = self.process_lhs(compiler, connection)
        name = self.lhs.output_field.column_name
        if any(not isinstance(each, str) for each in self.wanted()):
            raise FieldError("a veiled column is compared with text")
        ways = [way for each in self.wanted() for way in veils_of(each, column=name)]
        return f"{column} = ANY(%s)", [*parameters, ways]


class _Contains(Lookup):  # type: ignore[type-arg]
    """Says whether a document contains another one, in every way in which that may stand there."""

    lookup_name = "contains"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        column, parameters = self.process_lhs(compiler, connection)
        name = self.lhs.output_field.column_name
        ways = [json.dumps(self.rhs, ensure_ascii=False)]
        if _is_likely(ways[0]):
            documents = [_every_text(self.rhs, _veiling(name, seal)) for seal in keyring().every_seal()]
            ways += [json.dumps(each, ensure_ascii=False) for each in documents]
        return f"{column} @> ANY(%s::jsonb[])", [*parameters, ways]


class _Exact(_Found):
    lookup_name = "exact"

    def wanted(self) -> Iterable[str]:
        return [self.rhs]


class _In(_Found):
    lookup_name = "in"

    def wanted(self) -> Iterable[str]:
        return list(self.rhs)
