"""Finding a service and reading its guide; rating afterwards."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from tongban.apps.services.errors import AlreadyRated, NotRatable
from tongban.apps.services.operations.rate import rate_case
from tongban.apps.services.queries import application as reading
from tongban.apps.services.queries import browse, catalogue
from tongban.apps.services.rules.listing import listed
from tongban.base.text import LocalizedText
from tongban.base.time import now
from tongban.design.alike import alike_for_strangers
from tongban.kernel.cases import service as cases
from tongban.kernel.forms import service as forms
from tongban.kernel.identity import service as identity

__all__ = ["guide_question", "list_notices", "preview_item", "rate", "search", "show_item"]

LEVELS = (
    (1, LocalizedText(zh="非常满意", en="Very satisfied")),
    (2, LocalizedText(zh="满意", en="Satisfied")),
    (3, LocalizedText(zh="基本满意", en="Fairly satisfied")),
    (4, LocalizedText(zh="不满意", en="Dissatisfied")),
    (5, LocalizedText(zh="非常不满意", en="Very dissatisfied")),
)
ONLINE_SHOWN = 30
CHOOSE_LEVEL = LocalizedText(zh="请选择满意程度", en="Please choose how satisfied you are")


def search(request: HttpRequest) -> HttpResponse:
    """Search in own words; without words, show the ways into the catalogue and what can be done here."""
    query = request.GET.get("q", "").strip()[:100]
    if query:
        return render(request, "services/search.html", {"query": query, "found": catalogue.find_items(query)})
    context = {
        "query": "",
        "items": catalogue.list_items(online=True)[:ONLINE_SHOWN],
        "events": browse.life_events(),
        "person": browse.themes("person"),
        "legal": browse.themes("legal"),
        "units": browse.departments(),
        "totals": browse.totals(),
    }
    return render(request, "services/search.html", context)


def guide_question(request: HttpRequest, key: str) -> HttpResponse:
    """Ask the question of a guidance (a GET form: the answer can be bookmarked) and lead to the item."""
    guidance = catalogue.get_guidance(key)
    form = forms.get_form(guidance.form_key)
    page = form.pages[0]
    is_asked = any(field.key in request.GET for field in page.fields)
    actor = request.actor  # type: ignore[attr-defined]
    data: dict[str, Any] = forms.clean(form, page.key, request.GET) if is_asked else {}
    errors = forms.check(form, data, at=now(), actor=actor) if is_asked else []
    answer = catalogue.answer_guidance(guidance, data, at=now()) if is_asked and not errors else None
    context = {
        "guidance": guidance,
        "view": forms.page_view(form, page.key, data=data, at=now(), actor=actor, errors=errors),
        "answer": answer,
        "is_unanswered": is_asked and not errors and answer is None,
    }
    return render(request, "services/guidance.html", context, status=422 if errors else 200)


def list_notices(request: HttpRequest) -> HttpResponse:
    """Show what is on public notice now (公示), with until when and where to object."""
    return render(request, "services/notices.html", {"notices": catalogue.list_notices()})


@alike_for_strangers
def show_item(request: HttpRequest, key: str) -> HttpResponse:
    """Show the guide of an item."""
    item = reading.get_item(key)
    return _guide(request, item, valid=catalogue.validity_of(item))


def preview_item(request: HttpRequest, item: Any, *, back: str) -> HttpResponse:
    """Show the guide of an item that is not published yet, with the way ``back`` to where it is edited."""
    return _guide(request, item, valid=(None, None), preview_back=back)


def _guide(request: HttpRequest, item: Any, *, valid: Any, preview_back: str = "") -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    materials = catalogue.guide_materials(item)
    entities = (
        identity.entities_of(actor.person_id, at=now())
        if actor.person_id is not None and not actor.is_official
        else []
    )
    context = {
        "item": item,
        "preview_back": preview_back,
        "valid_from": valid[0],
        "valid_to": valid[1],
        "guide": item.content,
        "listed": listed(item.content),
        "main_item": browse.main_item_of(item),
        "limits": {
            role: item.limit(role)
            for role in ("statutory", "promised", "extension", "delivery", "publicity")
            if item.find_limit(role) is not None
        },
        "materials": materials,
        "to_upload": sum(m.is_upload and not m.is_optional and not m.is_conditional for m in materials),
        "held": sum(not m.is_upload for m in materials),
        "rating": catalogue.rating_of(item),
        "entities": entities if "entity" in item.applicant_kinds else [],
        "for_person": "person" in item.applicant_kinds,
        "may_apply": not actor.is_official and not item.is_announced,
        "is_signed_in": actor.account_id is not None,
        "apply_url": reverse("services:apply", args=[item.key]),
    }
    return render(request, "services/item.html", context)


def rate(request: HttpRequest, number: str) -> HttpResponse:
    """Rate an ended case: by its party, signed in or by query code."""
    case = cases.find_by_number(number)
    actor = cases.party_actor(request, case)
    context: dict[str, Any] = {
        "case": case,
        "levels": LEVELS,
        "level": "",
        "text": "",
        "errors": [],
        "is_done": False,
    }
    if request.method == "POST":
        context |= {"level": request.POST.get("level", ""), "text": request.POST.get("text", "")[:500]}
        if context["level"] not in {"1", "2", "3", "4", "5"}:
            context["errors"] = [{"field": "level", "message": CHOOSE_LEVEL}]
            return render(request, "services/rate.html", context, status=422)
        try:
            rate_case(actor=actor, case=case, level=int(context["level"]), text=context["text"], at=now())
        except (AlreadyRated, NotRatable) as refusal:
            context["errors"] = [{"field": "", "message": refusal.title}]
            return render(request, "services/rate.html", context, status=refusal.status)
        return redirect(f"{reverse('services:rate', args=[number])}?done=1")
    context["is_done"] = request.GET.get("done") == "1"
    return render(request, "services/rate.html", context)
