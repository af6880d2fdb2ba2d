"""The whole road of a card: found, told, pleaded with evidence, decided; and what happens when nobody answers."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.support.county import PNG
from tongban.apps.oversight import service as oversight
from tongban.apps.oversight.errors import CardNotFound, CardNotOpen
from tongban.apps.oversight.models import Card
from tongban.base.models import Event
from tongban.kernel.cases import service as cases
from tongban.kernel.messages.models import Message

PLEA = {"text": "当天停电，系统没有网，第二天一早就办了。"}
REASON = {"reason": "停电有供电局的证明，不归单位负责。"}


def test_a_late_case_gets_one_card_however_often_it_is_looked_at(watch: Any, late: Any) -> None:
    [card] = watch.cards("case-overdue")
    assert (card.level, card.about_id, card.unit.code) == ("red", late.pk, "scjg")
    assert card.supervisor.code == "xzfb"
    assert card.case.state == "pleading"
    watch.look()
    assert len(watch.cards("case-overdue")) == 1


def test_whoever_is_concerned_is_told_and_the_case_keeps_it(watch: Any, late: Any) -> None:
    [card] = watch.cards("case-overdue")
    told = set(
        Message.objects.filter(template="oversight.given", occasion_id=card.pk).values_list(
            "person_id", flat=True
        )
    )
    assert {watch.county.actor("chief").person_id, watch.county.actor("oversight").person_id} <= told
    assert "oversight.give_card" in watch.verbs(late)
    assert Event.objects.filter(name="oversight.card_given", subject_id=str(card.pk)).count() == 1


def test_a_plea_with_evidence_is_heard_and_the_card_withdrawn(watch: Any, late: Any) -> None:
    [card] = watch.cards("case-overdue")
    county = watch.county
    upload = SimpleUploadedFile("停电证明.png", PNG)
    oversight.put_evidence(actor=county.actor("officer1"), case_id=card.pk, upload=upload, at=county.now)
    county.do("officer1", card.case, "plea", "plead", PLEA)
    card.refresh_from_db()
    assert (card.state, card.plea, card.accepts) == ("deciding", PLEA["text"], False)
    county.do("oversight", card.case, "decide", "withdraw", REASON)
    card.refresh_from_db()
    assert (card.state, card.reason, card.case.state) == ("withdrawn", REASON["reason"], "withdrawn")
    verbs = watch.verbs(card.case)
    assert [v for v in verbs if v.startswith("oversight.")] == [
        "oversight.put_evidence",
        "oversight.plead",
        "oversight.withdraw",
    ]
    told = Message.objects.filter(template="oversight.decided", occasion_id=card.pk)
    assert county.actor("chief").person_id in told.values_list("person_id", flat=True)


def test_evidence_is_only_for_who_answers_and_only_before_the_decision(watch: Any, late: Any) -> None:
    [card] = watch.cards("case-overdue")
    county = watch.county
    for who, refusal in (("oversight", CardNotOpen), ("health1", CardNotFound), ("citizen", CardNotFound)):
        with pytest.raises(refusal):
            oversight.put_evidence(
                actor=county.actor(who),
                case_id=card.pk,
                upload=SimpleUploadedFile("a.png", PNG),
                at=county.now,
            )
    assert "oversight.put_evidence" not in watch.verbs(card.case)


def test_silence_escalates_to_the_supervising_unit_which_decides_without_a_plea(
    watch: Any, late: Any
) -> None:
    [card] = watch.cards("case-overdue")
    county = watch.county
    county.go_to("2026-10-20")
    county.tick()
    card.refresh_from_db()
    assert (card.state, card.escalated, card.plea) == ("deciding", 1, "")
    assert Message.objects.filter(template="oversight.unanswered", occasion_id=card.pk).exists()
    county.go_to("2026-11-10")
    county.tick()
    card.refresh_from_db()
    assert (card.state, card.escalated) == ("deciding", 2)
    assert Message.objects.filter(template="oversight.undecided", occasion_id=card.pk).exists()
    county.do(
        "oversight", card.case, "decide", "uphold", {"reason": "三个工作日没有说明，维持，月底前整改。"}
    )
    card.refresh_from_db()
    assert (card.state, card.case.state) == ("upheld", "upheld")


def test_a_card_is_no_case_that_cards_are_given_for(watch: Any, late: Any) -> None:
    watch.look()
    watch.county.go_to("2026-11-20")
    about = {card.about.kind for card in watch.look()}
    assert about and "oversight-card" not in about


def test_the_deadlines_of_a_card_are_clocks(watch: Any, late: Any) -> None:
    [card] = watch.cards("case-overdue")
    page = cases.case_page(watch.county.actor("officer1"), card.case.number, at=watch.county.now)
    assert [clock.key for clock in page.clocks] == ["step"]
    assert [task.node for task in page.doable] == ["plea"]
    assert Card.objects.get(pk=card.pk).state == "pleading"
