"""The material vault: kept once, chosen with one click, graded by what became of it, nobody else's business."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pypdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.support.county import MAIN_FIRM, PNG, County
from tongban.apps.services import service as services
from tongban.apps.services.errors import ApplicationNotFound, NotEditable
from tongban.apps.services.queries import keeping
from tongban.apps.vault import queries
from tongban.apps.vault import service as vault
from tongban.apps.vault.errors import CopyRefused, MaterialNotFound, MaterialRefused, NotUsable
from tongban.apps.vault.models import Material, Use
from tongban.apps.vault.operations import use as using
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText as T
from tongban.kernel.files import service as files
from tongban.kernel.files.errors import FileNotFound, FileTypeRefused, NoWatermark
from tongban.kernel.files.tests.samples import ofd, pdf
from tongban.kernel.ledger import service as ledger
from tongban.kernel.registers import service as registers

HEALTH = "health_certificates"


@pytest.fixture
def firm(county: County) -> Ref:
    """The noodle shop's vault, which its owner opens."""
    return Ref.to("entity", county.entity(MAIN_FIRM).pk)


def keep(county: County, owner: Ref, **said: Any) -> Material:
    """Let the citizen keep a picture."""
    values = {
        "kind": HEALTH,
        "name": "王师傅健康证",
        "is_own": False,
        "promises": False,
        "valid_to": None,
        "upload": SimpleUploadedFile("card.png", PNG),
        **said,
    }
    return vault.keep_upload(actor=county.actor("citizen"), owner=owner, at=county.now, **values)


def offered(county: County, case: Any, key: str = HEALTH, who: str = "citizen") -> list[Any]:
    """Return what the materials page offers for a material."""
    item = services.get_item("food-licence")
    materials = services.materials_of(case, item)
    actor = county.actor(who)
    return list(keeping.offers_for(actor, case, item, materials, at=county.now).get(key, []))


def choose(county: County, case: Any, offer_id: str, key: str = HEALTH, who: str = "citizen") -> Any:
    """Choose an offer."""
    return services.choose_material(
        actor=county.actor(who), case_id=case.pk, key=key, offer_id=offer_id, at=county.now
    )


def test_what_is_kept_is_offered_by_kind_and_chosen_with_one_click(county: County, firm: Ref) -> None:
    material = keep(county, firm)
    assert material.grade == "C"
    case = county.draft()
    [offer] = offered(county, case)
    assert (offer.name.zh, offer.grade, offer.is_usable) == ("王师傅健康证", "C", True)
    client = county.client("citizen")
    page = client.get(f"/services/applications/{case.pk}/materials/").content.decode()
    assert "王师傅健康证" in page
    answer = client.post(f"/services/applications/{case.pk}/materials/", {"take": f"{HEALTH}:{offer.id}"})
    assert answer.status_code == 302
    [file] = files.files_of(case.ref, f"material:{HEALTH}")
    assert file.id == material.file_id
    [used] = vault.one_page(county.actor("citizen"), material.pk, at=county.now).uses
    assert used.is_draft and used.title == case.title


def test_what_nobody_named_otherwise_is_offered_in_the_words_of_the_service(
    county: County, firm: Ref
) -> None:
    keep(county, firm, name="从业人员健康证明")
    [offer] = offered(county, county.draft())
    assert offer.name.en == "Health certificates of staff"


def test_what_has_expired_is_shown_and_cannot_be_used(county: County, firm: Ref) -> None:
    material = keep(county, firm, valid_to=date(2026, 1, 31))
    case = county.draft()
    [offer] = offered(county, case)
    assert not offer.is_usable and offer.why_not.zh == "已经过了有效期"
    with pytest.raises(NotUsable):
        choose(county, case, offer.id)
    assert not Use.objects.filter(material=material).exists()
    assert files.files_of(case.ref, f"material:{HEALTH}") == []


def test_a_certificate_is_grade_a_read_live_and_never_kept(county: County, firm: Ref) -> None:
    at, unit = county.now, services.get_item("food-licence").unit
    sheet = files.store_bytes(
        name="证.pdf", media_type="application/pdf", content=pdf(), use=Ref("x", "1"), role="x", at=at
    )
    values = {
        "identifier": "1.2.156.3005.2.X",
        "type": "health",
        "holder_kind": "entity",
        "holder_key": MAIN_FIRM,
        "number": "健 1 号",
        "name": "健康证明",
        "issued_on": date(2026, 1, 1),
        "valid_from": date(2026, 1, 1),
        "valid_to": date(2026, 12, 31),
        "status": "valid",
        "issuing_unit": unit.code,
        "file_id": str(sheet.pk),
    }

    def write(**changed: Any) -> None:
        registers.put_record(
            actor=Actor.system("test"),
            register="certificates",
            key=values["identifier"],
            values={**values, **changed},
            source="test",
            at=county.now,
        )

    write()
    case = county.submit()
    wanted = keeping.Wanted(
        HEALTH, services.get_item("food-licence").name, T("健康证明", "Health certificate"), False
    )
    [offer] = queries.offers(actor=county.actor("citizen"), owner=firm, wanted=[wanted], at=at)[HEALTH]
    assert (offer.name.en, offer.grade, offer.is_usable) == ("Health certificate", "A", True)
    taken = {"actor": county.actor("citizen"), "owner": firm, "key": HEALTH, "case": case.ref}
    file_id = using.take(offer_id=offer.id, role=f"material:{HEALTH}", at=at, **taken)
    assert file_id == sheet.pk and not Material.objects.filter(file_id=sheet.pk).exists()
    assert queries.sources(case=case.ref, files={file_id: False}, at=at)[file_id].alarm is False
    county.go_to(county.now + timedelta(hours=1))
    write(status="suspended")
    now = queries.sources(case=case.ref, files={file_id: False}, at=county.now)[file_id]
    assert now.alarm and "已暂扣" in now.text.zh  # the officer sees how it stands today
    with pytest.raises(NotUsable):
        using.take(offer_id=offer.id, role="material:x", at=county.now, **taken)
    using.keep_from_case(str(case.pk), is_checked=True, at=county.now)
    assert not Material.objects.filter(file_id=sheet.pk).exists()


def test_accepting_keeps_the_uploads_and_granting_raises_what_others_issued(
    county: County, firm: Ref
) -> None:
    chosen = keep(county, firm)
    case = county.draft()
    choose(county, case, f"m:{chosen.pk}")
    case, _ = services.submit_application(actor=county.actor("citizen"), case_id=case.pk, at=county.now)
    county.accept(case)
    county.drain()
    kept = {each.kind: each for each in Material.objects.filter(owner_id=firm.id)}
    assert {key: each.grade for key, each in kept.items()} == {
        "layout_plan": "D",
        "equipment": "D",
        "safety_rules": "D",
        HEALTH: "C",
    }
    county.grant(county.review(county.again(case)))
    county.drain()
    chosen.refresh_from_db()
    assert (chosen.grade, chosen.checked_in) == ("B", case.number)
    assert Material.objects.get(kind="layout_plan").grade == "D"  # his own word remains his own word
    assert Material.objects.filter(owner_id=firm.id).count() == 4
    using.keep_from_case(str(case.pk), is_checked=True, at=county.now)  # heard twice
    assert Material.objects.filter(owner_id=firm.id).count() == 4
    officer = county.client("officer1").get(f"/desk/cases/{case.number}/").content.decode()
    assert "B 级" in officer and f"在 {case.number} 中核过" in officer


def test_a_refused_case_raises_nothing(county: County, firm: Ref) -> None:
    chosen = keep(county, firm)
    case = county.draft()
    choose(county, case, f"m:{chosen.pk}")
    case, _ = services.submit_application(actor=county.actor("citizen"), case_id=case.pk, at=county.now)
    county.refuse(county.review(county.accept(case)))
    county.drain()
    chosen.refresh_from_db()
    assert chosen.grade == "C"


def test_nobody_else_opens_a_vault(county: County, firm: Ref) -> None:
    material = keep(county, firm)
    case = county.submit()
    for who in ("rep", "window", "officer1", "sysadmin"):
        actor = county.actor(who)
        for call in (
            lambda a=actor: vault.one_page(a, material.pk, at=county.now),
            lambda a=actor: vault.remove_material(actor=a, material_id=material.pk, at=county.now),
            lambda a=actor: vault.vault_page(a, chosen=str(firm), at=county.now),
            lambda a=actor: vault.make_copy(
                actor=a, material_id=material.pk, purpose="x", receiver="y", at=county.now
            ),
        ):
            with pytest.raises(MaterialNotFound):
                call()
        with pytest.raises(FileNotFound):
            files.open_for(actor=actor, file_id=material.file_id, at=county.now)
        assert offered(county, case, who=who) == []
    with pytest.raises(MaterialNotFound):
        vault.keep_upload(
            actor=county.actor("rep"),
            owner=firm,
            kind="",
            name="x",
            is_own=False,
            promises=False,
            valid_to=None,
            upload=SimpleUploadedFile("a.png", PNG),
            at=county.now,
        )
    material.refresh_from_db()
    assert material.removed_at is None and Material.objects.filter(owner_id=firm.id).count() == 1


def test_another_ones_material_cannot_be_chosen(county: County, firm: Ref) -> None:
    material = keep(county, firm)
    hers = county.draft("rep")
    with pytest.raises(ApplicationNotFound):
        choose(county, hers, f"m:{material.pk}", who="rep")
    assert not Use.objects.exists() and files.files_of(hers.ref, f"material:{HEALTH}") == []
    submitted = county.submit()
    with pytest.raises(NotEditable):
        choose(county, submitted, f"m:{material.pk}")


def test_an_official_reads_it_in_the_case_and_the_owner_sees_that(county: County, firm: Ref) -> None:
    material = keep(county, firm)
    case = county.draft()
    choose(county, case, f"m:{material.pk}")
    case, _ = services.submit_application(actor=county.actor("citizen"), case_id=case.pk, at=county.now)
    before = len(ledger.reads_about(MAIN_FIRM))
    files.open_for(actor=county.actor("window"), file_id=material.file_id, at=county.now)
    reads = ledger.reads_about(MAIN_FIRM)
    assert len(reads) == before + 1 and reads[0].fields == ("handed_in",)
    [reader] = vault.one_page(county.actor("citizen"), material.pk, at=county.now).readers
    assert reader.unit.zh
    files.open_for(actor=county.actor("citizen"), file_id=material.file_id, at=county.now)
    assert len(ledger.reads_about(MAIN_FIRM)) == before + 1


def test_what_a_case_uses_stays_with_the_case(county: County, firm: Ref) -> None:
    material = keep(county, firm)
    case = county.draft()
    choose(county, case, f"m:{material.pk}")
    vault.remove_material(actor=county.actor("citizen"), material_id=material.pk, at=county.now)
    with pytest.raises(MaterialNotFound):
        vault.get_material(county.actor("citizen"), material.pk, at=county.now)
    assert [f.id for f in files.files_of(case.ref, f"material:{HEALTH}")] == [material.file_id]
    assert offered(county, county.again(case)) == []


def test_a_copy_says_on_each_page_for_whom_and_what_for(county: County, firm: Ref) -> None:
    two = pypdf.PdfWriter()
    two.add_blank_page(width=595, height=842)
    two.add_blank_page(width=842, height=595)
    out = io.BytesIO()
    two.write(out)
    material = keep(county, firm, upload=SimpleUploadedFile("a.pdf", out.getvalue()))
    original = files.read_file(material.file_id)
    copy = vault.make_copy(
        actor=county.actor("citizen"),
        material_id=material.pk,
        purpose="贷款",
        receiver="澄溪农商银行",
        at=county.now,
    )
    for page in pypdf.PdfReader(io.BytesIO(files.read_file(copy.file_id))).pages:
        assert "仅供澄溪农商银行办理贷款使用" in page.extract_text()
    assert files.read_file(material.file_id) == original
    with pytest.raises(FileNotFound):
        files.file_for(county.actor("rep"), copy.file_id)
    assert files.file_for(county.actor("citizen"), copy.file_id)


def test_a_copy_needs_words_and_something_that_can_be_drawn_on(county: County, firm: Ref) -> None:
    picture = keep(county, firm)
    with pytest.raises(CopyRefused):
        vault.make_copy(
            actor=county.actor("citizen"), material_id=picture.pk, purpose="", receiver="银行", at=county.now
        )
    sheet = keep(county, firm, upload=SimpleUploadedFile("a.ofd", ofd()))
    with pytest.raises(NoWatermark):
        vault.make_copy(
            actor=county.actor("citizen"), material_id=sheet.pk, purpose="a", receiver="b", at=county.now
        )
    assert not picture.copies.exists() and not sheet.copies.exists()


def test_what_one_made_oneself_needs_a_promise_and_hostile_files_are_refused(
    county: County, firm: Ref
) -> None:
    with pytest.raises(MaterialRefused) as refused:
        keep(county, firm, is_own=True)
    assert [each["field"] for each in refused.value.data["errors"]] == ["promises"]
    with pytest.raises(FileTypeRefused):
        keep(county, firm, upload=SimpleUploadedFile("a.png", b"MZ\x90\x00"))
    assert not Material.objects.exists()
    assert keep(county, firm, is_own=True, promises=True).grade == "D"


def test_another_last_day_takes_the_check_away(county: County, firm: Ref) -> None:
    material = keep(county, firm)
    material.checked_at, material.checked_in = county.now, "CX-1"
    material.checked_by = services.get_item("food-licence").unit
    material.save()
    changed = vault.change_material(
        actor=county.actor("citizen"), material_id=material.pk, name="新名", valid_to=None, at=county.now
    )
    assert (changed.name, changed.grade) == ("新名", "B")
    later = vault.change_material(
        actor=county.actor("citizen"),
        material_id=material.pk,
        name="新名",
        valid_to=date(2030, 1, 1),
        at=county.now,
    )
    assert later.grade == "C"


def test_the_pages_list_it_and_keep_what_was_wrong(county: County, firm: Ref) -> None:
    client = county.client("citizen")
    wrong = client.post("/my/materials/add/", {"of": str(firm), "kind": HEALTH, "way": "own"})
    assert wrong.status_code == 422
    sent = {"of": str(firm), "kind": HEALTH, "way": "issued", "upload": SimpleUploadedFile("a.png", PNG)}
    answer = client.post("/my/materials/add/", sent)
    assert answer.status_code == 302
    [material] = Material.objects.filter(owner_id=firm.id)
    assert "从业人员健康证明" in client.get(f"/my/materials/?of={firm}").content.decode()
    one = f"/my/materials/{material.pk}/"
    assert client.post(one, {"name": "改名", "valid_to": "2026-99-99"}).status_code == 422
    assert client.post(one, {"name": "改名", "valid_to": "2027-01-01"}).status_code == 302
    assert client.post(f"{one}copy/", {"receiver": "银行", "purpose": "贷款"}).status_code == 302
    assert "银行" in client.get(one).content.decode()
    assert client.post(f"{one}remove/").status_code == 302
    assert client.get(one).status_code == 404
    assert county.client().get(one).status_code == 302
    assert county.client("window").get("/my/materials/").status_code == 302


# --- by a program -------------------------------------------------------------------------------------------------------


def test_a_program_lists_keeps_copies_and_removes(county: County, firm: Ref) -> None:
    headers = county.token("citizen")
    client = county.client()

    def call(method: str, path: str, **more: Any) -> Any:
        return getattr(client, method)(f"/api/v1/vault{path}", headers=headers, **more)

    said = {"of": str(firm), "kind": HEALTH, "name": "王师傅健康证", "valid_to": "2027-01-31"}
    made = call("post", "/materials", data={**said, "file": SimpleUploadedFile("card.png", PNG)})
    assert made.status_code == 201 and made.json()["grade"] == "C"
    place = f"/materials/{made.json()['id']}"
    listed = call("get", f"?of={firm}").json()
    assert [each["id"] for each in listed["materials"]] == [made.json()["id"]]
    assert str(firm) in [each["of"] for each in listed["owners"]]
    assert call("get", "").json()["materials"] == []
    json = {"content_type": "application/json"}
    assert call("post", f"{place}/copies", data={"receiver": "", "purpose": ""}, **json).status_code == 422
    copied = call("post", f"{place}/copies", data={"receiver": "采购中心", "purpose": "投标"}, **json)
    assert copied.status_code == 201
    assert [each["id"] for each in call("get", f"{place}/copies").json()] == [copied.json()["id"]]
    assert call("get", f"{place}/copies/{copied.json()['id']}/pdf").content.startswith(b"%PDF")
    assert call("delete", place).status_code == 204
    assert call("get", place).status_code == 404
    assert call("get", f"{place}/copies/{copied.json()['id']}/pdf").status_code == 404


def test_a_program_opens_nobody_elses_vault(county: County, firm: Ref) -> None:
    material = keep(county, firm)
    for who in ("villager", "window", "officer1"):
        headers = county.token(who)
        client = county.client()
        assert client.get(f"/api/v1/vault?of={firm}", headers=headers).status_code == 404
        for path in ("", "/copies"):
            found = client.get(f"/api/v1/vault/materials/{material.pk}{path}", headers=headers)
            assert found.status_code == 404
        gone = client.delete(f"/api/v1/vault/materials/{material.pk}", headers=headers)
        assert gone.status_code == 404
    assert Material.objects.get(pk=material.pk).removed_at is None
