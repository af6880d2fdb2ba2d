"""What every storage keeps to: the disk and the bucket pass the same tests."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.test import Client
from django.urls import reverse

from tests.support import s3
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.stores import ObjectStore
from tongban.kernel.files import errors, policies
from tongban.kernel.files import service as files
from tongban.kernel.files.models import File
from tongban.kernel.files.operations import sweep as sweeping
from tongban.kernel.files.storage import DiskStorage, Storage, storage, storage_at
from tongban.kernel.files.tests.places import PLACES, placed
from tongban.kernel.files.tests.samples import pdf, upload

DAY = timedelta(days=1)
AT = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)
USE = Ref("test-open", "1")


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path: Path, settings: Any) -> Iterator[Any]:
    with placed(request.param, tmp_path, settings) as outside:
        yield outside


@pytest.fixture
def bucket(tmp_path: Path, settings: Any) -> Iterator[s3.Bucket]:
    with placed("s3", tmp_path, settings) as outside:
        yield outside.bucket


@pytest.fixture
def store(place: Any) -> Storage:
    return storage()


@pytest.fixture(autouse=True)
def _everybody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    known = type(policies._policies)("file policies of the test")
    known.register("test-open", lambda actor, ref: True)
    monkeypatch.setattr(policies, "_policies", known)


def kept(content: bytes) -> File:
    return files.store_bytes(name="a.txt", media_type="text/plain", content=content, use=USE, role="r", at=AT)


def test_what_is_written_is_read_under_its_sha256(store: Storage) -> None:
    content = b"\0bytes" * 700_000  # more than one block
    digest = store.write(content)
    assert digest == hashlib.sha256(content).hexdigest()
    assert store.write(content) == digest
    with store.open(digest) as stream:
        assert stream.read(6) == b"\0bytes"
        stream.seek(0)
        assert stream.read() == content
    assert b"".join(store.blocks(digest)) == content
    assert store.has(digest)


def test_what_is_not_there_is_not_found(store: Storage) -> None:
    assert not store.has("0" * 64)
    with pytest.raises(FileNotFoundError):
        store.open("0" * 64)
    with pytest.raises(FileNotFoundError):
        next(iter(store.blocks("0" * 64)))
    assert store.discard("0" * 64, DAY) is False


def test_everything_is_listed_in_order_with_size_and_age(store: Storage, place: Any) -> None:
    digests = [store.write(bytes([each]) * each) for each in range(1, 9)]
    place.age(digests[0], 2 * DAY)
    listed = list(store.all())
    assert [each.sha256 for each in listed] == sorted(digests)
    assert {each.size for each in listed} == set(range(1, 9))
    assert [each.sha256 for each in listed if each.is_older_than(DAY)] == [digests[0]]


def test_only_what_is_old_goes_and_what_is_written_again_is_young(store: Storage, place: Any) -> None:
    digest = store.write(b"once")
    assert store.discard(digest, DAY) is False
    place.age(digest, 2 * DAY)
    store.write(b"once")
    assert store.discard(digest, DAY) is False
    place.age(digest, 2 * DAY)
    assert store.discard(digest, DAY) is True
    assert not store.has(digest)


def test_a_storage_that_can_be_written_says_so(store: Storage) -> None:
    store.probe()
    store.probe()
    assert list(store.all()) == []


@pytest.mark.django_db
def test_a_citizens_upload_is_handed_out_byte_for_byte(place: Any, client: Client) -> None:
    content = pdf()
    file = files.store_upload(
        actor=Actor.stranger(), upload=upload("a.pdf", content), use=USE, role="r", at=AT
    )
    answer = client.get(reverse("files:download", args=[file.id]))
    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, content)
    assert (answer["Content-Length"], answer["ETag"]) == (str(len(content)), f'"{file.sha256}"')


@pytest.mark.django_db
def test_bytes_without_a_row_go_and_rows_without_bytes_are_named(place: Any) -> None:
    stray, needed, lost = storage().write(b"stray"), kept(b"needed"), kept(b"lost")
    for digest in (stray, needed.sha256):
        place.age(digest, 2 * DAY)
    place.lose(lost.sha256)
    found = files.check_storage()
    assert (found.stray, found.missing) == ((stray,), (lost.pk,))
    assert files.sweep() == 1
    assert files.read_file(needed.pk) == b"needed"
    assert files.sweep() == 0


# --- what only a bucket has to fear --------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_sweeper_takes_nothing_that_an_open_transaction_keeps(bucket: s3.Bucket) -> None:
    """Bytes that were stray for days are handed in again, and the sweeper comes between writing and commit."""
    digest = storage().write(b"again")
    bucket.age(digest, 2 * DAY)
    with transaction.atomic():
        kept(b"again")
        bucket.age(digest, 2 * DAY)  # as if the clock of the server were wrong: the lock must do
        other = connections.create_connection("default")
        own, connections["default"] = connections["default"], other
        try:
            assert files.sweep() == 0
        finally:
            connections["default"] = own
            other.close()
    assert files.sweep() == 0
    assert storage().has(digest)


@pytest.mark.django_db
def test_damaged_bytes_are_never_handed_out(bucket: s3.Bucket, client: Client) -> None:
    file = kept(b"as it was handed in")
    bucket.replace(file.sha256, b"as a broken disk has it")
    with pytest.raises(errors.FileBytesDamaged):
        files.read_file(file.pk)
    answer = client.get(reverse("files:download", args=[file.id]))
    assert answer.status_code == 500
    assert b"broken disk" not in answer.content
    kept(b"as it was handed in")  # handed in once more it is whole again
    assert files.read_file(file.pk) == b"as it was handed in"


@pytest.mark.django_db
def test_a_server_that_is_away_is_a_refusal_and_nothing_is_kept(bucket: s3.Bucket, client: Client) -> None:
    file = kept(b"before")
    bucket.fails = True
    with pytest.raises(errors.FileStoreUnavailable):
        kept(b"during")
    assert File.objects.count() == 1
    assert client.get(reverse("files:download", args=[file.id])).status_code == 503
    with pytest.raises(errors.FileStoreUnavailable):
        storage().probe()
    with pytest.raises(CommandError):
        call_command("storage", "check")
    bucket.fails = False
    assert files.read_file(file.pk) == b"before"
    assert kept(b"during").sha256 in {each.sha256 for each in storage().all()}


def test_a_wrong_key_is_refused_by_the_server(bucket: s3.Bucket, settings: Any) -> None:
    settings.TONGBAN_FILES_KEY = (s3.KEY, "another")
    with pytest.raises(errors.FileStoreUnavailable):
        storage().write(b"x")
    assert bucket.objects == {}


@pytest.mark.django_db
def test_a_bucket_of_another_database_is_not_swept_before_it_is_claimed(
    bucket: s3.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy of the installation, tried out with the settings of the real one, would take the real one's files for strays."""
    digest = storage().write(b"of the real one")
    bucket.age(digest, 2 * DAY)
    storage().mark("another/1")
    with pytest.raises(errors.FileStoreOfAnother):
        files.sweep()
    assert storage().has(digest)
    call_command("storage", "claim")
    assert storage().owner == sweeping._this_database()
    assert files.sweep() == 1


@pytest.mark.django_db
def test_the_database_is_known_by_the_same_name_to_both_roles(as_owner: Any) -> None:
    mine = sweeping._this_database()
    with as_owner():
        assert sweeping._this_database() == mine
    with connection.cursor() as cursor:
        cursor.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
        assert mine.endswith(f"/{cursor.fetchone()[0]}")


# --- moving ---------------------------------------------------------------------------------------------------------


def test_everything_moves_compared_and_again_only_what_came_since(
    bucket: s3.Bucket, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    url, settings.TONGBAN_FILES_URL = settings.TONGBAN_FILES_URL, ""
    digests = {storage().write(bytes([each])) for each in range(7)}
    call_command("storage", "move", "--to", url)
    assert "7 files copied and read back" in capsys.readouterr().out
    assert {each.sha256 for each in storage_at(url).all()} == digests
    late = storage().write(b"late")
    call_command("storage", "move", "--to", url)
    assert "1 files copied and read back (0.0 MB), 7 were there" in capsys.readouterr().out
    with pytest.raises(CommandError, match="in use"):
        call_command("storage", "move", "--to", url, "--remove")
    settings.TONGBAN_FILES_URL = url
    bucket.replace(late, b"tale")  # same size, other bytes: found when the old ones shall go
    call_command("storage", "move", "--from", "disk", "--to", url, "--remove")
    assert "1 files copied and read back (0.0 MB), 7 were there, 8 removed" in capsys.readouterr().out
    assert list(DiskStorage().all()) == []
    assert storage().open(late).read() == b"late"


def test_what_was_damaged_before_is_named_and_stays(bucket: s3.Bucket, settings: Any) -> None:
    url, settings.TONGBAN_FILES_URL = settings.TONGBAN_FILES_URL, ""
    good, bad = storage().write(b"good"), storage().write(b"bad")
    DiskStorage()._path(bad).write_bytes(b"dab")
    with pytest.raises(CommandError, match=bad):
        call_command("storage", "move", "--to", url)
    assert [each.sha256 for each in storage_at(url).all()] == [good]


def test_it_moves_back_to_the_disk(bucket: s3.Bucket) -> None:
    digest = storage().write(b"home again")
    call_command("storage", "move", "--to", "disk")
    assert DiskStorage().open(digest).read() == b"home again"


# --- addresses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("http://bucket/?endpoint=https://h", "it must be like"),
        ("s3:///prefix?endpoint=https://h", "it must be like"),
        ("s3://key:secret@bucket/?endpoint=https://h", "the key belongs"),
        ("s3://bucket/", "endpoint must be"),
        ("s3://bucket/?endpoint=ftp://h", "endpoint must be"),
        ("s3://bucket/?endpoint=https://h&style=x", "style must be"),
        ("s3://bucket/?endpoint=https://h&secret=x", "secret is unknown"),
    ],
)
def test_a_wrong_address_is_refused_without_repeating_it(url: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong) as refused:
        ObjectStore.of(url)
    assert url not in str(refused.value)


def test_an_address_says_where_and_how() -> None:
    place = ObjectStore.of("s3://county/a/b/?endpoint=https://oss.example:9000&region=cn-1&style=virtual")
    assert place == ObjectStore("county", "a/b", "https://oss.example:9000", "cn-1", True, "")
    assert str(place) == "s3://county/a/b"
