"""The token engine: pure functions from a state to the next one, without Django, without a clock, without a
database.

A *token* stands for one thing that is going on. It rests at a task or a timer until somebody moves it on, or at
a join until its siblings have come. Everything else it passes in the same move. Inside a sub-process tokens live
in a scope of their own, whose *host* rests at the sub-process meanwhile; when the last of them ends, the host
goes on. A repeated activity has a host and one token for each element.

The engine never looks at variables: ``choose`` is given a gateway and says which ways are taken. What it has to
tell comes back as *effects*, in order; the caller turns them into tasks, jobs and due times.

Deterministic: the same graph, state, move and choices give the same state and the same effects. Every
resting token has a number that is never used again in its instance, so a database can hold "each token is
acted on once" as a unique constraint.
"""

from __future__ import annotations

from dataclasses import replace

from tongban.kernel.processes import joins, repeats
from tongban.kernel.processes.graph import Graph, Kind
from tongban.kernel.processes.run import Run, Runaway, Step
from tongban.kernel.processes.state import (
    Arrived,
    Cancelled,
    Choose,
    Effect,
    Element,
    Ended,
    Gathered,
    NoSuchToken,
    NoWay,
    State,
    Stuck,
    Token,
    Within,
    by_conditions,
    inside,
)

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
    "Runaway",
    "State",
    "Step",
    "Stuck",
    "Token",
    "Within",
    "by_conditions",
    "cancel",
    "complete",
    "fire_timer",
    "gather",
    "resume",
    "service_done",
    "spread",
    "start",
]


def start(graph: Graph, choose: Choose) -> Step:
    """Begin an instance: a token leaves the start event."""
    run = Run(graph, State(), choose)
    run.leave(graph.start, 0)
    return run.finish()


def complete(graph: Graph, state: State, token: int, choose: Choose, outcome: str = "") -> Step:
    """Move on a token that rests at a user task. Raises NoSuchToken.

    ``outcome`` matters where the task is repeated: it may count towards the completion condition.
    """
    return _move_on(graph, state, token, choose, outcome, Kind.USER)


def service_done(graph: Graph, state: State, token: int, choose: Choose) -> Step:
    """Move on a token that rests at a service or business rule task. Raises NoSuchToken."""
    return _move_on(graph, state, token, choose, "", Kind.SERVICE, Kind.RULE)


def fire_timer(graph: Graph, state: State, token: int, timer: str, choose: Choose) -> Step:
    """Let a timer fire. Raises NoSuchToken.

    An intermediate one moves its token on. A boundary one takes the token off its activity, with everything
    inside, and leads on; one that does not interrupt sends a new token, once, and leaves the activity alone.
    """
    node = graph.nodes[timer]
    run = Run(graph, state, choose)
    if node.kind is Kind.TIMER:
        if run.look(token, Kind.TIMER).node != timer:
            raise NoSuchToken(f"token {token} does not rest at {timer}")
        run.leave(node, run.remove(token).scope)
        return run.finish()
    host = run.look(token, graph.nodes[node.attached_to].kind)
    if host.node != node.attached_to or host.index >= 0 or timer in host.fired:
        raise NoSuchToken(f"{timer} has nothing to fire at token {token}")
    if node.interrupts:
        run.cancel([token, *inside(state.tokens, token)])
    else:
        run.tokens[token] = replace(host, fired=(*host.fired, timer))
    run.leave(node, host.scope)
    return run.finish()


def resume(graph: Graph, state: State, token: int, choose: Choose) -> Step:
    """Try again to move a token that found no way at its gateway. Raises NoSuchToken."""
    run = Run(graph, state, choose)
    stuck = run.look(token, Kind.EXCLUSIVE, Kind.INCLUSIVE)
    if not joins.is_stuck(graph, stuck):
        raise NoSuchToken(f"token {token} waits for others")
    run.remove(token)
    run.choose_way(graph.nodes[stuck.node], stuck.via, stuck.scope)
    return run.finish()


def spread(graph: Graph, state: State, token: int, size: int, choose: Choose) -> Step:
    """Begin a repeated activity at which a host has arrived, for ``size`` elements. Raises NoSuchToken."""
    run = Run(graph, state, choose)
    host = run.look(token)
    node = graph.nodes[host.node]
    if node.repeat is None or host.index >= 0 or host.of >= 0:
        raise NoSuchToken(f"token {token} hosts nothing that could begin")
    run.tokens[token] = replace(host, of=size)
    if size == 0:
        run.close(token)
    for index in range(min(size, 1) if node.repeat.is_sequential else size):
        run.begin_element(token, index)
    return run.finish()


def gather(graph: Graph, state: State, token: int, choose: Choose) -> Step:
    """Move on the host of a repeated activity that is over. Raises NoSuchToken."""
    run = Run(graph, state, choose)
    host = run.look(token)
    node = graph.nodes[host.node]
    if node.repeat is None or host.index >= 0 or not repeats.is_over(node.repeat, host):
        raise NoSuchToken(f"token {token} hosts nothing that is over")
    run.leave(node, run.remove(token).scope)
    return run.finish()


def cancel(graph: Graph, state: State) -> Step:
    """Take away all tokens (the instance is terminated from outside)."""
    effects: list[Effect] = [
        Cancelled(number, graph.nodes[token.node]) for number, token in state.tokens.items()
    ]
    return State({}, state.taken, state.last), effects


def _move_on(graph: Graph, state: State, token: int, choose: Choose, outcome: str, *kinds: Kind) -> Step:
    run = Run(graph, state, choose)
    resting = run.look(token, *kinds)
    if graph.nodes[resting.node].repeat is not None and resting.index < 0:
        raise NoSuchToken(f"token {token} hosts a repeated activity")
    run.remove(token)
    run.activity_done(resting, outcome)
    return run.finish()
