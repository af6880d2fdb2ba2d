"""A proof convinces whoever keeps a root; it shows hashes to everybody and the act only to who may read it."""

import json
import re
import subprocess
import sys

import pytest
from django.conf import settings as django_settings
from django.urls import reverse

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.kernel.ledger import merkle, readers
from tongban.kernel.ledger import service as ledger
from tongban.kernel.ledger.errors import ActNotFound, ActNotSealed
from tongban.kernel.ledger.queries import who_of
from tongban.kernel.ledger.tests.conftest import AT, CLERK

LI = "532399198511040283"
AUDITOR = Actor(account_id=9, post_id=4, duties=frozenset({"admin.audit"}), name="审计")
STRANGER = Actor.stranger()


def verifier():
    """The program that the documentation prints."""
    page = (django_settings.BASE_DIR / "docs/reference/ledger.md").read_text(encoding="utf-8")
    return re.search(r"```python\n(# check_proof\.py.*?)```", page, re.S)[1]


def check(tmp_path, proof, *heads):
    program, file = tmp_path / "check_proof.py", tmp_path / "proof.json"
    program.write_text(verifier(), encoding="utf-8")
    file.write_text(json.dumps(proof, ensure_ascii=False), encoding="utf-8")
    return subprocess.run(  # noqa: S603 (our own program)
        [sys.executable, "-I", program, file, *heads], capture_output=True, text=True
    )


@pytest.mark.parametrize("algorithm", ["sha256", "sm3"])
def test_the_program_in_the_documentation_accepts_every_proof(sealed, tmp_path, settings, algorithm):
    settings.TONGBAN_DIGEST = algorithm
    _, acts = sealed()
    last = list(ledger.root_lines())[-1]
    for act in acts:
        proof = ledger.proof_of(act, actor=AUDITOR).as_json()
        done = check(tmp_path, proof, json.loads(last)["head"])
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(last)["head"] in done.stdout


@pytest.mark.parametrize(
    "tamper",
    [
        lambda proof: proof.update(text=proof["text"].replace("王敏", "张三")),
        lambda proof: proof.update(private=proof["private"].replace("理由", "别的")),
        lambda proof: proof.update(leaf="00" * 32),
        lambda proof: proof.update(position=proof["position"] + 1),
        lambda proof: proof["path"].reverse(),
        lambda proof: proof["header"].update(count=99),
        lambda proof: proof["header"].update(sealed_at="2020-01-01T00:00:00.000000Z"),
        lambda proof: proof.update(head="sha256:" + "00" * 32),
        lambda proof: proof["chain"][0].update(previous="sha256:" + "00" * 32),
        lambda proof: proof["chain"].pop(0),
    ],
)
def test_the_program_in_the_documentation_refuses_every_changed_proof(sealed, tmp_path, tamper):
    _, acts = sealed()
    head = json.loads(list(ledger.root_lines())[-1])["head"]
    proof = ledger.proof_of(acts[0], actor=AUDITOR).as_json()
    tamper(proof)

    assert check(tmp_path, proof, head).returncode != 0


def test_the_program_in_the_documentation_refuses_a_root_that_was_not_kept(sealed, tmp_path):
    _, acts = sealed()
    proof = ledger.proof_of(acts[0], actor=STRANGER).as_json()

    assert check(tmp_path, proof, "sha256:" + "11" * 32).returncode != 0


def test_the_public_gets_hashes_and_nothing_of_the_act(sealed):
    book, acts = sealed()
    book.write(1, about=[LI], reason="核验李秀英", case=Ref("dossier", "1"))
    book.seal()

    for act in [*acts, acts[-1] + 1]:
        proof = ledger.proof_of(act, actor=STRANGER)
        text = json.dumps(proof.as_json(), ensure_ascii=False)
        assert set(proof.as_json()) == {
            "format",
            "act",
            "leaf",
            "position",
            "path",
            "header",
            "head",
            "chain",
        }
        assert proof.row is None
        for word in ("理由", "王敏", "核验", "dossier:1", "test.act", LI):
            assert word not in text


def test_who_may_see_the_case_and_whom_it_is_about_read_the_act(book, monkeypatch):
    monkeypatch.setitem(
        readers._readers._entries, "dossier", lambda actor, ref: actor.account_id == 7 and ref.id == "1"
    )
    monkeypatch.setattr(readers, "_actor_keys", [lambda actor: [LI] if actor.account_id == 8 else []])
    (act,) = book.write(1, subject=Ref("task", "3"), case=Ref("dossier", "1"), about=[LI])
    book.seal()

    for actor, reads in (
        (CLERK, True),
        (Actor(account_id=8), True),
        (AUDITOR, True),
        (Actor(account_id=10, post_id=1), False),
        (STRANGER, False),
    ):
        proof = ledger.proof_of(act, actor=actor)
        assert bool(proof.text) is reads
        assert bool(proof.private) is reads
        if reads:
            assert merkle.hash_leaf(proof.text.encode(), "sha256").hex() == proof.leaf
            assert "理由0" in proof.private
            assert "理由0" not in proof.text


def test_an_act_that_is_not_there_or_not_sealed_has_no_proof(book):
    (act,) = book.write(1)
    with pytest.raises(ActNotSealed):
        ledger.proof_of(act, actor=STRANGER)
    with pytest.raises(ActNotFound):
        ledger.proof_of(act + 1, actor=STRANGER)


def test_the_proof_of_an_altered_act_says_so(sealed):
    book, acts = sealed()
    assert ledger.proof_of(acts[0], actor=AUDITOR).is_unaltered is True
    assert ledger.proof_of(acts[0], actor=STRANGER).is_unaltered is None
    book.sql("UPDATE ledger_act SET reason = 'x' WHERE id = %s", [acts[0]])
    assert ledger.proof_of(acts[0], actor=AUDITOR).is_unaltered is False


def test_a_thinned_act_keeps_its_proof(book, as_owner, tmp_path):
    from datetime import UTC, datetime

    act = ledger.record_read(
        actor=CLERK, subject=Ref("person", "1"), about=[LI], purpose="核对", fields=["name"],
        at=datetime(2020, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    book.seal()
    before = ledger.proof_of(act.pk, actor=AUDITOR).as_json()
    with as_owner():
        ledger.thin_reads(at=datetime.now(UTC))

    after = ledger.proof_of(act.pk, actor=AUDITOR).as_json()
    assert after["text"] == before["text"]
    assert "private" not in after
    assert check(tmp_path, after, after["head"]).returncode == 0


def test_the_pages_are_open_to_everybody(sealed, client):
    _, acts = sealed()

    page = client.get(reverse("ledger:home"))
    assert page.status_code == 200
    heads = [json.loads(line)["head"] for line in ledger.root_lines()]
    assert all(head in page.content.decode() for head in heads)
    text = client.get(reverse("ledger:roots"))
    assert b"".join(text.streaming_content).decode().splitlines() == list(ledger.root_lines())
    part = client.get(reverse("ledger:roots") + "?from=3")
    assert b"".join(part.streaming_content).decode().splitlines() == list(ledger.root_lines(first=3))
    proof = client.get(reverse("ledger:proof", args=[acts[0]]))
    assert proof.status_code == 200
    assert "理由" not in proof.content.decode()
    file = client.get(reverse("ledger:proof-file", args=[acts[0]])).json()
    assert file == ledger.proof_of(acts[0], actor=STRANGER).as_json()
    assert client.get(reverse("ledger:proof", args=[acts[-1] + 1000])).status_code == 404
    assert client.get(reverse("ledger:home") + f"?act={acts[0]}").url == reverse(
        "ledger:proof", args=[acts[0]]
    )


def test_the_public_page_is_open_before_anything_was_sealed(book, client):
    assert client.get(reverse("ledger:home")).status_code == 200
    assert AT  # nothing sealed, nothing to show


def test_an_act_names_the_official_and_of_everybody_else_the_role_only():
    assert who_of("official", "何春燕").zh == "何春燕"
    assert [who_of(role, "李秀英").zh for role in ("person", "entity")] == ["当事人", "当事人（单位）"]
    assert who_of("system", "job").zh == "系统"
