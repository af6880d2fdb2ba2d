"""Bytes and rows stay together: what a crash left behind goes, what somebody needs stays, what is missing is named."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from tongban.base.ref import Ref
from tongban.kernel.files import service as files
from tongban.kernel.files.models import File
from tongban.kernel.files.storage import DiskStorage

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def store(tmp_path: Path, settings: LazySettings) -> Iterator[DiskStorage]:
    settings.TONGBAN_HOME = tmp_path
    yield DiskStorage()


def aged(store: DiskStorage, content: bytes, days: float = 2) -> str:
    """Write bytes as if it had been days ago."""
    digest = store.write(content)
    then = time.time() - days * 86400
    os.utime(store._path(digest), (then, then))
    return digest


def kept(content: bytes) -> File:
    return files.store_bytes(
        name="a.txt", media_type="text/plain", content=content, use=Ref("x", "1"), role="r", at=AT
    )


def test_only_old_bytes_that_nobody_points_to_go(store: DiskStorage) -> None:
    stray, young = aged(store, b"stray"), aged(store, b"young", days=0.5)
    file = kept(b"needed")
    os.utime(store._path(file.sha256), (0, 0))
    assert files.check_storage().stray == (stray,)
    assert files.sweep() == 1
    assert not store._path(stray).exists()
    assert store._path(young).exists()
    assert files.read_file(file.pk) == b"needed"
    assert files.sweep() == 0


def test_old_bytes_that_are_stored_again_stay(store: DiskStorage) -> None:
    aged(store, b"again")
    file = kept(b"again")
    assert files.sweep() == 0
    assert files.read_file(file.pk) == b"again"


def test_bytes_that_somebody_touches_while_the_sweeper_is_at_them_stay(store: DiskStorage) -> None:
    digest = aged(store, b"race")
    (candidate,) = files.check_storage().stray
    assert store.write(b"race") == digest == candidate
    assert store.discard(digest, DAY) is False
    assert store.open(digest).read() == b"race"


def test_bytes_that_went_a_moment_ago_are_written_anew(store: DiskStorage) -> None:
    digest = aged(store, b"gone")
    assert store.discard(digest, DAY)
    assert store.discard(digest, DAY) is False
    store.write(b"gone")
    assert store.open(digest).read() == b"gone"


def test_what_killed_writers_and_sweepers_left_is_cleared(store: DiskStorage) -> None:
    digest = aged(store, b"aside")
    place = store._path(digest)
    aside = place.with_name(f".draft-{digest}")
    place.rename(aside)
    half, fresh = place.with_name(".draft-abc123"), place.with_name(".draft-def456")
    for path in (half, fresh):
        path.write_bytes(b"half")
    os.utime(half, (0, 0))
    assert store.clear_drafts(DAY) == 1
    assert (place.exists(), aside.exists(), half.exists(), fresh.exists()) == (True, False, False, True)


def test_a_file_without_bytes_is_named(store: DiskStorage, capsys: pytest.CaptureFixture[str]) -> None:
    file = kept(b"lost")
    call_command("storage", "check")
    store._path(file.sha256).unlink()
    assert files.check_storage().missing == (file.pk,)
    with pytest.raises(CommandError, match=str(file.pk)):
        call_command("storage", "check")
    assert "missing: 1" in capsys.readouterr().out


def test_the_command_sweeps(store: DiskStorage, capsys: pytest.CaptureFixture[str]) -> None:
    aged(store, b"stray")
    call_command("storage", "sweep", "--older-than", "60")
    assert "removed: 1" in capsys.readouterr().out
