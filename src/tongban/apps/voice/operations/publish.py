"""Publishing an answered letter, and taking it off the public page again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from tongban.apps.voice import events, rules, words
from tongban.apps.voice.errors import PersonalDataLeft
from tongban.apps.voice.models import Answer
from tongban.base import outbox, work
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.cases import service as cases
from tongban.kernel.ledger import service as ledger
from tongban.kernel.search import service as search

__all__ = ["PublicDraft", "draft_of", "publish_answer", "unpublish"]

LEAVE = {"title": (), "body": (), "answer": ("landline",)}
"""What is no secret, by text: an office may give its telephone in the answer."""


@dataclass(frozen=True, slots=True)
class PublicDraft:
    """What would be published, masked by the machine; ``masked`` says how many places were."""

    title: str
    body: str
    answer: str
    masked: int

    def as_data(self) -> dict[str, str]:
        """Return the answers of the publishing form."""
        return {"title": self.title, "body": self.body, "answer": self.answer}


def draft_of(case: Any, answer: str) -> PublicDraft:
    """Return letter and answer with everything personal masked that the rules find."""
    names = _names(case)
    original = {"title": case.title.zh, "body": case.entry.data.get("body", ""), "answer": answer}
    count = sum(len(rules.find_personal(t, names=names, leave=LEAVE[k])) for k, t in original.items())
    masked = {k: rules.mask_personal(t, names=names, leave=LEAVE[k]) for k, t in original.items()}
    return PublicDraft(**masked, masked=count)


def publish_answer(*, case: Any, answer: Answer, data: Mapping[str, Any], actor: Actor, at: datetime) -> None:
    """Publish title, letter and answer as the office edited them; what it left out is taken masked.

    Runs inside the caller's transaction, with the case locked. Raises PersonalDataLeft with the places: what
    is published cannot be called back.
    """
    texts = {**draft_of(case, answer.text).as_data(), **{k: v for k, v in data.items() if k in LEAVE and v}}
    _refuse_personal(texts, _names(case))
    answer.public_title, answer.public_question, answer.public_answer = (
        texts["title"], texts["body"], texts["answer"],
    )  # fmt: skip
    answer.published_at = at
    work.change(answer, "public_title", "public_question", "public_answer", "published_at")
    search.index(
        ref=Ref("letter", case.number),
        title=LocalizedText(texts["title"]),
        body=LocalizedText(f"{texts['body']}\n{texts['answer']}"),
        keywords=[words.TOPICS[answer.letter.topic].zh, answer.unit.name.zh],
        url=reverse("voice:letter", args=[case.number]),
        kind_label=words.ANSWERED_LETTER,
        at=at,
    )
    ledger.record(
        actor=actor,
        verb="voice.publish",
        subject=case.ref,
        case=str(case.ref),
        payload=texts,
        facts={"round": answer.round},
        at=at,
    )
    outbox.announce(events.PUBLISHED, case.ref, at=at, answer=str(answer.pk))


def unpublish(*, actor: Actor, case_id: Any, data: Mapping[str, Any], at: datetime) -> None:
    """Take a letter off the public page (a name was overlooked). The case keeps everything; the reason is in
    the ledger.
    """
    case = cases.locked_case(Ref.to("case", case_id))
    Answer.objects.filter(letter_id=case.pk).update(published_at=None)
    search.unindex(Ref("letter", str(case.number)))
    ledger.record(
        actor=actor,
        verb="voice.unpublish",
        subject=case.ref,
        case=str(case.ref),
        reason=str(data.get("reason", "")),
        at=at,
    )


def _names(case: Any) -> list[str]:
    """Return the names that belong to this matter: parties as registered and as written in the letter."""
    names = {party.name for party in case.parties.all()} | {case.applicant_name}
    if case.entry is not None:
        names.add(str(case.entry.data.get("name") or ""))
    return [name for name in names if name]


def _refuse_personal(texts: Mapping[str, str], names: list[str]) -> None:
    errors = []
    for field, text in texts.items():
        found = rules.find_personal(text, names=names, leave=LEAVE[field])
        if found:
            places = LocalizedText(
                zh="、".join(f"{words.PERSONAL[f.kind].zh}“{f.masked}”" for f in found),
                en=", ".join(f"{words.PERSONAL[f.kind].en} “{f.masked}”" for f in found),
            )
            message = LocalizedText(
                zh="还有个人信息没有隐去：{places}。改好再公开",
                en="Not masked yet: {places}. Mask it before publishing",
            ).format(places=places)
            errors.append({"field": field, "message": message.as_json()})
    if errors:
        raise PersonalDataLeft(errors=errors)
