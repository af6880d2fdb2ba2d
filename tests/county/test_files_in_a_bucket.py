"""An application whose files lie in a bucket: materials handed in, papers and certificate made, everything handed out again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from tests.support import s3
from tests.support.county import PNG, County
from tongban.kernel.files import service as files
from tongban.kernel.files.errors import FileStoreUnavailable
from tongban.kernel.files.models import File
from tongban.kernel.instruments import service as instruments


@pytest.fixture
def bucket(settings: Any, tmp_path: Path) -> Iterator[s3.Bucket]:
    with s3.serving() as served:
        settings.TONGBAN_HOME = tmp_path
        settings.TONGBAN_FILES_URL, settings.TONGBAN_FILES_KEY = served.url, (s3.KEY, s3.SECRET)
        yield served


def stored(bucket: s3.Bucket) -> set[str]:
    return {name.rpartition("/")[2] for name in bucket.objects}


def fetched(county: County, username: str, file: Any) -> bytes:
    answer = county.client(username).get(reverse("files:download", args=[file.id]))
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def test_a_licence_from_the_upload_to_the_certificate_over_a_bucket(
    bucket: s3.Bucket, county: County
) -> None:
    case = county.grant(county.review(county.accept(county.submit())))
    assert stored(bucket) == {hashlib.sha256(PNG).hexdigest()}, "the same plan three times is one object"

    bucket.fails = True  # the worker comes to the papers while the bucket is away
    with pytest.raises(FileStoreUnavailable):
        county.drain(papers=True)
    assert not any(paper.is_ready for paper in instruments.papers_of(case.ref))
    bucket.fails = False
    county.drain(papers=True)  # what the queue does by itself some seconds later

    made = list(File.objects.filter(kind=File.Kind.RENDERED))
    assert all(paper.is_ready for paper in instruments.papers_of(case.ref))
    assert {file.sha256 for file in made} < stored(bucket)
    assert len(made) > 4, "four papers and a certificate"
    assert not files.DiskStorage().root.exists(), "nothing on the disk of this machine"

    material = File.objects.filter(kind=File.Kind.UPLOAD).first()
    assert fetched(county, "citizen", material) == PNG
    paper = next(paper for paper in instruments.papers_of(case.ref) if paper.template == "grant-decision")
    content = fetched(county, "citizen", File.objects.get(pk=paper.file_id))
    assert content.startswith(b"%PDF")
    assert files.verify_pdf(content).is_valid
    assert files.check_storage().missing == ()
