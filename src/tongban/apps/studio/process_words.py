"""How two drawings of a process differ, in words: steps, who does them, outcomes, conditions, times. Where things are drawn is no
difference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tongban.apps.studio.rules import Difference
from tongban.base.text import LocalizedText as T
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes

__all__ = ["ONLY_DRAWN", "UNREADABLE", "process_differences"]

KINDS: Mapping[str, T] = {
    "startEvent": T("开始", "Start"),
    "endEvent": T("结束", "End"),
    "terminateEndEvent": T("全部结束", "End of everything"),
    "userTask": T("人办的一步", "Step of a person"),
    "serviceTask": T("机器办的一步", "Step of the machine"),
    "businessRuleTask": T("查决策表", "Decision table"),
    "subProcess": T("分段", "Sub-process"),
    "callActivity": T("套用另一个流程", "Another process"),
    "exclusiveGateway": T("选一条路", "One way"),
    "parallelGateway": T("几条路一起走", "All ways at once"),
    "inclusiveGateway": T("选几条路", "Some ways"),
    "intermediateCatchEvent": T("等时间", "Wait"),
    "boundaryEvent": T("到时间", "Timer on a step"),
}
ONLY_DRAWN = T("只是图画得不一样，办法没有变", "It is only drawn differently; nothing else changed")
UNREADABLE = T("图读不出来，请看检查结果", "The drawing cannot be read; see what the check says")
NAME, ENGLISH = T("名称", "Name"), T("英文名称", "English name")
UNITS = {"wd": T(" 个工作日", " working days"), "d": T(" 天", " days"), "h": T(" 小时", " hours")}


def process_differences(before: str, after: str) -> list[tuple[tuple[T, ...], Difference]]:
    """Return what changed between two files, each with where it is; an empty file has no steps."""
    old, new = _things(before), _things(after)
    if old is None or new is None:
        return [((), Difference("xml", "changed", None, UNREADABLE))]
    found = list(_compare(old, new))
    return found or [((), Difference("xml", "changed", None, ONLY_DRAWN))]


Facts = dict[str, tuple[T, Any]]
"""What is said of one step or way: by word the label and the value."""


def _compare(
    old: Mapping[str, tuple[T, Facts]], new: Mapping[str, tuple[T, Facts]]
) -> Iterator[tuple[tuple[T, ...], Difference]]:
    for key, (title, facts) in new.items():
        if key not in old:
            yield (title,), Difference(key, "added", None, _said(facts))
            continue
        before = old[key][1]
        for word in dict.fromkeys([*facts, *before]):
            label, value = facts.get(word) or (before[word][0], None)
            was = before[word][1] if word in before else None
            if was != value:
                what = "added" if was is None else "removed" if value is None else "changed"
                yield (title, label), Difference(f"{key}.{word}", what, was, value)
    for key, (title, facts) in old.items():
        if key not in new:
            yield (title,), Difference(key, "removed", _said(facts), None)


def _said(facts: Facts) -> T:
    """Return everything that is said of a new or removed step, in one line; its name stands before it anyway."""
    rows = [(label, value) for word, (label, value) in facts.items() if word not in ("name", "english")]
    lines = {lang: [_line(label, value, lang) for label, value in rows] for lang in ("zh", "en")}
    return T("；".join(lines["zh"]), "; ".join(lines["en"]))


def _line(label: T, value: Any, language: str) -> str:
    said = value.in_language(language) if isinstance(value, T) else str(value)
    return f"{label.in_language(language)}{'：' if language == 'zh' else ': '}{said}"


def _things(xml: str) -> dict[str, tuple[T, Facts]] | None:
    """Return the process itself, its steps and its conditions; None for a file that cannot be read."""
    if not xml.strip():
        return {}
    graph = processes.examine(xml.encode(), seconds=0).graph
    if graph is None:
        return None
    whole: Facts = {"name": (NAME, graph.label.zh)} if graph.label.zh else {}
    if graph.label.en:
        whole["english"] = (ENGLISH, graph.label.en)
    if graph.moves:
        whole["moves"] = (T("允许的动作", "Office moves"), graph.moves)
    found: dict[str, tuple[T, Facts]] = {"": (T("整个流程", "The process"), whole)}
    titles = {key: _title(node) for key, node in graph.nodes.items()}
    for key, node in graph.nodes.items():
        found[key] = (titles[key], dict(_facts(node, titles)))
    for key, flow in graph.flows.items():
        source, target = titles[flow.source], titles[flow.target]
        title = T(f"{source.zh} → {target.zh}", f"{source.in_language('en')} → {target.in_language('en')}")
        facts: Facts = {}
        if flow.condition:
            facts["condition"] = (T("什么时候走这条", "Taken when"), flow.condition)
        found[f"{flow.source} {key} {flow.target}"] = (
            title,
            facts,
        )  # one that leads elsewhere is another one
    return found


def _title(node: Any) -> T:
    return (
        T(node.label.zh, node.label.en)
        if node.label.zh
        else T(f"{KINDS[node.kind]} {node.id}", f"{KINDS[node.kind].in_language('en')} {node.id}")
    )


def _facts(node: Any, titles: Mapping[str, T]) -> Iterator[tuple[str, tuple[T, Any]]]:
    yield "kind", (T("是什么", "What it is"), KINDS[node.kind])
    if node.label.zh:
        yield "name", (NAME, node.label.zh)
    if node.label.en:
        yield "english", (ENGLISH, node.label.en)
    for word, label, say in WORDS:
        value = getattr(node, word)
        if value:
            yield word, (label, say(value))
    for word, label in (
        ("separate_from", T("不能和谁是同一个人", "Not the person of")),
        ("attached_to", T("在哪一步上", "On the step")),
        ("default", T("都不符合时走", "Otherwise")),
    ):
        if value := getattr(node, word):
            yield word, (label, titles.get(value, value))
    if node.kind == "boundaryEvent":
        yield "interrupts", (T("到时间", "When due"), STOPS if node.interrupts else GOES_ON)
    for outcome in node.outcomes:
        yield (
            f"outcome {outcome.key}",
            (T(f"结果 {outcome.key}", f"Outcome {outcome.key}"), _outcome(outcome)),
        )
    if node.repeat:
        yield "repeat", (T("重复", "Repetition"), _repeat(node.repeat))


STOPS, GOES_ON = T("这一步取消", "the step is cancelled"), T("这一步接着办", "the step goes on")
OPINION = {"required": T("意见必填", "opinion required"), "none": T("不填意见", "no opinion")}


def _outcome(outcome: Any) -> T:
    parts = [T(outcome.label.zh, outcome.label.en)]
    if outcome.opinion in OPINION:
        parts.append(OPINION[outcome.opinion])
    if outcome.form:
        parts.append(T(f"填表 {outcome.form}", f"form {outcome.form}"))
    if outcome.when:
        parts.append(T(f"条件 {outcome.when}", f"when {outcome.when}"))
    return T("，".join(p.zh for p in parts), ", ".join(p.in_language("en") for p in parts))


def _repeat(repeat: Any) -> T:
    order = T("一个接一个", "one after another") if repeat.is_sequential else T("同时", "at the same time")
    zh = f"{repeat.collection} 里每个一次，{order.zh}，{repeat.complete} 算完"
    return T(
        zh, f"for each of {repeat.collection}, {order.in_language('en')}, complete when {repeat.complete}"
    )


def _holder(holder: str) -> T:
    """Say who does a step: "duty:services.window@unit"."""
    how, _, rest = holder.partition(":")
    what, _, where = rest.partition("@")
    if how == "duty":
        label = identity.duty_label(what)
        return T(
            f"{where or 'unit'} 里有“{label.zh}”职责的人",
            f"whoever has the duty {label.in_language('en')} in {where or 'unit'}",
        )
    return T(f"{'当事人' if how == 'party' else '变量'} {what}", f"{how} {what}")


def _length(limit: str) -> T:
    found = re.fullmatch(r"(\d+)(wd|d|h)", limit)
    return (
        T(f"{found[1]}{UNITS[found[2]].zh}", f"{found[1]}{UNITS[found[2]].in_language('en')}")
        if found
        else T(limit)
    )


def _operation(name: str) -> T:
    return ledger.verbs().get(name, T(name))


WORDS: tuple[tuple[str, T, Callable[[str], Any]], ...] = (
    ("holder", T("谁来办", "Who does it"), _holder),
    ("operation", T("做什么", "Operation"), _operation),
    ("limit", T("时限", "Time"), _length),
    ("since", T("从哪一刻算起", "Counted from"), str),
    ("form", T("要填的表", "Form"), str),
    ("state", T("办件进入的状态", "State of the case"), str),
    ("decision", T("哪张表", "Which table"), str),
    ("result", T("结果放在", "Result in"), str),
    ("called", T("哪个流程", "Which process"), str),
    ("moves", T("允许的动作", "Office moves"), str),
)
