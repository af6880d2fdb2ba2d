"""The administration of provisioning programs: one administrator registers them, another lets them appoint."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongban.apps.federation.models import Provisioner
from tongban.apps.federation.operations import provisioning
from tongban.apps.federation.policies import AUDIT, SECURITY, SYSTEM, for_duties, may
from tongban.base.errors import Invalid
from tongban.base.time import now
from tongban.design.sheets import Sheet, typed

__all__ = ["list_programs", "register_program", "switch_program"]


@for_duties(SYSTEM | SECURITY | AUDIT)
@require_safe
def list_programs(request: HttpRequest) -> HttpResponse:
    """Show the programs that open and close officials' accounts."""
    actor = request.actor  # type: ignore[attr-defined]
    context = {
        "programs": list(Provisioner.objects.all()),
        "is_system": may(actor, SYSTEM),
        "is_security": may(actor, SECURITY),
        "base": f"{settings.TONGBAN_PUBLIC_URL}/scim/v2",
    }
    return render(request, "federation/programs.html", context)


@never_cache
@for_duties(SYSTEM)
@require_http_methods(["GET", "HEAD", "POST"])
def register_program(request: HttpRequest) -> HttpResponse:
    """Register a program; show its token, this once."""
    sheet, secret = Sheet({"key": "", "name": ""}), ""
    if request.method == "POST":
        sheet = Sheet(typed(request, "key", "name"))
        try:
            _, secret = provisioning.register_provisioner(
                actor=request.actor,  # type: ignore[attr-defined]
                at=now(),
                **sheet.values,
            )
        except Invalid as refusal:
            sheet.refuse(refusal)
    context = {"sheet": sheet, "secret": secret, "base": f"{settings.TONGBAN_PUBLIC_URL}/scim/v2"}
    return render(request, "federation/program_form.html", context, status=sheet.status)


@for_duties(SYSTEM | SECURITY)
@require_POST
def switch_program(request: HttpRequest, key: str) -> HttpResponse:
    """Shut a program out or let it in (system administrator); let it appoint or not (security administrator)."""
    actor, at = request.actor, now()  # type: ignore[attr-defined]
    if "appoint" in request.POST:
        provisioning.switch_appointing(
            actor=actor, key=key, may_appoint=request.POST["appoint"] == "1", at=at
        )
    else:
        provisioning.switch_provisioner(actor=actor, key=key, is_open=request.POST.get("open") == "1", at=at)
    return redirect("federation:programs")
