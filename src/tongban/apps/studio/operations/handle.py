"""What the steps of the process of a change mean. Each runs in the transaction of the move."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from tongban.apps.studio.errors import BaseMoved, DraftFaulty, OwnChange
from tongban.apps.studio.models import Change, Draft
from tongban.apps.studio.operations.tell import tell_editors, tell_reviewers
from tongban.apps.studio.rules import differences
from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.editables import editable
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.base.time import LOCAL, local_date
from tongban.kernel.cases import service as cases
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes

__all__ = ["ORDER", "approve_change", "publish_change", "send_back_change", "submit_change"]

ORDER = ("message", "table", "form", "paper", "certificate", "process", "item")
"""What is named is published before what names it."""
TOLD = 60
"""So many differences stand in the act; its digest covers both contents as a whole."""
NOBODY_ELSE = LocalizedText(
    zh="没有发布就往下走，这项修改会显示已发布而其实没有",
    en="the change would seem published and would not be",
)


@processes.operation("studio.submit", pure_db=True)
def submit_change(context: processes.OperationContext) -> dict[str, Any]:
    """Let nothing faulty go to review. What counts is what the check said when each draft was saved. Raises DraftFaulty."""
    change = _change(context)
    errors = [
        {"field": f"{draft.kind}:{draft.key}:{fault['path']}", "message": fault["message"]}
        for draft in change.drafts.all()
        for fault in draft.faults
        if fault["level"] == "error"
    ]
    if errors:
        raise DraftFaulty(errors=errors)
    tell_reviewers(change=change, case=cases.locked_case(context.owner), at=context.at)
    return {"reviewing": change.reviewing_id}


@processes.operation("studio.send_back", pure_db=True)
def send_back_change(context: processes.OperationContext) -> None:
    """Tell whoever edited that it came back, and why."""
    change = _change(context)
    tell_editors(
        change=change, case=cases.locked_case(context.owner), template="studio.returned", at=context.at
    )


@processes.operation("studio.approve", pure_db=True)
def approve_change(context: processes.OperationContext) -> dict[str, Any]:
    """Take the approval of somebody who did not edit; say when it is to be published. Raises OwnChange."""
    change = _change(context)
    if str(context.actor.person_id) in change.editors:
        raise OwnChange
    if change.publish_on is None or change.publish_on <= local_date(context.at):
        return {"later": False}
    moment = datetime.combine(change.publish_on, time.min, LOCAL)
    return {"later": True, "hour_before": (moment - timedelta(hours=1)).isoformat()}


@processes.operation("studio.publish", pure_db=True, not_skippable=NOBODY_ELSE)
def publish_change(context: processes.OperationContext) -> None:
    """Publish every draft, all or none, each with an act that names the difference.

    Raises BaseMoved and what the kinds refuse.
    """
    change = _change(context)
    case = cases.locked_case(context.owner)
    drafts = sorted(
        change.drafts.all(), key=lambda draft: ORDER.index(draft.kind) if draft.kind in ORDER else 99
    )
    for draft in drafts:
        _publish(draft, case, context)
    change.published_at = context.at
    work.change(change, "published_at")
    tell_editors(change=change, case=case, template="studio.published", at=context.at)


def _publish(draft: Draft, case: Any, context: processes.OperationContext) -> None:
    entry = editable(draft.kind)
    versions = entry.versions(draft.key)
    newest = versions[0].version if versions else 0
    if newest != draft.base_version:
        raise BaseMoved(kind=draft.kind, key=draft.key, base=draft.base_version, newest=newest)
    before = entry.load(draft.key) if versions else {}
    # The approval is on record; what publishes is the machine that carries it out, whoever's duty the kind asks for.
    version = entry.publish(
        content=draft.content, actor=Actor.system("studio"), at=context.at, valid_from=local_date(context.at)
    )
    draft.published_version, draft.is_open = version, False
    work.change(draft, "published_version", "is_open")
    found = differences(before, draft.content)
    ledger.record(
        actor=context.actor,
        verb="studio.publish",
        subject=Ref(draft.kind, draft.key),
        case=str(case.ref),
        payload={"before": before, "after": draft.content},
        facts={
            "name": {
                "zh": f"{entry.label.zh} {draft.key}",
                "en": f"{entry.label.in_language('en')} {draft.key}",
            },
            "version": version,
            "differences": [f"{each.what} {each.path}" for each in found[:TOLD]],
            "more": max(0, len(found) - TOLD),
        },
        at=context.at,
    )


def _change(context: processes.OperationContext) -> Change:
    case = cases.locked_case(context.owner)
    return work.hold(Change, case.pk, lambda: Change.objects.select_for_update().get(pk=case.pk))
