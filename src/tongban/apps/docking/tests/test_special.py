"""Special procedures: told when they begin, and again when they end."""

from __future__ import annotations

from typing import Any

from tongban.apps.docking.making import licences
from tongban.apps.docking.standard import tables, violations
from tongban.base.actor import Actor
from tongban.kernel.ledger import service as ledger


def test_a_procedure_is_told_when_it_begins_and_again_when_it_ends(county: Any) -> None:
    case = county.again(county.accept(county.submit()))
    began = act(county, case, "services.pause", {"reason": "testing", "days": 10})
    county.go_to("2026-06-10")
    ended = act(county, case, "services.resume", {"reason": "testing"})
    again = act(county, case, "services.pause", {"reason": "expert_review", "days": 3})
    lapsed = act(county, case, "cases.clocks_resumed", {})
    drafts = [licences.make_special(each, case) for each in (began, ended, again, lapsed)]
    assert all(draft is not None and violations(tables()["special"], draft.content) == [] for draft in drafts)
    first, second, third, fourth = (draft for draft in drafts if draft is not None)
    assert first.key == second.key != third.key == fourth.key
    assert (first.content["kind"], first.content["kind_code"]) == ("检测", "2")
    assert "10 个工作日" in first.content["basis"]
    assert "ended_at" not in first.content
    assert second.content["ended_at"] == "20260610100000"
    assert second.content["started_at"] == first.content["started_at"] == "20260601100000"
    assert fourth.content["kind"] == "专家评审"


def act(county: Any, case: Any, verb: str, facts: dict[str, Any]) -> ledger.ActRow:
    ledger.record(
        actor=Actor.system("test"),
        verb=verb,
        subject=case.ref,
        case=str(case.ref),
        facts=facts,
        at=county.now,
    )
    return ledger.acts_of(case=case.ref)[-1]
