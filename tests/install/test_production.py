"""What keeps an installation from running in production."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from tongban.main import production

pytestmark = pytest.mark.django_db
GOOD = {
    "DEBUG": False,
    "SECRET_KEY": "Zk3vQ9xY7wB1nM5pR8tL2cD6fG4hJ0sA_aUeIoKq-",
    "TONGBAN_PUBLIC_URL": "https://gov.county.example",
    "TONGBAN_SMTP_URL": "smtp://mail.county.example",
    "TONGBAN_PAYMENT_PROVIDERS": (),
}


@pytest.fixture(autouse=True)
def ready(settings) -> None:
    for name, value in GOOD.items():
        setattr(settings, name, value)


def test_a_finished_installation_lacks_nothing() -> None:
    assert production.missing() == []


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("DEBUG", True, "TONGBAN_DEBUG"),
        ("SECRET_KEY", "short", "TONGBAN_SECRET_KEY"),
        ("SECRET_KEY", "a" * 60, "TONGBAN_SECRET_KEY"),
        ("TONGBAN_PUBLIC_URL", "http://gov.county.example", "TONGBAN_PUBLIC_URL"),
        ("TONGBAN_PUBLIC_URL", "https://127.0.0.1:8000", "TONGBAN_PUBLIC_URL"),
        ("TONGBAN_PUBLIC_URL", "https://localhost", "TONGBAN_PUBLIC_URL"),
        ("TONGBAN_SMTP_URL", "", "TONGBAN_SMTP_URL"),
        ("TONGBAN_PAYMENT_PROVIDERS", ("demo",), "TONGBAN_PAYMENT_PROVIDERS"),
    ],
)
def test_one_thing_that_is_wrong_is_named(settings, name: str, value: object, word: str) -> None:
    setattr(settings, name, value)
    (line,) = production.missing()
    assert word in line


def test_demo_accounts_with_their_known_password_are_refused() -> None:
    account = get_user_model()(username="citizen", created_at=timezone.now())
    account.set_password("demo")
    account.save()
    (line,) = production.missing()
    assert "citizen" in line
    account.set_password("another and longer one")
    account.save()
    assert production.missing() == []
