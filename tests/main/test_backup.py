"""Copies: what makes one whole, and that nothing half-made ever looks so. Restoring is tried in tests/install/test_backup.py."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.db import connection
from django.utils import timezone

from tests.support import s3
from tongban.apps.ops import service as ops
from tongban.apps.ops.models import Backup
from tongban.kernel.files.service import storage
from tongban.main import environment, tasks
from tongban.main.backup import keeper, keys
from tongban.main.backup import take as taking
from tongban.main.backup.errors import BackupFault
from tongban.main.backup.form import MANIFEST, SUMS, Copy, copies_in, digest_of, name_of_stored, read_copy
from tongban.main.backup.take import Source, forget_old, take

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
PASSPHRASE = "a long and quiet sentence"


@pytest.fixture
def source(tmp_path: Path, db: None) -> Source:
    """The database of the tests, with a home that holds three files, keys and the ledger's roots."""
    home = tmp_path / "home"
    for content in (b"one", b"two", b"three"):
        digest = hashlib.sha256(content).hexdigest()
        file = home / "files" / digest[:2] / digest[2:4] / digest
        file.parent.mkdir(parents=True)
        file.write_bytes(content)
    (home / "files" / "aa" / "bb").mkdir(parents=True)
    (home / "files" / "aa" / "bb" / ".draft-x").write_text("half")
    (home / "secrets" / "ca").mkdir(parents=True)
    (home / "secrets" / "secret-key").write_text("s" * 50)
    (home / "secrets" / "tongban_owner").write_text("of this server only")
    (home / "secrets" / "ca" / "root.key").write_text("authority")
    (home / "ledger").mkdir()
    (home / "ledger" / "roots").write_text('{"number":1}\n{"number":2}\n{"num')
    described = connection.settings_dict
    return Source(home, "demo", described, {"secret-key": "s" * 50, "blind-key": "b" * 50})


def shown(copy: Copy) -> set[str]:
    return {str(path) for _, path in copy.listed()}


def test_a_copy_holds_database_files_keys_and_says_so(source: Source, tmp_path: Path) -> None:
    copy = take(source, tmp_path / "copies", at=NOW)
    assert copy.directory.name == "tongban-20261122T060000Z"
    names = shown(copy)
    assert {"database.dump", "secrets/secret-key", "secrets/ca/root.key", "ledger/roots"} <= names
    assert "secrets/tongban_owner" not in names, "a restored database gets its own passwords"
    assert sum(name.startswith("files/") for name in names) == 3
    assert "identity_account" in copy.manifest.tables
    assert "ops.0002_remember_backups" in copy.manifest.migrations
    assert (copy.directory / "database.dump").read_bytes().startswith(b"PGDMP")
    assert copy.check() == copy.manifest.bytes
    assert copy.directory.stat().st_mode & 0o077 == 0
    assert [path.name for path in copy.directory.parent.iterdir()] == [copy.directory.name]


def test_roots_of_batches_that_are_not_in_the_snapshot_are_left_out(source: Source, tmp_path: Path) -> None:
    copy = take(source, tmp_path / "copies", at=NOW)
    assert copy.manifest.batches == 0
    assert (copy.directory / "ledger" / "roots").read_text() == ""


def test_files_of_the_copy_before_are_linked_not_written_again(source: Source, tmp_path: Path) -> None:
    first = take(source, tmp_path / "copies", at=NOW)
    second = take(source, tmp_path / "copies", at=NOW + timedelta(days=1))
    name = next(name for name in shown(first) if name.startswith("files/"))
    assert (first.directory / name).stat().st_ino == (second.directory / name).stat().st_ino
    assert second.check() == second.manifest.bytes


def test_keys_are_sealed_with_a_passphrase_and_can_be_left_out(source: Source, tmp_path: Path) -> None:
    sealed = take(source, tmp_path / "copies", passphrase=PASSPHRASE, at=NOW)
    assert sealed.manifest.keys == "sealed"
    assert not any(name.startswith("secrets/") for name in shown(sealed))
    content = (sealed.directory / keys.SEALED).read_bytes()
    assert b"authority" not in content
    with pytest.raises(BackupFault, match="not the passphrase"):
        keys.unseal(content, "another long sentence", tmp_path / "no")
    keys.unseal(content, PASSPHRASE, tmp_path / "keys")
    assert (tmp_path / "keys" / "ca" / "root.key").read_text() == "authority"
    without = take(source, tmp_path / "copies", with_keys=False, at=NOW + timedelta(days=1))
    assert without.manifest.keys == "none"
    assert not any("secrets" in name for name in shown(without))


def test_a_short_passphrase_is_refused(tmp_path: Path) -> None:
    (tmp_path / "words").write_text("short\n")
    with pytest.raises(BackupFault, match="shorter than"):
        keys.passphrase_in(tmp_path / "words")


def test_what_was_broken_in_the_installation_is_named_and_copied_all_the_same(
    source: Source, tmp_path: Path
) -> None:
    digest = hashlib.sha256(b"one").hexdigest()
    (source.home / "files" / digest[:2] / digest[2:4] / digest).write_bytes(b"rotten")
    copy = take(source, tmp_path / "copies", at=NOW)
    assert copy.manifest.damaged == [digest]
    assert copy.check()


def test_files_of_a_bucket_come_into_the_copy_too_and_are_linked_the_next_time(
    source: Source, tmp_path: Path, settings: Any
) -> None:
    with s3.serving() as bucket:
        settings.TONGBAN_FILES_URL, settings.TONGBAN_FILES_KEY = bucket.url, (s3.KEY, s3.SECRET)
        digests = [storage().write(content) for content in (b"eins", b"zwei", b"drei", b"vier")]
        afar = replace(source, elsewhere=storage())
        first = take(afar, tmp_path / "copies", at=NOW)
        names = {name for name in shown(first) if name.startswith("files/")}
        assert names == {name_of_stored(digest) for digest in digests}, "and none of the home"
        bucket.replace(digests[0], b"anders")
        bucket.asked.clear()
        second = take(afar, tmp_path / "copies", at=NOW + timedelta(days=1))
        assert second.manifest.damaged == [digests[0]]
        fetched = [name for what, name in bucket.asked if what == "GET" and name]
        assert fetched == [bucket.path(digests[0])], "only what the first copy does not have"
        bucket.fails = True
        with pytest.raises(BackupFault, match="s3://county/files does not answer"):
            take(afar, tmp_path / "copies", at=NOW + timedelta(days=2))
    assert [copy.made_at for copy in copies_in(tmp_path / "copies", afar.installation)] == [
        second.made_at,
        first.made_at,
    ]


# --- nothing half-made looks whole -------------------------------------------------------------------------------


class Disk(NamedTuple):
    total: int
    used: int
    free: int


def test_a_disk_without_room_is_refused_before_anything_is_written(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Disk(100, 90, 10))
    with pytest.raises(BackupFault, match="MB free; the copy may need"):
        take(source, tmp_path / "copies", at=NOW)
    assert list((tmp_path / "copies").iterdir()) == []


def test_a_disk_that_fills_up_on_the_way_leaves_nothing(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: Path) -> Iterator[bytes]:
        yield b"a part"
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(taking, "blocks_of", full)
    with pytest.raises(BackupFault, match="is full; nothing is left"):
        take(source, tmp_path / "copies", at=NOW)
    assert list((tmp_path / "copies").iterdir()) == []


def test_what_a_killed_copy_left_is_no_copy_and_goes_with_the_next(source: Source, tmp_path: Path) -> None:
    place = tmp_path / "copies"
    good = take(source, place, at=NOW)
    left = place / "tongban-20261123T060000Z.partial"
    shutil.copytree(good.directory, left)
    with pytest.raises(BackupFault, match="never finished"):
        read_copy(left)
    assert [copy.directory for copy in copies_in(place, source.installation)] == [good.directory]
    take(source, place, at=NOW + timedelta(days=2))
    assert not left.exists()


def test_two_copies_at_a_time_are_refused(source: Source, tmp_path: Path) -> None:
    with taking._alone(source.home), pytest.raises(BackupFault, match="another copy"):
        take(source, tmp_path / "copies", at=NOW)


def test_a_place_within_what_is_copied_is_refused(source: Source) -> None:
    with pytest.raises(BackupFault, match="lies within"):
        take(source, source.home / "files" / "copies", at=NOW)


def test_a_dump_that_fails_leaves_nothing(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        taking, "dump", lambda described, snapshot: original(described, "00000003-00000001-9")
    )
    with pytest.raises(BackupFault, match="pg_dump failed"):
        take(source, tmp_path / "copies", at=NOW)
    assert list((tmp_path / "copies").iterdir()) == []


original = taking.dump


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda d: (d / "database.dump").write_bytes(b"PGDMP"), "damaged"),
        (lambda d: (d / "secrets" / "secret-key").unlink(), "missing"),
        (lambda d: (d / "added").write_text("x"), "does not belong"),
        (lambda d: (d / SUMS).write_text(""), "changed"),
        (lambda d: (d / MANIFEST).unlink(), "no manifest"),
        (lambda d: (d / MANIFEST).write_text("{"), "damaged"),
    ],
)
def test_a_copy_that_was_harmed_is_found_out(harm: Any, said: str, source: Source, tmp_path: Path) -> None:
    directory = take(source, tmp_path / "copies", at=NOW).directory
    harm(directory)
    with pytest.raises(BackupFault, match=said):
        read_copy(directory).check()


def test_a_manifest_changed_by_hand_is_found_out(source: Source, tmp_path: Path) -> None:
    file = take(source, tmp_path / "copies", at=NOW).directory / MANIFEST
    body = json.loads(file.read_text())
    body["tables"]["identity_account"] = 5
    file.write_text(json.dumps(body))
    with pytest.raises(BackupFault, match="was changed"):
        read_copy(file.parent)


# --- plan and retention ----------------------------------------------------------------------------------------


def test_only_the_newest_are_kept_and_other_installations_left_alone(source: Source, tmp_path: Path) -> None:
    place = tmp_path / "copies"
    mine = [take(source, place, at=NOW + timedelta(days=n)).directory for n in range(3)]
    other = Source(source.home, "demo", source.database, {**source.keys, "blind-key": "other"})
    theirs = take(other, place, at=NOW - timedelta(days=9)).directory
    assert sorted(forget_old(place, source.installation, 2)) == mine[:1]
    assert set(place.iterdir()) == {*mine[1:], theirs}
    assert digest_of(mine[2] / SUMS)[0] == read_copy(mine[2]).manifest.sums


@pytest.mark.parametrize(
    ("now", "began", "due"),
    [
        ("2026-11-22T02:29", "2026-11-21T02:31", False),
        ("2026-11-22T02:30", "2026-11-21T02:31", True),
        ("2026-11-22T02:35", "2026-11-22T02:30", False),
        ("2026-11-22T23:00", None, True),
        ("2026-11-22T01:00", "2026-11-20T02:30", True),  # the machine was off
    ],
)
def test_a_copy_is_due_once_a_day_from_its_time_on(now: str, began: str | None, due: bool) -> None:
    at = datetime.fromisoformat(now + "+08:00")
    began_at = datetime.fromisoformat(began + "+08:00") if began else None
    assert keeper.is_due(at=at, hour=2, minute=30, began_at=began_at) is due


def test_a_time_of_day_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="TONGBAN_BACKUP_AT"):
        environment.read({"TONGBAN_BACKUP_AT": "25:00"})
    assert environment.read({"TONGBAN_BACKUP_AT": "23:05"}).backup_at == (23, 5)


@pytest.mark.django_db
def test_the_worker_makes_the_copy_of_the_day_as_the_owner_and_only_once(
    settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    called: list[tuple[list[str], str]] = []

    def command(arguments: list[str], *, env: dict[str, str], **_: Any) -> subprocess.CompletedProcess[str]:
        called.append((arguments[1:], env["TONGBAN_DATABASE_ROLE"]))
        ops.record_backup(began_at=timezone.now(), ended_at=timezone.now(), place="x")
        return subprocess.CompletedProcess(arguments, 0, "x\n", "")

    monkeypatch.setattr(tasks.subprocess, "run", command)
    settings.TONGBAN_BACKUP_TO = None
    tasks.back_up.func(0)
    assert called == [], "without a place there is no plan"
    settings.TONGBAN_BACKUP_TO, settings.TONGBAN_BACKUP_KEEP = tmp_path, 3
    tasks.back_up.func(0)
    tasks.back_up.func(0)
    assert called == [(["-m", "tongban", "backup", "--keep", "3"], "owner")]


@pytest.mark.django_db
def test_a_copy_that_failed_is_written_down_and_told(
    source: Source, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise BackupFault("the disk is full")

    monkeypatch.setattr(keeper, "take", fail)
    with pytest.raises(BackupFault):
        keeper.back_up(tmp_path)
    (row,) = Backup.objects.all()
    assert (row.fault, row.bytes_written) == ("the disk is full", 0)
