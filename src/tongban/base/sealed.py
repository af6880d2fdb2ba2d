"""Sealed columns: a model's field whose text is clear in Python and an envelope in the database (``cipher``).

    class Person(Sealing):
        citizen_id = SealedText(null=True)
        citizen_id_blind = BlindField("citizen_id", unique=True)

Reading a row opens nothing: a value is opened when somebody asks for it, so a list pays only for what it shows. It is bound to
table, column and primary key, therefore the key must be known before the row is written (a UUID). ``=`` and ``in`` go to the
blind column; every other comparison is refused, and so are ``update()`` and ``values()`` of a sealed column, which have no row.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any, NoReturn

from django.core.exceptions import FieldError
from django.db import models
from django.db.models.expressions import Col
from django.db.models.lookups import Lookup
from django.db.models.query_utils import DeferredAttribute

from tongban.base.keyring import keyring, open_text, place_of

__all__ = ["BlindField", "Sealed", "SealedText", "Sealing"]


class Sealed(bytes):
    """An envelope as it came from the database. It shows nothing of itself."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<sealed>"

    __str__ = __repr__


class _Attribute(DeferredAttribute):
    """Opens the value when it is asked for, and keeps it."""

    def __get__(self, instance: Any, cls: type[models.Model] | None = None) -> Any:
        value = super().__get__(instance, cls)
        if isinstance(value, Sealed):
            value = open_text(value, place=self.field.place(instance))  # type: ignore[attr-defined]
            instance.__dict__[self.field.attname] = value
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class SealedText(models.TextField):
    """A text that the database knows only as an envelope. "" stays empty and None stays NULL."""

    descriptor_class = _Attribute

    @property
    def column_name(self) -> str:
        """Table and column, to which values are bound and by which they are blinded."""
        return f"{self.model._meta.db_table}.{self.column}"

    @property
    def blind_field(self) -> BlindField:
        """The column by which values are found. Raises FieldError when the model has none."""
        for field in self.model._meta.concrete_fields:
            if isinstance(field, BlindField) and field.of == self.name:
                return field
        raise FieldError(
            f"{self.model.__name__}.{self.name} is sealed and has no blind column: it cannot be searched"
        )

    def place(self, instance: models.Model) -> bytes:
        """Return the place of the value of a row."""
        return place_of(self.column_name, instance.pk)

    def get_default(self) -> Any:
        if self.has_default():
            return self.default() if callable(self.default) else self.default
        return None if self.null else ""

    def get_internal_type(self) -> str:
        return "BinaryField"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if value is None:
            return None
        return Sealed(value) if len(value) else ""

    def pre_save(self, instance: models.Model, add: bool) -> Any:
        value = instance.__dict__.get(self.attname)
        if value is None or value == "" or isinstance(value, Sealed):
            return value
        if instance.pk is None:
            raise FieldError(f"{self.name} is bound to its row: the key must be known before")
        return Sealed(keyring().seal(str(value), place=self.place(instance)))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None:
            return None
        if isinstance(value, Sealed):
            return bytes(value)
        if value == "" or value == b"":
            return b""
        raise FieldError(f"{self.name} is sealed: save the row, one by one; its column takes no clear value")

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name in ("exact", "in"):
            return _Exact if lookup_name == "exact" else _In
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        return functools.partial(_refuse, self.name, lookup_name)

    def get_transform(self, lookup_name: str) -> Any:
        return None

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj) or "")

    def to_python(self, value: Any) -> Any:
        return value


def _refuse(name: str, lookup: str, *_: Any) -> NoReturn:
    raise FieldError(f"{name} is sealed: it is compared by = or in only, not by {lookup}")


class BlindField(models.BinaryField):
    """What the values of a sealed column are found by, and by which they are unique."""

    def __init__(self, of: str, **options: Any) -> None:
        self.of = of
        super().__init__(**{"null": True, "editable": False, **options})

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        return name, path, [self.of, *args], {**options, "editable": False}

    def pre_save(self, instance: models.Model, add: bool) -> Any:
        value = instance.__dict__.get(self.of)
        if not isinstance(
            value, Sealed
        ):  # opened or new: an envelope that nobody opened has its blind already
            made = self.blind(value)
            setattr(instance, self.attname, made)
            return made
        return getattr(instance, self.attname)

    @property
    def sealed_field(self) -> SealedText:
        """The column whose values this one finds."""
        return self.model._meta.get_field(self.of)  # type: ignore[return-value]

    def blind(self, value: str | None) -> bytes | None:
        """Return by what a value is found; None for none."""
        return keyring().blind(value, column=self.sealed_field.column_name) if value else None

    def blinds(self, value: str | None) -> list[bytes]:
        """Return all by which a value may stand there; nothing for none."""
        return keyring().blinds(value, column=self.sealed_field.column_name) if value else []


class _Blinded(Lookup):  # type: ignore[type-arg]
    """Compares the blind column instead of the sealed one."""

    prepare_rhs = False

    def wanted(self) -> Iterable[str | None]:
        raise NotImplementedError

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        lhs = self.lhs
        if not isinstance(lhs, Col):
            raise FieldError("a sealed column is compared as it stands, not within an expression")
        blind = lhs.target.blind_field  # type: ignore[attr-defined]
        found = [digest for value in self.wanted() for digest in blind.blinds(value)]
        column, parameters = compiler.compile(Col(lhs.alias, blind))
        return f"{column} = ANY(%s)", [*parameters, found]


class _Exact(_Blinded):
    lookup_name = "exact"

    def wanted(self) -> Iterable[str | None]:
        return [_clear(self.rhs)]


class _In(_Blinded):
    lookup_name = "in"

    def wanted(self) -> Iterable[str | None]:
        return [_clear(value) for value in self.rhs]


def _clear(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise FieldError("a sealed column is compared with text")


class Sealing(models.Model):
    """A model with sealed columns: blind columns are written whenever their values are."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; with ``update_fields`` also what the named columns are found by."""
        fields = kwargs.get("update_fields")
        if fields is not None:
            blinds = [f for f in self._meta.concrete_fields if isinstance(f, BlindField)]
            kwargs["update_fields"] = {*fields, *(f.name for f in blinds if f.of in fields)}
        super().save(*args, **kwargs)
