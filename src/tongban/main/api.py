"""The one API: each module's router is mounted here."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja.errors import AuthenticationError, HttpError, ValidationError

from tongban.apps.audit.api import router as audit
from tongban.apps.certificates.api import router as certificates
from tongban.apps.fees.api import router as fees
from tongban.apps.services.api import router as services
from tongban.apps.vault.api import router as vault
from tongban.apps.voice.api import router as voice
from tongban.base.errors import Invalid, Malformed, TongbanError
from tongban.base.text import LocalizedText
from tongban.kernel.cases.api import router as cases
from tongban.kernel.identity.api import router as identity
from tongban.kernel.identity.errors import TokenRefused
from tongban.kernel.instruments.api import router as instruments
from tongban.main.described import DescribedAPI
from tongban.main.problems import as_problem
from tongban.main.repetition import repeatable

api = DescribedAPI(
    title="Tongban", version="1", urls_namespace="api", openapi_url="/openapi.json", docs_url=None
)
api.add_decorator(repeatable, mode="view")


@api.exception_handler(TongbanError)
def _refuse(request: HttpRequest, error: TongbanError) -> HttpResponse:
    """Answer a refusal as a problem document; ninja catches it before our middleware could."""
    response = as_problem(error)
    if error.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(AuthenticationError)
def _ask_for_token(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """Answer a request that came without a token, although the operation wants one."""
    return _refuse(
        request, TokenRefused(LocalizedText("请求里没有访问令牌", "The request has no access token"))
    )


@api.exception_handler(HttpError)
def _refuse_body(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Answer a body that is no JSON at all."""
    return _refuse(request, Malformed())


@api.exception_handler(ValidationError)
def _refuse_shape(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Answer a body or parameter of the wrong shape: where it is and what is wrong, without repeating it."""
    faults = [
        {
            "field": ".".join(str(part) for part in fault["loc"]),
            "message": {"zh": f"格式不对：{fault['msg']}", "en": fault["msg"]},
        }
        for fault in error.errors
    ]
    return _refuse(request, Invalid(errors=faults))


for _router in (identity, instruments, cases, services, certificates, vault, fees, voice, audit):
    api.add_router("", _router)
