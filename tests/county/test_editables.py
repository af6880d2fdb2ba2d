"""Everything that the county publishes can be read as content, is found right, and goes back unchanged."""

from __future__ import annotations

import pytest

from tests.support.county import County
from tongban.base.actor import Actor
from tongban.base.editables import Link, editables

SYSTEM = Actor.system("test")
KINDS = ["form", "process", "paper", "table", "message", "certificate", "item"]


def test_every_kind_is_registered() -> None:
    assert set(KINDS) <= set(editables.keys())


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_published_is_found_right_and_makes_no_new_version(kind: str, county: County) -> None:
    entry = editables.get(kind)
    rows = entry.rows()
    assert rows
    for row in rows:
        content = entry.load(row.key)
        assert content["key"] == row.key
        errors = [fault for fault in entry.check(content) if fault.is_error]
        assert not errors, (row.key, errors)
        newest = entry.versions(row.key)[0]
        assert newest.version == row.version
        assert entry.load_version(row.key, newest.version) == content
    key = next(row.key for row in rows if row.version)
    before = [version.version for version in entry.versions(key)]
    entry.publish(content=entry.load(key), actor=SYSTEM, at=county.now)
    assert [version.version for version in entry.versions(key)] == before


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("item", "certificate")])
def test_a_copy_under_another_key_can_be_published(kind: str, county: County) -> None:
    entry = editables.get(kind)
    key = next(row.key for row in entry.rows())
    mapping = {Link(kind, key): f"{key}-copy"}
    copied = entry.renamed(entry.load(key), mapping)
    assert copied["key"] == f"{key}-copy"
    assert not [fault for fault in entry.check(copied) if fault.is_error]
    number = entry.publish(content=copied, actor=SYSTEM, at=county.now)
    assert number == 1
    assert entry.load(f"{key}-copy") == entry.load_version(f"{key}-copy", 1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "content", [{}, {"key": 7}, {"key": "x", "name": 3, "pages": [None], "fields": [None]}]
)
def test_whatever_the_content_is_the_check_answers(kind: str, content: dict) -> None:
    assert [fault for fault in editables.get(kind).check(content) if fault.is_error]


def test_a_process_names_its_forms_and_tables(county: County) -> None:
    entry = editables.get("process")
    links = entry.links(entry.load("food-licence-new"))
    assert Link("form", "food-licence-correction") in links
    copied = entry.renamed(
        entry.load("food-licence-new"),
        {
            Link("process", "food-licence-new"): "copy-new",
            Link("form", "food-licence-correction"): "copy-correction",
        },
    )
    links = entry.links(copied)
    assert Link("form", "copy-correction") in links
    assert Link("form", "food-licence-correction") not in links
    assert not [fault for fault in entry.check(copied) if fault.is_error]
