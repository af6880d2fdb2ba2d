"""What the engine works on: tokens and states, what it asks (``Choose``) and what it tells (effects)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from typing import Any, NamedTuple, Protocol

from tongban.kernel.processes.graph import Flow, Node

__all__ = [
    "Arrived",
    "Cancelled",
    "Choose",
    "Effect",
    "Element",
    "Ended",
    "Gathered",
    "NoSuchToken",
    "NoWay",
    "State",
    "Stuck",
    "Token",
    "Within",
    "by_conditions",
    "inside",
    "within",
]


class Element(NamedTuple):
    """One element of a repeated activity: the token that hosts the repetition, and which in the list."""

    host: int
    position: int


Within = tuple[Element, ...]
"""The elements that a place lies in, outermost first; empty where nothing is repeated."""


@dataclass(frozen=True, slots=True)
class Token:
    """Where a token rests, and by which flow it came.

    ``scope`` is the number of its host: the token that rests at the sub-process (or at the repeated activity)
    in which this one lives; 0 at the top. ``index`` says which element of a repeated activity it stands for,
    -1 for all other tokens. The host of a repeated activity counts: ``of`` elements (-1: not yet begun), so many
    ``done``, so many ``counted``. ``fired`` are the boundary timers that fired without interrupting.
    """

    node: str
    via: str = ""
    scope: int = 0
    index: int = -1
    of: int = -1
    done: int = 0
    counted: int = 0
    fired: tuple[str, ...] = ()

    def as_json(self) -> list[Any]:
        """Return the stored form: the values in order, without the usual ones at the end."""
        values = list(astuple(self))
        while len(values) > 2 and values[-1] == _USUAL[len(values) - 1]:
            values.pop()
        return values

    @classmethod
    def of_json(cls, values: Sequence[Any]) -> Token:
        """Read the stored form, that of earlier versions (node and flow only) too."""
        return cls(*values[:7], *(tuple(names) for names in values[7:]))


_USUAL = astuple(Token(""))


@dataclass(frozen=True, slots=True)
class State:
    """What an instance remembers: its tokens, the last number given, and how often each flow was taken."""

    tokens: Mapping[int, Token] = field(default_factory=dict)
    taken: Mapping[str, int] = field(default_factory=dict)
    last: int = 0

    @property
    def is_ended(self) -> bool:
        return not self.tokens

    def within(self, token: int) -> Within:
        """Return the elements of repeated activities that a token belongs to, outermost first."""
        return within(self.tokens, token)

    def as_json(self) -> dict[str, Any]:
        """Return the stored form."""
        return {
            "tokens": {str(number): token.as_json() for number, token in self.tokens.items()},
            "taken": dict(self.taken),
            "last": self.last,
        }

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> State:
        """Read the stored form."""
        tokens = {int(number): Token.of_json(token) for number, token in data.get("tokens", {}).items()}
        return cls(dict(sorted(tokens.items())), dict(data.get("taken", {})), data.get("last", 0))


def within(tokens: Mapping[int, Token], number: int) -> Within:
    """Return the elements that the token ``number`` belongs to (0: the top), outermost first."""
    elements: list[Element] = []
    while number:
        token = tokens[number]
        if token.index >= 0:
            elements.append(Element(token.scope, token.index))
        number = token.scope
    return tuple(reversed(elements))


def inside(tokens: Mapping[int, Token], host: int) -> Iterator[int]:
    """Yield every token that lives in the scope of ``host`` (0: all), however deep.

    A token has a higher number than its host, so that one pass in order finds all.
    """
    scopes = {host}
    for number, token in tokens.items():
        if token.scope in scopes:
            scopes.add(number)
            yield number


# --- What it tells ---


@dataclass(frozen=True, slots=True)
class Arrived:
    """A token now rests where the world outside has something to do.

    At a user, service or rule task or a timer: do it and say so. At a repeated activity (the host, without
    ``index``): ``spread`` it. At a sub-process: its timers begin; the inside goes on by itself.
    """

    token: int
    node: Node


@dataclass(frozen=True, slots=True)
class Gathered:
    """A repeated activity is over. Its host waits for ``gather``, so that the result can be written first."""

    token: int
    node: Node
    done: int
    counted: int
    of: int
    met: bool


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A resting token was taken away: by a timer, an end, a repetition that is over, or from outside."""

    token: int
    node: Node


@dataclass(frozen=True, slots=True)
class Stuck:
    """A token cannot go on by itself: no condition holds, a condition fails, or a join waits in vain."""

    token: int
    node: Node
    reason: str


@dataclass(frozen=True, slots=True)
class Ended:
    """No token is left.

    ``at`` is the end event that took the last one; ``terminated`` when it cut others off.
    """

    at: Node
    terminated: bool = False


Effect = Arrived | Gathered | Cancelled | Stuck | Ended


class NoSuchToken(LookupError):
    """That token does not rest at that node (any more)."""


# --- What it asks ---


class Choose(Protocol):
    """Which ways are taken. The engine never looks at variables; it asks, also where there is one way only.

    ``within`` says for which elements of repeated activities the question is asked.
    """

    def one(self, node: Node, within: Within) -> Flow:
        """Return the way out of an exclusive gateway. Raises NoWay."""

    def some(self, node: Node, within: Within) -> Sequence[Flow]:
        """Return the ways out of an inclusive gateway, at least one. Raises NoWay."""


class NoWay(Exception):
    """``choose`` finds no flow at this gateway; the message says why."""


@dataclass(frozen=True, slots=True)
class by_conditions:  # noqa: N801 (used like a function: choose = by_conditions(evaluate))
    """Choose by the conditions of the flows.

    ``evaluate`` knows the variables. A condition must give true or false, nothing that merely looks like it. An
    error in it is a NoWay, never a silent no.
    """

    evaluate: Callable[[str, Within], object]

    def one(self, node: Node, within: Within) -> Flow:
        """Return the first flow, in the order of the file, whose condition is true; else the default."""
        if len(node.outgoing) == 1:
            return node.outgoing[0]
        for flow in node.outgoing:
            if flow.id != node.default and self._holds(flow, within):
                return flow
        return self._default(node)

    def some(self, node: Node, within: Within) -> Sequence[Flow]:
        """Return every flow whose condition is true; else the default."""
        if len(node.outgoing) == 1:
            return node.outgoing
        holding = [f for f in node.outgoing if f.id != node.default and self._holds(f, within)]
        return holding or [self._default(node)]

    def _holds(self, flow: Flow, within: Within) -> bool:
        try:
            holds = self.evaluate(flow.condition, within)
        except Exception as error:
            raise NoWay(f"{flow.id}: {flow.condition}: {error}") from error
        if not isinstance(holds, bool):
            raise NoWay(f"{flow.id}: {flow.condition}: the answer is {holds!r}, neither true nor false")
        return holds

    def _default(self, node: Node) -> Flow:
        for flow in node.outgoing:
            if flow.id == node.default:
                return flow
        raise NoWay("no condition holds and there is no default flow")
