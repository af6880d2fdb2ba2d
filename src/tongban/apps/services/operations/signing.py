"""The applicant signs: reads the application as it will be kept, confirms who he is, draws or types his name.

The PDF is sealed by the installation's own authority: that shows that nothing was changed since, and what it was signed for. It
is not a certificate of the person by a licensed certification body (电子签名法 art. 16), and the paper says so.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction

from tongban.apps.services.errors import SignatureOutdated, SignatureRefused
from tongban.apps.services.models import Signature
from tongban.apps.services.operations import apply
from tongban.apps.services.queries import application as reading
from tongban.apps.services.queries import signing as looking
from tongban.apps.services.rules.signing import drawing
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText as T
from tongban.base.time import LOCAL
from tongban.kernel.files import service as files
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger

__all__ = ["form_pdf", "sign_and_hand_in", "sign_application"]

SOURCE = Path(__file__).parents[1] / "application.typ"
CONFIRMED = {
    "password": "重新输入账号密码",
    "password+totp": "重新输入账号密码，并出示验证器上的验证码",
    "password+code": "重新输入账号密码，并出示一次性备用码",
}


def form_pdf(*, actor: Actor, case_id: UUID, at: datetime) -> bytes:
    """Return the application as a PDF to be read before it is signed. Raises ApplicationNotFound."""
    case = reading.get_application(actor, case_id)
    return _render(looking.content_of(case, reading.item_of(case), at=at), at=at)


def sign_application(
    *,
    actor: Actor,
    case_id: UUID,
    digest: str,
    password: str,
    code: str = "",
    strokes: str = "",
    typed_name: str = "",
    consents: bool,
    at: datetime,
    clock: datetime,
) -> Signature:
    """Sign the content with this digest: the one that was read.

    Raises ApplicationNotFound, NotEditable, NotYetComplete, SignatureOutdated when something has changed since,
    SignatureRefused with every fault, and what ``identity.confirm_identity`` refuses.
    """
    case = reading.get_application(actor, case_id)
    item = reading.item_of(case)
    apply.require_editable(case)
    apply.require_complete(case, item, at=at)
    content = looking.content_of(case, item, at=at)
    if content["digest"] != digest:
        raise SignatureOutdated
    if actor.person_id is None or actor.is_official:  # a clerk or village agent never signs for the applicant
        raise SignatureRefused
    name, svg = identity.get_person(actor.person_id).name, drawing(strokes) if strokes else ""
    _check(name=name, svg=svg, strokes=strokes, typed_name=typed_name, consents=consents)
    confirmed = identity.confirm_identity(actor=actor, password=password, code=code, at=at, clock=clock)
    content |= {
        "signer": name,
        "for_entity": case.applicant_name if case.applicant_name != name else "",
        "signed_at": f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M:%S}（北京时间）",
        "confirmed": f"{CONFIRMED[confirmed]}；{looking.ASSURANCE[actor.assurance].zh}",
    }
    pdf = files.sign_pdf(
        _render(content, at=at, svg=svg), reason=looking.reason_of(digest), location=content["organ"], at=at
    )
    with transaction.atomic():  # nothing was locked while it was drawn and sealed
        case = apply.editable_application(actor, case_id)
        if looking.digest_of(case, item, at=at) != digest:
            raise SignatureOutdated
        stored = files.store_bytes(
            name=f"申请表_{item.name.zh}_已签名.pdf",
            media_type="application/pdf",
            content=pdf,
            use=case.ref,
            role=looking.ROLE,
            at=at,
        )
        ledger.record(
            actor=actor,
            verb="services.sign",
            subject=case.ref,
            case=str(case.ref),
            facts={
                "content": digest,
                "file": hashlib.sha256(pdf).hexdigest(),
                "confirmed": confirmed,
                "assurance": actor.assurance,
            },
            at=at,
        )
        return Signature.objects.create(
            case=case,
            digest=digest,
            file=stored,
            person_id=actor.person_id,
            name=name,
            is_drawn=bool(svg),
            confirmed=confirmed,
            assurance=actor.assurance,
            signed_at=at,
        )


def sign_and_hand_in(*, actor: Actor, case_id: UUID, at: datetime, **said: Any) -> tuple[Any, str]:
    """Sign, then submit or hand in the correction; returns the case and the query code ("" for a correction).

    When handing in is refused the signature stands: it holds for as long as nothing is changed.
    """
    signature = sign_application(actor=actor, case_id=case_id, at=at, **said)
    if signature.case.submitted_at is None:
        return apply.submit_application(actor=actor, case_id=case_id, at=at)
    apply.resubmit_application(actor=actor, case_id=case_id, at=at)
    return signature.case, ""


def _check(*, name: str, svg: str, strokes: str, typed_name: str, consents: bool) -> None:
    errors = []
    if not svg and "".join(typed_name.split()) != "".join(name.split()):
        message = (
            T("签名太短，请重新签", "The signature is too short, please sign again")
            if strokes and not typed_name.strip()
            else T("请手写签名，或者输入您的全名", "Draw your signature, or type your full name")
        )
        errors.append({"field": "name", "message": message.as_json()})
    if not consents:
        errors.append(
            {"field": "consents", "message": T("请先看完、勾选", "Please read and tick it").as_json()}
        )
    if errors:
        raise SignatureRefused(errors=errors)


def _render(content: dict[str, Any], *, at: datetime, svg: str = "") -> bytes:
    return files.render_typst(
        SOURCE.read_text(encoding="utf-8"),
        content,
        title=content["heading"],
        assets={"signature": svg} if svg else None,
        at=at,
    )
