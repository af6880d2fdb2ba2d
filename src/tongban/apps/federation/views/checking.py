"""At the window: a clerk looks at the identity card and notes that an account belongs to who stands there."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tongban.apps.federation.policies import for_duties
from tongban.base.errors import Invalid
from tongban.base.time import now
from tongban.design.sheets import Sheet, fault, typed
from tongban.kernel.identity import service as identity

__all__ = ["check"]


@never_cache
@for_duties(frozenset({identity.CHECK_DUTY}))
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Find an account by name and number of the card, then note that the card was seen."""
    sheet, account, is_done = Sheet({"name": "", "citizen_id": ""}), None, False
    actor = request.actor  # type: ignore[attr-defined]
    if request.method == "POST":
        sheet = Sheet(typed(request, "name", "citizen_id"))
        identity.throttle(f"check:{actor.account_id}", request=request, limit=60)
        try:
            account = identity.find_citizen(actor=actor, at=now(), **sheet.values)
            if account is None:
                raise fault(
                    "citizen_id",
                    "没有这个姓名和身份证号的群众账号",
                    "There is no citizen's account of this name and number",
                )
            if request.POST.get("seen") == "1" and account.level < 2:
                account = identity.check_account(actor=actor, account_id=account.pk, by="card", at=now())
                is_done = True
        except Invalid as refusal:
            sheet.refuse(refusal)
    context = {"sheet": sheet, "account": account, "is_done": is_done}
    return render(request, "federation/check.html", context, status=sheet.status)
