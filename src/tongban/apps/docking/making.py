"""From an act of the ledger to the records of the standard's tables. ``RULES`` is the whole mapping (docs/reference/docking.md).

A maker reads the thing as it is now, through the doors of the kernel and what its owner tells (``base.exchange``),
and returns drafts of records. It decides nothing about a case: what our side knows is written down as the standard
wants it, and what it does not know stays empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from tongban.apps.docking import rules
from tongban.apps.docking.standard import CODES
from tongban.base import exchange
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.base.time import local_date
from tongban.kernel.calendars import service as calendars
from tongban.kernel.cases import service as cases
from tongban.kernel.forms import service as forms
from tongban.kernel.identity import service as identity
from tongban.kernel.instruments import service as instruments
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes

__all__ = ["RULES", "Draft", "Rule", "make", "verbs"]

CITIZEN_ID, CREDIT_CODE = "111", "001"
"""Kinds of document: the citizen ID is 111 in GA/T 2000.156; 001 for the credit code is what platforms use."""
CHANNELS = {"web": "2", "desk": "1", "kiosk": "1", "counter": "1", "mobile": "3", "post": "4"}
RATED_AT = {"web": "PC端", "mobile": "移动服务端", "desk": "政务大厅其他终端", "kiosk": "政务大厅平板电脑"}
UNITS = {"wd": "工作日", "d": "自然日", "h": "小时"}
TARGETS = {"person": "1", "enterprise": "2", "institution": "3", "social": "4", "agency": "5"}
BACK = frozenset({"request_correction", "return", "return_once", "decline"})
"""Outcomes of a step that send the matter back (业务动作 退回)."""
PARTY, MACHINE = "当事人", "系统自动"


@dataclass(frozen=True, slots=True)
class Draft:
    """A record that is to be made. ``about`` are the numbers of those of whom it says something."""

    table: str
    key: str
    subject: Ref
    content: dict[str, Any]
    case_number: str = ""
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """An act of this verb (on a case of this kind, when it says one) becomes a record of this table."""

    verb: str
    table: str
    make: Callable[[ledger.ActRow, Any], Draft | None]
    kind: str = ""


def verbs() -> frozenset[str]:
    """Return the verbs of the acts that become records."""
    return frozenset(rule.verb for rule in RULES)


def make(act: ledger.ActRow, wanted: Callable[[str], bool]) -> list[Draft]:
    """Return the records that an act becomes, of the tables that are wanted."""
    fitting = [rule for rule in RULES if rule.verb == act.verb and wanted(rule.table)]
    if not fitting:
        return []
    case = _case_of(act)
    drafts = []
    for rule in fitting:
        if rule.kind and (case is None or case.kind != rule.kind or not case.number):
            continue
        draft = rule.make(act, case)
        if draft is not None:
            drafts.append(draft)
    return drafts


def _case_of(act: ledger.ActRow) -> Any:
    ref = act.case if act.case.startswith("case:") else str(act.subject)
    if not ref.startswith("case:"):
        return None
    found = cases.find_cases([UUID(ref.partition(":")[2])])
    return found[0] if found else None


# --- items -------------------------------------------------------------------------------------------------------


def make_item(act: ledger.ActRow, case: Any) -> Draft | None:
    """Table 4 from the content of an item."""
    told = exchange.facts_of(act.subject)
    if told is None:
        return None
    content, unit = told["content"], _unit(told["unit_id"])
    fee, mode = content.get("fee") or {}, content.get("mode") or {}
    phones, window = content.get("phones") or {}, content.get("window") or {}
    themes = content.get("themes") or {}
    limits = content.get("limits") or {}
    targets = sorted({TARGETS.get(each, "6") for each in content.get("target") or ()})
    type_code, level = str(content.get("type", "")), str(content.get("level", ""))
    nature = str(content.get("body_nature", ""))
    record = {
        "name": told["name"],
        "basic_code": str(content.get("basic_code", "")),
        "implementation_code": _code(content),
        "type": CODES["A.1"].get(type_code, ""),
        "type_code": type_code,
        "basis": "；".join(_basis(row) for row in content.get("basis") or ()),
        "level": CODES["A.2"].get(level, ""),
        "level_code": level,
        "body": unit.name.zh,
        "body_code": unit.uscc,
        "body_nature": CODES["A.3"].get(nature, ""),
        "body_nature_code": nature,
        **_limit("statutory", limits),
        **_limit("promised", limits),
        "conditions": _lines(content.get("conditions")),
        "flow": _lines(row.get("name") for row in content.get("steps") or ()),
        "office": unit.name.zh,
        "office_code": unit.uscc,
        "intermediary": _zh(content.get("intermediary")),
        "quantity_limit": _zh(content.get("quantity_limit")),
        "result": _zh((content.get("result") or {}).get("name")),
        "is_charged": _yes(fee.get("charged")),
        "charge_basis": _zh(fee.get("basis")),
        "target": "、".join(CODES["A.4"][each] for each in targets),
        "target_code": ",".join(targets),
        "themes": "、".join([*themes.get("person", ()), *themes.get("legal", ())]),
        "channel": "窗口办理、网上办理" if mode.get("online") else "窗口办理",
        "channel_code": ",".join(_channels(mode)),
        "special_procedure": _zh(content.get("excluded_time")),
        "jurisdiction": _county(unit).name.zh,
        "jurisdiction_code": rules.region(unit.division_code),
        "has_appointment": _yes(mode.get("appointment")),
        "has_online_payment": _yes(mode.get("payment_online")),
        "has_courier": _yes(mode.get("post")),
        "is_online": _yes(mode.get("online")),
        "online_address": f"{settings.TONGBAN_PUBLIC_URL}/services/items/{act.subject.id}/"
        if mode.get("online")
        else "",
        "place": _zh(window.get("place")),
        "hours": _zh(window.get("hours")),
        "consultation_phone": str(phones.get("consult", "")),
        "supervision_phone": str(phones.get("complaint", "")),
        "questions": _lines(f"{_zh(row.get('q'))} {_zh(row.get('a'))}" for row in content.get("faq") or ()),
        "materials": [_item_material(row) for row in content.get("materials") or ()],
    }
    return Draft("item", act.subject.id, act.subject, _filled(record))


def _item_material(row: Mapping[str, Any]) -> dict[str, Any]:
    copies = str(row.get("copies", ""))
    is_copy = row.get("type") == "copy"
    return _filled(
        {
            "name": _zh(row.get("name")),
            "issuer": _zh((row.get("source") or {}).get("text")),
            "note": _zh(row.get("note")),
            "use": _zh(row.get("acceptance")),
            "originals": "0" if is_copy else copies,
            "copies": copies if is_copy else "0",
            "is_required": _yes(row.get("required", True)),
        }
    )


def _basis(row: Mapping[str, Any]) -> str:
    return f"{_zh(row.get('law'))}{_zh(row.get('article'))}"


def _limit(role: str, limits: Mapping[str, Any]) -> dict[str, str]:
    row = limits.get(role)
    if not row:
        return {}
    limit = str(row["limit"])
    value = limit.rstrip("abcdefghijklmnopqrstuvwxyz")
    return {
        f"{role}_limit": value,
        f"{role}_unit": UNITS.get(limit[len(value) :], ""),
        f"{role}_note": _zh(row.get("text")),
    }


def _channels(mode: Mapping[str, Any]) -> list[str]:
    known = {"window": "1", "web": "2", "mobile": "3", "post": "4"}
    return sorted({known.get(each, "9") for each in mode.get("channels") or ("window",)})


# --- a licence from the application to the rating ------------------------------------------------------------------


def make_application(act: ledger.ActRow, case: Any) -> Draft | None:
    """Table 5: who applies for what, with which materials."""
    item = _item_of(case)
    applicant, agent = _party(case, "applicant"), _party(case, "agent")
    answers = _by_element(case)
    told = exchange.facts_of(Ref.to("application", case.pk)) or {}
    is_entity = applicant.get("type") == CREDIT_CODE
    record = {
        "case_number": case.number,
        "implementation_code": _code(item),
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
    return _of_case("application", case, case.number, record, about)


def make_acceptance(act: ledger.ActRow, case: Any) -> Draft | None:
    """Table 6: who accepted when, by which notice, and what was promised."""
    item = _item_of(case)
    notice = _paper(case, "acceptance-notice", act.at)
    clock = cases.clock_of(case, "promised")
    record = {
        "case_number": case.number,
        "basic_code": str(item.get("basic_code", "")),
        "implementation_code": _code(item),
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
    return _of_case("acceptance", case, case.number, record)


def make_step(act: ledger.ActRow, case: Any) -> Draft | None:
    """Table 7: a step that a person completed."""
    task = processes.get_tasks([int(act.subject.id)]).get(int(act.subject.id))
    if task is None:
        return None
    outcome = next((each for each in task.outcomes if each.key == task.outcome), None)
    label = _zh(act.facts.get("outcome"))
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
    unit = _unit(act.unit_id) if act.unit_id else case.unit
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
    return _of_case("processing", case, f"{case.number}/{act.id}", record)


def make_special(act: ledger.ActRow, case: Any) -> Draft | None:
    """Table 7: a special procedure, when it begins and again when it ends; an extension."""
    if act.verb == "services.extend":
        return _extension(act, case)
    began, ended = _procedure(act, case)
    if began is None:
        return None
    reason = str(began.facts.get("reason") or "")
    kind = calendars.LICENSING_LAW_45.get(reason, ("特别程序", ""))[0]
    unit = _unit(began.unit_id) if began.unit_id else case.unit
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
    return _of_case("special", case, f"{case.number}/{began.id}", record)


def _extension(act: ledger.ActRow, case: Any) -> Draft:
    limit = ((_item_of(case).get("limits") or {}).get("extension")) or {}
    unit = _unit(act.unit_id) if act.unit_id else case.unit
    record = {
        "case_number": case.number,
        "kind": "延长审批",
        "kind_code": "1",
        "started_at": rules.moment(act.at),
        "basis": _zh(limit.get("source")) or "行政许可法第四十二条",
        "applicant": _officer(act),
        "ended_at": rules.moment(act.at),
        "result": _zh(limit.get("text")),
        "opinion": _paper(case, "extension-notice", act.at),
        "unit": unit.name.zh,
        "unit_code": unit.uscc,
        "officer": _officer(act),
    }
    return _of_case("special", case, f"{case.number}/{act.id}", record)


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
        "is_posted": _yes(bool(case.entry and case.entry.data.get("delivery") == "post")),
        "is_charged": _yes((item.get("fee") or {}).get("charged")),
    }
    return _of_case("completion", case, case.number, record)


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
        "text": _text(told["text"]),
        "region": rules.region(case.unit.division_code),
    }
    return _of_case("rating", case, case.number, record)


def make_payment(act: ledger.ActRow, case: Any) -> Draft | None:
    """Table 14: a fee that was paid, on line or at the window. What is given back has no place in the standard."""
    told = exchange.facts_of(act.subject)
    if told is None:
        return None
    payer = _party(case, "applicant")
    record = {
        "case_number": case.number,
        "order": told["number"],
        "unit": _unit(told["unit_id"]).name.zh,
        "officer": _officer(act),
        "amount": told["amount"],
        "paid_at": rules.moment(act.at),
        "payer": payer.get("name", ""),
    }
    about = (payer["number"],) if payer.get("number") else ()
    return _of_case("payment", case, f"{case.number}/{told['number']}", record, about)


def make_warning(act: ledger.ActRow, case: Any) -> Draft | None:
    """Table 11: a yellow card (due soon) or a red one (overdue), for the limits of the law and of the promise."""
    label = _zh(act.facts.get("clock"))
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
    return _of_case("supervision", case, f"{case.number}/{act.id}", record)


def make_letter(act: ledger.ActRow, case: Any) -> Draft | None:
    """Table 10: a letter as a consultation or, when it complains, as a complaint; again when it is answered."""
    told = exchange.facts_of(Ref.to("letter", case.pk))
    if told is None:
        return None
    unit = _unit(told["unit_id"])
    answered = rules.moment(datetime.fromisoformat(told["answered_at"])) if told["answered_at"] else ""
    region = rules.region(case.unit.division_code)
    who, title, body, answer = told["name"], case.title.zh, _text(told["body"]), _text(told["answer"])
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
    return _of_case("interaction", case, case.number, record)


ITEM_CODES = ("implementation_code", "handling_code", "basic_code")
ENDS_PROCEDURE = frozenset({"services.resume", "cases.clocks_resumed"})
LAWFUL_CLOCKS = frozenset({"法定办结时限", "承诺办结时限"})

RULES = (
    Rule("services.put_item", "item", make_item),
    Rule("services.enforce_item", "item", make_item),
    Rule("services.restore_item", "item", make_item),
    Rule("cases.submit", "application", make_application, "licence"),
    Rule("services.receive_correction", "application", make_application, "licence"),
    Rule("services.accept", "acceptance", make_acceptance, "licence"),
    Rule("services.accept_automatically", "acceptance", make_acceptance, "licence"),
    Rule("cases.complete_task", "processing", make_step, "licence"),
    Rule("cases.return_task", "processing", make_move, "licence"),
    Rule("cases.withdraw_task", "processing", make_move, "licence"),
    Rule("cases.transfer_task", "processing", make_move, "licence"),
    Rule("cases.add_signer", "processing", make_move, "licence"),
    Rule("cases.urge_task", "processing", make_move, "licence"),
    Rule("services.pause", "special", make_special, "licence"),
    Rule("services.resume", "special", make_special, "licence"),
    Rule("cases.clocks_resumed", "special", make_special, "licence"),
    Rule("services.extend", "special", make_special, "licence"),
    Rule("cases.change_state", "completion", make_completion, "licence"),
    Rule("services.rate", "rating", make_rating, "licence"),
    Rule("fees.pay", "payment", make_payment, "licence"),
    Rule("cases.warn_soon", "supervision", make_warning, "licence"),
    Rule("cases.warn_overdue", "supervision", make_warning, "licence"),
    Rule("cases.submit", "interaction", make_letter, "letter"),
    Rule("voice.deliver_answer", "interaction", make_letter, "letter"),
    Rule("voice.decline", "interaction", make_letter, "letter"),
)
"""What becomes what. An act that stands in no rule (a step claimed, a paper served, a reading) is no record of the standard."""


# --- pieces ------------------------------------------------------------------------------------------------------


def _of_case(
    table: str, case: Any, key: str, record: Mapping[str, Any], about: tuple[str, ...] = ()
) -> Draft:
    return Draft(table, key, case.ref, _filled(record), case.number or "", about)


def _filled(record: Mapping[str, Any]) -> dict[str, Any]:
    return {code: value for code, value in record.items() if value not in (None, "", [])}


def _item_of(case: Any) -> Mapping[str, Any]:
    """Return the item as it was when the case was made; codes that it lacked then, as they are now (so a fault can be mended)."""
    then = exchange.facts_of(Ref.to("case-item", case.pk)) or {}
    if _code(then):
        return then
    now = (exchange.facts_of(case.subject) or {}).get("content") or {}
    return {**then, **{name: now[name] for name in ITEM_CODES if now.get(name)}}


def _code(item: Mapping[str, Any]) -> str:
    return str(item.get("implementation_code") or item.get("handling_code") or "")


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
    return _filled(
        {
            "case_number": case.number,
            "name": row["name"],
            "is_received": _yes(received),
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


def _unit(unit_id: int) -> Any:
    return identity.get_unit(int(unit_id))


def _county(unit: Any) -> Any:
    """Return the highest unit above, the government itself."""
    while unit.parent_id is not None:
        unit = _unit(unit.parent_id)
    return unit


def _in_words(limit: str) -> str:
    value = limit.rstrip("abcdefghijklmnopqrstuvwxyz")
    return f"{value}{UNITS.get(limit[len(value) :], '')}" if value else ""


def _zh(value: Any) -> str:
    return _text(LocalizedText.of(value).zh) if value is not None else ""


def _lines(values: Iterable[Any] | None) -> str:
    return "\n".join(line for line in (_zh(value) for value in values or ()) if line)


def _text(value: str) -> str:
    return value.replace("\r\n", "\n").replace("\r", "\n").strip()


def _yes(value: Any) -> str:
    return "1" if value else "0"


def _day(day: date | None) -> str:
    return day.strftime("%Y%m%d") if day else ""


def _compact(day: str | None) -> str:
    return (day or "").replace("-", "")


def day_of(act: ledger.ActRow) -> date:
    """Return the legal day of an act."""
    return local_date(act.at)
