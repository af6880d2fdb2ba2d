"""The world of the walk: a firm with a draft, a case at each place where somebody could reach in, a letter, money and papers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tests.architecture.access.federation import register_a_system
from tests.architecture.access.fees import owe_a_fee
from tests.architecture.access.hall import come_in_person
from tests.architecture.access.oversight import give_a_card
from tests.architecture.access.services_people import CLERK, name_people
from tests.architecture.access.studio import begin_a_change, send_a_table
from tests.architecture.walk.asking import fingerprints
from tests.architecture.walk.probe import OWNER, World
from tests.support.county import ANSWERS, FORMER_FIRM, County
from tests.support.database import wait_for_neighbours
from tongban.base.actor import Actor

INTRUDERS: Mapping[str, str] = {
    "a stranger": "",
    "another citizen": "citizen",
    "a clerk of another unit": "bureau",
    "a representative whose mandate ended": "rep",
}


def build(county: County) -> World:
    from tongban.apps.certificates import service as certificates
    from tongban.apps.services.models import Guidance
    from tongban.apps.vault import service as vault
    from tongban.apps.vault.models import Material
    from tongban.apps.voice import service as voice
    from tongban.kernel.cases import service as cases
    from tongban.kernel.files import service as files
    from tongban.kernel.identity import service as identity
    from tongban.kernel.instruments import service as instruments
    from tongban.kernel.ledger import service as ledger
    from tongban.kernel.ledger.models import Batch
    from tongban.kernel.messages import service as messages
    from tongban.kernel.messages.models import Delivery
    from tongban.kernel.processes.models import Job, Task

    county.go_to("2026-02-09")  # the mandate of ``rep`` holds until 28 February
    done = county.submit("rep", firm=FORMER_FIRM)
    county.grant(county.review(county.accept(done)))
    county.drain()
    done = county.again(done)
    assert done.state == "delivered"
    correcting = county.ask_for_correction(county.submit("rep", firm=FORMER_FIRM))
    draft = county.draft("rep", firm=FORMER_FIRM)

    county.go_to("2026-06-01")
    waiting = _submit_another(county, draft)
    deciding = county.review(county.accept(_submit_another(county)))
    draft = county.draft(OWNER)

    person = county.account(OWNER).person
    values = {
        "kind": "complaint",
        "title": "仓库门前道路积水已经半个月了",
        "body": "书院街仓库门前的下水道堵了，一下雨就积水，货车进不来，请派人来看一看，谢谢。",
        "may_publish": False,
    }
    sent = voice.write_letter(actor=county.actor(OWNER), mailbox="county-head", values=values, at=county.now)
    letter = cases.find_by_number(sent.number)
    county.do("mailbox", letter, "assign", "assign", {"unit": "cgj"})
    text = "已经派人疏通了书院街的下水道，积水已经退了。以后再有堵塞，请打市政所电话。"
    county.do("bureau2", letter, "answer", "answer", {"text": text})
    county.do("mailbox", letter, "check", "keep_private")

    county.drain()
    [paper] = [paper for paper in instruments.papers_of(done.ref) if paper.template == "acceptance-notice"]
    instruments.render_paper(paper_id=paper.id, at=county.now)
    [paper] = [each for each in instruments.papers_of(done.ref) if each.id == paper.id]
    [certificate] = certificates.list_certificates_of(county.actor(OWNER))
    kept = Material.objects.get(case_id=done.pk, kind="layout_plan")
    firm = county.entity(FORMER_FIRM)
    wait_for_neighbours()
    ledger.seal(at=county.now)
    change = begin_a_change(county)
    facts = {
        "change": change,
        "table": send_a_table(county),
        **name_people(county),
        "act": Batch.objects.earliest("number").first,
        "paper": paper.id,
        "paper_code": paper.verify_code,
        "paper_file": paper.file_id,
        "certificate": certificate.pk,
        "certificate_code": certificate.verify_code,
        "certificate_file": certificate.file_id,
        "copy": certificates.make_copy(
            actor=county.actor(OWNER),
            certificate_id=certificate.pk,
            purpose="投标",
            receiver="采购中心",
            days=30,
            at=county.now,
        ).pk,
        "kept": kept.pk,
        "kept_copy": vault.make_copy(
            actor=county.actor(OWNER), material_id=kept.pk, purpose="投标", receiver="采购中心", at=county.now
        ).pk,
        **owe_a_fee(county, waiting),
        "card": give_a_card(county, waiting),
        "material": next(f.id for f in files.files_of(waiting.ref) if f.role.startswith("material")),
        "message": messages.inbox_of(person.pk)[0].id,
        "guidance": Guidance.objects.values_list("key", flat=True)[0],
        "firm": firm.pk,
        "window_post": county.actor("window").post_id,
        "number": waiting.number,
        "job": Job.objects.get(instance=done.instance_id, operation="certificates.issue").pk,
        "signed": Task.objects.get(instance=deciding.instance_id, node="inspect_sign").pk,
        "delegation": identity.delegate(
            actor=county.actor("officer1"),
            holding_id=identity.holding_of(
                county.actor("officer1").person_id, county.actor("officer1").post_id, county.now
            ),
            to_person_id=county.actor("officer2").person_id,
            since=county.now,
            until=county.now + timedelta(days=30),
            at=county.now,
        ).pk,
        "holding": identity.holding_of(
            county.actor("window").person_id, county.actor("window").post_id, county.now
        ),
        "invitation": identity.invite(
            actor=Actor.system("test"), account_id=county.account("chief").pk, at=county.now
        ),
        "mandate": identity.mandates_of(firm.pk)[0].id,
        "system": register_a_system(county),
        **come_in_person(county),
        "delivery": Delivery.objects.filter(message_id=messages.inbox_of(person.pk)[0].id)[0].pk,
    }
    names = [
        "",
        *INTRUDERS.values(),
        "oversight",
        "countyhead",
        OWNER,
        "window",
        "officer1",
        "officer2",
        "chief",
        "mailbox",
        "sysadmin",
        "secadmin",
        "studio1",
        "studio2",
        "finance1",
        "finance2",
        "hall",
        "auditadmin",
        "village",
        "villager",
        "elder",
        CLERK,
    ]
    return World(
        county=county,
        draft=draft,
        waiting=waiting,
        correcting=correcting,
        deciding=deciding,
        done=done,
        letter=letter,
        facts=facts,
        secrets=[
            person.name,
            person.citizen_id,
            firm.name,
            firm.uscc,
            values["title"],
            *ANSWERS["phone"].split(),
        ],
        clients={name: county.client(name) for name in dict.fromkeys(names)},
        tokens={name: county.token(name) if name else {} for name in dict.fromkeys(names)},
        baseline=fingerprints(),
    )


def _submit_another(county: County, draft: Any = None) -> Any:
    """Submit the given draft, or a new one, as the firm's legal representative."""
    from tongban.apps.services import service as services

    draft = draft or county.draft(OWNER)
    case, _ = services.submit_application(actor=county.actor(OWNER), case_id=draft.pk, at=county.now)
    return case
