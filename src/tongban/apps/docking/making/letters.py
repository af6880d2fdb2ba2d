"""A letter and its answer, as an interaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tongban.apps.docking import rules
from tongban.apps.docking.making.pieces import RATED_AT, UNITS, Draft, as_text, of_case, unit_of
from tongban.base import exchange
from tongban.base.ref import Ref
from tongban.kernel.ledger import service as ledger


def make_letter(act: ledger.ActRow, case: Any) -> Draft | None:
    """Table 10: a letter as a consultation or, when it complains, as a complaint; again when it is answered."""
    told = exchange.facts_of(Ref.to("letter", case.pk))
    if told is None:
        return None
    unit = unit_of(told["unit_id"])
    answered = rules.moment(datetime.fromisoformat(told["answered_at"])) if told["answered_at"] else ""
    region = rules.region(case.unit.division_code)
    who, title, body, answer = told["name"], case.title.zh, as_text(told["body"]), as_text(told["answer"])
    if told["topic"] == "complaint":
        record = {
            "number": case.number,
            "complaint_title": title,
            "complainant": who,
            "complaint": body,
            "complaint_source": RATED_AT.get(case.channel, "其他"),
            "complained_at": rules.moment(case.submitted_at),
            "unit_code": unit.uscc,
            "unit": unit.name.zh,
            "feedback": answer,
            "feedback_at": answered,
            "promised_limit": _in_words(told["limit"]),
            "complaint_region": region,
        }
    else:
        record = {
            "number": case.number,
            "asker": who,
            "title": title,
            "question": body,
            "asked_at": rules.moment(case.submitted_at),
            "answered_at": answered,
            "answerer": unit.name.zh if answered else "",
            "answer": answer,
            "region": region,
        }
    return of_case("interaction", case, case.number, record)


def _in_words(limit: str) -> str:
    value = limit.rstrip("abcdefghijklmnopqrstuvwxyz")
    return f"{value}{UNITS.get(limit[len(value) :], '')}" if value else ""
