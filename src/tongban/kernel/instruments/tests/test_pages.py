"""The paper's page and the public verification."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tongban.base.actor import Actor
from tongban.base.time import freeze
from tongban.kernel.files.service import read_file
from tongban.kernel.identity.service import create_token, put_account
from tongban.kernel.instruments import service
from tongban.kernel.instruments.rules import CODE_ALPHABET, clean_code, format_code, new_code
from tongban.kernel.instruments.tests.conftest import AT


def test_anybody_verifies_by_the_code_and_learns_nothing_about_a_person(client, issue):
    paper = issue()
    for typed in (paper.verify_code, format_code(paper.verify_code), paper.verify_code.lower()):
        page = client.get(reverse("instruments:verify", args=[typed])).content.decode()
        assert paper.number in page
        assert "澄溪县市场监督管理局" in page
        assert "李秀英" not in page


def test_a_wrong_code_is_told_so(client, issue):
    issue()
    assert client.get(reverse("instruments:verify", args=["WRONGWRONGWRONG2"])).status_code == 404
    answer = client.get(reverse("instruments:verify-form"), {"code": "wrong"})
    assert answer.status_code == 404
    assert "没有这个核验码对应的文书" in answer.content.decode()


def test_the_form_leads_to_the_page_of_the_code(client, issue):
    paper = issue()
    answer = client.get(reverse("instruments:verify-form"), {"code": paper.verify_code.lower()})
    assert answer.url == reverse("instruments:verify", args=[format_code(paper.verify_code)])


def test_the_qr_code_leads_to_the_public_address(issue, settings):
    settings.TONGBAN_PUBLIC_URL = "https://chengxi.example"
    paper = issue()
    assert (
        service.verify_url(paper.verify_code) == f"https://chengxi.example/papers/verify/{paper.verify_code}/"
    )


def test_a_pdf_is_compared_with_the_issued_one(client, issue):
    paper = service.render_paper(paper_id=issue().pk, at=issue().issued_at)
    pdf = read_file(paper.file_id)
    address = reverse("instruments:verify", args=[paper.verify_code])
    same = client.post(address, {"file": SimpleUploadedFile("p.pdf", pdf)}).content.decode()
    assert "一字不差" in same
    changed = client.post(
        address, {"file": SimpleUploadedFile("p.pdf", pdf.replace(b"Title", b"Tilte", 1) + b"%")}
    )
    assert "不一样" in changed.content.decode()
    assert client.post(address, {}).status_code == 422


def test_a_strangers_look_at_a_paper_is_not_found(client, issue):
    assert client.get(reverse("instruments:paper", args=[issue().pk])).status_code == 404


def test_codes_cannot_be_confused_or_guessed():
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(len(code) == 16 and set(code) <= set(CODE_ALPHABET) for code in codes)
    assert not set("01OIL") & set(CODE_ALPHABET)
    assert clean_code(format_code("K7QFM2XW9TRC4HNB")) == "K7QFM2XW9TRC4HNB"


def test_the_api_gives_facts_and_pdf_to_the_recipient_only(client, issue, citizen):
    account = put_account(
        actor=Actor.system("pack"), username="li", kind="citizen", person_id=citizen.person_id, at=AT
    )
    paper = issue()
    mine = {"Authorization": f"Bearer {create_token(account.username, 'test', AT)}"}
    address = f"/api/v1/papers/{paper.pk}"
    with freeze(AT):
        assert client.get(address).status_code == 401
        assert client.get(address, headers=mine).json()["number"] == paper.number
        assert client.get(f"{address}/pdf", headers=mine).json()["code"] == "paper-not-ready"
        service.render_paper(paper_id=paper.pk, at=AT)
        answer = client.get(f"{address}/pdf", headers=mine)
        assert b"".join(answer.streaming_content).startswith(b"%PDF-")
        assert client.get(address, headers=mine).json()["services"][0]["received_at"]
        other = issue(recipients=[])
        assert client.get(f"/api/v1/papers/{other.pk}", headers=mine).status_code == 404
        assert client.get(f"/api/v1/papers/{other.pk}/pdf", headers=mine).status_code == 404


def test_the_api_verifies_without_a_token_and_names_nobody(client, issue):
    paper = issue()
    answer = client.get(f"/api/v1/papers/verify/{paper.verify_code}")
    assert answer.json()["number"] == paper.number
    assert "李秀英" not in answer.content.decode()
    assert client.get("/api/v1/papers/verify/NOSUCHCODE").status_code == 404


def test_the_page_waits_without_reloading_itself_and_leads_to_the_pdf(client, issue, citizen):
    account = put_account(
        actor=Actor.system("pack"), username="li", kind="citizen", person_id=citizen.person_id, at=AT
    )
    client.force_login(account)
    paper = issue()
    address = reverse("instruments:paper", args=[paper.pk])
    with freeze(AT):
        waiting = client.get(address)
        assert waiting.status_code == 202
        assert "Refresh" not in waiting
        assert client.get(address, headers={"HX-Request": "true"}).status_code == 204
        service.render_paper(paper_id=paper.pk, at=AT)
        assert client.get(address, headers={"HX-Request": "true"})["HX-Redirect"] == address
        ready = client.get(address)
        assert ready["Content-Type"] == "application/pdf"
        assert ready["Content-Disposition"].startswith("inline")
