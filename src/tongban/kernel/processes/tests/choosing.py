"""Choosers for tests of the engine: which ways a token takes, without conditions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tongban.kernel.processes.engine import Within
from tongban.kernel.processes.graph import Flow, Node

__all__ = ["Choosing", "first", "taking"]


@dataclass(frozen=True)
class Choosing:
    """The first flow out of an exclusive gateway, all out of an inclusive one, unless told otherwise."""

    one_of: Callable[[Node], Flow] = lambda node: node.outgoing[0]
    some_of: Callable[[Node], Sequence[Flow]] = lambda node: node.outgoing

    def one(self, node: Node, within: Within) -> Flow:
        return self.one_of(node) if len(node.outgoing) > 1 else node.outgoing[0]

    def some(self, node: Node, within: Within) -> Sequence[Flow]:
        return self.some_of(node) if len(node.outgoing) > 1 else node.outgoing


first = Choosing()


def taking(*targets: str) -> Choosing:
    """Choose the flows that lead to these nodes."""
    return Choosing(
        lambda node: next(flow for flow in node.outgoing if flow.target in targets),
        lambda node: [flow for flow in node.outgoing if flow.target in targets],
    )
