"""Pure reading of what SCIM clients send: filters, users, patches. Nothing here knows the database."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tongban.apps.federation.scim.schemas import EXTENSION

__all__ = ["Refused", "UserFacts", "filter_of", "members_patched", "patched", "user_of"]

FILTER = re.compile(r'\s*(\w+)\s+eq\s+"([^"\\]*)"\s*', re.IGNORECASE)
VALUED = re.compile(r"(emails|phonenumbers)(\[[^\]]*\])?(\.value)?$", re.IGNORECASE)
ONE_MEMBER = re.compile(r'members\[\s*value\s+eq\s+"([^"\\]*)"\s*\]$', re.IGNORECASE)


class Refused(Exception):
    """What was sent cannot be read; ``kind`` is SCIM's word for why."""

    def __init__(self, kind: str, detail: str, status: int = 400) -> None:
        self.kind, self.detail, self.status = kind, detail, status
        super().__init__(detail)


@dataclass(frozen=True, slots=True)
class UserFacts:
    """What is said of an official."""

    username: str
    name: str = ""
    email: str = ""
    phone: str = ""
    active: bool = True
    external_id: str = ""
    citizen_id: str = ""


def filter_of(text: str, allowed: Mapping[str, str]) -> tuple[str, str]:
    """Return field and value of a filter ``field eq "value"``; nothing for none. Raises Refused for any other."""
    if not text.strip():
        return "", ""
    found = FILTER.fullmatch(text)
    name = allowed.get(found[1].lower()) if found else None
    if found is None or name is None:
        raise Refused("invalidFilter", "Filters are: " + ", ".join(f"{each} eq" for each in allowed.values()))
    return name, found[2]


def user_of(body: Mapping[str, Any]) -> UserFacts:
    """Read a User. Names are case-insensitive (RFC 7643 2.1). Raises Refused."""
    fields = _lower(body)
    extension = _lower(fields.get(EXTENSION.lower()))
    return UserFacts(
        username=_text(fields.get("username")),
        name=_name(fields),
        email=_first(fields.get("emails")),
        phone=_first(fields.get("phonenumbers")),
        active=_flag(fields.get("active", True)),
        external_id=_text(fields.get("externalid")),
        citizen_id=_text(extension.get("citizenid")),
    )


def patched(before: UserFacts, body: Mapping[str, Any]) -> UserFacts:
    """Return what a user is after a patch. Raises Refused for what cannot be patched."""
    after = before
    for kind, path, value in _operations(body):
        if not path:
            if kind == "remove" or not isinstance(value, Mapping):
                raise Refused("noTarget", "An operation without a path has an object as its value")
            for name, each in value.items():
                after = _set(after, str(name), each)
        else:
            after = _set(after, path, None if kind == "remove" else value)
    return after


def _set(facts: UserFacts, path: str, value: Any) -> UserFacts:
    word = path.lower()
    if word == "active":
        return replace(facts, active=_flag(True if value is None else value))
    if word in ("displayname", "name.formatted"):
        return replace(facts, name=_text(value))
    if word == "name":
        return replace(facts, name=_name({"name": value}))
    if word == "externalid":
        return replace(facts, external_id=_text(value))
    if word == "username":
        return replace(facts, username=_text(value))
    found = VALUED.fullmatch(word)
    if found is None:
        raise Refused("invalidPath", f"{path} cannot be changed")
    given = _first(value) if isinstance(value, list | dict) else _text(value)
    return replace(facts, email=given) if found[1] == "emails" else replace(facts, phone=given)


def members_patched(before: set[str], body: Mapping[str, Any]) -> set[str]:
    """Return who holds a post after a patch of its members. Raises Refused."""
    after = set(before)
    for kind, path, value in _operations(body):
        one = ONE_MEMBER.fullmatch(path)
        if one and kind == "remove":
            after.discard(one[1])
            continue
        if (
            not path
            and isinstance(value, Mapping)
            and set(_lower(value)) <= {"members", "displayname", "schemas"}
        ):
            value = _lower(value).get("members", [])
        elif path.lower() != "members":
            raise Refused("mutability", "Only the members of a post change here")
        given = members_of(value) if value is not None else None
        if kind == "add":
            after |= given or set()
        elif kind == "replace":
            after = given or set()
        else:
            after = after - given if given is not None else set()
    return after


def members_of(value: Any) -> set[str]:
    """Read a list of members. Raises Refused."""
    rows = value if isinstance(value, list) else [value]
    if not all(isinstance(row, Mapping) and isinstance(_lower(row).get("value"), str) for row in rows):
        raise Refused("invalidValue", "A member has a value")
    return {_lower(row)["value"] for row in rows}


def _operations(body: Mapping[str, Any]) -> list[tuple[str, str, Any]]:
    rows = _lower(body).get("operations")
    if not isinstance(rows, list) or not rows or len(rows) > 100:
        raise Refused("invalidSyntax", "Give one to a hundred Operations")
    read = []
    for row in rows:
        fields = _lower(row)
        kind = str(fields.get("op", "")).lower()
        if kind not in ("add", "replace", "remove"):
            raise Refused("invalidSyntax", "op is add, replace or remove")
        path = fields.get("path") or ""
        if not isinstance(path, str):
            raise Refused("invalidPath", "path is a text")
        read.append(
            (
                kind,
                path.strip().removeprefix("urn:ietf:params:scim:schemas:core:2.0:User:"),
                fields.get("value"),
            )
        )
    return read


def _lower(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Refused("invalidSyntax", "An object is needed here")
    return {str(name).lower(): each for name, each in value.items()}


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > 200:
        raise Refused("invalidValue", "A short text is needed here")
    return value.strip()


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):  # some clients write it so
        return value.lower() == "true"
    raise Refused("invalidValue", "active is true or false")


def _first(value: Any) -> str:
    """Return the primary value of several, else the first: one is kept here."""
    rows = value if isinstance(value, list) else [] if value is None else [value]
    fields = [_lower(row) for row in rows]
    chosen = next((row for row in fields if row.get("primary") is True), fields[0] if fields else {})
    return _text(chosen.get("value"))


def _name(fields: Mapping[str, Any]) -> str:
    """Return a name in one piece; family and given name are put together as Chinese names are."""
    name = _lower(fields.get("name"))
    whole = _text(name.get("formatted")) or _text(fields.get("displayname"))
    return whole or _text(name.get("familyname")) + _text(name.get("givenname"))
