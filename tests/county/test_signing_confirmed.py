"""What an account has to show before it signs: a password, a code to the mailbox, a security key."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from tests.support.county import County
from tests.support.signing import STROKES, complete_application, digest, sign
from tongban.apps.services import service as services
from tongban.apps.services.errors import ApplicationNotFound
from tongban.apps.services.models import Signature
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.errors import (
    FactorRefused,
    IdentityNotConfirmed,
    NothingToConfirmWith,
    TooManyAttempts,
)
from tongban.kernel.identity.models import Factor, RecoveryCode
from tongban.kernel.identity.operations.factors import add_key
from tongban.kernel.identity.tests.authenticator import SoftKey


@pytest.fixture
def draft(county: County) -> Any:
    """A complete application that demands a signature, by the representative of a firm."""
    return complete_application(county)


@pytest.fixture
def passwordless(county: County) -> Any:
    """Let the representative's account have no password and no mailbox."""
    account = county.account("rep")
    account.set_unusable_password()
    account.email = ""
    account.save()
    account.person.email = ""
    account.person.save()
    return account


def mailed_code(county: County) -> str:
    """Return the code in the last mail."""
    from tongban.kernel.messages.models import Delivery

    delivery = Delivery.objects.filter(channel="email").latest("pk")
    message = delivery.message
    assert message.person_id is None and message.template == "services.signing_code"
    return re.findall(r"\d{8}", message.body.zh)[0]


def test_who_has_nothing_to_confirm_with_is_told_why(county: County, draft: Any, passwordless: Any) -> None:
    with pytest.raises(NothingToConfirmWith):
        sign(county, draft, password="")
    with pytest.raises(NothingToConfirmWith):
        services.mail_signing_code(
            actor=county.actor("rep"), case_id=draft.pk, at=county.now, clock=identity.clock()
        )
    page = county.client("rep").get(f"/services/applications/{draft.pk}/sign/").content.decode()
    assert "现在没法确认是您本人" in page and "/account/factors/" in page and 'name="password"' not in page
    assert not Signature.objects.exists()


def test_a_code_goes_to_the_mailbox_and_signs_once(county: County, draft: Any, passwordless: Any) -> None:
    passwordless.email = "rep@example.org"
    passwordless.save()
    client, place = county.client("rep"), f"/services/applications/{draft.pk}/sign/"
    assert "r***@example.org" in client.get(place).content.decode()
    assert client.post(f"{place}code/")["Location"] == f"{place}?mailed=1"
    code = mailed_code(county)
    assert len(code) == 8
    with pytest.raises(IdentityNotConfirmed):
        sign(county, draft, password="", mailed="00000000" if code != "00000000" else "11111111")
    late = identity.clock() + timedelta(minutes=identity.MAILED_LASTS + 1)
    with pytest.raises(IdentityNotConfirmed):
        sign(county, draft, password="", mailed=code, clock=late)
    assert not Signature.objects.exists()
    made = sign(county, draft, password="", mailed=code)
    assert made.confirmed == "mail"
    with pytest.raises(IdentityNotConfirmed):
        sign(county, draft, password="", mailed=code)


def test_codes_are_not_mailed_without_end(county: County, draft: Any, passwordless: Any) -> None:
    passwordless.email = "rep@example.org"
    passwordless.save()
    asked = {"actor": county.actor("rep"), "case_id": draft.pk, "at": county.now, "clock": identity.clock()}
    for _ in range(5):
        services.mail_signing_code(**asked)
    with pytest.raises(TooManyAttempts):
        services.mail_signing_code(**asked)


def test_a_mailed_code_is_nothing_to_who_has_a_password(county: County, draft: Any) -> None:
    with pytest.raises(NothingToConfirmWith):
        services.mail_signing_code(
            actor=county.actor("rep"), case_id=draft.pk, at=county.now, clock=identity.clock()
        )
    for who in ("citizen", "window"):
        with pytest.raises(ApplicationNotFound):
            services.mail_signing_code(
                actor=county.actor(who), case_id=draft.pk, at=county.now, clock=identity.clock()
            )


def test_a_security_key_alone_confirms(county: County, draft: Any, passwordless: Any) -> None:
    from html import unescape

    key, client = SoftKey(), county.client("rep")
    host = {"headers": {"host": "localhost"}}
    page = client.get("/account/factors/key/", **host).content.decode()
    asked = unescape(page.split('data-question="')[1].split('"')[0])
    client.post("/account/factors/key/", {"answer": key.create(asked), "name": "钥匙"}, **host)
    assert Factor.objects.get(account=passwordless).kind == "key"
    county.go_to(county.now + timedelta(days=1))
    client = county.client("rep")
    place = f"/services/applications/{draft.pk}/sign/"
    page = client.get(place, **host).content.decode()
    asked = unescape(page.split('data-question="')[1].split('"')[0])
    said = {"digest": digest(county, draft), "strokes": STROKES, "consents": "1"}
    assert client.post(place, said | {"answer": "{}"}, **host).status_code == 422
    page = client.get(place, **host).content.decode()
    asked = unescape(page.split('data-question="')[1].split('"')[0])
    done = client.post(place, said | {"answer": key.get(asked)}, **host)
    assert done.status_code == 302 and Signature.objects.get().confirmed == "key"


def test_a_factor_added_just_now_does_not_confirm_without_a_password(
    county: County, draft: Any, passwordless: Any
) -> None:
    """Whoever sits before somebody's open session could add one and sign with it."""
    codes = add_key(account_id=passwordless.pk, credential=b"key", counter=0, name="", at=county.now)
    with pytest.raises(NothingToConfirmWith):
        sign(county, draft, password="", code=codes[0])
    assert not Signature.objects.exists() and not RecoveryCode.objects.exclude(used_at=None).exists()


def test_a_recovery_code_stands_in_for_the_key(county: County, draft: Any, passwordless: Any) -> None:
    before = county.now - timedelta(days=1)
    codes = add_key(account_id=passwordless.pk, credential=b"key", counter=0, name="", at=before)
    with pytest.raises(FactorRefused):
        sign(county, draft, password="", code="nope")
    assert sign(county, draft, password="", code=codes[0]).confirmed == "code"
    assert RecoveryCode.objects.filter(used_at=None).count() == len(codes) - 1
