"""What the layouts offer: each module registers entries in ``AppConfig.ready()``; only what works is shown.

An entry whose address does not exist in this installation (another zone, module absent) is left out, as is
one whose ``visible(actor)`` says no. Counts are asked on the workbench only: ``register_counts`` gives many
counts with one query.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse

from tongban.base.actor import Actor
from tongban.base.registry import Registry
from tongban.base.text import LocalizedText
from tongban.design.counts import Rows, count_together

__all__ = [
    "Choice",
    "Link",
    "NavEntry",
    "Visitor",
    "counts_of",
    "register_account",
    "register_counts",
    "register_desk",
    "register_foot",
    "register_public",
    "register_tool",
    "register_visitor",
]


def _everybody(actor: Actor) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class NavEntry:
    """One way to a page.

    ``group`` is the heading it stands under (workbench, foot). ``query`` ("view=late") is appended to the
    address and must match for the entry to be the current one.
    """

    key: str
    label: LocalizedText
    url_name: str
    order: int = 100
    group: LocalizedText = LocalizedText("")
    icon: str = "doc"
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    query: str = ""
    visible: Callable[[Actor], bool] = _everybody
    count: Callable[[Actor], int | None] | None = None

    @property
    def is_for_everybody(self) -> bool:
        """True for what every official may look up: it is nobody's own work."""
        return self.visible is _everybody


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as it is drawn."""

    key: str
    label: LocalizedText
    url: str
    icon: str
    group: LocalizedText
    count: int | None = None
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A capacity in which the visitor may act: a post, or a legal entity."""

    value: str
    label: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who has signed in, as the top of the page shows it. ``switch_url`` takes ``choice_field`` by POST."""

    name: str
    detail: str = ""
    choices: Sequence[Choice] = ()
    choice_field: str = "post"
    switch_url: str = ""


Counts = Mapping[str, int | Rows]
"""Numbers by entry key; rows are counted, all of a page by one statement."""

public_entries: Registry[NavEntry] = Registry("public navigation")
desk_entries: Registry[NavEntry] = Registry("workbench navigation")
foot_entries: Registry[NavEntry] = Registry("foot of the public site")
tool_entries: Registry[NavEntry] = Registry("tools at the top")
account_entries: Registry[NavEntry] = Registry("account menu")
count_providers: Registry[Callable[[Actor], Counts]] = Registry("workbench counts")
_visitor: list[Callable[[HttpRequest], Visitor | None]] = []


def register_public(entry: NavEntry) -> NavEntry:
    """Add an entry to the main navigation of the public site."""
    return public_entries.register(entry.key, entry)


def register_desk(entry: NavEntry) -> NavEntry:
    """Add an entry to the left navigation of the workbench, under its ``group``."""
    return desk_entries.register(entry.key, entry)


def register_foot(entry: NavEntry) -> NavEntry:
    """Add a link to the foot of the public site, in the column ``group``."""
    return foot_entries.register(entry.key, entry)


def register_tool(entry: NavEntry) -> NavEntry:
    """Add a button with an icon (and a count) at the top of the workbench, such as messages."""
    return tool_entries.register(entry.key, entry)


def register_account(entry: NavEntry) -> NavEntry:
    """Add a link to the menu of the signed-in visitor."""
    return account_entries.register(entry.key, entry)


def register_counts(key: str, provider: Callable[[Actor], Counts]) -> None:
    """Register a provider of counts for several workbench entries, by entry key. It is asked once a page."""
    count_providers.register(key, provider)


def register_visitor(describe: Callable[[HttpRequest], Visitor | None]) -> None:
    """Say who has signed in. ``identity`` owns this; the last registration counts."""
    _visitor[:] = [describe]


def visitor_of(request: HttpRequest) -> Visitor | None:
    """Return who has signed in, None for a stranger."""
    if _visitor:
        return _visitor[0](request)
    actor = actor_of(request)
    return None if actor.account_id is None else Visitor(name=actor.name)


def actor_of(request: HttpRequest) -> Actor:
    """Return the actor of the request; a stranger where no middleware has set one (error pages)."""
    actor = getattr(request, "actor", None)
    return actor if actor is not None else Actor.stranger()


def address(url_name: str, *args: Any, **kwargs: Any) -> str:
    """Return the address of a named page, empty when this installation has no such page."""
    return _address(get_urlconf(), get_script_prefix(), url_name, args, tuple(kwargs.items()))


@lru_cache(maxsize=500)
def _address(
    urlconf: str | None,
    prefix: str,
    url_name: str,
    args: tuple[Any, ...],
    kwargs: tuple[tuple[str, Any], ...],
) -> str:
    """A layout names the same fifty addresses on every page: each is made once for where they are read and mounted."""
    try:
        return reverse(url_name, urlconf, args=args, kwargs=dict(kwargs))
    except NoReverseMatch:
        return ""


def sign_in_url() -> str:
    """Return the address of the sign-in page."""
    return address(settings.LOGIN_URL)


def sign_out_url() -> str:
    """Return the address that signs out (by POST)."""
    return address(getattr(settings, "TONGBAN_SIGN_OUT_URL", "identity:sign-out"))


def links(
    entries: Iterable[NavEntry], request: HttpRequest, *, counts: Mapping[str, int] | None = None
) -> list[Link]:
    """Return the entries this visitor may see, in order, the current one marked.

    Without ``counts`` (those of ``counts_of``) nothing is counted.
    """
    actor = actor_of(request)
    shown = [
        (entry, url)
        for entry in sorted(entries, key=lambda entry: entry.order)
        if (url := address(entry.url_name, **entry.kwargs)) and entry.visible(actor)
    ]
    current = _current([(entry.key, url, entry.query) for entry, url in shown], request)
    numbers = {} if counts is None else {**counts, **_own_counts([entry for entry, _ in shown], actor)}
    return [
        Link(
            key=entry.key,
            label=entry.label,
            url=f"{url}?{entry.query}" if entry.query else url,
            icon=entry.icon,
            group=entry.group,
            count=numbers.get(entry.key),
            is_current=entry.key == current,
        )
        for entry, url in shown
    ]


def grouped(items: Sequence[Link]) -> list[tuple[LocalizedText, list[Link]]]:
    """Return links under their headings; a heading stands where its first link stands."""
    groups: dict[LocalizedText, list[Link]] = {}
    for item in items:
        groups.setdefault(item.group, []).append(item)
    return list(groups.items())


def counts_of(request: HttpRequest, **also: Rows) -> dict[str, int]:
    """Return what every provider counts for this request, and what a page wants counted ``also``, by one statement.

    A page that asks does so before its layout, which then finds the answer.
    """
    known: dict[str, int] | None = getattr(request, "desk_counts", None)
    if known is None:
        asked: dict[str, int | Rows] = {**also}
        for provider in count_providers:
            asked |= provider(actor_of(request))
        numbers = {key: value for key, value in asked.items() if isinstance(value, int)}
        known = numbers | count_together({k: v for k, v in asked.items() if not isinstance(v, int)})
        request.desk_counts = known  # type: ignore[attr-defined]
    return known


def _own_counts(entries: Sequence[NavEntry], actor: Actor) -> dict[str, int]:
    counted = ((entry.key, entry.count(actor)) for entry in entries if entry.count is not None)
    return {key: number for key, number in counted if number is not None}


def _current(shown: Sequence[tuple[str, str, str]], request: HttpRequest) -> str:
    """Return the key of the entry that leads deepest towards the page being shown."""
    asked = set(request.GET.urlencode().split("&"))
    best, best_depth = "", (-1, -1)
    for key, url, query in shown:
        here = request.path == url or (url != "/" and request.path.startswith(url))
        wanted = set(query.split("&")) if query else set()
        depth = (len(url), len(wanted))
        if here and wanted <= asked and depth > best_depth:
            best, best_depth = key, depth
    return best
