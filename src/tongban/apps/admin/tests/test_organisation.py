"""The pages of units and posts: who walks which road, and who sees nothing."""

import pytest
import yaml

from tests.support.installation import ROOT
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.models import Holding, Post, Unit
from tongban.kernel.ledger.models import Act

from .conftest import AT

pytestmark = pytest.mark.django_db
BASIS = "澄编发〔2026〕3号"
UNIT = {"name_zh": "大数据中心", "name_en": "Data Centre", "short_zh": "数据中心", "kind": "institution"}
UNIT |= {"division_code": "532399000000", "basis": BASIS}


def test_the_system_administrator_founds_renames_and_moves_a_unit(world, clients):
    browser = clients["system"]
    founded = browser.post("/desk/admin/units/new/", {**UNIT, "parent": world.data.pk})
    unit = Unit.objects.get(code="sjzx")
    renamed = browser.post("/desk/admin/units/sjzx/change/", {**UNIT, "name_zh": "数据和算力中心"})
    moved = browser.post("/desk/admin/units/sjzx/move/", {"parent": world.county.pk, "basis": BASIS})
    page = browser.get("/desk/admin/units/sjzx/").content.decode()

    assert founded["Location"] == renamed["Location"] == moved["Location"] == "/desk/admin/units/sjzx/"
    assert unit.parent_id == world.data.pk
    assert "数据和算力中心" in page
    assert "大数据中心" in page  # in its history
    assert page.count(BASIS) == 3
    verbs = Act.objects.order_by("-pk").values_list("verb", flat=True)[:3]
    assert list(verbs) == ["identity.move_unit", "identity.change_unit", "identity.found_unit"]


def test_a_wrong_form_keeps_what_was_typed_and_says_what_to_correct(world, clients):
    answer = clients["system"].post("/desk/admin/units/new/", {**UNIT, "division_code": "5323", "basis": ""})
    page = answer.content.decode()

    assert answer.status_code == 422
    assert 'href="#f-division_code"' in page
    assert 'href="#f-basis"' in page
    assert 'value="大数据中心"' in page
    assert not Unit.objects.filter(code="sjzx").exists()


def test_the_security_administrator_makes_a_post_and_appoints(world, clients):
    browser = clients["security"]
    made = browser.post(
        "/desk/admin/units/scjg/posts/new/", {"name_zh": "审查员", "duties": ["services.review", "x"]}
    )
    post = Post.objects.latest("pk")
    found = browser.post(f"/desk/admin/posts/{post.pk}/appoint/", {"q": "杨", "find": "1"})
    appointed = browser.post(
        f"/desk/admin/posts/{post.pk}/appoint/",
        {"person": str(world.clerk.person_id), "since": "2026-03-02", "until": "2026-03-31"},
    )
    holding = Holding.objects.get(post=post)

    assert made["Location"] == appointed["Location"] == f"/desk/admin/posts/{post.pk}/"
    assert post.duties == ["services.review"]
    assert "杨雪梅" in found.content.decode()
    assert holding.since == AT
    assert holding.until.isoformat() == "2026-03-31T16:00:00+00:00"
    assert any(p.post_id == post.pk for p in identity.posts_of(world.clerk, AT))


def test_every_duty_that_the_demo_county_gives_can_be_given_here():
    posts = yaml.safe_load((ROOT / "packs/chengxi/posts.yaml").read_text("utf-8"))["posts"]
    offered = {duty.key for duty in identity.duties_for_choice()}
    assert {duty for post in posts for duty in post["duties"]} <= offered


def test_a_second_administrator_duty_is_refused_in_words(world, clients):
    post = identity.get_post(Post.objects.get(code="audit").pk, AT).post
    answer = clients["security"].post(
        f"/desk/admin/posts/{post.pk}/appoint/",
        {"person": str(world.system.person_id), "since": "", "until": ""},
    )

    assert answer.status_code == 409
    assert "系统、安全、审计管理员必须由不同的人担任" in answer.content.decode()
    assert Holding.objects.filter(post=post).count() == 1


def test_an_appointment_ends_with_a_reason(world, clients):
    holding = Holding.objects.get(post=world.window)
    address = f"/desk/admin/holdings/{holding.pk}/end/"
    without = clients["security"].post(address, {"reason": ""})
    ended = clients["security"].post(address, {"reason": "调动"})

    assert without.status_code == 422
    assert ended.status_code == 302
    assert identity.posts_of(world.clerk, AT) == []
    assert clients["security"].get(address).status_code == 404


LOOKS = ["/desk/admin/", "/desk/admin/units/scjg/", "/desk/admin/posts/{post}/"]
SYSTEMS = ["/desk/admin/units/new/", "/desk/admin/units/scjg/change/", "/desk/admin/units/scjg/move/"]
SECURITYS = [
    "/desk/admin/units/scjg/posts/new/",
    "/desk/admin/posts/{post}/change/",
    "/desk/admin/posts/{post}/abolish/",
    "/desk/admin/posts/{post}/appoint/",
    "/desk/admin/holdings/{holding}/end/",
]


@pytest.mark.parametrize(
    ("who", "opens"),
    [
        ("system", LOOKS + SYSTEMS),
        ("security", LOOKS + SECURITYS),
        ("audit", LOOKS),
        ("clerk", []),
        ("citizen", []),
    ],
)
def test_everybody_finds_the_own_pages_and_no_other(world, clients, who, opens):
    values = {"post": world.window.pk, "holding": Holding.objects.get(post=world.window).pk}
    answers = {
        page: clients[who].get(page.format(**values)).status_code for page in LOOKS + SYSTEMS + SECURITYS
    }

    assert answers == {page: 200 if page in opens else 404 for page in answers}


def test_who_only_looks_is_offered_no_button(world, clients):
    page = clients["audit"].get("/desk/admin/units/scjg/").content.decode()

    assert "设岗位" not in page
    assert "调整隶属" not in page
    assert "杨雪梅" in page
