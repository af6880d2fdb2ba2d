"""SCIM 2.0 for registered programs: /scim/v2/… Every answer is ``application/scim+json``; whoever shows no token gets 401."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from tongban.apps.federation.models import Provisioned, Provisioner
from tongban.apps.federation.operations import provisioning
from tongban.apps.federation.scim import rules, schemas
from tongban.apps.federation.scim.rules import Refused, UserFacts
from tongban.base.errors import Conflict, Forbidden, Invalid, NotFound, TongbanError
from tongban.base.time import now
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.errors import TooManyAttempts

__all__ = [
    "config",
    "group",
    "groups",
    "resource_type",
    "resource_types",
    "schema",
    "schema_list",
    "user",
    "users",
]

KIND = "application/scim+json"
FAILURES, REQUESTS = 20, 3000
"""Wrong tokens from one address, and requests of one program, within a quarter of an hour."""
USERS_BY = {"username": "userName", "externalid": "externalId", "id": "id"}
GROUPS_BY = {"displayname": "displayName", "id": "id"}
READING = ("GET", "HEAD")

View = Callable[..., HttpResponse]


def _answer(body: Any, status: int = 200, **headers: str) -> HttpResponse:
    text = json.dumps(body, ensure_ascii=False) if body is not None else ""
    answer = HttpResponse(text, status=status, content_type=KIND)
    for name, value in headers.items():
        answer[name.replace("_", "-")] = value
    answer["Cache-Control"] = "no-store"
    return answer


def _error(status: int, detail: str, kind: str = "", **headers: str) -> HttpResponse:
    body = {"schemas": [schemas.ERROR], "status": str(status), "detail": detail}
    return _answer(body | ({"scimType": kind} if kind else {}), status, **headers)


def for_program(*methods: str) -> Callable[[View], View]:
    """Give the view the program that shows its token; turn what is refused into SCIM's errors."""

    def guard(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                program = _program(request)
                if request.method not in methods:
                    return _error(405, "This method is not supported here", Allow=", ".join(methods))
                with transaction.atomic():
                    return view(request, program, *args, **kwargs)
            except Refused as refused:
                return _error(refused.status, refused.detail, refused.kind)
            except TongbanError as refused:
                return _refusal(refused)

        return guarded

    return guard


def _program(request: HttpRequest) -> Provisioner:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    identity.throttle("scim", request=request, limit=FAILURES)
    program = provisioning.provisioner_of(token.strip() if scheme.lower() == "bearer" else "")
    identity.relent("scim", request=request)
    identity.throttle(f"scim:{program.key}", request=request, limit=REQUESTS)
    Provisioner.objects.filter(pk=program.pk).update(used_at=now())
    return program


def _refusal(error: TongbanError) -> HttpResponse:
    detail = error.title.in_language("en")
    rows = error.data.get("errors") or []
    if rows:
        detail = "; ".join(f"{row['field']}: {row['message']['en']}" for row in rows)
    if isinstance(error, TooManyAttempts):
        return _error(429, detail, Retry_After="900")
    if error.status == 401:
        return _error(401, detail, WWW_Authenticate="Bearer")
    if isinstance(error, Invalid):
        is_taken = any("taken" in row["message"]["en"] or "already" in row["message"]["en"] for row in rows)
        return _error(409, detail, "uniqueness") if is_taken else _error(400, detail, "invalidValue")
    if isinstance(error, NotFound | Forbidden | Conflict):
        return _error(error.status, detail)
    return _error(error.status, detail)


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except (ValueError, UnicodeDecodeError):
        raise Refused("invalidSyntax", "The body is no JSON") from None
    if not isinstance(body, dict):
        raise Refused("invalidSyntax", "The body is no object")
    return body


def _base() -> str:
    return str(settings.TONGBAN_PUBLIC_URL) + reverse("federation:scim-users").removesuffix("/Users")


# --- what there is ---


@for_program(*READING)
def config(request: HttpRequest, program: Provisioner) -> HttpResponse:
    """Say what this provider can."""
    return _answer(schemas.provider_config(_base()))


@for_program(*READING)
def resource_types(request: HttpRequest, program: Provisioner) -> HttpResponse:
    """List the kinds of resources."""
    return _unfiltered(request, schemas.resource_types(_base()))


@for_program(*READING)
def resource_type(request: HttpRequest, program: Provisioner, key: str) -> HttpResponse:
    """Show one kind of resources."""
    return _one(schemas.resource_types(_base()), key)


@for_program(*READING)
def schema_list(request: HttpRequest, program: Provisioner) -> HttpResponse:
    """List the schemas."""
    return _unfiltered(request, schemas.schemas(_base()))


@for_program(*READING)
def schema(request: HttpRequest, program: Provisioner, key: str) -> HttpResponse:
    """Show one schema."""
    return _one(schemas.schemas(_base()), key)


def _unfiltered(request: HttpRequest, rows: list[dict[str, Any]]) -> HttpResponse:
    if "filter" in request.GET:
        return _error(403, "These are not filtered")  # RFC 7644, 4
    return _answer(_list(rows, len(rows), 1))


def _one(rows: list[dict[str, Any]], key: str) -> HttpResponse:
    found = next((row for row in rows if row["id"] == key), None)
    if found is None:
        raise NotFound
    return _answer(found)


def _list(rows: list[dict[str, Any]], total: int, start: int) -> dict[str, Any]:
    return {
        "schemas": [schemas.LIST],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": len(rows),
        "Resources": rows,
    }


def _page(request: HttpRequest) -> tuple[int, int]:
    """Return first and number; what is out of bounds is brought into them (RFC 7644, 3.4.2.4)."""
    try:
        start = max(1, int(request.GET.get("startIndex", "1")))
        count = min(schemas.MOST, max(0, int(request.GET.get("count", "100"))))
    except ValueError:
        raise Refused("invalidValue", "startIndex and count are numbers") from None
    return min(start, 10**9), count


# --- users ---


@for_program("GET", "HEAD", "POST")
def users(request: HttpRequest, program: Provisioner) -> HttpResponse:
    """List officials, or open an account for one."""
    at = now()
    if request.method == "POST":
        facts = rules.user_of(_body(request))
        person_id = provisioning.open_official(program=program, facts=facts, at=at)
        return _user(program, person_id, 201)
    start, count = _page(request)
    field, value = rules.filter_of(request.GET.get("filter", ""), USERS_BY)
    chosen: dict[str, Any] = {}
    if field == "userName":
        chosen = {"username": value.lower()}
    elif field:
        chosen = {"person_id": _person_named(program, field, value)}
    total, rows = (
        (0, [])
        if chosen.get("person_id", True) is None
        else identity.list_accounts_of_officials(at=at, limit=count, offset=start - 1, **chosen)
    )
    known = provisioning.external_ids(program, [row.person_id for row in rows])
    shown = [_user_json(row, known.get(row.person_id, "")) for row in rows]
    return _answer(_list(shown, total, start))


def _person_named(program: Provisioner, field: str, value: str) -> UUID | None:
    if field == "id":
        return _uuid(value)
    return (
        Provisioned.objects.filter(provisioner=program, external_id=value)
        .values_list("person_id", flat=True)
        .first()
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@for_program("GET", "HEAD", "PUT", "PATCH", "DELETE")
def user(request: HttpRequest, program: Provisioner, key: str) -> HttpResponse:
    """Show, replace or change an official; DELETE closes the account (the person stays on record)."""
    at, person_id = now(), _uuid(key)
    if person_id is None:
        raise NotFound
    row = provisioning.get_official(person_id, at=at)
    external = provisioning.external_ids(program, [person_id]).get(person_id, "")
    before = UserFacts(
        username=row.account.username if row.account else "",
        name=row.name,
        email=row.email,
        phone=row.phone,
        active=bool(row.account and row.account.is_active),
        external_id=external,
    )
    if request.method in READING:
        return _user(program, person_id, request=request)
    _refuse_stale(request, _user_json(row, external))
    if request.method == "DELETE":
        if not before.active:
            raise NotFound
        provisioning.change_official(
            program=program, person_id=person_id, facts=replace(before, active=False), at=at
        )
        return _answer(None, 204)
    body = _body(request)
    after = rules.user_of(body) if request.method == "PUT" else rules.patched(before, body)
    if after.username.lower() != before.username:
        raise Refused("mutability", "A userName is not changed")
    provisioning.change_official(program=program, person_id=person_id, facts=after, at=at)
    return _user(program, person_id)


def _user(
    program: Provisioner, person_id: UUID, status: int = 200, *, request: HttpRequest | None = None
) -> HttpResponse:
    row = provisioning.get_official(person_id, at=now())
    shown = _user_json(row, provisioning.external_ids(program, [person_id]).get(person_id, ""))
    return _resource(shown, status, request)


def _resource(shown: dict[str, Any], status: int, request: HttpRequest | None) -> HttpResponse:
    tag = shown["meta"]["version"]
    if request is not None and tag in request.headers.get("If-None-Match", ""):
        return _answer(None, 304, ETag=tag)
    return _answer(shown, status, ETag=tag, Location=shown["meta"]["location"])


def _user_json(row: identity.OfficialRow, external_id: str) -> dict[str, Any]:
    account = row.account
    shown: dict[str, Any] = {
        "schemas": [schemas.USER],
        "id": str(row.person_id),
        **({"externalId": external_id} if external_id else {}),
        "userName": account.username if account else "",
        "name": {"formatted": row.name},
        "displayName": row.name,
        "active": bool(account and account.is_active),
        **({"emails": [{"value": row.email, "type": "work", "primary": True}]} if row.email else {}),
        **({"phoneNumbers": [{"value": row.phone, "type": "work", "primary": True}]} if row.phone else {}),
        "groups": [
            {
                "value": str(held.post_id),
                "$ref": f"{_base()}/Groups/{held.post_id}",
                "display": f"{held.unit_name.zh} {held.post_name.zh}",
            }
            for held in row.posts
        ],
    }
    return _with_meta(shown, "User", f"{_base()}/Users/{row.person_id}")


def _with_meta(shown: dict[str, Any], kind: str, location: str) -> dict[str, Any]:
    """Add where it is and its version, which is a digest of what is shown."""
    digest = hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:20]
    return {**shown, "meta": {"resourceType": kind, "location": location, "version": f'W/"{digest}"'}}


def _refuse_stale(request: HttpRequest, shown: Mapping[str, Any]) -> None:
    wanted = request.headers.get("If-Match", "*").strip()
    if wanted != "*" and shown["meta"]["version"] not in [each.strip() for each in wanted.split(",")]:
        raise Refused("", "It was changed in between", 412)


# --- groups ---


@for_program("GET", "HEAD")
def groups(request: HttpRequest, program: Provisioner) -> HttpResponse:
    """List posts. They are founded and abolished by the security administrator, not here."""
    start, count = _page(request)
    field, value = rules.filter_of(request.GET.get("filter", ""), GROUPS_BY)
    if not field:
        total, rows = identity.list_posts(at=now(), limit=count, offset=start - 1)
        return _answer(_list([_group_json(row) for row in rows], total, start))
    _, everything = identity.list_posts(at=now(), limit=100_000)
    found = [shown for shown in map(_group_json, everything) if shown[field] == value]
    return _answer(_list(found[start - 1 : start - 1 + count], len(found), start))


@for_program("GET", "HEAD", "PUT", "PATCH")
def group(request: HttpRequest, program: Provisioner, key: str) -> HttpResponse:
    """Show a post, or say who holds it."""
    at = now()
    row = _post(key)
    if request.method in READING:
        return _resource(_group_json(row), 200, request)
    _refuse_stale(request, _group_json(row))
    body = _body(request)
    before = {str(holder.person_id) for holder in row.holders}
    if request.method == "PUT":
        after = rules.members_of(body.get("members") or [])
    else:
        after = rules.members_patched(before, body)
    people = {_uuid(each) for each in after}
    if None in people:
        raise Refused("invalidValue", "A member is the id of a User")
    provisioning.set_holders(program=program, post_id=row.post.pk, people={p for p in people if p}, at=at)
    return _resource(_group_json(_post(key)), 200, None)


def _post(key: str) -> identity.PostRow:
    if not (key.isascii() and key.isdigit() and len(key) < 10):
        raise NotFound
    row = identity.get_post(int(key), now())
    if row.is_admin or row.post.closed_at is not None:
        raise NotFound
    return row


def _group_json(row: identity.PostRow) -> dict[str, Any]:
    shown = {
        "schemas": [schemas.GROUP],
        "id": str(row.post.pk),
        "displayName": f"{row.post.unit.name.zh} {row.post.name.zh}",
        "members": [
            {
                "value": str(holder.person_id),
                "$ref": f"{_base()}/Users/{holder.person_id}",
                "display": holder.name,
            }
            for holder in row.holders
        ],
    }
    return _with_meta(shown, "Group", f"{_base()}/Groups/{row.post.pk}")
