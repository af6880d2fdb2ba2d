"""The pages: every kind can be looked at, begun, edited and published with nothing but forms and links."""

from __future__ import annotations

import re

import pytest

from tests.support.county import County
from tongban.apps.studio.models import Change, Draft
from tongban.apps.studio.rules import differences
from tongban.apps.studio.tests.browsing import fields_of, number_in, start
from tongban.apps.studio.tests.conftest import Studio
from tongban.base.editables import editable

KINDS = {
    "item": "small-catering",
    "form": "food-licence",
    "process": "food-licence-new",
    "paper": "correction-notice",
    "certificate": "food-licence",
    "table": "small-catering-eligibility",
    "message": "instruments.served",
}


def test_the_start_page_shows_what_can_be_edited(desk: Studio) -> None:
    page = desk.client("studio1").get("/desk/studio/").content.decode()
    for kind in KINDS:
        assert f"/desk/studio/{kind}/" in page


@pytest.mark.parametrize("who", ["citizen", "officer1", "sysadmin", ""])
def test_whoever_has_no_duty_in_studio_finds_nothing(who: str, desk: Studio) -> None:
    number = desk.begin("form", "food-licence").case.number
    client = desk.client(who)
    for address in (
        "/desk/studio/",
        "/desk/studio/form/",
        "/desk/studio/form/of/food-licence/",
        f"/desk/studio/changes/{number}/",
        f"/desk/studio/changes/{number}/form/food-licence/",
        f"/desk/studio/changes/{number}/form/food-licence/content/",
    ):
        answer = client.get(address)
        assert answer.status_code == 404 if who else answer.status_code == 302
    assert "/desk/studio/" not in client.get("/desk/").content.decode()


@pytest.mark.parametrize(("kind", "key"), KINDS.items())
def test_every_page_of_a_kind_answers(kind: str, key: str, desk: Studio) -> None:
    client = desk.client("studio1")
    assert client.get(f"/desk/studio/{kind}/").status_code == 200
    assert client.get(f"/desk/studio/{kind}/of/{key}/").status_code == 200
    assert client.get(f"/desk/studio/{kind}/of/{key}/compare/").status_code == 200
    number = start(client, kind, key)
    assert client.get(f"/desk/studio/changes/{number}/").status_code == 200
    editor = f"/desk/studio/changes/{number}/{kind}/{key}/"
    page = client.get(editor)
    assert page.status_code == 200
    for query in sorted(set(re.findall(r'href="(\?(?:tab|at)=[^"#]*)', page.content.decode()))):
        inner = client.get(editor + query.replace("&amp;", "&"))
        assert inner.status_code == 200, query
    assert client.get(f"/desk/cases/{number}/", follow=True).status_code == 200


@pytest.mark.parametrize(("kind", "key"), KINDS.items())
def test_saving_what_was_not_touched_changes_nothing(kind: str, key: str, desk: Studio) -> None:
    """The editor keeps every word of a content, those that it does not know too."""
    client = desk.client("studio1")
    number = start(client, kind, key)
    editor = f"/desk/studio/changes/{number}/{kind}/{key}/"
    before = editable(kind).load(key)
    queue, seen = [""], set()
    while queue:
        query = queue.pop()
        if query in seen:
            continue
        seen.add(query)
        page = client.get(editor + query).content.decode()
        queue += [q.replace("&amp;", "&") for q in re.findall(r'href="(\?(?:tab|at)=[^"#]*)', page)]
        if kind == "process":
            continue
        fields = fields_of(client, editor + query)
        answer = client.post(editor, fields)
        assert answer.status_code == 302, query
        after = Draft.objects.get(key=key, kind=kind, is_open=True).content
        assert differences(before, after) == [], query
        assert after == before, query
    assert kind in ("message", "process") or len(seen) > 2


def test_a_question_is_added_and_published_with_forms_only(desk: Studio) -> None:
    client = desk.client("studio1")
    number = start(client, "form", "food-licence")
    editor = f"/desk/studio/changes/{number}/form/food-licence/"
    fields = fields_of(client, f"{editor}?at=pages.0")
    answer = client.post(editor, {**fields, "do": "add:pages.0.fields"})
    where = answer["Location"]
    assert "at=pages.0.fields." in where
    fields = fields_of(client, where)
    typed = {"label.zh": "门头照片张数", "label.en": "Photos", "key": "photo_count", "type": "integer"}
    prefix = re.search(r"at=([^&#]+)", where)[1]  # type: ignore[index]
    answer = client.post(editor, {**fields, **{f"{prefix}.{name}": value for name, value in typed.items()}})
    draft = Draft.objects.get(kind="form", key="food-licence", is_open=True)
    assert draft.errors == 0
    client.post(f"/desk/studio/changes/{number}/do/", {"do": "submit", "opinion": "多问一项"})
    reviewer = desk.client("studio2")
    page = reviewer.get(f"/desk/studio/changes/{number}/").content.decode()
    assert "门头照片张数" in page and "多问一项" in page
    answer = reviewer.post(f"/desk/studio/changes/{number}/do/", {"do": "approve"})
    assert Change.objects.get(case__number=number).case.state == "published"
    newest = editable("form").load("food-licence")
    assert newest["pages"][0]["fields"][-1]["key"] == "photo_count"


def test_an_editor_who_reviews_too_finds_no_button_for_his_own(desk: Studio) -> None:
    client = desk.client("studio2")
    number = start(client, "form", "food-licence")
    client.post(f"/desk/studio/changes/{number}/do/", {"do": "submit"})
    page = client.get(f"/desk/studio/changes/{number}/").content.decode()
    assert 'value="approve"' not in page
    answer = client.post(f"/desk/studio/changes/{number}/do/", {"do": "approve"})
    assert answer.status_code == 409
    assert Change.objects.get(case__number=number).case.state == "reviewing"


def test_a_draft_is_loaded_and_saved_as_json_with_its_revision(desk: Studio) -> None:
    client = desk.client("studio1")
    number = start(client, "process", "food-licence-new")
    address = f"/desk/studio/changes/{number}/process/food-licence-new/content/"
    loaded = client.get(address).json()
    content = {**loaded["content"], "xml": loaded["content"]["xml"].replace("收件核对", "收件检查")}
    answer = client.post(
        address, {"content": content, "revision": loaded["revision"]}, content_type="application/json"
    )
    assert answer.status_code == 200
    assert answer.json()["revision"] == loaded["revision"] + 1
    late = {**content, "xml": content["xml"].replace("收件检查", "收件审查")}
    answer = client.post(
        address, {"content": late, "revision": loaded["revision"]}, content_type="application/json"
    )
    assert answer.status_code == 409
    assert Draft.objects.get(kind="process", is_open=True).content == content


def test_of_an_item_everything_of_its_own_is_copied(desk: Studio) -> None:
    client = desk.client("studio1")
    page = client.get("/desk/studio/item/of/small-catering/copy/").content.decode()
    ticked = dict(re.findall(r'name="(take:[^"]+)" value="(1)" checked', page))
    assert any(name.startswith("take:form:") for name in ticked)
    assert any(name.startswith("take:process:") for name in ticked)
    answer = client.post(
        "/desk/studio/item/of/small-catering/copy/",
        {**ticked, "do": "copy", "key": "tea-house", "zh": "茶馆登记", "en": "Tea house"},
    )
    number = number_in(answer["Location"])
    drafts = {(d.kind, d.key): d for d in Draft.objects.filter(change__case__number=number)}
    item = drafts["item", "tea-house"].content
    assert ("form", item["form"]) in drafts and item["form"] != "small-catering"
    assert ("process", item["process"]) in drafts
    assert ("certificate", item["certificate"]) in drafts
    assert item["name"]["zh"] == "茶馆登记"
    assert client.get(f"/desk/studio/changes/{number}/").status_code == 200


def test_the_guide_is_looked_at_before_it_is_published(desk: Studio) -> None:
    client = desk.client("studio1")
    number = start(client, "item", "small-catering")
    editor = f"/desk/studio/changes/{number}/item/small-catering/"
    assert f"{editor}page/guide/" in client.get(editor).content.decode()
    page = client.get(f"{editor}page/guide/").content.decode()
    assert "预览：还没有发布" in page and f'href="{editor}"' in page
    draft = Draft.objects.get(kind="item", key="small-catering", is_open=True)
    draft.content = {"key": "small-catering"}
    draft.save()
    assert client.get(f"{editor}page/guide/").status_code == 302


def test_the_reviewer_is_told_how_many_cases_keep_the_old_version(desk: Studio, county: County) -> None:
    county.submit()
    number = start(desk.client("studio1"), "item", "food-licence")
    assert "现在有 1 件在办" in desk.client("studio2").get(f"/desk/studio/changes/{number}/").content.decode()


def test_what_is_made_for_a_new_item_is_chosen_in_it(desk: Studio) -> None:
    client = desk.client("studio1")
    answer = client.post("/desk/studio/item/new/", {"key": "tea-house", "zh": "茶馆登记"})
    number = number_in(answer["Location"])
    change = f"/desk/studio/changes/{number}/"
    for kind in ("form", "process", "certificate", "paper"):
        assert client.post(f"{change}add/", {"what": f"{kind}:", "zh": "茶馆"}).status_code == 302
    drafts = {draft.kind: draft for draft in Draft.objects.filter(change__case__number=number)}
    item = drafts["item"].content
    assert [item[kind] for kind in ("form", "process", "certificate")] == [
        drafts[kind].key for kind in ("form", "process", "certificate")
    ]
    assert drafts["form"].key == "tea-house-form" and drafts["form"].content["name"]["zh"] == "茶馆"
    client.post(f"{change}add/", {"what": "process:small-catering-new", "do": "copy"})
    copied = Draft.objects.get(change__case__number=number, key="tea-house-small-catering-new")
    assert (copied.base_version, copied.content["key"]) == (0, copied.key)
    item = Draft.objects.get(change__case__number=number, kind="item").content
    assert item["process"] == drafts["process"].key, "what is chosen already stays"
