"""What a BPMN file says of one node: its kind, our attributes, its outcomes, its timer, its repetition."""

from __future__ import annotations

from collections.abc import Iterator

from tongban.kernel.processes.document import Element
from tongban.kernel.processes.graph import Flow, Kind, Label, Node, Outcome, Problem, Repeat
from tongban.kernel.processes.vocabulary import ATTRIBUTES, BPMN, IGNORED, KINDS, OUTCOME_ATTRIBUTES, TONGBAN

__all__ = ["NodeReader", "children_of"]


def children_of(element: Element) -> Iterator[tuple[str, Element]]:
    """Yield the BPMN children with their local names; other namespaces are other tools' extensions."""
    for child in element:
        if child.namespace == BPMN:
            yield child.name, child


class NodeReader:
    """Reads nodes one by one; collects problems instead of stopping at the first."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def refuse(self, element: Element, zh: str, en: str, name: str = "") -> None:
        self.problems.append(Problem(name or element.name, element.get("id"), zh, en))

    def unsupported(self, element: Element, name: str = "") -> None:
        self.refuse(element, "还不支持这种元素", "this element is not supported", name)

    def _node(
        self,
        element: Element,
        scope: str,
        incoming: tuple[Flow, ...],
        outgoing: tuple[Flow, ...],
        timers: tuple[str, ...],
    ) -> Node:
        name = element.name
        self._check_attributes(element)
        kind = self._kind(element, KINDS[name])
        ours = {key: self._ours(element, key) for key in ATTRIBUTES[name] if key != "label_en"}
        if kind in (Kind.TIMER, Kind.BOUNDARY):
            self._timer(element)
        return Node(
            id=element.get("id"),
            kind=kind,
            scope=scope,
            label=self._label(element),
            incoming=incoming,
            outgoing=outgoing,
            default=element.get("default"),
            called=element.get("calledElement").strip(),
            repeat=self._repeat(element, kind),
            attached_to=element.get("attachedToRef"),
            interrupts=element.get("cancelActivity") != "false",
            timers=timers,
            outcomes=self._outcomes(element) if kind is Kind.USER else (),
            **ours,
        )

    def _kind(self, element: Element, kind: Kind) -> Kind:
        """Return the exact kind, refusing event definitions, markers and loops that are not supported."""
        definitions = []
        for name, child in children_of(element):
            if name.endswith("EventDefinition"):
                definitions.append(name)
                if not (
                    (name == "terminateEventDefinition" and kind is Kind.END)
                    or (name == "timerEventDefinition" and kind in (Kind.TIMER, Kind.BOUNDARY))
                ):
                    self.refuse(
                        element,
                        f"还不支持“{name}”的{element.name}",
                        f"{element.name} with {name} is not supported",
                        name,
                    )
            elif name.endswith("LoopCharacteristics"):
                if not (name == "multiInstanceLoopCharacteristics" and kind.may_have_timers):
                    self.unsupported(element, name)
            elif name not in IGNORED and kind is not Kind.SUBPROCESS:
                self.unsupported(child)
        if kind in (Kind.TIMER, Kind.BOUNDARY) and len(definitions) != 1:
            self.refuse(element, "要有且只有一个定时器定义", "needs exactly one timer definition")
        if element.get("triggeredByEvent") == "true":
            self.refuse(element, "还不支持事件子流程", "an event sub-process is not supported")
        if element.get("isForCompensation") == "true":
            self.refuse(element, "还不支持补偿", "compensation is not supported")
        return Kind.TERMINATE if definitions == ["terminateEventDefinition"] else kind

    def _timer(self, element: Element) -> None:
        for name, definition in children_of(element):
            if name != "timerEventDefinition":
                continue
            for inner, _child in children_of(definition):
                if inner in ("timeCycle", "timeDate", "timeDuration"):
                    self.refuse(
                        element,
                        f"不用 {inner}：期限写在 tongban:limit（如 5wd）",
                        f"{inner} is not used: say the limit in tongban:limit (such as 5wd)",
                        inner,
                    )
        if not self._ours(element, "limit"):
            self.refuse(element, "定时器没有期限（tongban:limit）", "the timer has no limit (tongban:limit)")

    def _repeat(self, element: Element, kind: Kind) -> Repeat | None:
        """Read the multi-instance marker. What it says in other ways than ours is refused."""
        found = element.find(f"{{{BPMN}}}multiInstanceLoopCharacteristics")
        if found is None or not kind.may_have_timers:
            return None
        self._check_attributes(found, element)
        for name, child in children_of(found):
            if name not in ("documentation", "extensionElements"):
                self.refuse(
                    element,
                    f"不用 {name}：写在 tongban:collection 等属性里",
                    f"{name} is not used: say it in tongban:collection and its neighbours",
                    name,
                )
            del child
        if found.get("behavior", "All") != "All":
            self.refuse(element, "还不支持 behavior", "its behavior is not supported", found.name)
        return Repeat(
            collection=self._ours(found, "collection"),
            element=self._ours(found, "element"),
            complete=self._ours(found, "complete") or "all",
            counts=self._ours(found, "counts"),
            is_sequential=found.get("isSequential") == "true",
        )

    def _outcomes(self, element: Element) -> tuple[Outcome, ...]:
        outcomes = []
        for child in element.walk(f"{{{TONGBAN}}}outcome"):
            for key in child.attributes:
                if key not in OUTCOME_ATTRIBUTES:
                    self.refuse(
                        element,
                        f"办理结果有不认识的属性“{key}”",
                        f"an outcome has the unknown attribute {key!r}",
                    )
            outcomes.append(
                Outcome(
                    key=child.get("key"),
                    label=Label(child.get("label_zh"), child.get("label_en")),
                    style=child.get("style"),
                    opinion=child.get("opinion", "optional"),
                    form=child.get("form"),
                    when=child.get("when"),
                )
            )
        return tuple(outcomes)

    def _ours(self, element: Element, key: str) -> str:
        return element.get(f"{{{TONGBAN}}}{key}").strip()

    def _label(self, element: Element) -> Label:
        return Label(" ".join(element.get("name").split()), self._ours(element, "label_en"))

    def _check_attributes(self, element: Element, place: Element | None = None) -> None:
        """Refuse a ``tongban:`` attribute that does not exist here: most likely it is a misspelling."""
        allowed = ATTRIBUTES[element.name]
        for key in element.attributes:
            namespace, _, name = key.removeprefix("{").rpartition("}")
            if namespace == TONGBAN and name not in allowed:
                self.refuse(
                    element if place is None else place,
                    f"不认识的属性 tongban:{name}",
                    f"unknown attribute tongban:{name}",
                )
