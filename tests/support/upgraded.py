"""Take over a database of an earlier release and look whether all of it is there and works. A program of its own:

    DATABASE_URL=... python -m tests.support.upgraded

It migrates as the owner, each migration timed, then signs in, opens a case and takes its next step as the application's role, and
prints what it found as JSON.
"""

from __future__ import annotations

import json
import os
import time
from typing import Any

from tongban.main import database

STEPS = {
    "receive": ("window", "accept", {"checked": ["competence", "applicant", "complete", "form"]}),
    "document_review": (
        "officer1",
        "submit",
        {"complete": True, "consistent": True, "layout_ok": True, "advice": "meets"},
    ),
}
"""Steps of the food licence that somebody of the demo county can do: who, with which outcome and answers."""


def main() -> None:
    """Do it."""
    database.use_role("owner")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongban.main.settings")
    import django

    django.setup()
    from tests.support.database import as_app
    from tongban.main import roles

    roles.ensure_role()
    before = _rows()
    began = time.monotonic()
    applied = _migrate()
    found: dict[str, Any] = {
        "migrations": applied,
        "seconds": round(time.monotonic() - began, 2),
        "tables": len(before),
        "cases": before["cases_case"],
        "lost": _lost(before, _rows()),
    }
    found["faults"] = _faults()
    with as_app():
        found |= _work()
    print(json.dumps(found, ensure_ascii=False))


def _migrate() -> dict[str, float]:
    """Apply what is new, and return how many seconds each migration took."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from tongban.base.time import now
    from tongban.kernel.ledger import service as ledger

    took: dict[str, float] = {}

    def heard(action: str, migration: Any = None, fake: bool = False) -> None:
        if action == "apply_start":
            took[str(migration)] = -time.monotonic()
        elif action == "apply_success":
            took[str(migration)] = round(took[str(migration)] + time.monotonic(), 3)

    executor = MigrationExecutor(connection, heard)
    executor.migrate(executor.loader.graph.leaf_nodes())
    call_command("migrate", interactive=False, verbosity=0)  # what follows migrations: the grants
    ledger.resume(at=now())  # as the start of the program does: the database came out of a dump
    return took


def _rows() -> dict[str, int]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
              AND NOT relispartition AND relname NOT LIKE 'django\\_%' AND relname NOT LIKE 'procrastinate\\_%' ORDER BY 1"""
        )
        names = [name for (name,) in cursor.fetchall()]
        found = {}
        for name in names:
            cursor.execute(f'SELECT count(*) FROM "{name}"')
            found[name] = int(cursor.fetchone()[0])
    return found


def _lost(before: dict[str, int], after: dict[str, int]) -> dict[str, list[int | None]]:
    """Return the tables that have fewer rows than before, or are gone."""
    return {
        name: [count, after.get(name)] for name, count in before.items() if count > (after.get(name) or 0)
    }


def _faults() -> list[str]:
    """Return what ``tongban ledger verify --data`` finds."""
    from tongban.kernel.ledger import service as ledger

    return [f"{fault.kind} {fault.subject}" for fault in ledger.verify(data=True).faults][:20]


def _work() -> dict[str, Any]:
    """Sign in by password, open a case that waits, take its step."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    from tongban.base.time import now
    from tongban.kernel.cases import service as cases
    from tongban.kernel.cases.models import Case
    from tongban.kernel.identity import service as identity
    from tongban.kernel.processes import service as processes

    at = now()
    for node, (username, outcome, data) in STEPS.items():
        account = get_user_model()._default_manager.get_by_natural_key(username)
        actor = identity.actor_for(account, at=at, channel="desk")
        for row in cases.inbox(actor, at=at):
            case = Case.objects.get(number=row.number)
            tasks = [task for task in processes.tasks_of(case.instance_id) if task.node == node]
            open_here = [task for task in tasks if task.state == "open" and task.holder_id in actor.holders]
            if case.subject_id != "food-licence" or not open_here:
                continue
            client = Client(HTTP_HOST="127.0.0.1")
            client.post("/sign-in/", {"username": username, "password": "demo"})
            page = client.get(f"/desk/cases/{case.number}/")
            cases.complete_task(actor=actor, task_id=open_here[0].id, outcome=outcome, data=data, at=at)
            done = {task.id: task.state for task in processes.tasks_of(case.instance_id)}[open_here[0].id]
            return {"page": page.status_code, "named": row.number in page.content.decode(), "step": done}
    return {"page": 0, "named": False, "step": "none was open"}


if __name__ == "__main__":
    main()
