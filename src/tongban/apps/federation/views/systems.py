"""The administration of other systems."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongban.apps.federation import keys, rules
from tongban.apps.federation.models import Consent, System
from tongban.apps.federation.operations import systems
from tongban.apps.federation.policies import AUDIT, SECURITY, SYSTEM, for_duties, may
from tongban.apps.federation.provider import issuer
from tongban.base.errors import Invalid, NotFound
from tongban.base.text import LocalizedText as T
from tongban.base.time import now
from tongban.design.sheets import Sheet, fault, typed
from tongban.kernel.identity import service as identity

__all__ = ["change", "list_systems", "register", "renew_secret", "show", "switch"]

KINDS = (("official", T("工作人员", "Officials")), ("citizen", T("群众和企业", "Citizens and firms")))
ALGORITHMS = (("RS256", "RS256"), ("ES256", "ES256"))
ALL = SYSTEM | SECURITY | AUDIT


@for_duties(ALL)
@require_safe
def list_systems(request: HttpRequest) -> HttpResponse:
    """Show all systems that let people sign in with their account here."""
    context = {
        "systems": list(System.objects.all()),
        "is_system": may(request.actor, SYSTEM),  # type: ignore[attr-defined]
        "issuer": issuer(),
    }
    return render(request, "federation/systems.html", context)


@never_cache
@for_duties(SYSTEM)
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Register a system; show its secret, this once."""
    sheet = Sheet({**_blank(), "scopes": ["profile"], "kinds": ["official"]})
    if request.method == "POST":
        sheet = Sheet(_typed(request))
        try:
            system, secret = systems.register_system(
                actor=request.actor,  # type: ignore[attr-defined]
                client_id=sheet.values["client_id"],
                facts=_facts(sheet.values),
                at=now(),
            )
            return _once(request, system, secret)
        except Invalid as refusal:
            sheet.refuse(refusal)
    return _form(request, sheet, None)


@for_duties(ALL)
@require_safe
def show(request: HttpRequest, client_id: str) -> HttpResponse:
    """Show a system: what it may learn, where it sends people back, how many agreed."""
    return _page(request, _find(client_id))


@for_duties(SYSTEM)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, client_id: str) -> HttpResponse:
    """Change a system's name, addresses and what it may learn."""
    system = _find(client_id)
    values = {
        "client_id": system.client_id,
        "name_zh": system.name.zh,
        "name_en": system.name.en,
        "redirect_uris": "\n".join(system.redirect_uris),
        "logout_uris": "\n".join(system.logout_uris),
        "scopes": system.scopes,
        "kinds": system.kinds,
        "algorithm": system.algorithm,
    }
    sheet = Sheet(values)
    if request.method == "POST":
        sheet = Sheet(_typed(request))
        try:
            systems.change_system(
                actor=request.actor,  # type: ignore[attr-defined]
                client_id=client_id,
                facts=_facts(sheet.values),
                at=now(),
            )
            return redirect("federation:system", client_id)
        except Invalid as refusal:
            sheet.refuse(refusal)
    return _form(request, sheet, system)


@never_cache
@for_duties(SYSTEM)
@require_POST
def renew_secret(request: HttpRequest, client_id: str) -> HttpResponse:
    """Make another secret; show it, this once."""
    system, secret = systems.new_secret(actor=request.actor, client_id=client_id, at=now())  # type: ignore[attr-defined]
    return _once(request, system, secret)


@for_duties(SYSTEM)
@require_POST
def switch(request: HttpRequest, client_id: str) -> HttpResponse:
    """Shut a system out, or let it in again."""
    system, sheet = _find(client_id), Sheet(typed(request, "reason"))
    try:
        if not sheet.values["reason"]:
            raise fault("reason", "请写理由", "Give the reason")
        systems.switch_system(
            actor=request.actor,  # type: ignore[attr-defined]
            client_id=client_id,
            is_open=request.POST.get("open") == "1",
            reason=sheet.values["reason"],
            at=now(),
        )
    except Invalid as refusal:
        sheet.refuse(refusal)
        return _page(request, system, sheet)
    return redirect("federation:system", client_id)


def _find(client_id: str) -> System:
    system = System.objects.filter(client_id=client_id).first()
    if system is None:
        raise NotFound
    return system


def _page(request: HttpRequest, system: System, sheet: Sheet | None = None) -> HttpResponse:
    sheet = sheet or Sheet({"reason": ""})
    context = {
        "system": system,
        "told": rules.readable(system.scopes),
        "kinds": [label for kind, label in KINDS if kind in system.kinds],
        "agreed": Consent.objects.filter(system=system, ended_at=None).count(),
        "is_system": may(request.actor, SYSTEM),  # type: ignore[attr-defined]
        "issuer": issuer(),
        "key": keys.key_ids(system.algorithm, at=identity.clock())[-1],
        "sheet": sheet,
    }
    return render(request, "federation/system.html", context, status=sheet.status)


def _form(request: HttpRequest, sheet: Sheet, system: System | None) -> HttpResponse:
    context = {
        "sheet": sheet,
        "system": system,
        "kinds": KINDS,
        "algorithms": ALGORITHMS,
        "scopes": [
            {"value": scope, "label": label, "hint": hint}
            for scope, (label, hint) in rules.SCOPES.items()
            if scope != "openid"
        ],
    }
    return render(request, "federation/system_form.html", context, status=sheet.status)


def _once(request: HttpRequest, system: System, secret: str) -> HttpResponse:
    context = {"system": system, "secret": secret, "issuer": issuer()}
    return render(request, "federation/secret.html", context)


LINES = ("redirect_uris", "logout_uris")
CHOSEN = ("scopes", "kinds")


def _blank() -> dict[str, Any]:
    words = ("client_id", "name_zh", "name_en", *LINES)
    return {**dict.fromkeys(words, ""), "scopes": [], "kinds": [], "algorithm": "RS256"}


def _typed(request: HttpRequest) -> dict[str, Any]:
    values: dict[str, Any] = dict(typed(request, "client_id", "name_zh", "name_en", "algorithm"))
    values |= {name: request.POST.get(name, "")[:5000] for name in LINES}
    return values | {name: request.POST.getlist(name)[:20] for name in CHOSEN}


def _facts(values: Mapping[str, Any]) -> rules.SystemFacts:
    addresses = {
        name: tuple(line.strip() for line in values[name].splitlines() if line.strip()) for name in LINES
    }
    return rules.SystemFacts(
        name=T(values["name_zh"], values["name_en"]),
        scopes=tuple(values["scopes"]),
        kinds=tuple(values["kinds"]),
        algorithm=values["algorithm"],
        **addresses,
    )
