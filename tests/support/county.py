"""One installed county for many tests: the demo pack without its history, a database of its own, each test rolled back.

The pack is installed once a session, by whichever worker of xdist comes first; every worker then works on its own copy.
``county`` puts that copy in the place of the default database, as the application's role, with the time standing still
at a working day, and takes everything back afterwards.
"""

from __future__ import annotations

import contextlib
import copy
import io
import json
import os
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections, transaction
from django.test import Client

from tests.support.database import as_owner
from tongban.base import builtin, time
from tongban.base.actor import Actor
from tongban.base.packs import Pack, sections
from tongban.base.time import LOCAL

__all__ = [
    "ANSWERS",
    "FORMER_FIRM",
    "FORMER_FIRM_HEAD",
    "INSPECTION",
    "MONDAY",
    "PACK",
    "PNG",
    "County",
    "on",
    "standing",
    "wrapper_of",
]

PACK = Path(__file__).resolve().parents[2] / "packs" / "chengxi"
HISTORY = 80
"""From here on a pack only brings news, letters and past cases: tests make their own."""

MAIN_FIRM = "92532399MA10000099"
"""The citizen's noodle shop."""
REP_FIRM = "91532399MA10061367"
"""The firm for which ``rep`` acts."""
FORMER_FIRM = "91532399MA1079693C"
"""The firm for which ``rep`` acted until 28 February 2026."""
FORMER_FIRM_HEAD = "c0050"
"""The account of its legal representative."""


def on(day: str, hour: int = 10) -> datetime:
    """Return that hour of a day in the county."""
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), LOCAL).replace(hour=hour)


MONDAY = on("2026-06-01")
"""When a test begins: the next holiday is the Dragon Boat Festival, Friday 19 June."""


def _png() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(out, "PNG")
    return out.getvalue()


PNG = _png()

ANSWERS: Mapping[str, Any] = {
    "phone": "13812345678",
    "premises_same": True,
    "area": 80,
    "kitchen_area": 20,
    "seats": 30,
    "format": "catering",
    "projects": ["hot"],
    "network": False,
    "central_delivery": False,
    "manager_name": "李秀英",
    "staff": 3,
    "trained": True,
    "health_promise": True,
    "delivery": "electronic",
    "truth": True,
}
"""What the applicant for a food licence answers; the rest is known."""

INSPECTION: Mapping[str, Any] = {
    **dict.fromkeys(
        (
            "c_place",
            "c_layout",
            "c_water",
            "c_washing",
            "c_cold",
            "c_pest",
            "c_waste",
            "c_staff",
            "c_rules",
        ),
        "pass",
    ),
    "measured_area": 79.5,
    "photos": "门头 1 张",
    "present": "店主",
    "advice": "meets",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tell pytest-django, which makes databases for those who ask only, that the county needs one."""
    for item in items:
        if "county_database" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.django_db)


# --- the database ------------------------------------------------------------------------------------------------


def wrapper_of(name: str, *, as_app: bool) -> Any:
    """Return a connection to another database of the test server, as the application's role or as the owner."""
    made = connections.create_connection("default")
    made.settings_dict = copy.deepcopy(connections["default"].settings_dict)
    made.settings_dict["NAME"] = name
    if not as_app:
        made.settings_dict["OPTIONS"].pop("options", None)
    return made


@contextlib.contextmanager
def _standing_in(wrapper: Any) -> Iterator[None]:
    """Let ``wrapper`` be the default database for a while."""
    original = connections["default"]
    connections["default"] = wrapper
    try:
        yield
    finally:
        connections["default"] = original


def _install(name: str) -> None:
    """Install the pack into an empty, migrated database; tests need no slow hashing and no past."""
    wrapper = wrapper_of(name, as_app=False)
    try:
        with _standing_in(wrapper), time.freeze(on("2026-01-05")) as at:
            pack, actor = Pack(PACK), Actor.system("pack")
            builtin.bring(at=at)  # the tables may have been emptied since they were made
            with transaction.atomic():
                for each in sorted(sections, key=lambda each: each.order):
                    if each.order < HISTORY:
                        each.load(pack, actor=actor, at=at)
    finally:
        wrapper.close()


@pytest.fixture(scope="session")
def county_database(
    django_db_setup: None, django_db_blocker: Any, testrun_uid: str, worker_id: str
) -> Iterator[Any]:
    """Give this worker a database with the county installed: a copy of the one that the first worker installs."""
    with django_db_blocker.unblock():
        connections["default"].close()  # nobody may be in a database that is copied
        empty = connections["default"].settings_dict["NAME"]
        base = empty.removesuffix(f"_{worker_id}")
        template, mine = f"{base}_county", f"{base}_county_{worker_id}"
        server = wrapper_of("postgres", as_app=False)
        with server.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [template])
            cursor.execute(
                "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [template]
            )
            found = cursor.fetchone()
            if found is None or found[0] != testrun_uid:
                cursor.execute(f'DROP DATABASE IF EXISTS "{template}" WITH (FORCE)')
                cursor.execute(f'CREATE DATABASE "{template}" TEMPLATE "{empty}"')
                _install(template)
                cursor.execute(f"COMMENT ON DATABASE \"{template}\" IS '{testrun_uid}'")
            cursor.execute(f'DROP DATABASE IF EXISTS "{mine}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{mine}" TEMPLATE "{template}"')
            cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [template])
        wrapper = wrapper_of(mine, as_app=True)
        try:
            yield wrapper
        finally:
            wrapper.close()
            with server.cursor() as cursor:
                cursor.execute(f'DROP DATABASE IF EXISTS "{mine}" WITH (FORCE)')
                if worker_id == "master":
                    cursor.execute(f'DROP DATABASE IF EXISTS "{template}" WITH (FORCE)')
            server.close()


@contextlib.contextmanager
def standing(database: Any, blocker: Any) -> Iterator[County]:
    """Let the county stand on Monday 1 June 2026, ten in the morning; everything is taken back afterwards."""
    from tests.support import turns
    from tongban.kernel.processes.operations.binding import graph_of

    graph_of.cache_clear()  # compiled processes are cached by an id that another database may use too
    with blocker.unblock(), _standing_in(database), contextlib.ExitStack() as stack:
        database.close_if_unusable_or_obsolete()
        with transaction.atomic():
            place = County(stack)
            place.go_to(MONDAY)
            try:
                yield place
                assert not turns.steps_out_of_turn()
            finally:
                transaction.set_rollback(True)
    graph_of.cache_clear()


@pytest.fixture
def county(county_database: Any, django_db_blocker: Any) -> Iterator[County]:
    """Give the test the county."""
    with standing(county_database, django_db_blocker) as place:
        yield place


# --- who and what ------------------------------------------------------------------------------------------------


class County:
    """The county in a test: its people as Actors, quick ways through the doors, the time."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._stack = stack

    # the time

    @property
    def now(self) -> datetime:
        """The moment at which the test stands."""
        return time.now()

    def go_to(self, moment: datetime | str, hour: int = 10) -> datetime:
        """Let it be that moment (a day means ten o'clock, or ``hour``) from now on."""
        at = on(moment, hour) if isinstance(moment, str) else moment
        self._stack.enter_context(time.freeze(at))
        return at

    # the people

    def account(self, username: str) -> Any:
        """Return an account of the pack."""
        from tongban.kernel.identity.models import Account

        return Account.objects.select_related("person").get(username=username)

    def actor(self, username: str, **capacity: Any) -> Actor:
        """Return who this account is now."""
        from tongban.kernel.identity import service as identity

        account = self.account(username)
        channel = "desk" if account.kind == "official" else "web"
        return identity.actor_for(account, at=self.now, channel=channel, **capacity)

    @property
    def stranger(self) -> Actor:
        """Somebody who has not signed in."""
        return Actor.stranger()

    def client(self, username: str = "") -> Client:
        """Return a browser in which this account has signed in; without a name, a stranger's."""
        client = Client()
        if username:
            client.force_login(self.account(username))
        return client

    def token(self, username: str) -> dict[str, str]:
        """Return the headers with which a program of this account calls the API."""
        from tongban.kernel.identity import service as identity

        plain = identity.create_token(username, "test", self.now)
        return {"Authorization": f"Bearer {plain}"}

    def entity(self, uscc: str) -> Any:
        """Return a legal entity."""
        from tongban.kernel.identity import service as identity

        return identity.get_entity(uscc)

    # an application

    def draft(
        self,
        who: str = "citizen",
        *,
        firm: str = "",
        answers: Mapping[str, Any] | None = None,
        materials: bool = True,
    ) -> Any:
        """Begin an application for a food licence and fill it in; returns the case."""
        from tongban.apps.services import service as services
        from tongban.apps.services.operations.apply import put_answers

        actor = self.actor(who)
        firm = firm or {"citizen": MAIN_FIRM, "rep": REP_FIRM, FORMER_FIRM_HEAD: FORMER_FIRM}[who]
        case = services.create_application(
            actor=actor, item_key="food-licence", entity_id=self.entity(firm).pk, at=self.now
        )
        put_answers(actor=actor, case_id=case.pk, values=ANSWERS if answers is None else answers, at=self.now)
        if materials:
            for key in ("layout_plan", "equipment", "safety_rules"):
                upload = SimpleUploadedFile(f"{key}.png", PNG)
                services.put_material(actor=actor, case_id=case.pk, key=key, upload=upload, at=self.now)
        return services.get_application(actor, case.pk)

    def submit(self, who: str = "citizen", **options: Any) -> Any:
        """Fill in and submit an application; returns the case, with the query code as ``case.code``."""
        from tongban.apps.services import service as services

        draft = self.draft(who, **options)
        case, code = services.submit_application(actor=self.actor(who), case_id=draft.pk, at=self.now)
        case.code = code
        return case

    def task(self, case: Any, node: str) -> Any:
        """Return the open step ``node`` of a case."""
        [task] = [task for task in self.open_steps(case) if task.node == node]
        return task

    def open_steps(self, case: Any) -> list[Any]:
        """Return the open steps of a case."""
        from tongban.kernel.processes import service as processes

        return [task for task in processes.tasks_of(case.instance_id) if task.state == "open"]

    def do(
        self,
        who: str,
        case: Any,
        node: str,
        outcome: str,
        data: Mapping[str, Any] | None = None,
        opinion: str = "",
    ) -> Any:
        """Let somebody complete the open step ``node`` of a case."""
        from tongban.kernel.cases import service as cases

        cases.complete_task(
            actor=self.actor(who),
            task_id=self.task(case, node).id,
            outcome=outcome,
            data=dict(data or {}),
            opinion=opinion,
            at=self.now,
        )
        return self.again(case)

    def ask_for_correction(self, case: Any) -> Any:
        """Let the window ask for a correction."""
        data = {"missing": ["safety_rules"], "what": "管理制度没有写谁管消毒"}
        return self.do("window", case, "receive", "request_correction", data)

    def accept(self, case: Any) -> Any:
        """Let the window accept."""
        checked = ["competence", "applicant", "complete", "form"]
        return self.do("window", case, "receive", "accept", {"checked": checked})

    def inspect(self, case: Any) -> Any:
        """Let the first officer inspect and write the record."""
        record = {**INSPECTION, "inspected_on": time.local_date(self.now).isoformat()}
        return self.do("officer1", case, "inspect", "submit", record)

    def review(self, case: Any) -> Any:
        """Let the officers review the papers, inspect and sign, up to the decision."""
        review = {"complete": True, "consistent": True, "layout_ok": True, "advice": "meets"}
        self.do("officer1", case, "document_review", "submit", review)
        self.inspect(case)
        return self.do("officer2", case, "inspect_sign", "sign", {"agrees": True})

    def grant(self, case: Any) -> Any:
        """Let the chief grant; the certificate is made by a job (``drain``)."""
        return self.do("chief", case, "decide", "grant", {"conditions_met": True})

    def refuse(self, case: Any) -> Any:
        """Let the chief refuse."""
        data = {
            "reasons": "现场核查时没有设置专间，不符合冷食制售的条件。",
            "legal_basis": "《食品安全法》第三十三条",
        }
        return self.do("chief", case, "decide", "refuse", data)

    def act(self, who: str, case: Any, key: str, data: Mapping[str, Any] | None = None) -> Any:
        """Let somebody do an action beside the process (withdraw, extend)."""
        from tongban.kernel.cases import service as cases

        cases.run_action(actor=self.actor(who), case_id=case.pk, key=key, data=dict(data or {}), at=self.now)
        return self.again(case)

    def again(self, case: Any) -> Any:
        """Return the case as it is now."""
        case.refresh_from_db()
        return case

    # what happens by itself

    def tick(self) -> int:
        """Fire the timers that are due now, as the worker does every few seconds."""
        from tongban.kernel.processes import service as processes

        return processes.fire_due_timers(at=self.now)

    def jobs(self) -> list[tuple[int, str, dict[str, Any]]]:
        """Return the waiting jobs: id, name, arguments."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, task_name, args FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id"
            )
            rows = cursor.fetchall()
        return [(pk, name, json.loads(args) if isinstance(args, str) else args) for pk, name, args in rows]

    def drain(self, *, papers: bool = False) -> None:
        """Do the waiting jobs as the worker would; the PDFs of papers (slow) only when asked for."""
        from procrastinate.contrib.django import app

        while todo := [job for job in self.jobs() if papers or job[1] != "instruments.render"]:
            for pk, name, arguments in todo:
                task = app.tasks[name]
                context = [SimpleNamespace(job=SimpleNamespace(attempts=0))] if task.pass_context else []
                task.func(*context, **arguments)
                with connection.cursor() as cursor, as_owner():
                    cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [pk])


if os.environ.get("PYTEST_XDIST_WORKER") is None:

    @pytest.fixture(scope="session")
    def worker_id() -> str:
        """Say "master" also when xdist is not loaded."""
        return "master"

    @pytest.fixture(scope="session")
    def testrun_uid() -> str:
        """Tell this run from others also when xdist is not loaded."""
        return str(os.getpid())
