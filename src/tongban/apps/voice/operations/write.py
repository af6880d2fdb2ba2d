"""A citizen writes: one page becomes a case, its clock and its process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError

from tongban.apps.voice.errors import AlreadySent, LetterInvalid, MailboxClosed
from tongban.apps.voice.models import Letter, Mailbox
from tongban.apps.voice.operations.handle import start_clock, tell
from tongban.base import published, work
from tongban.base.actor import Actor
from tongban.base.errors import Invalid
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.cases import service as cases
from tongban.kernel.files import service as files
from tongban.kernel.forms import service as forms
from tongban.kernel.identity import service as identity

__all__ = ["MAX_ATTACHMENTS", "Sent", "open_mailbox", "write_letter"]

MAX_ATTACHMENTS = 3


@dataclass(frozen=True, slots=True)
class Sent:
    """What the writer is told once: the number, and the query code that opens the letter without an
    account.
    """

    case_id: UUID
    number: str
    code: str


def open_mailbox(key: str) -> Mailbox:
    """Return a mailbox that takes letters. Raises MailboxClosed."""
    mailbox = _mailboxes.get(key)
    if mailbox is None:
        raise MailboxClosed
    return mailbox


def _load(key: str) -> Mailbox | None:
    return Mailbox.objects.select_related("office").filter(pk=key, is_open=True).first()


_mailboxes = published.Kept(("voice_mailbox", "identity_unit"), _load)


def write_letter(
    *,
    actor: Actor,
    mailbox: str,
    values: Mapping[str, Any],
    attachments: Sequence[UploadedFile] = (),
    send_key: str = "",
    at: datetime,
) -> Sent:
    """Send a letter, with or without an account, and return its number and query code.

    ``values`` answer the mailbox's form. Officials write as the people they are. Raises MailboxClosed,
    LetterInvalid with the fields that are wrong, AlreadySent when ``send_key`` was used before, and what the
    file store refuses (as LetterInvalid).
    """
    box = open_mailbox(mailbox)
    form = forms.get_form(box.form)
    if send_key:
        _refuse_second(send_key)
    writer = None if actor.is_official else actor.person_id
    known = forms.prefill(form, actor=actor, person_id=writer, purpose="voice.write", at=at) if writer else {}
    answers = {**{key: bound.value for key, bound in known.items()}, **values}
    errors = [error.as_json() for error in forms.check(form, answers, at=at, actor=actor)]
    if len(attachments) > MAX_ATTACHMENTS:
        errors.append(_error(TOO_MANY))
    if errors:
        raise LetterInvalid(errors=errors)
    try:
        with work.unit(savepoint=bool(send_key)):
            entry = forms.create_entry(form=form, data=answers, bound=known, at=at)
            entry = forms.close_entry(entry_id=entry.pk, at=at)
            return _register(box, entry, attachments, send_key, writer=writer, actor=actor, at=at)
    except IntegrityError:
        if send_key:  # the other of two requests with one key was quicker
            _refuse_second(send_key)
        raise


def _register(
    box: Mailbox,
    entry: Any,
    attachments: Sequence[UploadedFile],
    send_key: str,
    *,
    writer: UUID | None,
    actor: Actor,
    at: datetime,
) -> Sent:
    answers = entry.data
    case = cases.open_case(
        actor=actor,
        kind="letter",
        title=LocalizedText(answers["title"]),
        subject=Ref("mailbox", box.pk),
        unit_id=box.office_id,
        parties=[cases.NewParty("writer", answers.get("name", ""), person_id=writer)],
        entry_id=entry.pk,
        at=at,
    )
    letter = Letter(
        case=case,
        mailbox=box,
        send_key=send_key or None,
        topic=answers["kind"],
        may_publish=answers.get("may_publish") is True,
        email=answers.get("email") or "",
    )
    work.add(letter)
    for upload in attachments:
        _attach(case, upload, actor=actor, at=at)
    submitter, holder = _submitter(case, writer, actor, at=at)
    case, code = cases.submit_case(
        actor=submitter,
        case_id=case.pk,
        definition_key=box.process,
        vars={
            "office": box.office_id,
            "writer": holder,
            "may_publish": letter.may_publish,
            "returns": 0,
            "reopened": 0,
        },
        at=at,
    )
    start_clock(case, letter, "assignment", "assignment", start_event="received", at=at)
    tell(case, letter, "letter.received", at=at)
    return Sent(case.pk, case.number or "", code)


def _submitter(case: Any, writer: UUID | None, actor: Actor, *, at: datetime) -> tuple[Actor, int]:
    """Return who submits, and the holder who will judge the answer: the person, or whoever has the query
    code.
    """
    if writer is not None:
        [holder] = cases.party_holders(case)
        return actor, holder
    holder = identity.new_code_holder(case.pk)
    cases.give_access(case=case, holder_id=holder, right="party", at=at)
    return Actor(holders=frozenset({holder}), channel=actor.channel), holder


def _attach(case: Any, upload: UploadedFile, *, actor: Actor, at: datetime) -> None:
    try:
        files.store_upload(actor=actor, upload=upload, use=case.ref, role="letter.attachment", at=at)
    except Invalid as refusal:
        named = LocalizedText(zh="{name}：{why}", en="{name}: {why}").format(
            name=upload.name, why=refusal.title
        )
        raise LetterInvalid(errors=[_error(named)]) from refusal


TOO_MANY = LocalizedText(zh=f"附件最多 {MAX_ATTACHMENTS} 个", en=f"At most {MAX_ATTACHMENTS} attachments")


def _refuse_second(send_key: str) -> None:
    known = Letter.objects.filter(send_key=send_key).values_list("case__number", flat=True).first()
    if known is not None:
        raise AlreadySent(number=known)


def _error(message: LocalizedText) -> dict[str, Any]:
    return {"field": "attachments", "message": message.as_json()}
