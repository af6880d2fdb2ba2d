"""Navigation shows only what works, to whom it is meant."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from tongban.base.actor import Actor
from tongban.base.registry import Registry
from tongban.base.text import LocalizedText
from tongban.design import navigation
from tongban.design.navigation import NavEntry

CLERK = Actor(account_id=1, post_id=7, name="周敏", duties=frozenset({"services.window"}))


@pytest.fixture
def entries() -> Registry[NavEntry]:
    return Registry("test")


def entry(key: str, **values: object) -> NavEntry:
    given = {"label": LocalizedText(key), "url_name": "design:gallery", **values}
    return NavEntry(key=key, **given)  # type: ignore[arg-type]


def request(path: str = "/design/", actor: Actor = CLERK):
    made = RequestFactory().get(path)
    made.actor = actor  # type: ignore[attr-defined]
    return made


def test_an_entry_without_a_page_is_left_out(entries: Registry[NavEntry]) -> None:
    entries.register("here", entry("here"))
    entries.register("gone", entry("gone", url_name="nowhere:at-all"))
    assert [link.key for link in navigation.links(entries, request())] == ["here"]


def test_an_entry_is_shown_to_whom_it_is_meant(entries: Registry[NavEntry]) -> None:
    entries.register("window", entry("window", visible=lambda actor: "services.window" in actor.duties))
    assert [link.key for link in navigation.links(entries, request())] == ["window"]
    assert navigation.links(entries, request(actor=Actor.stranger())) == []


def test_entries_stand_in_their_order_under_their_headings(entries: Registry[NavEntry]) -> None:
    mine, unit = LocalizedText("我的工作"), LocalizedText("本单位")
    entries.register("b", entry("b", order=2, group=unit))
    entries.register("a", entry("a", order=1, group=mine))
    entries.register("c", entry("c", order=3, group=mine))
    groups = navigation.grouped(navigation.links(entries, request()))
    assert [(group, [link.key for link in links]) for group, links in groups] == [
        (mine, ["a", "c"]),
        (unit, ["b"]),
    ]


def test_the_entry_that_leads_deepest_is_the_current_one(entries: Registry[NavEntry]) -> None:
    entries.register("all", entry("all"))
    entries.register("late", entry("late", query="view=late"))
    entries.register("home", entry("home", url_name="portal:home"))

    def current(path: str) -> list[str]:
        return [link.key for link in navigation.links(entries, request(path)) if link.is_current]

    assert current("/design/") == ["all"]
    assert current("/design/?view=late&page=2") == ["late"]
    assert current("/") == ["home"]
    assert current("/other/") == []


def test_nothing_is_counted_unless_asked(entries: Registry[NavEntry]) -> None:
    def refuse(actor: Actor) -> int:
        raise AssertionError("counted")

    entries.register("todo", entry("todo", count=refuse))
    assert navigation.links(entries, request())[0].count is None


def test_a_count_comes_from_a_provider_or_from_the_entry(entries: Registry[NavEntry]) -> None:
    entries.register("todo", entry("todo"))
    entries.register("late", entry("late", count=lambda actor: 3))
    entries.register("done", entry("done", count=lambda actor: None))
    counts = [link.count for link in navigation.links(entries, request(), counts={"todo": 28})]
    assert counts == [28, 3, None]
