"""Who gets to a page of the workbench at all; what may be done there is for the operations."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from tongban.base.errors import NotFound
from tongban.kernel.identity.models import Account

__all__ = ["official_only", "signed_in_only"]


def official_only(view: Any) -> Any:
    """Let officials in; send strangers to the sign-in page and tell citizens that there is nothing here for them."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        actor = request.actor  # type: ignore[attr-defined]
        if actor.is_stranger or actor.account_id is None:
            return redirect(f"{reverse('identity:sign-in')}?next={request.path}")
        if not actor.is_official:
            raise NotFound
        return view(request, *args, **kwargs)

    return guarded


def signed_in_only(view: Any) -> Any:
    """Give the view the account that has signed in, also while it owes something; send everybody else to the sign-in page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        account = request.user
        if not isinstance(account, Account):
            return redirect(f"{reverse('identity:sign-in')}?next={request.path}")
        return view(request, account, *args, **kwargs)

    return guarded
