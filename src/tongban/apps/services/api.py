"""The API of service items, applications and ratings. The same doors and the same policies as the pages."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import File, Header, Router
from ninja.files import UploadedFile

from tongban.apps.services import service as services
from tongban.apps.services.api_shapes import (
    AnswersIn,
    ApplicationIn,
    ApplicationOut,
    ConsentOut,
    CounterIn,
    CounterSignatureIn,
    HandOverIn,
    HandOverOut,
    ItemDetail,
    ItemOut,
    PersonIn,
    RatingIn,
    RatingOut,
    SignatureIn,
    SignatureOut,
    SubmittedOut,
    application_out,
    consent_out,
    item_out,
    signature_out,
)
from tongban.apps.services.errors import ConsentNotFound
from tongban.apps.services.operations.apply import put_answers
from tongban.base.actor import Actor
from tongban.base.time import now
from tongban.kernel.cases import service as cases
from tongban.kernel.forms import service as forms
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.api import Bearer, api_actor

__all__ = ["router"]

router = Router(tags=["services"])


@router.get("/items", response=list[ItemOut], summary="Service items, by words when given")
def list_items(request: HttpRequest, q: str = "") -> list[dict[str, Any]]:
    """Return the items in force; with ``q`` those that the search finds, best first."""
    api_actor(request)
    items = services.find_items(q).items if q.strip() else services.list_items()
    return [item_out(item) for item in items]


@router.get("/items/{key}", response=ItemDetail, summary="One item with its guide and form")
def get_item(request: HttpRequest, key: str) -> dict[str, Any]:
    """Return an item: everything its public guide shows, and the JSON Schema of its form."""
    api_actor(request)
    item = services.get_item(key)
    return {
        **item_out(item),
        "guide": item.content,
        "form": {} if item.is_announced else forms.schema_of(forms.get_form(item.form_key)),
        "process": item.process_key,
    }


@router.post("/applications", response={201: ApplicationOut}, auth=Bearer(), summary="Begin an application")
def create_application(
    request: HttpRequest,
    body: ApplicationIn,
    idempotency_key: str = Header(..., alias="Idempotency-Key", max_length=200),
) -> tuple[int, dict[str, Any]]:
    """Begin an application, pre-filled from the registers. The same Idempotency-Key gives the same application."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if body.on_behalf is not None:
        on_behalf = services.OnBehalf(**body.on_behalf.dict())
        case = _named(
            request,
            lambda: services.apply_for_another(
                actor=actor, item_key=body.item, on_behalf=on_behalf, at=now()
            ),
        )
    else:
        case = services.create_application(
            actor=actor, item_key=body.item, entity_id=body.entity_id, at=now()
        )
    return 201, application_out(actor, case.pk)


@router.get(
    "/applications/{case_id}", response=ApplicationOut, auth=Bearer(), summary="An application of mine"
)
def get_application(request: HttpRequest, case_id: UUID) -> dict[str, Any]:
    """Return an application with what is still missing."""
    return application_out(request.actor, case_id)  # type: ignore[attr-defined]


@router.put(
    "/applications/{case_id}/data",
    response=ApplicationOut,
    auth=Bearer(),
    summary="Put answers into an application",
)
def put_data(request: HttpRequest, case_id: UUID, body: AnswersIn) -> dict[str, Any]:
    """Keep answers, right or wrong, as the pages do; ``faults`` says what is wrong. Unknown fields are refused."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    put_answers(actor=actor, case_id=case_id, values=body.data, at=now())
    return application_out(actor, case_id)


@router.post(
    "/applications/{case_id}/materials/{key}",
    response={201: ApplicationOut},
    auth=Bearer(),
    summary="Upload a material",
)
def put_material(
    request: HttpRequest,
    case_id: UUID,
    key: str,
    file: UploadedFile = File(...),  # noqa: B008 (ninja's way)
) -> tuple[int, dict[str, Any]]:
    """Add a file to a material: PDF, JPEG, PNG or OFD by its bytes, at most 20 MB."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    services.put_material(actor=actor, case_id=case_id, key=key, upload=file, at=now())
    return 201, application_out(actor, case_id)


@router.post(
    "/applications/{case_id}/sign",
    response={201: SignatureOut},
    auth=Bearer(),
    summary="Sign an application",
)
def sign(request: HttpRequest, case_id: UUID, body: SignatureIn) -> tuple[int, dict[str, Any]]:
    """Sign the content with this digest, by the full name. Submitting comes after; a change asks for another signature."""
    made = services.sign_application(
        actor=request.actor,  # type: ignore[attr-defined]
        case_id=case_id,
        digest=body.digest,
        password=body.password,
        code=body.code,
        mailed=body.mailed,
        typed_name=body.name,
        consents=body.consents,
        at=now(),
        clock=identity.clock(),
    )
    return 201, signature_out(made)


@router.post(
    "/applications/{case_id}/sign/code",
    response={204: None},
    auth=Bearer(),
    summary="Ask for a code to sign with",
)
def mail_signing_code(request: HttpRequest, case_id: UUID) -> tuple[int, None]:
    """Send a code by e-mail to an account that has neither password nor second factor. It works once, for ten minutes."""
    services.mail_signing_code(actor=request.actor, case_id=case_id, at=now(), clock=identity.clock())  # type: ignore[attr-defined]
    return 204, None


@router.post(
    "/counter/{case_id}/sign",
    response={201: SignatureOut},
    auth=Bearer(),
    summary="Sign at the counter",
)
def sign_at_counter(
    request: HttpRequest, case_id: UUID, body: CounterSignatureIn
) -> tuple[int, dict[str, Any]]:
    """Keep the signature that the person for whom this post enters has drawn at the counter. Submitting comes after."""
    made = services.sign_at_counter(
        actor=request.actor,  # type: ignore[attr-defined]
        case_id=case_id,
        digest=body.digest,
        strokes=json.dumps(body.strokes),
        seen=body.seen,
        consents=body.consents,
        at=now(),
    )
    return 201, signature_out(made)


@router.post("/applications/{case_id}/submit", response=SubmittedOut, auth=Bearer(), summary="Submit")
def submit(request: HttpRequest, case_id: UUID) -> dict[str, Any]:
    """Submit: number, query code and receipt, or 422 with everything that is missing. Twice is refused with 409."""
    case, code = services.submit_application(actor=request.actor, case_id=case_id, at=now())  # type: ignore[attr-defined]
    return {"id": case.pk, "number": case.number, "code": code, "submitted_at": case.submitted_at}


@router.post(
    "/applications/{case_id}/resubmit", response=ApplicationOut, auth=Bearer(), summary="Hand in a correction"
)
def resubmit(request: HttpRequest, case_id: UUID) -> dict[str, Any]:
    """Hand in the corrected application after a correction notice."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    services.resubmit_application(actor=actor, case_id=case_id, at=now())
    return application_out(actor, case_id)


@router.post(
    "/applications/{case_id}/applicants",
    response={201: ApplicationOut},
    auth=Bearer(),
    summary="Name a co-applicant",
)
def add_co_applicant(request: HttpRequest, case_id: UUID, body: PersonIn) -> tuple[int, dict[str, Any]]:
    """Name somebody who applies together, where the item allows it; that person is asked to confirm."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    _named(
        request,
        lambda: services.add_co_applicant(actor=actor, case_id=case_id, at=now(), **body.dict()),
    )
    return 201, application_out(actor, case_id)


@router.delete(
    "/applications/{case_id}/applicants/{consent_id}",
    response=ApplicationOut,
    auth=Bearer(),
    summary="Take a co-applicant out",
)
def remove_co_applicant(request: HttpRequest, case_id: UUID, consent_id: UUID) -> dict[str, Any]:
    """Take a co-applicant out of a draft; only who named that person may."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    services.remove_co_applicant(actor=actor, case_id=case_id, consent_id=consent_id, at=now())
    return application_out(actor, case_id)


@router.post(
    "/applications/{case_id}/consents/{consent_id}/{kind}",
    response={201: ApplicationOut},
    auth=Bearer(),
    summary="Upload the proof of a ground, or a signed consent",
)
def put_proof(
    request: HttpRequest,
    case_id: UUID,
    consent_id: UUID,
    kind: str,
    file: UploadedFile = File(...),  # noqa: B008 (ninja's way)
) -> tuple[int, dict[str, Any]]:
    """Add a file of the kind "proof" (letter of entrustment, guardianship) or "consent" (signed, of who has no account)."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    services.put_proof(actor=actor, case_id=case_id, consent_id=consent_id, kind=kind, upload=file, at=now())
    return 201, application_out(actor, case_id)


@router.get("/consents", response=list[ConsentOut], auth=Bearer(), summary="What waits for my consent")
def list_consents(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the requests that this person has not answered yet."""
    return [consent_out(view) for _, view in services.asked_of(request.actor)]  # type: ignore[attr-defined]


@router.post(
    "/consents/{consent_id}/{answer}", response=ConsentOut, auth=Bearer(), summary="Answer a request"
)
def answer_consent(request: HttpRequest, consent_id: UUID, answer: str) -> dict[str, Any]:
    """Answer with "agree" or "decline", or "end" an agency that runs (the person represented, or the agent)."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    _, view = services.get_consent(actor, consent_id)
    do = ANSWERS.get(answer)
    if do is None:
        raise ConsentNotFound
    do(actor=actor, consent_id=consent_id, at=now())
    _, view = services.get_consent(actor, consent_id)
    return consent_out(view)


ANSWERS: dict[str, Callable[..., Any]] = {
    "agree": services.give_consent,
    "decline": services.decline_consent,
    "end": services.end_agency,
}


@router.post(
    "/counter", response={201: ApplicationOut}, auth=Bearer(), summary="Enter for a person at the counter"
)
def enter_at_counter(request: HttpRequest, body: CounterIn) -> tuple[int, dict[str, Any]]:
    """Begin an application for somebody who is present. Answers, documents and submitting go as for any application."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    case = _named(
        request,
        lambda: services.enter_at_counter(
            actor=actor,
            item_key=body.item,
            name=body.name,
            citizen_id=body.citizen_id,
            entity_id=body.entity_id,
            seen=body.seen,
            at=now(),
        ),
    )
    return 201, application_out(actor, case.pk)


@router.post(
    "/counter/{number}/hand-over", response={201: HandOverOut}, auth=Bearer(), summary="Hand a result over"
)
def hand_result_over(request: HttpRequest, number: str, body: HandOverIn) -> tuple[int, dict[str, Any]]:
    """Note that the result of an ended case was handed over at the counter, once, with the recipient's word."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    case = cases.get_case(actor, number)
    made = services.hand_result_over(actor=actor, case_id=case.pk, at=now(), **body.dict())
    return 201, {"number": number, "at": made.at, "signed": made.signature_id is not None}


@router.post("/ratings", response={201: RatingOut}, summary="Rate an ended case")
def rate(request: HttpRequest, body: RatingIn) -> tuple[int, dict[str, Any]]:
    """Rate a case once it has ended, signed in or with its query code."""
    actor = api_actor(request)
    if body.code:
        case = cases.case_by_code(request, body.number, body.code)
        actor = identity.actor_for_code(case.pk, channel="api")
    else:
        case = cases.get_case(actor, body.number)
    rating = services.rate_case(actor=actor, case=case, level=body.level, text=body.text, at=now())
    return 201, {"number": case.number, "level": rating.level}


def _named(request: HttpRequest, do: Callable[[], Any]) -> Any:
    """Do what needs a person's name and number; who guesses is slowed down, as on the pages."""
    what = f"identify:{request.actor.account_id}"  # type: ignore[attr-defined]
    identity.throttle(what, request=request, limit=20)
    done = do()
    identity.relent(what, request=request)
    return done
