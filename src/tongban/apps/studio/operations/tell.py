"""Telling people of a change: who reviews that it waits, who edited that it came back or was published."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from tongban.apps.studio.models import Change
from tongban.apps.studio.policies import REVIEW
from tongban.base.text import LocalizedText
from tongban.kernel.identity import service as identity
from tongban.kernel.messages import service as messages
from tongban.kernel.processes import service as processes

__all__ = ["WORDS", "tell_editors", "tell_reviewers"]

BODY = LocalizedText("{number}　{by}：{reason}", "{number}, {by}: {reason}")
WORDS = {
    "studio.waits": (LocalizedText("待您审核：{title}", "Waits for your review: {title}"), BODY),
    "studio.returned": (LocalizedText("审核退回：{title}", "Sent back: {title}"), BODY),
    "studio.published": (
        LocalizedText("已发布：{title}", "Published: {title}"),
        LocalizedText(
            "{number}　已经发布，新的办件从现在起用新的内容。",
            "{number} is published; new cases use it from now on.",
        ),
    ),
}
NOTHING_SAID = LocalizedText("没有写说明", "nothing was written")


def tell_reviewers(*, change: Change, case: Any, at: datetime) -> None:
    """Tell everybody in the reviewing unit who may approve it: nobody who edited it."""
    people = identity.people_with_duty(change.reviewing_id, REVIEW, at)
    _send("studio.waits", [each for each in people if str(each) not in change.editors], case=case, at=at)


def tell_editors(*, change: Change, case: Any, template: str, at: datetime) -> None:
    """Tell everybody who edited it what became of it."""
    _send(template, [UUID(each) for each in change.editors], case=case, at=at)


def _send(template: str, people: Iterable[UUID], *, case: Any, at: datetime) -> None:
    done = (
        [task for task in processes.tasks_of(case.instance_id) if task.state == "done"]
        if case.instance_id
        else []
    )
    last = done[-1] if done else None
    context = {
        "number": case.number,
        "title": case.title,
        "by": last.completed_name if last else "",
        "reason": (last.opinion if last else "") or NOTHING_SAID,
    }
    for person in people:
        messages.send(
            to_person=person,
            template=template,
            context=context,
            occasion=case.ref,
            link=f"/desk/studio/changes/{case.number}/",
            at=at,
        )
