"""An item can be edited by anybody who knows only what an ``Editable`` is."""

from __future__ import annotations

from typing import Any

from tests.support.county import County
from tongban.base import editables
from tongban.base.actor import Actor
from tongban.base.editables import Link

EDITOR = Actor.system("editor")


def test_what_was_loaded_is_published_again_as_the_next_version(county: County) -> None:
    items = editables.editable("item")
    content = items.load("food-licence")
    assert items.publish(content=content, actor=EDITOR, at=county.now) == 1, "nothing changed"
    content["lead"]["zh"] = "改过的一句话"
    assert items.publish(content=content, actor=EDITOR, at=county.now) == 2
    assert [each.version for each in items.versions("food-licence")] == [2, 1]
    assert items.load_version("food-licence", 1)["lead"]["zh"] != "改过的一句话"
    row = next(each for each in items.rows() if each.key == "food-licence")
    assert (row.title.zh, row.version) == ("食品经营许可（新办）", 2)
    assert items.versions("nothing") == []


def test_an_item_names_its_form_its_process_and_its_neighbours(county: County) -> None:
    items = editables.editable("item")
    assert set(items.links(items.load("food-licence"))) == {
        Link("form", "food-licence"), Link("process", "food-licence-new"), Link("item", "small-catering"),
        Link("certificate", "food-licence"),
    }  # fmt: skip


def test_a_copy_goes_by_other_names_and_has_no_codes_yet(county: County) -> None:
    items = editables.editable("item")
    keys = {Link("item", "food-licence"): "copy", Link("form", "food-licence"): "copy-form"}
    made = items.renamed(items.load("food-licence"), keys)
    assert (made["key"], made["form"], made["process"]) == ("copy", "copy-form", "food-licence-new")
    assert "handling_code" not in made
    assert {fault.path for fault in items.check(made) if fault.is_error} == {"handling_code", "form"}


def test_a_blank_item_is_full_of_faults_and_breaks_nothing(county: County) -> None:
    items = editables.editable("item")
    faults = {fault.path for fault in items.check(items.blank()) if fault.is_error}
    assert {"key", "name", "unit", "type", "handling_code"} <= faults
    for broken in ({}, {"unit": []}, {"situations": [1], "limits": 3, "form": {}}):
        content: dict[str, Any] = items.blank() | broken
        assert items.check(content)
        items.links(content)


def test_a_unit_that_does_not_exist_is_a_fault(county: County) -> None:
    items = editables.editable("item")
    content = items.load("food-licence") | {"unit": "nobody"}
    assert ("unit", "error") in {(fault.path, fault.level) for fault in items.check(content)}
