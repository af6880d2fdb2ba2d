"""How copies of the installation show on the page and when somebody is told."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from tongban.apps.ops import figures, service
from tongban.apps.ops.models import Backup
from tongban.apps.ops.queries_of_backups import backup_age

pytestmark = pytest.mark.django_db


def made(ago: timedelta, fault: str = "") -> datetime:
    at = timezone.now() - ago
    service.record_backup(began_at=at, ended_at=at, place="/mnt/copies/a", bytes_written=9, fault=fault)
    return at


def line() -> Any:
    return figures._backup()


def troubles() -> list[str]:
    return [trouble.kind for trouble in figures._copies()]


def test_without_a_copy_and_without_a_plan_the_page_does_not_know(settings: Any) -> None:
    settings.TONGBAN_ENV, settings.TONGBAN_BACKUP_TO = "demo", None
    assert (line().state, line().value.en, troubles()) == ("unknown", "None was made", [])
    assert math.isnan(backup_age())
    assert service.last_backup_began() is None


def test_in_production_a_copy_is_missing_from_the_first_day(settings: Any) -> None:
    settings.TONGBAN_ENV, settings.TONGBAN_BACKUP_TO = "production", None
    assert (line().state, troubles()) == ("bad", ["backup"])


def test_a_copy_of_last_night_is_well_and_one_that_is_too_old_is_not(settings: Any) -> None:
    settings.TONGBAN_BACKUP_TO, settings.TONGBAN_BACKUP_MAX_AGE_HOURS = Path("/mnt/copies"), 30
    made(timedelta(hours=29))
    assert (line().state, line().value.en, troubles()) == ("ok", "29 h ago", [])
    settings.TONGBAN_BACKUP_MAX_AGE_HOURS = 28
    assert (line().state, troubles()) == ("bad", ["backup"])
    assert backup_age() == pytest.approx(29 * 3600, abs=60)


def test_a_failure_since_the_last_good_copy_is_told_until_one_succeeds(settings: Any) -> None:
    settings.TONGBAN_BACKUP_TO = Path("/mnt/copies")
    made(timedelta(hours=20))
    began = made(timedelta(hours=1), fault="the disk is full")
    assert (line().state, troubles()) == ("bad", ["backup"])
    assert line().value.en == "The last attempt failed; newest copy: 20 h ago"
    assert service.last_backup_began() == began
    made(timedelta(minutes=5))
    assert (line().state, troubles()) == ("ok", [])


def test_what_is_long_ago_is_forgotten() -> None:
    made(timedelta(days=500))
    made(timedelta(days=1))
    assert Backup.objects.count() == 1
