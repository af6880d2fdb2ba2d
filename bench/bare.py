"""The baseline of submitting: a bare Django view that inserts a case and an event and updates the case, in one transaction.

A WSGI application of its own, run by the same server with the same options against the same database as the product; none
of the product's middleware, sign-in, forms or rules.
"""

from __future__ import annotations

import json
import os
from typing import Any
from uuid import uuid4

TABLES = """
CREATE TABLE IF NOT EXISTS bench_case (id uuid PRIMARY KEY, number text UNIQUE, state text, data jsonb, at timestamptz);
CREATE TABLE IF NOT EXISTS bench_event (id bigserial PRIMARY KEY, case_id uuid, name text, at timestamptz);
GRANT ALL ON bench_case, bench_event TO PUBLIC; GRANT ALL ON SEQUENCE bench_event_id_seq TO PUBLIC;
"""
NO_TABLES = "DROP TABLE IF EXISTS bench_case, bench_event"
INSERT_CASE = "INSERT INTO bench_case (id, number, state, data, at) VALUES (%s, %s, 'draft', %s, now())"
INSERT_EVENT = "INSERT INTO bench_event (case_id, name, at) VALUES (%s, 'submitted', now())"
UPDATE_CASE = "UPDATE bench_case SET state = 'submitted' WHERE id = %s"
PGBENCH = """BEGIN;
SELECT quote_literal(gen_random_uuid()) AS id \\gset
INSERT INTO bench_case (id, number, state, data, at) VALUES (:id, :id, 'draft', '{"area": 80, "format": "catering"}', now());
INSERT INTO bench_event (case_id, name, at) VALUES (:id, 'submitted', now());
UPDATE bench_case SET state = 'submitted' WHERE id = :id;
END;
"""
"""The same for ``pgbench``: what the database alone does."""


def submit(request: Any) -> Any:
    """Do what the baseline does."""
    from django.db import connection, transaction
    from django.http import JsonResponse

    case = uuid4()
    data = json.dumps(json.loads(request.body or b"{}"))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(INSERT_CASE, [case, str(case), data])
        cursor.execute(INSERT_EVENT, [case])
        cursor.execute(UPDATE_CASE, [case])
    return JsonResponse({"id": str(case)})


def _application() -> Any:
    from pathlib import Path

    import django
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.urls import path

    from tongban.main.database import settings_for

    database = settings_for(home=Path(os.environ["TONGBAN_HOME"]), external="", external_app="", role="app")
    settings.configure(
        ALLOWED_HOSTS=["*"],
        DATABASES={"default": database},
        ROOT_URLCONF=__name__,
        SECRET_KEY="bench",  # noqa: S106 - signs nothing
        USE_TZ=True,
    )
    django.setup()
    globals()["urlpatterns"] = [path("submit", submit)]
    return get_wsgi_application()


if os.environ.get("TONGBAN_BENCH_BARE"):
    application = _application()
