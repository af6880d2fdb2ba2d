"""Judging a BPMN file: its words, its structure, what other modules must know, and whether every run can end.

Nothing is stored and nothing is read from the database, so a file can be examined anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tongban.base.text import LocalizedText
from tongban.kernel.calendars.service import Limit
from tongban.kernel.decisions.errors import ExpressionError
from tongban.kernel.decisions.service import check_expression
from tongban.kernel.processes import bpmn, calls, soundness, structure
from tongban.kernel.processes.graph import Graph, Kind, Problem
from tongban.kernel.processes.registry import operations

__all__ = ["MAX_TOLD", "Examination", "examine"]

MAX_TOLD = 50
"""So many problems are told; whoever has more corrects these first."""
MAX_WORDS = 300
"""So long is what is quoted of a file: its own size is no reason to send it back."""

LENGTHS = {"id": 80, "form": 80, "operation": 80, "decision": 80, "separate_from": 80, "limit": 10}
"""How long the words of a node may be, as the rows of tasks, timers and jobs hold them."""


@dataclass(frozen=True)
class Examination:
    """What is known of a file.

    ``unsupported`` is why it cannot be imported, ``problems`` what else is wrong with it. ``verdict`` is None when the
    file or its structure does not allow an exploration.
    """

    graph: Graph | None
    unsupported: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    verdict: soundness.Verdict | None = None

    @property
    def fault(self) -> soundness.Fault | None:
        """The fault of soundness, unless a problem names that very place already."""
        told = {problem.id for problem in self.problems}
        found = self.verdict
        return found if isinstance(found, soundness.Fault) and found.element not in told else None

    @property
    def is_publishable(self) -> bool:
        """True when publishing would take it."""
        return isinstance(self.verdict, soundness.Sound) and not self.unsupported and not self.problems

    @property
    def soundness(self) -> str | dict[str, Any] | None:
        """The verdict as JSON: "sound", "undecided", the fault, or None when there is no verdict."""
        match self.verdict:
            case soundness.Sound():
                return "sound"
            case soundness.Undecided():
                return "undecided"
            case soundness.Fault() as fault:
                return fault.as_json()
        return None

    @property
    def refusals(self) -> list[Problem]:
        """Everything for which publishing refuses the file, except ``fault``."""
        found = [*self.unsupported, *self.problems]
        if isinstance(self.verdict, soundness.Undecided) and self.graph:
            zh, en = self.verdict.reason
            found.append(
                Problem(
                    "process",
                    self.graph.key,
                    f"无法判定流程是否总能结束：{zh}",
                    f"soundness is undecided: {en}",
                )
            )
        return found


def examine(
    xml: bytes, *, max_states: int = soundness.MAX_STATES, seconds: float = soundness.MAX_SECONDS
) -> Examination:
    """Judge a file as publishing does."""
    try:
        xml.decode()
        graph = bpmn.parse(xml)
    except UnicodeDecodeError:
        return Examination(
            None, [Problem("definitions", "", "文件要用 UTF-8 编码", "the file must be UTF-8")]
        )
    except bpmn.Refused as refused:
        return Examination(None, _told(refused.problems))
    problems = _told(
        [*structure.check(graph), *_calls_itself(graph), *_long_words(graph), *_unknown_words(graph)]
    )
    verdict = None
    if structure.can_be_explored(graph):
        verdict = soundness.judge(calls.stand_ins(graph), max_states=max_states, seconds=seconds)
    return Examination(graph, [], problems, verdict)


def _told(problems: list[Problem]) -> list[Problem]:
    """Cut short what is too long to be read."""
    told = [Problem(*(_cut(word) for word in problem)) for problem in problems[:MAX_TOLD]]
    left = len(problems) - len(told)
    return (
        [*told, Problem("definitions", "", f"还有 {left} 个问题", f"{left} more problems")] if left else told
    )


def _cut(word: str) -> str:
    return word if len(word) <= MAX_WORDS else word[:MAX_WORDS] + "…"


def _calls_itself(graph: Graph) -> Iterator[Problem]:
    """The circle of calls that can be seen without the others; publishing looks at those too."""
    for node in graph.of_kind(Kind.CALL):
        if node.called == graph.key:
            yield Problem(node.kind.value, node.id, "流程不能调用自己", "a process cannot call itself")


def _long_words(graph: Graph) -> Iterator[Problem]:
    """What no row could hold when the process runs."""
    if len(graph.key) > LENGTHS["id"]:
        yield Problem("process", graph.key, *_too_long(LENGTHS["id"], graph.key))
    for node in graph.nodes.values():
        words = [(getattr(node, name, ""), most) for name, most in LENGTHS.items()]
        for outcome in node.outcomes:
            words += [(outcome.key, LENGTHS["id"]), (outcome.form, LENGTHS["form"])]
        for word, most in words:
            if len(word) > most:
                yield Problem(node.kind.value, node.id, *_too_long(most, word))


def _too_long(most: int, word: str) -> tuple[str, str]:
    return f"超过 {most} 个字符：“{word}”", f"longer than {most} characters: {word!r}"


def _unknown_words(graph: Graph) -> Iterator[Problem]:
    """What other modules must know: expressions, limits, operations."""
    for element, key, expression in structure.expressions(graph):
        try:
            check_expression(expression)
        except ExpressionError as error:
            words = LocalizedText.of(error.detail) if error.detail else error.title
            yield Problem(element, key, f"“{expression}”：{words.zh}", f"{expression!r}: {words.en}")
    for node in graph.nodes.values():
        if node.limit:
            try:
                Limit.parse(node.limit)
            except ValueError as error:
                yield Problem(node.kind.value, node.id, f"期限写法不对：“{node.limit}”", str(error))
        if node.operation and node.operation not in operations:
            yield Problem(
                node.kind.value,
                node.id,
                f"没有登记这个操作：“{node.operation}”",
                f"no operation is registered as {node.operation!r}",
            )
