"""Tables 5 to 14: a licence from the application to the rating."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from tongban.apps.docking import rules
from tongban.apps.docking.making.pieces import (
    CITIZEN_ID,
    CREDIT_CODE,
    ITEM_CODES,
    MACHINE,
    PARTY,
    RATED_AT,
    Draft,
    as_text,
    code_of,
    filled,
    of_case,
    unit_of,
    yes,
    zh,
)
from tongban.apps.docking.standard import CODES
from tongban.base import exchange
from tongban.base.ref import Ref
from tongban.kernel.calendars import service as calendars
from tongban.kernel.cases import service as cases
from tongban.kernel.forms import service as forms
from tongban.kernel.identity import service as identity
from tongban.kernel.instruments import service as instruments
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes

CHANNELS = {"web": "2", "desk": "1", "kiosk": "1", "counter": "1", "mobile": "3", "post": "4"}
BACK = frozenset({"request_correction", "return", "return_once", "decline"})
"""Outcomes of a step that send the matter back (业务动作 退回)."""
ENDS_PROCEDURE = frozenset({"services.resume", "cases.clocks_resumed"})
LAWFUL_CLOCKS = frozenset({"法定办结时限", "承诺办结时限"})


def make_application(act: ledger.ActRow, case: Any) -> Draft | None:
    """Table 5: who applies for what, with which materials."""
    item = _item_of(case)
    applicant, agent = _party(case, "applicant"), _party(case, "agent")
    answers = _by_element(case)
    told = exchange.facts_of(Ref.to("application", case.pk)) or {}
    is_entity = applicant.get("type") == CREDIT_CODE
    record = {
        "case_number": case.number,
        "implementation_code": code_of(item),
        "item": case.title.zh,
        **_case_type(item),
        "applicant": applicant.get("name", ""),
        "applicant_id_type": applicant.get("type", ""),
        "applicant_id": applicant.get("number", ""),
        "agent": agent.get("name", ""),
        "agent_id_type": agent.get("type", ""),
        "agent_id": agent.get("number", ""),
        "mobile": answers.get("person.phone", ""),
        "address": answers.get("entity.address" if is_entity else "person.address", ""),
        "legal_representative": answers.get("entity.legal_representative", "") if is_entity else "",
        "source_code": CHANNELS.get(case.channel, "9"),
        "applied_at": rules.moment(case.submitted_at),
        "materials": [_material(case, row) for row in told.get("materials") or ()],
    }
    about = tuple(party["number"] for party in (applicant, agent) if party.get("number"))
    return of_case("application", case, case.number, record, about)


def make_acceptance(act: ledger.ActRow, case: Any) -> Draft | None:
    """Table 6: who accepted when, by which notice, and what was promised."""
    item = _item_of(case)
    notice = _paper(case, "acceptance-notice", act.at)
    clock = cases.clock_of(case, "promised")
    record = {
        "case_number": case.number,
        "basic_code": str(item.get("basic_code", "")),
        "implementation_code": code_of(item),
        "item": case.title.zh,
        "unit": case.unit.name.zh,
        "unit_code": case.unit.uscc,
        "officer": _officer(act),
        "accepted_at": rules.moment(case.accepted_at),
        "paper": notice,
        "promised": _day(clock.due_on if clock else None),
        **_case_type(item),
        "region": rules.region(case.unit.division_code),
    }
    return of_case("acceptance", case, case.number, record)


def make_step(act: ledger.ActRow, case: Any) -> Draft | None:
    """Table 7: a step that a person completed."""
    task = processes.get_tasks([int(act.subject.id)]).get(int(act.subject.id))
    if task is None:
        return None
    outcome = next((each for each in task.outcomes if each.key == task.outcome), None)
    label = zh(act.facts.get("outcome"))
    style = outcome.style if outcome else ""
    action = "退回" if task.outcome in BACK else "通过" if style == "primary" else "其他"
    return _step(act, case, task, action, "：".join(part for part in (label, task.opinion) if part))


def make_move(act: ledger.ActRow, case: Any) -> Draft | None:
    """Table 7: a move of the office beside the steps: sent back, taken back, passed on, an opinion asked."""
    task = processes.get_tasks([int(act.subject.id)]).get(int(act.subject.id))
    if task is None:
        return None
    action = "退回" if act.verb == "cases.return_task" else "其他"
    words = "：".join(
        part for part in (act.label.zh, act.reason or str(act.facts.get("reason") or "")) if part
    )
    return _step(act, case, task, action, words, ends=act.at)


def _step(
    act: ledger.ActRow, case: Any, task: Any, action: str, opinion: str, ends: datetime | None = None
) -> Draft:
    unit = unit_of(act.unit_id) if act.unit_id else case.unit
    record = {
        "case_number": case.number,
        "action": action,
        "step": task.name.zh,
        "officer": _officer(act),
        "opinion": opinion,
        "started_at": rules.moment(task.opened_at),
        "ended_at": rules.moment(ends or task.completed_at or act.at),
        "unit": unit.name.zh,
        "unit_code": unit.uscc,
        "state_code": "2",
    }
    return of_case("processing", case, f"{case.number}/{act.id}", record)


def make_special(act: ledger.ActRow, case: Any) -> Draft | None:
    """Table 7: a special procedure, when it begins and again when it ends; an extension."""
    if act.verb == "services.extend":
        return _extension(act, case)
    began, ended = _procedure(act, case)
    if began is None:
        return None
    reason = str(began.facts.get("reason") or "")
    kind = calendars.LICENSING_LAW_45.get(reason, ("特别程序", ""))[0]
    unit = unit_of(began.unit_id) if began.unit_id else case.unit
    record = {
        "case_number": case.number,
        "kind": kind,
        "kind_code": "2",
        "started_at": rules.moment(began.at),
        "basis": f"行政许可法第四十五条：{kind}所需时间不计算在期限内，已书面告知需要 {began.facts.get('days', '')} 个工作日",
        "applicant": _officer(began),
        "ended_at": rules.moment(ended.at if ended else None),
        "result": ended.label.zh if ended else "",
        "unit": unit.name.zh,
        "unit_code": unit.uscc,
        "officer": _officer(ended or began),
    }
    return of_case("special", case, f"{case.number}/{began.id}", record)


def _extension(act: ledger.ActRow, case: Any) -> Draft:
    limit = ((_item_of(case).get("limits") or {}).get("extension")) or {}
    unit = unit_of(act.unit_id) if act.unit_id else case.unit
    record = {
        "case_number": case.number,
        "kind": "延长审批",
        "kind_code": "1",
        "started_at": rules.moment(act.at),
        "basis": zh(limit.get("source")) or "行政许可法第四十二条",
        "applicant": _officer(act),
        "ended_at": rules.moment(act.at),
        "result": zh(limit.get("text")),
        "opinion": _paper(case, "extension-notice", act.at),
        "unit": unit.name.zh,
        "unit_code": unit.uscc,
        "officer": _officer(act),
    }
    return of_case("special", case, f"{case.number}/{act.id}", record)


def _procedure(act: ledger.ActRow, case: Any) -> tuple[ledger.ActRow | None, ledger.ActRow | None]:
    """Return the act that began the procedure of this act, and the one that ended it when this is it."""
    began: ledger.ActRow | None = None
    for each in ledger.acts_of(case=case.ref):
        if each.verb == "services.pause":
            began = each
        if each.id == act.id:
            return began, None if each.verb == "services.pause" else each
        if each.verb in ENDS_PROCEDURE:
            began = None
    return None, None


def make_completion(act: ledger.ActRow, case: Any) -> Draft | None:
    """Table 8, when a state that ends the case was reached."""
    state = cases.kind_of(case).state(str((act.standing or {}).get("state", "")))
    if not state.is_final or case.closed_at is None:
        return None
    item = _item_of(case)
    made = exchange.facts_of(Ref.to("case-certificate", case.pk)) or {}
    validity = (
        f"{_compact(made.get('valid_from'))}-{_compact(made.get('valid_to')) or '长期'}" if made else ""
    )
    record = {
        "case_number": case.number,
        "officer": _officer(act),
        "closed_at": rules.moment(case.closed_at),
        "certificate": made.get("name", ""),
        "certificate_number": made.get("number", ""),
        "result": state.label.zh,
        "validity": validity,
        "unit": made.get("unit") or case.unit.name.zh,
        "region": rules.region(case.unit.division_code),
        "is_posted": yes(bool(case.entry and case.entry.data.get("delivery") == "post")),
        "is_charged": yes((item.get("fee") or {}).get("charged")),
    }
    return of_case("completion", case, case.number, record)


def make_rating(act: ledger.ActRow, case: Any) -> Draft | None:
    """Table 9. Who rated stays with us: the rated never learn it (国办发〔2019〕51号), and the field may be empty."""
    told = exchange.facts_of(Ref.to("rating", case.pk))
    if told is None:
        return None
    level = str(told["level"])
    record = {
        "case_number": case.number,
        "channel": RATED_AT.get(told["channel"], "政务大厅其他终端"),
        "rated_at": rules.moment(datetime.fromisoformat(told["at"])),
        "count": "1",
        "satisfaction": CODES["A.8"].get(level, ""),
        "satisfaction_code": level,
        "text": as_text(told["text"]),
        "region": rules.region(case.unit.division_code),
    }
    return of_case("rating", case, case.number, record)


def make_payment(act: ledger.ActRow, case: Any) -> Draft | None:
    """Table 14: a fee that was paid, on line or at the window. What is given back has no place in the standard."""
    told = exchange.facts_of(act.subject)
    if told is None:
        return None
    payer = _party(case, "applicant")
    record = {
        "case_number": case.number,
        "order": told["number"],
        "unit": unit_of(told["unit_id"]).name.zh,
        "officer": _officer(act),
        "amount": told["amount"],
        "paid_at": rules.moment(act.at),
        "payer": payer.get("name", ""),
    }
    about = (payer["number"],) if payer.get("number") else ()
    return of_case("payment", case, f"{case.number}/{told['number']}", record, about)


def make_warning(act: ledger.ActRow, case: Any) -> Draft | None:
    """Table 11: a yellow card (due soon) or a red one (overdue), for the limits of the law and of the promise."""
    label = zh(act.facts.get("clock"))
    if label not in LAWFUL_CLOCKS:
        return None
    is_red = act.verb == "cases.warn_overdue"
    words = f"{label}{'已超期' if is_red else '快到期'}，到期日 {act.facts.get('due', '')}"
    record = {
        "case_number": case.number,
        "order": words,
        "body": case.unit.name.zh,
        "item_type_code": str(_item_of(case).get("type", "")),
        "ordered_at": rules.moment(act.at),
        "number": f"JC{act.id}",
        "rule": "overdue" if is_red else "due-soon",
        "warning_code": "2" if is_red else "1",
        "state_at": rules.moment(act.at),
        "result": "红牌" if is_red else "黄牌",
        "department": case.unit.name.zh,
    }
    return of_case("supervision", case, f"{case.number}/{act.id}", record)


def _item_of(case: Any) -> Mapping[str, Any]:
    """Return the item as it was when the case was made; codes that it lacked then, as they are now (so a fault can be mended)."""
    then = exchange.facts_of(Ref.to("case-item", case.pk)) or {}
    if code_of(then):
        return then
    now = (exchange.facts_of(case.subject) or {}).get("content") or {}
    return {**then, **{name: now[name] for name in ITEM_CODES if now.get(name)}}


def _case_type(item: Mapping[str, Any]) -> dict[str, str]:
    name = str((item.get("mode") or {}).get("case_type", "其他"))
    code = next((code for code, label in CODES["A.6"].items() if label == name), "9")
    return {"case_type": CODES["A.6"][code], "case_type_code": code}


def _party(case: Any, role: str) -> dict[str, str]:
    party = next((each for each in case.parties.all() if each.role == role), None)
    if party is None:
        return {}
    [number] = identity.keys_of(
        person_id=None if party.entity_id else party.person_id, entity_id=party.entity_id
    ) or [""]
    kind = CREDIT_CODE if party.entity_id else CITIZEN_ID
    return {"name": party.name, "type": kind if number else "", "number": number}


def _by_element(case: Any) -> dict[str, str]:
    """Return the answers of the application by data element, as far as the form names elements."""
    if case.entry is None:
        return {}
    answers = case.entry.data
    return {
        field.element: str(answers[key])
        for key, field in forms.form_of(case.entry).fields.items()
        if field.element and answers.get(key)
    }


def _material(case: Any, row: Mapping[str, Any]) -> dict[str, str]:
    at = datetime.fromisoformat(row["at"]) if row.get("at") else None
    received = bool(row["received"])
    return filled(
        {
            "case_number": case.number,
            "name": row["name"],
            "is_received": yes(received),
            "way": row["way"],
            "count": str(row["count"]) if received else "",
            "received_at": rules.moment(at) if received else "",
        }
    )


def _paper(case: Any, template: str, by: datetime) -> str:
    """Return the number of the newest paper of this template that was issued by then."""
    numbers = [
        p.number for p in instruments.papers_of(case.ref) if p.template == template and p.issued_at <= by
    ]
    return numbers[-1] if numbers else ""


def _officer(act: ledger.ActRow) -> str:
    """Return who acted, as the field for an officer wants it: an official's name; never that of a citizen."""
    if act.role == "official":
        return act.who.zh
    return MACHINE if act.is_system else PARTY


def _day(day: date | None) -> str:
    return day.strftime("%Y%m%d") if day else ""


def _compact(day: str | None) -> str:
    return (day or "").replace("-", "")
