"""Checking a name and a password."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet

from tongban.kernel.identity.models import Account

__all__ = ["AccountBackend", "may_sign_in"]


def may_sign_in(account: Account) -> bool:
    """True for an open account.

    Accounts of the demo only in the demo, because their password is printed on the page.
    """
    return account.is_active and (account.demo_role is None or settings.TONGBAN_ENV == "demo")


class AccountBackend(ModelBackend):
    """Django's own check of passwords, with our rule of who may come in and no permissions in accounts."""

    def user_can_authenticate(self, user: Any) -> bool:
        return may_sign_in(user)

    def get_user(self, user_id: Any) -> Account | None:
        accounts: QuerySet[Account] = Account.objects.select_related("person")
        account = accounts.filter(pk=user_id).first()
        return account if account is not None and may_sign_in(account) else None

    def has_perm(self, *args: Any, **kwargs: Any) -> bool:
        return False
