"""What may be done with a step now beside completing it, and why not. Decided from what is already loaded: no query, no clock.

The case page asks this to show exactly the moves that are allowed; the operations ask it again under their locks. So the page
and the door cannot disagree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Protocol
from uuid import UUID

from tongban.base.actor import Actor
from tongban.base.text import LocalizedText as T
from tongban.base.time import LOCAL
from tongban.kernel.processes.engine import State
from tongban.kernel.processes.graph import Graph, Kind, Node
from tongban.kernel.processes.moves import (
    deep,
    earlier_steps,
    nodes_behind,
    place_in,
    place_of,
    return_to,
    words_of,
)
from tongban.kernel.processes.structure import HOLDER
from tongban.kernel.processes.trail import Trail
from tongban.kernel.processes.variables import Variables, at_path

__all__ = ["URGE_EVERY", "WHY", "Situation", "Step", "WhyNot", "doers_of", "why_not"]

URGE_EVERY = timedelta(hours=24)
"""One step is urged no more often than this, by whomever."""

WHY: Mapping[str, T] = {
    "forbidden": T(zh="这个流程在这一步不允许这样做", en="The process does not allow this at this step"),
    "ended": T(zh="流程已经结束", en="The process has ended"),
    "not-yours": T(zh="这一步不由您办理", en="This step is not yours"),
    "not-open": T(zh="这一步已经办完或者不用办了", en="This step is done or no longer needed"),
    "taken": T(zh="{who} 已经领取了这一步", en="{who} has taken this step"),
    "signer": T(
        zh="加签的步骤只能写意见，不能再流转",
        en="An added signer gives an opinion; the step itself is not theirs",
    ),
    "held": T(zh="先要等 {who} 签完", en="{who} has to sign first"),
    "no-earlier-step": T(zh="前面没有可以退回的步骤", en="There is no earlier step to send it back to"),
    "legal-act": T(
        zh="前面的步骤之后已经办理“{act}”，对外有了效力，不能退到它之前",
        en="“{act}” has been done since: it has effect outside and cannot be undone",
    ),
    "not-done-by-you": T(zh="这一步不是您办的", en="You did not do this step"),
    "moved-on": T(zh="后面的步骤已经有人办了", en="Somebody has acted on what came after"),
    "next-began": T(zh="{who} 已经接着办了", en="{who} has begun the next step"),
    "changed": T(zh="之后别的步骤已经用到了这一步的内容", en="Other steps have built on it since"),
    "sent-out": T(
        zh="办完这一步以后已经发出文书（{paper}），不能撤回",
        en="A paper has gone out since ({paper}); it cannot be withdrawn",
    ),
    "nobody": T(zh="没有别的同事可以接手", en="There is no other colleague who could take it"),
    "not-qualified": T(
        zh="{who} 的岗位没有办这一步的职责", en="The post of {who} does not have the duty for this step"
    ),
    "same-officer": T(
        zh="{who} 办了另一步，这两步要由两个人办", en="{who} did the other step; the two need two people"
    ),
    "yourself": T(zh="不能选自己", en="It cannot be yourself"),
    "asked-already": T(
        zh="已经请 {who} 加签，还没有签", en="{who} has been asked already and has not signed"
    ),
    "party": T(zh="这一步由当事人办", en="This step is the party's"),
    "own-step": T(zh="这一步在您自己手上", en="The step is in your own hands"),
    "too-soon": T(
        zh="{at} 已经催过，24 小时内只催一次", en="It was urged at {at}; once in 24 hours is enough"
    ),
    "final": T(zh="已经办结，不用再办", en="The case has ended"),
}
"""Why a move is refused, by key; the keys stand in ``docs/reference/moves.md``."""


@dataclass(frozen=True, slots=True)
class WhyNot:
    """A reason with its key."""

    key: str
    text: T


def why_not(key: str, **words: Any) -> WhyNot:
    """Return a reason in words."""
    return WhyNot(key, WHY[key].format(**words) if words else WHY[key])


class Step(Protocol):
    """A task, as a row or as a view."""

    @property
    def id(self) -> int: ...
    @property
    def node(self) -> str: ...
    @property
    def name(self) -> T: ...
    @property
    def token(self) -> int: ...
    @property
    def within(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def main_id(self) -> int | None: ...
    @property
    def state(self) -> str: ...
    @property
    def holder_id(self) -> int: ...
    @property
    def waits_for(self) -> str: ...
    @property
    def separate_from(self) -> str: ...
    @property
    def claimed_by(self) -> UUID | None: ...
    @property
    def claimed_name(self) -> str: ...
    @property
    def completed_by(self) -> UUID | None: ...
    @property
    def completed_name(self) -> str: ...
    @property
    def asked_by(self) -> UUID | None: ...
    @property
    def is_void(self) -> bool: ...
    @property
    def urged_at(self) -> datetime | None: ...


@dataclass(frozen=True)
class Situation:
    """One instance with all its tasks, oldest first."""

    graph: Graph
    state: State
    trail: Trail
    values: Mapping[str, Any]
    elements: Mapping[str, Any]
    is_active: bool
    tasks: Sequence[Step]

    # what the others ask

    def node(self, step: Step) -> Node:
        """Return the node of a step."""
        return self.graph.nodes[step.node]

    def is_partys(self, step: Step) -> bool:
        """True when the process gives this step to a party."""
        return self.node(step).holder.startswith("party:")

    def seen(self, step: Step) -> Mapping[str, Any]:
        """Return the variables as a step sees them: inside a repeated activity also those of its element."""
        if not self.elements or step.token not in self.state.tokens:
            return self.values
        variables = Variables(dict(self.values), dict(self.elements))
        return variables.seen(self.state.within(step.token))

    def needed(self, step: Step) -> tuple[str, int] | None:
        """Return the duty that a step needs and the unit in which, when the process gives it to a duty."""
        match = HOLDER.match(self.node(step).holder)
        if match is None or not match["duty"]:
            return None
        value = at_path(self.seen(step), match["unit"])
        return (match["duty"], value) if isinstance(value, int) else None

    def signers(self, step: Step, *roles: str) -> list[Step]:
        """Return the signers of a step who have not answered."""
        return [
            each
            for each in self.tasks
            if each.main_id == step.id
            and each.state in ("open", "planned")
            and (not roles or each.role in roles)
        ]

    def last_done(self, key: str, step: Step) -> Step | None:
        """Return the task in which the node ``key`` around ``step`` was last done, if that still counts."""
        lies_in = self._place(step, key)
        done = [t for t in self.tasks if t.node == key and self._counts(t) and t.within.startswith(lies_in)]
        return done[-1] if done else None

    @staticmethod
    def _counts(task: Step) -> bool:
        return task.role == "main" and task.state == "done" and not task.is_void

    def _place(self, step: Step, target: str) -> str:
        """Return in which elements a target around ``step`` lies."""
        return place_in(self.state.within(place_of(self.state, self.graph, step.token, target)))

    def behind(self, done: Step, step: Step) -> set[str]:
        """Return the nodes of the step ``done`` and of everything that comes after it, up to ``step``."""
        here = self.state.tokens[place_of(self.state, self.graph, step.token, done.node)].node
        return deep(self.graph, {done.node, *nodes_behind(self.graph, done.node, here)})

    @cached_property
    def service_nodes(self) -> list[Node]:
        """The operations of the process."""
        return self.graph.of_kind(Kind.SERVICE)

    # whose turn it is

    def turn(self, actor: Actor, step: Step) -> WhyNot | None:
        """Why this actor may not act on this open step now."""
        if step.holder_id not in actor.holders:
            return why_not("not-yours")
        if not self.is_active:
            return why_not("ended")
        if step.state != "open":
            return why_not("not-open")
        if step.claimed_by is not None and step.claimed_by not in actor.persons:
            return why_not("taken", who=step.claimed_name)
        if self.is_others(actor, step):
            return why_not("same-officer", who=actor.name)
        return None

    def is_others(self, actor: Actor, step: Step) -> bool:
        """True when this step must be another officer's, because the actor did the first of the two."""
        people = {str(person) for person in actor.persons}
        return bool(step.separate_from) and not doers_of(self.seen(step), step.separate_from).isdisjoint(
            people
        )

    def first_officers(self, step: Step) -> frozenset[UUID]:
        """Return who did the other of two steps that need two people: none of them may do this one."""
        done = doers_of(self.seen(step), step.separate_from) if step.separate_from else ()
        return frozenset(map(UUID, done))

    def _main_turn(self, actor: Actor, step: Step, move: str) -> WhyNot | None:
        """The same for moves of the step itself, which a signer does not have."""
        reason = self.turn(actor, step)
        if reason is None and not actor.is_official:
            return why_not("not-yours")
        if reason is None and step.role != "main":
            return why_not("signer")
        if reason is None and move not in words_of(self.graph, self.node(step)):
            return why_not("forbidden")
        if reason is None and step.waits_for == "before":
            return why_not("held", who=_names(self.signers(step, "before")))
        return reason

    # the moves

    def may_return(self, actor: Actor, step: Step) -> tuple[list[Step], WhyNot | None]:
        """Return the done steps to which this one may be sent back, the latest first; or none and why."""
        reason = self._main_turn(actor, step, "return")
        if reason is not None:
            return [], reason
        judged = [self._target(step, key) for key in earlier_steps(self.graph, self.state, step.token)]
        choices = [done for done, why in judged if done is not None and why is None]
        if choices:
            return sorted(choices, key=lambda task: task.id, reverse=True), None
        return [], next((why for _, why in judged if why is not None), why_not("no-earlier-step"))

    def may_return_to(self, actor: Actor, step: Step, key: str) -> tuple[Step | None, WhyNot | None]:
        """Return the done step at the node ``key`` to which this one may be sent back, or why not."""
        reason = self._main_turn(actor, step, "return")
        if reason is not None:
            return None, reason
        is_earlier = key in earlier_steps(self.graph, self.state, step.token)
        done, why = self._target(step, key) if is_earlier else (None, None)
        return (done, None) if done is not None and why is None else (None, why or why_not("no-earlier-step"))

    def _target(self, step: Step, key: str) -> tuple[Step | None, WhyNot | None]:
        """Return the done step at an earlier node, and the operation that bars the way to it."""
        done = self.last_done(key, step)
        if done is None or self.is_partys(done):
            return None, None
        act = self.act_between(done, step)
        return done, why_not("legal-act", act=T(*act.label)) if act else None

    def consequences(self, done: Step, step: Step) -> tuple[list[Step], list[Step]]:
        """Return what sending ``step`` back to ``done`` would cancel, and the done steps that would count no longer."""
        after, _ = return_to(self.graph, self.state, step.token, done.node, done.token)
        behind, lies_in = self.behind(done, step), self._place(step, done.node)
        cancelled = [t for t in self.tasks if t.state in ("open", "planned") and t.token not in after.tokens]
        undone = [
            t
            for t in self.tasks
            if t.node in behind and t.token >= done.token and self._counts(t) and t.within.startswith(lies_in)
        ]
        return cancelled, undone

    def act_between(self, done: Step, step: Step) -> Node | None:
        """Return an operation that was passed behind ``done`` since it was opened: what has effect outside stays done."""
        behind = self.behind(done, step) - {done.node}
        for node in self.service_nodes:
            if node.id in behind and self.trail.passed_at(self.graph, self.state, node.id) >= done.token:
                return node
        return None

    def may_withdraw(self, actor: Actor, step: Step) -> WhyNot | None:
        """Why a done step cannot be taken back by this actor."""
        if step.completed_by is None or step.completed_by not in actor.persons or not actor.is_official:
            return why_not("not-done-by-you")
        if not self.is_active:
            return why_not("ended")
        if step.state != "done" or step.is_void or step.role != "main":
            return why_not("not-open")
        if "withdraw" not in words_of(self.graph, self.node(step)):
            return why_not("forbidden")
        if step.token in self.state.tokens:
            answered = [
                t for t in self.tasks if t.main_id == step.id and t.role == "after" and t.state == "done"
            ]
            return why_not("next-began", who=answered[0].completed_name) if answered else None
        passed = self.trail.steps.get(step.id)
        if passed is None:
            act = next((n for n in self._acts_behind(step)), None)
            return why_not("legal-act", act=T(*act.label)) if act else why_not("moved-on")
        for task in self.tasks:
            if task.token in passed.undo.new and task.state == "open":
                if task.role != "main":
                    return why_not("next-began", who=task.completed_name or task.claimed_name)
                if task.claimed_by is not None:
                    return why_not("next-began", who=task.claimed_name)
        return None if passed.values.are_untouched(self.values, self.elements) else why_not("changed")

    def _acts_behind(self, step: Step) -> list[Node]:
        after = deep(self.graph, nodes_behind(self.graph, step.node, ""))
        at, under_way = self.trail.passed_at, {token.node for token in self.state.tokens.values()}
        return [
            node
            for node in self.service_nodes
            if node.id in after
            and (node.id in under_way or at(self.graph, self.state, node.id) >= step.token)
        ]

    def may_sign(self, actor: Actor, step: Step) -> WhyNot | None:
        """Why no signer can be added to this step."""
        return self._main_turn(actor, step, "sign")

    def may_transfer(self, actor: Actor, step: Step) -> WhyNot | None:
        """Why this step cannot be given to a colleague."""
        if step.role != "main":
            return self.turn(actor, step) or why_not("signer")
        return self._main_turn(actor, step, "transfer")

    def may_urge(self, actor: Actor, step: Step, at: datetime) -> WhyNot | None:
        """Why the holder of this step cannot be urged now. That the actor handles the case is the owner's question."""
        if not self.is_active:
            return why_not("ended")
        if step.state != "open":
            return why_not("not-open")
        if "urge" not in words_of(self.graph, self.node(step)):
            return why_not("forbidden")
        if self.is_partys(step):
            return why_not("party")
        is_free = step.claimed_by is None or step.claimed_by in actor.persons
        if step.holder_id in actor.holders and is_free and not self.is_others(actor, step):
            return why_not("own-step")
        if step.urged_at is not None and at < step.urged_at + URGE_EVERY:
            return why_not("too-soon", at=_moment(step.urged_at))
        return None


def doers_of(values: Mapping[str, Any], node: str) -> frozenset[str]:
    """Return who did a step, and on whose behalf: neither may do one that must be another officer's."""
    found: set[str] = set()
    for name in ("by", "behalf"):
        people = values.get(name, {}).get(node)
        found |= set(people) if isinstance(people, list) else {people}
    return frozenset(person for person in found if person)


def _names(steps: Sequence[Step]) -> str:
    return "、".join(step.claimed_name for step in steps)


def _moment(at: datetime) -> T:
    local = at.astimezone(LOCAL)
    return T(f"{local:%-m月%-d日 %H:%M}", f"{local:%d %b, %H:%M}")
