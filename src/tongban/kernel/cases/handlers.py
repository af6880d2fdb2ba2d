"""What happens after the commit of a move: who is concerned gets a message."""

from __future__ import annotations

from uuid import UUID

from tongban.base.models import Event
from tongban.base.text import LocalizedText
from tongban.kernel.cases.models import Case
from tongban.kernel.cases.operations import stand_in
from tongban.kernel.messages import service as messages

__all__ = ["WORDS", "tell_of_move"]

BODY = LocalizedText(
    zh="{number} {title}\n{step}\n{by}：{reason}", en="{number} {title}\n{step}\n{by}: {reason}"
)
WORDS = {
    "return": LocalizedText(zh="退回给您：{title}", en="Sent back to you: {title}"),
    "cancelled": LocalizedText(
        zh="不用办了：{title}（已退回前面的步骤）", en="No longer needed: {title} (sent back)"
    ),
    "transfer": LocalizedText(zh="转给您办：{title}", en="Passed to you: {title}"),
    "sign": LocalizedText(zh="请您加签：{title}", en="Your opinion is asked: {title}"),
    "urge": LocalizedText(zh="催办：{title}", en="Please hurry: {title}"),
    "circulate": LocalizedText(zh="传阅：{title}", en="For your information: {title}"),
    "hand_over": LocalizedText(zh="交接给您：{title}", en="Handed over to you: {title}"),
}
"""The subject of the message by the kind of move; content (``put_template``) may replace it under ``moves.<kind>``."""


def register_words() -> None:
    """Give the module's own words for the messages."""
    for move, subject in WORDS.items():
        messages.register_words(f"moves.{move}", subject=subject, body=BODY)
    messages.register_words("moves.delegate", subject=stand_in.WORDS[0], body=stand_in.WORDS[1])


def tell_of_move(event: Event) -> None:
    """Send the message of a move to everybody it names."""
    case = Case.objects.get(pk=UUID(event.subject_id))
    context = {
        "number": case.number,
        "title": case.title,
        "by": event.data["by"],
        "step": LocalizedText.of(event.data["step"]),
        "reason": event.data["reason"],
    }
    for person in event.data["people"]:
        messages.send(
            to_person=UUID(person),
            template=f"moves.{event.data['move']}",
            context=context,
            occasion=case.ref,
            link=f"/desk/cases/{case.number}/{'?copied=1' if event.data['move'] == 'circulate' else ''}",
            at=event.created_at,
        )
