"""Asking as somebody, and seeing what the answer says and what it changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from tests.architecture.walk.probe import Probe, World

TO_SIGN_IN = ("/sign-in/", "/progress/?number=")
"""Where a refused visitor is led: to signing in, or to the page that asks for the query code."""


def ask(w: World, probe: Probe, username: str) -> Any:
    """Send the request as this account (with its token to the API, signed in to a page)."""
    client = Client() if probe.is_api else w.clients[username]
    headers = w.tokens[username] if probe.is_api else {}
    options: dict[str, Any] = {"headers": headers}
    body = dict(probe.body)
    for value in body.values():
        if isinstance(value, SimpleUploadedFile):
            value.seek(0)
    has_file = any(isinstance(value, SimpleUploadedFile) for value in body.values())
    if probe.method == "GET":
        return client.get(probe.url, **options)
    if probe.is_api and not has_file:
        options |= {"data": json.dumps(body), "content_type": "application/json"}
        return client.generic(probe.method, probe.url, options.pop("data"), **options)
    return client.post(
        probe.url,
        {key: str(v) if not isinstance(v, list | SimpleUploadedFile) else v for key, v in body.items()},
        **options,
    )


def text_of(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode(errors="replace")


def follow(w: World, username: str, response: Any) -> tuple[Any, str]:
    """Go where a page's redirects lead; return the last answer and its address."""
    address = ""
    for _ in range(4):
        if response.status_code != 302:
            break
        address = response["Location"]
        if address.startswith(TO_SIGN_IN):
            break
        response = w.clients[username].get(address)
    return response, address


def fingerprints(tables: list[str] | None = None) -> dict[str, str]:
    """Return for each table what it holds, as a digest. Sessions and counted attempts may change."""
    free = {"django_session", "identity_attempts", "identity_presence"}
    names = sorted(set(tables if tables is not None else connection.introspection.table_names()) - free)
    found = {}
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(
                f"SELECT count(*) || md5(string_agg(md5(t::text), '' ORDER BY t::text)) FROM \"{name}\" t"
            )
            found[name] = cursor.fetchone()[0]
    return found


def written() -> dict[str, tuple[int, int, int]]:
    """Return how many rows this transaction inserted, updated, deleted in each table so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_xact_user_tables")
        return {name: numbers for name, *numbers in cursor.fetchall()}


def changes(w: World, before: Mapping[str, Any]) -> list[str]:
    """Return the tables whose rows differ from the world's; only those touched since ``before`` are read."""
    touched = [name for name, numbers in written().items() if before.get(name) != numbers]
    return [name for name, digest in fingerprints(touched).items() if digest != w.baseline[name]]
