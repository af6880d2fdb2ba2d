"""The applicant signs: reads the application as it will be kept, confirms who he is, draws or types his name.

The PDF is sealed by the installation's own authority: that shows that nothing was changed since, and what it was signed for. It
is not a certificate of the person by a licensed certification body (电子签名法 art. 16), and the paper says so. At the counter
the person who is present signs by hand before the clerk, on the screen or on paper, and the clerk attests to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction

from tongban.apps.services.errors import PresenceUnconfirmed, SignatureOutdated, SignatureRefused
from tongban.apps.services.models import Signature
from tongban.apps.services.operations import apply
from tongban.apps.services.operations.counter import require_counter
from tongban.apps.services.queries import application as reading
from tongban.apps.services.queries import parties as people
from tongban.apps.services.queries import signing as looking
from tongban.apps.services.rules.signing import drawing
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText as T
from tongban.base.time import LOCAL
from tongban.kernel.files import service as files
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.messages import service as messages

__all__ = [
    "form_pdf",
    "mail_signing_code",
    "sign_and_hand_in",
    "sign_application",
    "sign_at_counter",
    "sign_at_counter_and_hand_in",
]

SOURCE = Path(__file__).parents[1] / "application.typ"
CONFIRMED = {
    "password": "重新输入账号密码",
    "totp": "出示验证器上的验证码",
    "code": "出示一次性备用码",
    "key": "出示安全密钥",
    "mail": "输入发到登记邮箱的一次性验证码",
}
"""How the paper says what was shown; several are joined by "+"."""
UNSIGNED = T(
    "请本人在框里签名；或者打印申请表，签在纸上，扫描上传",
    "Let the person sign in the box, or print the form, have it signed, and upload a scan",
)


@dataclass(frozen=True, slots=True)
class _Signing:
    """Who signs, and how: what is kept of it beside the content."""

    person_id: UUID
    name: str
    svg: str
    confirmed: str
    assurance: int = 0
    witness_id: UUID | None = None
    witness_name: str = ""
    paper: Any = None


def form_pdf(*, actor: Actor, case_id: UUID, at: datetime) -> bytes:
    """Return the application as a PDF to be read before it is signed. Raises ApplicationNotFound."""
    case = reading.get_application(actor, case_id)
    return _render(looking.content_of(case, reading.item_of(case), at=at), at=at)


def mail_signing_code(*, actor: Actor, case_id: UUID, at: datetime, clock: datetime) -> None:
    """Send a code to the mailbox of an account that has neither password nor second factor, to sign this application with.

    Raises ApplicationNotFound, NotEditable, NothingToConfirmWith, TooManyAttempts.
    """
    case = reading.get_application(actor, case_id)
    apply.require_editable(case)
    with transaction.atomic():
        code, mailbox = identity.ask_mailed_code(actor=actor, at=at, clock=clock)
        messages.send(
            to_person=None,  # by e-mail only: whoever sits before this session reads the box of the site too
            to_email=mailbox,
            template="services.signing_code",
            context={
                "code": code,
                "minutes": identity.MAILED_LASTS,
                "item": reading.item_of(case).name,
            },
            occasion=case.ref,
            at=at,
        )


def sign_application(
    *,
    actor: Actor,
    case_id: UUID,
    digest: str,
    password: str = "",
    code: str = "",
    mailed: str = "",
    key: tuple[bytes, int] | None = None,
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
    case, content = _to_sign(actor, case_id, digest, at=at)
    if actor.person_id is None or actor.is_official:  # a clerk or village agent never signs for the applicant
        raise SignatureRefused
    name, svg = identity.get_person(actor.person_id).name, drawing(strokes) if strokes else ""
    _check(name=name, svg=svg, strokes=strokes, typed_name=typed_name, consents=consents)
    confirmed = identity.confirm_identity(
        actor=actor, password=password, code=code, mailed=mailed, key=key, at=at, clock=clock
    )
    content |= {
        "for_entity": case.applicant_name if case.applicant_name != name else "",
        "confirmed": f"{'，并'.join(CONFIRMED[part] for part in confirmed.split('+'))}；"
        f"{looking.ASSURANCE[actor.assurance].zh}",
    }
    made = _Signing(actor.person_id, name, svg, confirmed, assurance=actor.assurance)
    return _keep(actor, case_id, digest, content, made, at=at)


def sign_at_counter(
    *,
    actor: Actor,
    case_id: UUID,
    digest: str,
    strokes: str = "",
    paper: Any = None,
    seen: bool,
    consents: bool,
    at: datetime,
) -> Signature:
    """Keep the signature of the person for whom a clerk enters, present at the counter: drawn on the screen (``strokes``), or on
    the printed form (``paper``, the upload of its scan). ``seen``: the clerk has compared person and identity card, and attests.

    Raises CounterOnly, PresenceUnconfirmed, ConsentNotFound for what was not entered at this counter, and what
    ``sign_application`` and ``files.store_upload`` refuse.
    """
    require_counter(actor)
    if not seen:
        raise PresenceUnconfirmed
    case, content = _to_sign(actor, case_id, digest, at=at)
    person_id, name = people.present_at_counter(actor, case)
    svg = drawing(strokes) if strokes else ""
    _check_at_counter(svg=svg, paper=paper, consents=consents)
    content |= {
        "for_entity": case.applicant_name if case.applicant_name != name else "",
        "confirmed": "在窗口当面核对身份证，人证一致",
        "witness": actor.signs_as,
        "weight": looking.WEIGHT_AT_COUNTER.as_json(),
    }
    made = _Signing(
        person_id,
        name,
        svg,
        "present",
        witness_id=people.own_person(actor),
        witness_name=actor.signs_as,
        paper=paper,
    )
    return _keep(actor, case_id, digest, content, made, at=at)


def sign_and_hand_in(*, actor: Actor, case_id: UUID, at: datetime, **said: Any) -> tuple[Any, str]:
    """Sign, then submit or hand in the correction; returns the case and the query code ("" for a correction).

    When handing in is refused the signature stands: it holds for as long as nothing is changed.
    """
    return _hand_in(actor, sign_application(actor=actor, case_id=case_id, at=at, **said), at)


def sign_at_counter_and_hand_in(*, actor: Actor, case_id: UUID, at: datetime, **said: Any) -> tuple[Any, str]:
    """Let the person who is present sign, then hand in, as ``sign_and_hand_in``."""
    return _hand_in(actor, sign_at_counter(actor=actor, case_id=case_id, at=at, **said), at)


def _hand_in(actor: Actor, signature: Signature, at: datetime) -> tuple[Any, str]:
    case = signature.case
    if case.submitted_at is None:
        return apply.submit_application(actor=actor, case_id=case.pk, at=at)
    apply.resubmit_application(actor=actor, case_id=case.pk, at=at)
    return case, ""


def _to_sign(actor: Actor, case_id: UUID, digest: str, *, at: datetime) -> tuple[Any, dict[str, Any]]:
    """Return the application and its content when it can be signed now and is just what was read."""
    case = reading.get_application(actor, case_id)
    item = reading.item_of(case)
    apply.require_editable(case)
    apply.require_complete(case, item, at=at)
    content = looking.content_of(case, item, at=at)
    if content["digest"] != digest:
        raise SignatureOutdated
    return case, content


def _keep(
    actor: Actor, case_id: UUID, digest: str, content: Mapping[str, Any], made: _Signing, *, at: datetime
) -> Signature:
    """Draw and seal the paper, then keep it with the case when the content is still the same."""
    content = {
        **content,
        "signer": made.name,
        "signed_at": f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M:%S}（北京时间）",
    }
    if made.paper is not None:
        content["paper"] = hashlib.sha256(made.paper.read()).hexdigest()
        made.paper.seek(0)
    pdf = files.sign_pdf(
        _render(content, at=at, svg=made.svg),
        reason=looking.reason_of(digest),
        location=content["organ"],
        at=at,
    )
    with transaction.atomic():  # nothing was locked while it was drawn and sealed
        case = apply.editable_application(actor, case_id)
        item = reading.item_of(case)
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
        paper = (
            files.store_upload(actor=actor, upload=made.paper, use=case.ref, role=looking.PAPER_ROLE, at=at)
            if made.paper is not None
            else None
        )
        facts = {
            "content": digest,
            "file": hashlib.sha256(pdf).hexdigest(),
            "confirmed": made.confirmed,
            "assurance": made.assurance,
        }
        if paper is not None:
            facts["paper"] = paper.sha256
        ledger.record(
            actor=actor,
            verb="services.sign" if made.witness_id is None else "services.witness_signature",
            subject=case.ref,
            case=str(case.ref),
            facts=facts,
            about=identity.keys_of(person_id=made.person_id) if made.witness_id is not None else (),
            at=at,
        )
        return Signature.objects.create(
            case=case,
            digest=digest,
            file=stored,
            person_id=made.person_id,
            name=made.name,
            is_drawn=bool(made.svg),
            confirmed=made.confirmed,
            assurance=made.assurance,
            witness_id=made.witness_id,
            witness_name=made.witness_name,
            paper_id=paper.pk if paper is not None else None,
            signed_at=at,
        )


def _check(*, name: str, svg: str, strokes: str, typed_name: str, consents: bool) -> None:
    errors = []
    if not svg and "".join(typed_name.split()) != "".join(name.split()):
        message = (
            T("签名太短，请重新签", "The signature is too short, please sign again")
            if strokes and not typed_name.strip()
            else T("请手写签名，或者输入您的全名", "Draw your signature, or type your full name")
        )
        errors.append({"field": "name", "message": message.as_json()})
    _refuse(errors, consents=consents)


def _check_at_counter(*, svg: str, paper: Any, consents: bool) -> None:
    errors = [] if svg or paper is not None else [{"field": "paper", "message": UNSIGNED.as_json()}]
    _refuse(errors, consents=consents)


def _refuse(errors: list[dict[str, Any]], *, consents: bool) -> None:
    if not consents:
        errors.append(
            {"field": "consents", "message": T("请先看完、勾选", "Please read and tick it").as_json()}
        )
    if errors:
        raise SignatureRefused(errors=errors)


def _render(content: Mapping[str, Any], *, at: datetime, svg: str = "") -> bytes:
    return files.render_typst(
        SOURCE.read_text(encoding="utf-8"),
        dict(content),
        title=content["heading"],
        assets={"signature": svg} if svg else None,
        at=at,
    )
