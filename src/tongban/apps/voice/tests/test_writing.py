"""Writing a letter: what is refused, what is never doubled, what is kept about whom."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tongban.apps.voice import service as voice
from tongban.apps.voice.errors import AlreadySent, LetterInvalid, MailboxClosed
from tongban.apps.voice.models import Letter, Mailbox
from tongban.apps.voice.tests.world import LETTER, World, code_actor, on
from tongban.base.actor import Actor
from tongban.base.models import Event
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.errors import CaseNotFound, WrongCode
from tongban.kernel.cases.models import Case
from tongban.kernel.files import service as files
from tongban.kernel.ledger import service as ledger

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82"
)


def write(actor: Actor, attachments: list[Any] | None = None, key: str = "", **changes: Any) -> voice.Sent:
    return voice.write_letter(
        actor=actor,
        mailbox="county-head",
        values={**LETTER, **changes},
        attachments=attachments or [],
        send_key=key,
        at=on("2026-03-02"),
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "gossip"}, "kind"),
        ({"title": "短"}, "title"),
        ({"body": "字" * 601}, "body"),
        ({"phone": "12345"}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"name": ""}, "name"),
        ({"may_publish": None}, "may_publish"),
    ],
)
def test_a_wrong_letter_is_refused_with_its_field_and_nothing_happens(
    world: World, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(LetterInvalid) as refused:
        write(world.stranger, **changes)
    assert field in [error["field"] for error in refused.value.data["errors"]]
    assert not Case.objects.exists()
    assert not Event.objects.filter(name="cases.submitted").exists()


def test_the_query_code_opens_the_letter_and_nothing_else_does(world: World) -> None:
    sent = write(world.stranger)
    assert cases.find_by_code(sent.number, f" {sent.code[:5]} {sent.code[5:]} ").pk == sent.case_id
    with pytest.raises(WrongCode):
        cases.find_by_code(sent.number, "0000000000" if sent.code != "0000000000" else "1111111111")
    with pytest.raises(CaseNotFound):
        cases.get_case(world.stranger, sent.number)
    with pytest.raises(CaseNotFound):
        cases.get_case(world.other, sent.number)
    assert cases.get_case(code_actor(sent.case_id), sent.number).pk == sent.case_id


def test_the_same_page_sent_twice_is_one_letter(world: World) -> None:
    first = write(world.stranger, key="page-1")
    with pytest.raises(AlreadySent) as again:
        write(world.stranger, key="page-1")
    assert again.value.data["number"] == first.number
    assert Letter.objects.count() == 1
    write(world.stranger, key="page-2")
    assert Letter.objects.count() == 2


def test_attachments_are_kept_with_the_case(world: World) -> None:
    sent = write(world.stranger, [SimpleUploadedFile("路灯.png", PNG, "image/png")])
    case = cases.find_by_number(sent.number)
    [file] = files.files_of(case.ref, role="letter.attachment")
    assert file.name == "路灯.png"


@pytest.mark.parametrize(
    "attachments",
    [
        [SimpleUploadedFile("x.pdf", b"MZ\x90\x00 an executable", "application/pdf")],
        [SimpleUploadedFile(f"{n}.png", PNG, "image/png") for n in range(4)],
        [SimpleUploadedFile("empty.png", b"", "image/png")],
    ],
    ids=["an executable named pdf", "too many", "empty"],
)
def test_a_bad_attachment_refuses_the_whole_letter(world: World, attachments: list[Any]) -> None:
    with pytest.raises(LetterInvalid) as refused:
        write(world.stranger, attachments)
    assert [error["field"] for error in refused.value.data["errors"]] == ["attachments"]
    assert not Case.objects.exists()
    assert not Letter.objects.exists()


def test_who_is_signed_in_is_not_asked_for_the_name_that_the_register_holds(world: World) -> None:
    values = {key: value for key, value in LETTER.items() if key not in ("name", "phone")}
    sent = voice.write_letter(actor=world.citizen, mailbox="county-head", values=values, at=on("2026-03-02"))
    case = cases.get_case(world.citizen, sent.number)
    assert case.applicant_name == "木易生"
    assert case.entry.provenance["name"]["register"] == "population"
    assert ledger.reads_about("532399198510271020")


def test_an_official_who_writes_does_so_as_anybody(world: World) -> None:
    sent = write(world.office)
    with pytest.raises(CaseNotFound):
        cases.get_case(world.housing, sent.number)
    assert cases.find_by_code(sent.number, sent.code).parties.get().person_id is None


def test_a_closed_mailbox_takes_nothing(world: World) -> None:
    Mailbox.objects.update(is_open=False)
    with pytest.raises(MailboxClosed):
        write(world.stranger)
    with pytest.raises(MailboxClosed):
        voice.open_mailbox("nobody")


def test_acts_hold_no_personal_data(world: World) -> None:
    sent = write(world.stranger)
    case = cases.find_by_number(sent.number)
    for act in ledger.acts_of(case=case.ref):
        kept = f"{act.facts}{act.reason}{act.who.zh}"
        assert "木易生" not in kept and "13812344471" not in kept and sent.code not in kept


def test_setting_up_the_mailbox_again_changes_nothing(world: World) -> None:
    from tongban.apps.voice.packs import load_mailboxes
    from tongban.apps.voice.tests.world import PACK, SYSTEM
    from tongban.base.ref import Ref

    load_mailboxes(PACK, actor=SYSTEM, at=on("2026-03-02"))
    assert len(ledger.acts_of(Ref("mailbox", "county-head"))) == 1


def test_the_days_that_papers_tell_are_those_of_the_timer(world: World) -> None:
    from tongban.apps.voice.tests.world import PACK
    from tongban.kernel.processes import bpmn

    graph = bpmn.parse((PACK.path / "letters" / "process.bpmn").read_bytes())
    assert graph.nodes["silent"].limit == f"{Mailbox.objects.get().reopen_days}d"


def test_of_two_requests_at_once_the_slower_learns_the_number(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tongban.apps.voice.operations import write as module

    first = write(world.stranger, key="page-1")
    look, looked = module._refuse_second, []

    def too_early(key: str) -> None:
        """The first look comes before the other request has committed."""
        looked.append(key)
        if len(looked) > 1:
            look(key)

    monkeypatch.setattr(module, "_refuse_second", too_early)
    with pytest.raises(AlreadySent) as again:
        write(world.stranger, key="page-1")
    assert again.value.data["number"] == first.number
    assert Case.objects.count() == 1
