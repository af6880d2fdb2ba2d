"""What a restore proves, and that proving leaves no trace."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session

from tests.support.county import County
from tongban.kernel.ledger.models import Act
from tongban.main.backup import proof
from tongban.main.backup.errors import BackupFault
from tongban.main.backup.form import Manifest, fingerprint_of_key

MANIFEST = Manifest(
    program="0.9", environment="demo", installation="x", made_at="2026-11-22T06:00:00+00:00", server="18", database_bytes=1,
    migrations=[], tables={}, batches=0, keys="plain", key_fingerprints={}, files=0, bytes=0, sums="",
)  # fmt: skip


def test_signing_in_is_tried_and_taken_back(county: County) -> None:
    before = (Act.objects.count(), Session.objects.count())
    passwords = dict(get_user_model()._default_manager.values_list("username", "password"))
    assert proof.sign_in()
    assert (Act.objects.count(), Session.objects.count()) == before
    assert dict(get_user_model()._default_manager.values_list("username", "password")) == passwords


def test_a_sign_in_page_that_answers_otherwise_is_a_fault(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "SIGNED_IN", 299)
    with pytest.raises(BackupFault, match="signing in does not work"):
        proof.sign_in()


@pytest.mark.django_db
def test_without_an_open_account_nothing_can_be_tried() -> None:
    get_user_model()._default_manager.update(is_active=False)
    assert not proof.sign_in()


@pytest.mark.django_db
def test_a_copy_of_a_newer_program_is_refused() -> None:
    with pytest.raises(BackupFault, match=r"newer program \(0.9\): ops.0099_later"):
        proof.settle(replace(MANIFEST, migrations=["ops.0001_remember_alerts", "ops.0099_later"]))


def test_other_keys_are_named_with_what_is_lost(settings) -> None:
    same = {
        "secret-key": fingerprint_of_key(settings.SECRET_KEY),
        "blind-key": fingerprint_of_key(settings.TONGBAN_BLIND_KEY),
    }
    assert list(proof.foreign_keys(replace(MANIFEST, key_fingerprints=same))) == []
    (said,) = proof.foreign_keys(replace(MANIFEST, key_fingerprints={**same, "blind-key": "other"}))
    assert "blind-key is another" in said
