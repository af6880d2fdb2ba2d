"""Filling in an application: one topic a page, saved at every step, on any device."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from tongban.apps.services import rules
from tongban.apps.services.errors import ItemNotOnline, MandateMissing, NotYetComplete, SignatureMissing
from tongban.apps.services.operations import apply as operations
from tongban.apps.services.queries import application as reading
from tongban.apps.services.queries import parties as people
from tongban.apps.services.queries import signing
from tongban.apps.services.views.frame import at_counter, case_and_item, frame_of, home_of, signed_in
from tongban.base.text import LocalizedText
from tongban.base.time import now
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.errors import NotADraft
from tongban.kernel.forms import service as forms
from tongban.kernel.identity import service as identity

__all__ = ["apply", "check", "form_page", "resume", "submitted", "wrong_value"]

OVERTAKEN = LocalizedText(
    zh="这一页刚才在另一台设备上也改过，现在保存的是您这里填的，请再看一眼",
    en="This page was also changed on another device; what you entered here was kept, please look once more",
)
MORE_QUESTIONS = LocalizedText(
    zh="已保存。根据您的回答，还有下面的问题", en="Saved. Your answers raise a few more questions below"
)


@signed_in
def apply(request: HttpRequest, key: str) -> HttpResponse:
    """Begin an application (POST), or ask for whom (GET after signing in)."""
    item = reading.get_item(key)
    if item.is_announced:
        raise ItemNotOnline(item=key)
    actor = request.actor  # type: ignore[attr-defined]
    if not actor.is_official and actor.assurance < item.assurance:
        return _way_up(request, item)
    if request.method != "POST":
        entities = identity.entities_of(actor.person_id, at=now()) if actor.person_id is not None else []
        context = {
            "item": item,
            "entities": entities if "entity" in item.applicant_kinds else [],
            "for_person": "person" in item.applicant_kinds,
            "for_another": item.allows_agents and not actor.is_official,
        }
        return render(request, "services/apply.html", context)
    chosen = request.POST.get("entity", "")
    try:
        entity_id = UUID(chosen) if chosen else None
    except ValueError:
        raise MandateMissing from None
    case = operations.create_application(actor=actor, item_key=key, entity_id=entity_id, at=now())
    if case.entry.page_saves:
        return redirect("services:resume", case_id=case.pk)
    return redirect("services:page", case_id=case.pk, page=forms.form_of(case.entry).pages[0].key)


def _way_up(request: HttpRequest, item: Any) -> HttpResponse:
    """Say that the item wants to be surer who applies, and by which ways that can be had."""
    context = {
        "item": item,
        "present": request.actor.assurance,  # type: ignore[attr-defined]
        "ways": identity.sign_in_ways(),
        "back": reverse("services:apply", args=[item.key]),
    }
    return render(request, "services/way_up.html", context, status=403 if request.method == "POST" else 200)


@signed_in
def resume(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Go on where the applicant left off: the first page with something to do, or check-answers."""
    case, item = case_and_item(request, case_id)
    if case.state not in rules.EDITABLE:
        return redirect("cases:track", number=case.number)
    faults = reading.faults(case, item, actor=request.actor, at=now())  # type: ignore[attr-defined]
    form = forms.form_of(case.entry)
    wrong = {fault.page for fault in faults}
    for page in form.pages:
        if page.key in wrong:
            return redirect("services:page", case_id=case.pk, page=page.key)
    if people.PEOPLE in wrong:
        return redirect("services:people", case_id=case.pk)
    return redirect("services:materials" if wrong else "services:check", case_id=case.pk)


@signed_in
def form_page(request: HttpRequest, case_id: UUID, page: str) -> HttpResponse:
    """One page of the form. Saving keeps everything, right or wrong; only right answers lead on."""
    case, item = case_and_item(request, case_id)
    form = forms.form_of(case.entry)
    if form.page(page) is None:
        return redirect("services:resume", case_id=case.pk)
    actor = request.actor  # type: ignore[attr-defined]
    errors: list[Any] = []
    notice = None
    redraws = bool(request.headers.get("HX-Request"))
    if request.method == "POST":
        at = now()
        saved = operations.save_page(
            actor=actor,
            case_id=case.pk,
            page=page,
            values=forms.clean(form, page, request.POST),
            at=at,
            **forms.sheet_of(request.POST),
        )
        case.entry = saved.entry
        if request.headers.get("X-Requested-With") == "autosave":
            return JsonResponse({"saved_at": at.isoformat(), "revision": saved.revision})
        if "later" in request.POST:
            return redirect(home_of(actor))
        notice = OVERTAKEN if saved.overtaken else None
        if not redraws:
            errors = forms.check(form, case.entry.data, page=page, at=at, actor=actor)
            raised = forms.unasked(form, page, request.POST, case.entry.data, at=at)
            if raised and not notice:
                errors = [error for error in errors if error.field not in raised]
                notice = MORE_QUESTIONS
            if not errors and not notice:
                return redirect(_after(case, form, page))
    view = forms.page_view(
        form,
        page,
        data=case.entry.data,
        at=now(),
        actor=actor,
        about=case.ref,
        errors=errors,
        bound=case.entry.provenance,
        action=request.path,
        revision=case.entry.revision,
        wrong_url=lambda field: reverse("services:wrong", args=[case.pk, field]),
        opened=request.GET.getlist("open"),
        notice=notice,
    )
    context = {**frame_of(request, case, item, form, page), "view": view}
    return render(request, "services/form_page.html", context, status=422 if errors else 200)


@signed_in
def check(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Check-answers, and submit. A second submit of the same application leads to the first one's receipt."""
    case, item = case_and_item(request, case_id)
    faults: list[Any] = []
    if request.method == "POST":
        actor = request.actor  # type: ignore[attr-defined]
        try:
            if case.state == "correction":
                operations.resubmit_application(actor=actor, case_id=case.pk, at=now())
                return redirect(_after_submitting(actor, case))
            submitted_case, code = operations.submit_application(actor=actor, case_id=case.pk, at=now())
        except NotADraft:
            return redirect("services:submitted", case_id=case.pk)
        except NotYetComplete as incomplete:
            faults = incomplete.data["errors"]
        except SignatureMissing:
            return redirect("services:sign", case_id=case.pk)
        else:
            request.session[f"code:{submitted_case.pk}"] = code
            if at_counter(actor, case):
                return redirect("services:counter-receipt", case_id=case.pk)
            return redirect("services:submitted", case_id=case.pk)
    elif case.state not in rules.EDITABLE:
        return redirect("services:submitted", case_id=case.pk)
    form = forms.form_of(case.entry)
    actor = request.actor  # type: ignore[attr-defined]
    context = {
        **frame_of(request, case, item, form, "check"),
        "answers": forms.answers_view(
            form,
            data=case.entry.data,
            at=now(),
            actor=actor,
            bound=case.entry.provenance,
            about=case.ref,
            change_url=lambda page: reverse("services:page", args=[case.pk, page]),
        ),
        "materials": reading.materials_of(case, item, at=now()),
        "faults": [
            {"message": LocalizedText.of(f["message"]), "url": _page_url(case, f["page"], f["field"])}
            for f in faults or [f.as_json() for f in reading.faults(case, item, actor=actor, at=now())]
        ],
        "is_refused": bool(faults),
        "is_correction": case.state == "correction",
        "asked": reading.corrections_of(case),
        "to_sign": item.needs_signature and signing.is_signed(case, item, at=now()) is None,
    }
    return render(request, "services/check.html", context, status=422 if faults else 200)


@signed_in
def submitted(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The receipt: number, query code (shown in this session only), what comes next."""
    case, item = case_and_item(request, case_id, any_state=True)
    if case.submitted_at is None:
        return redirect("services:resume", case_id=case.pk)
    context = {
        "case": case,
        "item": item,
        "code": request.session.get(f"code:{case.pk}", ""),
        "progress": cases.progress_of(case, at=now()),
        "face": "design/desk.html" if request.actor.is_official else "design/public.html",  # type: ignore[attr-defined]
    }
    return render(request, "services/submitted.html", context)


@signed_in
def wrong_value(request: HttpRequest, case_id: UUID, field: str) -> HttpResponse:
    """ "有误？": tell the owner of the register that its value is wrong; the application goes on meanwhile."""
    case, item = case_and_item(request, case_id)
    form = forms.form_of(case.entry)
    this = form.fields.get(field)
    bound = forms.Bound.read(case.entry.provenance.get(field))
    if this is None or bound is None:
        return redirect("services:resume", case_id=case.pk)
    errors: list[Any] = []
    note = ""
    if request.method == "POST":
        note = request.POST.get("note", "").strip()[:500]
        if note:
            operations.report_wrong_value(
                actor=request.actor,  # type: ignore[attr-defined]
                case_id=case.pk,
                field=field,
                note=note,
                at=now(),
            )
            return redirect(f"{request.path}?done=1")
        errors = [
            {
                "field": "note",
                "message": LocalizedText(zh="请写明正确的是什么", en="Please say what is correct"),
            }
        ]
    context = {
        "case": case,
        "item": item,
        "field": this,
        "bound": bound,
        "errors": errors,
        "note": note,
        "is_done": request.GET.get("done") == "1",
        "value": forms.as_text(this, bound.value, masked=True),
        "back": reverse("services:page", args=[case.pk, form.page_of[field]]),
        "face": "design/desk.html" if request.actor.is_official else "design/public.html",  # type: ignore[attr-defined]
    }
    return render(request, "services/wrong.html", context, status=422 if errors else 200)


def _after_submitting(actor: Any, case: Any) -> str:
    if at_counter(actor, case):
        return reverse("services:counter-receipt", args=[case.pk])
    return reverse("cases:track", args=[case.number])


def _after(case: Any, form: Any, page: str) -> str:
    keys = [p.key for p in form.pages]
    index = keys.index(page) + 1
    if index < len(keys):
        return reverse("services:page", args=[case.pk, keys[index]])
    return reverse("services:materials", args=[case.pk])


def _page_url(case: Any, page: str, field: str) -> str:
    if page == people.PEOPLE:
        return reverse("services:people", args=[case.pk])
    if page == reading.MATERIALS_PAGE:
        return reverse("services:materials", args=[case.pk]) + f"#f-{field}"
    return reverse("services:page", args=[case.pk, page]) + f"#f-{field}"
