"""The ground on which all tests stand.

Without ``DATABASE_URL`` an embedded PostgreSQL is started for the session (one for all workers of xdist, a database for each).
Databases are made and migrated by the owner; the tests themselves run as the application's role, so a privilege that the
application lacks is missed here and not first in an installation.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.db import connections
from django.db.backends.postgresql.operations import DatabaseOperations
from django.utils import translation

from tests.support.database import OWN_SERVER, ThrowAwayServer, as_app, flush_as_owner
from tests.support.database import as_owner as be_owner

hypothesis.settings.register_profile("tongban", deadline=None, derandomize="CI" in os.environ, database=None)
hypothesis.settings.load_profile("tongban")

pytest_plugins = ["tests.support.county"]

SERVER = pytest.StashKey[ThrowAwayServer]()
HOME = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """Give the session its database server and each process a home of its own."""
    if config.option.collectonly:
        return
    if not os.environ.get("DATABASE_URL"):
        server = config.stash[SERVER] = ThrowAwayServer()
        os.environ[OWN_SERVER] = "1"
        os.environ["DATABASE_URL"] = server.start()  # the workers of xdist start later and find it here
        _use_database(os.environ["DATABASE_URL"])
    home = config.stash[HOME] = Path(tempfile.mkdtemp(prefix="tongban-home-"))
    settings.TONGBAN_HOME = home
    settings.STATIC_ROOT = home / "static"
    settings.STATIC_ROOT.mkdir()
    settings.WHITENOISE_USE_FINDERS = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # Argon2 is slow on purpose
    settings.TONGBAN_PAGE_SECONDS = (
        0  # a test looks at what it just did; those about kept pages set their own
    )
    settings.TONGBAN_REQUESTS_PER_MINUTE = 0  # tests ask faster than people; those about limits set their own
    settings.TONGBAN_SECURITY_CONTACT = "mailto:security@county.example"
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": plain}}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give whole files to the workers of xdist, and everything that needs the one running installation to one of them."""
    from xdist.scheduler import LoadFileScheduling

    class ByFileAndSite(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            with_site = nodeid.startswith(("tests/journeys/", "tests/api/"))
            return "site" if with_site else str(super()._split_scope(nodeid))

    return ByFileAndSite(config, log)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take everything away again."""
    if HOME in config.stash:
        shutil.rmtree(config.stash[HOME], ignore_errors=True)
    if SERVER in config.stash:
        config.stash[SERVER].stop()
        del os.environ["DATABASE_URL"], os.environ[OWN_SERVER]


def _use_database(url: str) -> None:
    """Point Django, whose settings were read before there was a server, to it."""
    from tongban.main.database import settings_for

    described = settings_for(home=settings.TONGBAN_HOME, external=url, external_app="", role="owner")
    connections["default"].settings_dict.update(described)
    settings.DATABASES["default"].update(described)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Let the owner make and migrate the test database (pytest-django does), then go on as the application's role."""
    original = DatabaseOperations.execute_sql_flush
    DatabaseOperations.execute_sql_flush = flush_as_owner  # type: ignore[method-assign]
    with as_app():
        yield
    DatabaseOperations.execute_sql_flush = original  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def in_chinese() -> Iterator[None]:
    """Begin every test in the language of the program: a page asked for in English leaves its thread there."""
    translation.activate(settings.LANGUAGE_CODE)
    yield


@pytest.fixture
def as_owner() -> Callable[[], AbstractContextManager[None]]:
    """Return ``with as_owner():``, which makes the test the owner of the database for what only set-up does."""
    return be_owner
