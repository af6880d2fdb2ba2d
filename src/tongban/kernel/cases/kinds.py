"""Case kinds: what an application adds to the kernel.

The kernel knows cases and nothing of licences or letters. An application registers one ``CaseKind`` per kind of work: its
states and what the public calls them, the stages a citizen sees, the actions beside the process, the panels of the page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tongban.base.actor import Actor
from tongban.base.registry import Registry
from tongban.base.text import LocalizedText

if TYPE_CHECKING:
    from tongban.kernel.cases.models import Case

__all__ = [
    "CaseAction",
    "CaseKind",
    "Panel",
    "Stage",
    "State",
    "kind_of",
    "kinds",
    "links_of_party",
    "panels_of",
    "register_kind",
    "register_panel",
    "register_party_links",
]


@dataclass(frozen=True, slots=True)
class State:
    """One state of a kind: what officials call it, what the public is told, and whether it ends the case.

    ``tone`` is the tag's colour name in the design system; the word carries the meaning, the colour only helps.
    """

    label: LocalizedText
    public: LocalizedText
    is_final: bool = False
    tone: str = "blue"


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the road that a citizen sees; it is reached when the case enters one of ``states``.

    ``again`` is what it is called when the case has come back to it, where the label would be wrong then.
    """

    key: str
    label: LocalizedText
    states: frozenset[str]
    hint: LocalizedText = LocalizedText("")
    again: LocalizedText = LocalizedText("")

    def called(self, *, is_again: bool) -> LocalizedText:
        """Return the words for it, for the first time or for a later one."""
        return (self.again if is_again else self.label) or self.label


@dataclass(frozen=True, slots=True)
class CaseAction:
    """Something that may be done with a case beside its process (withdraw, extend).

    ``refusal(actor, case)`` returns None when it may be done now, a text why not, or False when the actor is not even told
    of it. ``run(actor=, case_id=, data=, at=)`` is an operation and checks again under its own lock. ``form`` is the key of
    a form definition that is asked first ("" for none).
    """

    key: str
    label: LocalizedText
    refusal: Callable[[Actor, Case], LocalizedText | bool | None]
    run: Callable[..., Any]
    form: str = ""
    style: str = ""
    hint: LocalizedText = LocalizedText("")
    for_party: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the case page that an application contributes; ``context`` does the queries, the template none.

    ``context`` returns None when there is nothing to show. ``place`` is "what" (left column) or "where" (right column).
    """

    key: str
    template: str
    context: Callable[[Case, Actor, datetime], Mapping[str, Any] | None]
    place: str = "what"


@dataclass(frozen=True, slots=True)
class CaseKind:
    """Everything the kernel must know about a kind of work.

    ``optional_stages`` are shown on the citizen's road only once they were reached (a correction, a refusal).
    ``named_by_applicant`` says by what an official recognises a case in a list: the shop that applies for a licence, whose
    title many others bear too, or the title that the writer of a letter gave it. ``supervisors`` are the persons who are
    told, with the holders of the open steps, that a limit comes to its end. ``is_public`` False is an office's own
    housekeeping: it is not counted among what the government did for people.
    """

    key: str
    label: LocalizedText
    number_prefix: str
    icon: str
    states: Mapping[str, State]
    stages: tuple[Stage, ...]
    optional_stages: frozenset[str] = frozenset()
    named_by_applicant: bool = False
    actions: tuple[CaseAction, ...] = ()
    panels: tuple[Panel, ...] = ()
    party_links: Callable[[Case, Actor], list[tuple[LocalizedText, str]]] | None = None
    supervisors: Callable[[Case, datetime], list[UUID]] | None = None
    is_public: bool = True
    extra: Mapping[str, Any] = field(default_factory=dict)

    def state(self, key: str) -> State:
        """Return a state; an unknown one (of an older version) is shown by its key rather than hidden."""
        return self.states.get(key) or State(LocalizedText(key), LocalizedText(key))


kinds: Registry[CaseKind] = Registry("case kinds")


def register_kind(kind: CaseKind) -> CaseKind:
    """Make a kind of work known to the kernel."""
    return kinds.register(kind.key, kind)


def kind_of(case: Case) -> CaseKind:
    """Return the kind of a case."""
    return kinds.get(case.kind)


PartyLinks = Callable[["Case", Actor], list[tuple[LocalizedText, str]]]

_panels: Registry[Panel] = Registry("panels of every kind of case")
_party_links: Registry[PartyLinks] = Registry("links for parties of every kind of case")


def register_panel(panel: Panel) -> Panel:
    """Add a part to the pages of cases of every kind, for applications that owe something to cases that are not theirs."""
    return _panels.register(panel.key, panel)


def register_party_links(key: str, links: PartyLinks) -> None:
    """Say what else a party can do next, whatever the kind of her case; like ``CaseKind.party_links``."""
    _party_links.register(key, links)


def panels_of(kind: CaseKind) -> tuple[Panel, ...]:
    """Return the panels of a kind, then those that every kind has."""
    return (*kind.panels, *_panels)


def links_of_party(case: Case, actor: Actor) -> list[tuple[LocalizedText, str]]:
    """Return what a party can do next: what others know of her case first, it does not wait; then what its kind says."""
    own = kind_of(case).party_links
    others = [link for links in _party_links for link in links(case, actor)]
    return [*others, *(own(case, actor) if own else [])]
