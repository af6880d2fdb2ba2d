"""Pages of instruments: a paper, and the public page on which anybody checks one."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from tongban.base.time import now
from tongban.kernel.files.service import file_response
from tongban.kernel.identity import service as identity
from tongban.kernel.instruments import service
from tongban.kernel.instruments.errors import PaperNotFound

__all__ = ["paper", "verify", "verify_form"]


@require_safe
@never_cache
def paper(request: HttpRequest, paper_id: UUID) -> HttpResponseBase:
    """Answer the PDF; while it is being made, a page that says so.

    With script the page asks again by itself and goes to the PDF; without, there is a button. It never reloads itself: that would
    take a screen reader's place away every two seconds (WCAG failure F41).
    """
    at = now()
    opened = identity.as_whoever_may(
        request, lambda actor: service.open_paper(actor=actor, paper_id=paper_id, at=at)
    )
    is_asking_again = request.headers.get("HX-Request") == "true"
    if opened.file_id is None:
        if is_asking_again:
            return HttpResponse(status=204)  # not yet: the page stays as it is
        return render(request, "instruments/making.html", {"paper": opened}, status=202)
    if is_asking_again:
        return HttpResponse(headers={"HX-Redirect": request.path})
    return file_response(opened.file_id, as_attachment="download" in request.GET)


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """Say publicly what the code proves; compare a PDF that is put up with the one that was issued."""
    if request.method != "POST":
        return render(request, "instruments/verify.html", {"paper": service.paper_by_code(code)})
    upload = request.FILES.get("file")
    if upload is None or (upload.size or 0) > settings.MAX_UPLOAD_BYTES:
        answer = {"paper": service.paper_by_code(code), "error": _("请选一个不超过 20 MB 的 PDF 文件")}
        return render(request, "instruments/verify.html", answer, status=422)
    check = service.compare_pdf(code, upload.read())
    return render(request, "instruments/verify.html", {"paper": check.paper, "check": check})


@require_safe
def verify_form(request: HttpRequest) -> HttpResponse:
    """Ask for the code that is printed beside the QR code."""
    typed = request.GET.get("code", "").strip()
    if not typed:
        return render(request, "instruments/verify_form.html")
    try:
        return redirect("instruments:verify", code=service.paper_by_code(typed).code)
    except PaperNotFound:
        answer = {"typed": typed, "error": _("没有这个核验码对应的文书，请对照文书再看一遍")}
        return render(request, "instruments/verify_form.html", answer, status=404)
