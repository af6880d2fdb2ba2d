"""Checking a name and a password."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend

from tongban.base import published
from tongban.base.statements import Statement
from tongban.base.time import now
from tongban.kernel.identity.models import Account
from tongban.kernel.identity.queries.capacities import keep_capacities, told_capacities

__all__ = ["AccountBackend", "may_sign_in"]


_SIGNED_IN = Statement(
    lambda pk, at: (
        Account.objects.select_related("person")
        .filter(pk=pk)
        .annotate(stamps=published.told_along(), told=told_capacities(at))
    )
)


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
        account = _SIGNED_IN.first(pk=user_id, at=now())
        if account is None or not may_sign_in(account):
            return None
        published.prime(account.stamps)  # type: ignore[attr-defined] # an annotation
        keep_capacities(account, account.told)  # type: ignore[attr-defined] # an annotation
        return account

    def has_perm(self, *args: Any, **kwargs: Any) -> bool:
        return False
