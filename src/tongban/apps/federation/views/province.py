"""Signing in with another authority's account: there, back, and what is agreed to the first time; and its administration."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongban.apps.federation import upstream
from tongban.apps.federation.errors import ProvinceFailed
from tongban.apps.federation.models import Link, Province
from tongban.apps.federation.operations import provinces
from tongban.apps.federation.policies import AUDIT, SECURITY, SYSTEM, for_duties, may
from tongban.apps.federation.vault import secret_of
from tongban.base.errors import Invalid, NotFound
from tongban.base.text import LocalizedText as T
from tongban.base.time import now
from tongban.design.sheets import Sheet, typed
from tongban.kernel.identity import service as identity

__all__ = ["back", "edit", "first_time", "go", "list_provinces", "unlink", "ways"]

ASKED, VOUCHED = "province-asked", "province-vouched"
"""Session keys: what was asked over there; whom it vouched for, until the person agrees or chooses."""
CHOICE_LASTS = 600


def ways() -> list[identity.SignInWay]:
    """Return the authorities that are open, for the sign-in page."""
    return [
        identity.SignInWay(each.key, each.name, reverse("federation:go", args=[each.key]))
        for each in Province.objects.filter(is_open=True)
    ]


@never_cache
@require_safe
def go(request: HttpRequest, key: str) -> HttpResponse:
    """Send the browser to the authority. ``link=1`` joins its account to the one that is signed in here."""
    province = _open(key)
    identity.throttle(f"province:{key}", request=request, limit=40)
    is_link = request.GET.get("link") == "1"
    actor = request.actor  # type: ignore[attr-defined]
    if is_link and actor.account_id is None:
        return redirect(f"{reverse('identity:sign-in')}?{urlencode({'next': reverse('federation:mine')})}")
    address, asked = upstream.begin(province, back=_back_url(key), clock=identity.clock())
    request.session[ASKED] = {
        "key": key,
        "next": identity.next_of(request),
        "account": actor.account_id if is_link else None,
        **asdict(asked),
    }
    answer = HttpResponse(status=302)
    answer["Location"] = address
    return answer


@never_cache
@require_safe
def back(request: HttpRequest, key: str) -> HttpResponse:
    """Take the browser back: who is linked comes in, who is not is asked, whoever wanted to link is linked."""
    province, kept = _open(key), request.session.pop(ASKED, None)
    if not kept or kept.pop("key") != key:
        raise ProvinceFailed("state")
    to, account_id = kept.pop("next"), kept.pop("account")
    vouched = upstream.finish(
        province,
        upstream.Asked(**kept),
        {name: request.GET[name] for name in ("state", "code", "iss") if name in request.GET},
        back=_back_url(key),
        clock=identity.clock(),
    )
    actor = request.actor  # type: ignore[attr-defined]
    if account_id is not None:
        if actor.account_id != account_id:
            raise ProvinceFailed("session")
        provinces.link_own(actor=actor, province=province, vouched=vouched, at=now())
        return redirect(to or "federation:mine")
    links = provinces.accounts_of(province, vouched.subject)
    if len(links) == 1:
        return identity.come_in(request, account_id=links[0].account_id, by=key, to=to)
    request.session[VOUCHED] = {"next": to, "at": identity.clock().timestamp(), **asdict(vouched)}
    return redirect("federation:first-time", key)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def first_time(request: HttpRequest, key: str) -> HttpResponse:
    """Ask, the first time, whether an account may be opened or joined; or as whom, when there are two."""
    province, kept = _open(key), dict(request.session.get(VOUCHED) or {})
    if not kept or identity.clock().timestamp() - kept.pop("at") > CHOICE_LASTS:
        return redirect("identity:sign-in")
    to = kept.pop("next")
    vouched = upstream.Vouched(**kept)
    links = provinces.accounts_of(province, vouched.subject)
    if request.method == "POST":
        chosen = next((link for link in links if str(link.pk) == request.POST.get("link")), None)
        if chosen is None and not links and request.POST.get("answer") == "agree":
            chosen = provinces.join_citizen(province=province, vouched=vouched, at=now())
        if chosen is None:
            return redirect("identity:sign-in")
        del request.session[VOUCHED]
        return identity.come_in(request, account_id=chosen.account_id, by=key, to=to)
    context = {"province": province, "vouched": vouched, "links": links}
    return render(request, "federation/first_time.html", context)


@identity.signed_in_only
@require_POST
def unlink(request: HttpRequest, account: Any, link_id: int) -> HttpResponse:
    """End the link of the own account to one over there."""
    provinces.unlink_own(actor=request.actor, link_id=link_id, at=now())  # type: ignore[attr-defined]
    return redirect("federation:mine")


def _open(key: str) -> Province:
    province = Province.objects.filter(key=key, is_open=True).first()
    if province is None:
        raise NotFound
    return province


def _back_url(key: str) -> str:
    return str(settings.TONGBAN_PUBLIC_URL) + reverse("federation:back", args=[key])


# --- administration ---

OPENS = (("1", T("登录页上有它的按钮", "Its button is on the sign-in page")),)
FIELDS = ("name_zh", "name_en", "issuer", "client_id", "scopes", "name_claim", "number_claim")


@for_duties(SYSTEM | SECURITY | AUDIT)
@require_safe
def list_provinces(request: HttpRequest) -> HttpResponse:
    """Show the authorities with whose accounts people sign in here."""
    rows = [(each, Link.objects.filter(province=each).count()) for each in Province.objects.all()]
    context = {"rows": rows, "is_system": may(request.actor, SYSTEM)}  # type: ignore[attr-defined]
    return render(request, "federation/provinces.html", context)


@never_cache
@for_duties(SYSTEM)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, key: str = "") -> HttpResponse:
    """Set up an authority, or change it."""
    province = Province.objects.filter(key=key).first()
    if key and province is None:
        raise NotFound
    sheet = Sheet(_values(province))
    if request.method == "POST":
        sheet = Sheet({**typed(request, "key", *FIELDS), "open": request.POST.getlist("open")})
        try:
            provinces.put_province(
                actor=request.actor,  # type: ignore[attr-defined]
                key=key or sheet.values["key"],
                content=sheet.values,
                is_open=bool(sheet.values["open"]),
                secret=request.POST.get("secret", "").strip()[:500],
                at=now(),
            )
            return redirect("federation:provinces")
        except Invalid as refusal:
            sheet.refuse(refusal)
    shown = key or sheet.values["key"] or "…"
    context = {
        "sheet": sheet,
        "province": province,
        "opens": OPENS,
        "has_secret": bool(province and secret_of(province.key)),
        "back": _back_url(shown) if shown != "…" else "",
    }
    return render(request, "federation/province_form.html", context, status=sheet.status)


def _values(province: Province | None) -> dict[str, Any]:
    if province is None:
        blank = dict.fromkeys(("key", *FIELDS), "")
        return {**blank, "scopes": "openid profile", "name_claim": "name", "open": []}
    return {
        "key": province.key,
        "name_zh": province.name.zh,
        "name_en": province.name.en,
        "open": ["1"] if province.is_open else [],
        **{name: getattr(province, name) for name in FIELDS[2:]},
    }
