"""The process diagram of a case for the viewer: the file, the marks, and in words who did which step."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tongban.base.actor import Actor
from tongban.design.templatetags.design import moment
from tongban.kernel.cases.errors import CaseNotFound
from tongban.kernel.cases.policies import may_see_inside
from tongban.kernel.cases.queries.case import get_case
from tongban.kernel.identity import service as identity
from tongban.kernel.processes import service as processes

__all__ = ["case_diagram"]


def case_diagram(actor: Actor, number: str) -> dict[str, Any]:
    """Return what the viewer shows, in the language of the request. Raises CaseNotFound.

    ``xml`` is the BPMN file; ``nodes`` says done, current or cut by id, ``times`` how often (more than once), ``taken`` the
    flows; ``steps`` are lines by node id, the newest first. A party is never named in them.
    """
    case = get_case(actor, number)
    if case.instance_id is None or not may_see_inside(actor, case):
        raise CaseNotFound
    diagram = processes.diagram(case.instance_id, get_language() or "zh")
    tasks = processes.tasks_of(case.instance_id)
    holders = identity.holder_names(task.holder_id for task in tasks if task.state == "open")
    steps: dict[str, list[str]] = {}
    for task in sorted(tasks, key=lambda task: (task.opened_at, task.id), reverse=True):
        steps.setdefault(task.node, []).append(_line(task, str(holders.get(task.holder_id, ""))))
    marks = diagram.marks
    return {
        "xml": diagram.xml,
        "nodes": marks.nodes,
        "times": marks.times,
        "taken": marks.taken,
        "steps": steps,
    }


def _line(task: processes.TaskView, holder: str) -> str:
    """Say in one line what became of a task."""
    if task.state == "done":
        who = task.completed_name or _("申请人")
        return _("%(who)s %(at)s：%(outcome)s") % {
            "who": who,
            "at": moment(task.completed_at),
            "outcome": task.outcome_label,
        }
    if task.state == "cancelled":
        return _("%(at)s 开始，没有办完就停了") % {"at": moment(task.opened_at)}
    who = task.claimed_name or holder or _("申请人")
    return _("正在办：%(who)s，%(at)s 开始") % {"who": who, "at": moment(task.opened_at)}
