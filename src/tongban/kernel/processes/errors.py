"""What processes refuses. Whoever completes a task that another was quicker at is told who and when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from tongban.base.errors import Conflict, Forbidden, Invalid, NotFound
from tongban.base.text import LocalizedText
from tongban.base.time import LOCAL
from tongban.kernel.processes.graph import Problem
from tongban.kernel.processes.soundness import Fault

__all__ = [
    "DefinitionNotFound",
    "DefinitionRefused",
    "EntryRefused",
    "IncidentNotFound",
    "IncidentNotOpen",
    "InstanceEnded",
    "InstanceNotFound",
    "MigrationRefused",
    "MoveRefused",
    "NotSkippable",
    "OpinionRequired",
    "OutcomeNotAllowed",
    "ReasonRequired",
    "SameOfficer",
    "SignersOpen",
    "TaskCancelled",
    "TaskDone",
    "TaskNotFound",
    "TaskNotYours",
    "TaskTaken",
]

THE_PARTY = LocalizedText(zh="当事人", en="the party")


def _who(name: str) -> LocalizedText:
    return LocalizedText(name, name) if name else THE_PARTY


def _when(at: datetime) -> LocalizedText:
    local = at.astimezone(LOCAL)
    return LocalizedText(f"{local:%-m月%-d日 %H:%M}", f"{local:%d %b, %H:%M}")


def _by_node(problems: Iterable[Any]) -> tuple[LocalizedText, list[dict[str, Any]]]:
    """Return the problems of nodes in words, and as a list for programs."""
    rows = [{"node": p.node, "message": {"zh": p.text.zh, "en": p.text.en}} for p in problems]
    said = LocalizedText(
        zh="；".join(f"{row['node']} {row['message']['zh']}".strip() for row in rows),
        en="; ".join(f"{row['node']} {row['message']['en']}".strip() for row in rows),
    )
    return said, rows


class DefinitionNotFound(NotFound):
    """No process of that key is published."""

    code = "process-not-found"
    title = LocalizedText(zh="没有这个流程", en="There is no such process")


class DefinitionRefused(Invalid):
    """A definition cannot be published; ``data["problems"]`` lists element, id and reason of each fault.

    A process that is not sound has one problem more, with ``kind`` and the ``run`` that leads to it.
    """

    code = "process-refused"
    title = LocalizedText(zh="这个流程不能发布", en="This process cannot be published")

    def __init__(self, problems: Sequence[Problem], fault: Fault | None = None) -> None:
        self.problems = list(problems)
        self.fault = fault
        if fault is not None:
            self.problems.append(Problem(fault.type, fault.element, *fault.reason))
        zh = "；".join(f"{p.element}“{p.id}”：{p.zh}" for p in self.problems)
        en = "; ".join(f"{p.element} “{p.id}”: {p.en}" for p in self.problems)
        listed: list[dict[str, Any]] = [
            {"element": p.element, "id": p.id, "reason": {"zh": p.zh, "en": p.en}} for p in self.problems
        ]
        if fault is not None:
            listed[-1] |= {key: fault.as_json()[key] for key in ("kind", "run")}
        super().__init__(LocalizedText(zh, en), problems=listed)


class InstanceNotFound(NotFound):
    """There is no such process instance."""

    code = "instance-not-found"
    title = LocalizedText(zh="没有这个流程实例", en="There is no such process instance")


class InstanceEnded(Conflict):
    """The process has ended; nothing in it moves any more."""

    code = "instance-ended"
    title = LocalizedText(zh="流程已经结束", en="The process has ended")


class TaskNotFound(NotFound):
    """There is no such task."""

    code = "task-not-found"
    title = LocalizedText(zh="没有这个任务", en="There is no such task")


class TaskNotYours(Forbidden):
    """The task is held by somebody else than this actor in this post."""

    code = "task-not-yours"
    title = LocalizedText(zh="这一步不由您办理", en="This step is not yours to do")


class TaskTaken(Conflict):
    """Another person has claimed the task. ``data["by"]`` is the official's name, empty for a party."""

    code = "task-taken"
    title = LocalizedText(zh="这一步已经有人在办", en="Somebody else is doing this step")

    def __init__(self, *, by: str, at: datetime) -> None:
        words = LocalizedText(zh="这一步已由{who}在{when}认领", en="{who} took this step at {when}").format(
            who=_who(by), when=_when(at)
        )
        super().__init__(words, by=by, at=at.isoformat())


class TaskDone(Conflict):
    """The task is done. ``data["by"]`` is the official's name, empty for a party or the system."""

    code = "task-done"
    title = LocalizedText(zh="这一步已经办完了", en="This step is already done")

    def __init__(self, *, by: str, at: datetime) -> None:
        words = LocalizedText(
            zh="这一步已由{who}在{when}办完，您填的内容没有提交",
            en="{who} did this step at {when}; yours was not submitted",
        ).format(who=_who(by), when=_when(at))
        super().__init__(words, by=by, at=at.isoformat())


class TaskCancelled(Conflict):
    """The task is gone: its time limit passed, or the process went another way."""

    code = "task-cancelled"
    title = LocalizedText(zh="这一步已经不用办了", en="This step is no longer needed")


class SameOfficer(Forbidden):
    """Two steps must be done by two people, and this actor did the other one."""

    code = "same-officer"
    title = LocalizedText(
        zh="前一步是您办的，这一步要由另一名工作人员办理",
        en="You did the other step; this one needs another officer",
    )


class OutcomeNotAllowed(Invalid):
    """The task has no such outcome, or its condition does not hold now."""

    code = "outcome-not-allowed"
    title = LocalizedText(zh="这一步现在不能选这个结果", en="This step cannot end in this way now")


class OpinionRequired(Invalid):
    """This outcome must be explained in words."""

    code = "opinion-required"
    title = LocalizedText(zh="请写明意见或理由", en="Please write your opinion or reason")

    def __init__(self) -> None:
        super().__init__(errors=[{"field": "opinion", "message": self.title.as_json()}])


class ReasonRequired(Invalid):
    """Retrying, skipping and terminating are explained."""

    code = "reason-required"
    title = LocalizedText(zh="请写明理由", en="Please give a reason")

    def __init__(self) -> None:
        super().__init__(errors=[{"field": "reason", "message": self.title.as_json()}])


class IncidentNotOpen(Conflict):
    """The job has no open incident: it works, or somebody has dealt with it."""

    code = "incident-not-open"
    title = LocalizedText(zh="这个故障已经处理过了", en="This incident has been dealt with")


class IncidentNotFound(NotFound):
    """No such incident."""

    code = "incident-not-found"
    title = LocalizedText(zh="没有这个异常", en="No such incident")


class NotSkippable(Conflict):
    """Only an operation can be skipped, and not one that says why nobody may; ``detail`` has the reason."""

    code = "not-skippable"
    title = LocalizedText(
        zh="这一步不能跳过，请先改正数据再重试",
        en="This step cannot be skipped; put the data right and retry",
    )


class MoveRefused(Conflict):
    """A move (return, withdraw, ...) is not allowed now. ``data["move"]`` names it, ``data["why"]`` is the key of the reason."""

    code = "move-refused"
    title = LocalizedText(zh="现在不能这样流转", en="This move is not allowed now")


class SignersOpen(Conflict):
    """Signers who were asked before or beside have not answered; ``data["who"]`` names them."""

    code = "signers-open"
    title = LocalizedText(
        zh="请来加签的同事还没有签", en="A colleague who was asked to sign has not answered"
    )

    def __init__(self, who: str) -> None:
        super().__init__(
            LocalizedText(zh="还在等 {who} 的意见", en="Waiting for the opinion of {who}").format(who=who),
            who=who,
        )


class MigrationRefused(Conflict):
    """The instance cannot go over to the other version. ``data["problems"]`` says why, by node."""

    code = "migration-refused"
    title = LocalizedText(zh="搬不到这个版本", en="It cannot be moved to this version")

    def __init__(self, problems: Iterable[Any]) -> None:
        said, rows = _by_node(problems)
        super().__init__(said, problems=rows)


class EntryRefused(Conflict):
    """What was begun in another system cannot go on at these steps. ``data["problems"]`` says why, by node."""

    code = "entry-refused"
    title = LocalizedText(zh="不能从这一步接着办", en="It cannot go on from this step")

    def __init__(self, problems: Iterable[Any]) -> None:
        said, rows = _by_node(problems)
        super().__init__(said, problems=rows)
