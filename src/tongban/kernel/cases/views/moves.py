"""The pages of the office moves: one small page for each, which says what will happen and asks for the reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from tongban.base.actor import Actor
from tongban.base.errors import Conflict, Forbidden, Invalid, NotFound, TongbanError
from tongban.base.text import LocalizedText as T
from tongban.base.time import LOCAL, local_date, now
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.errors import CaseNotFound
from tongban.kernel.cases.operations.hand_over import ADMINISTER
from tongban.kernel.cases.queries import moves as reading
from tongban.kernel.cases.queries.case import get_move
from tongban.kernel.identity import service as identity
from tongban.kernel.processes import service as processes

__all__ = ["delegations", "end_delegation", "hand_over", "move_page"]

DONE = "cases:done"
HINTS = {
    "return": T(
        zh="退给前面办过的人重新办。后面已经办的不算数了，要重新办。",
        en="Whoever did the earlier step does it again. What was done after it counts no longer.",
    ),
    "withdraw": T(
        zh="您刚办的这一步收回来，跟没办之前一样。",
        en="Your last step is taken back; everything is as it was before you did it.",
    ),
    "sign": T(
        zh="请一位同事对这一步写意见。这一步还是您办。",
        en="Ask a colleague for an opinion on this step. The step stays yours.",
    ),
    "transfer": T(
        zh="这一步交给一位同事办，时限照旧算，您就不用办了。",
        en="A colleague does this step instead of you. The time limit runs on.",
    ),
    "urge": T(
        zh="给办这一步的人发一条消息。24 小时内只催一次。",
        en="Whoever holds this step gets a message, once in 24 hours.",
    ),
    "circulate": T(
        zh="发给同事看。他们只能看，不能办；您能看到谁看了。",
        en="Colleagues may read the case, nothing more; you see who has read it.",
    ),
}
REASON = {
    "return": T(zh="为什么退回", en="Why it goes back"),
    "withdraw": T(zh="为什么撤回", en="Why you take it back"),
    "sign": T(zh="请对方看什么", en="What you ask"),
    "transfer": T(zh="为什么转办", en="Why you pass it on"),
    "urge": T(zh="想说的话", en="What you want to say"),
    "circulate": T(zh="请大家看什么", en="What they should look at"),
}
PLACES = (
    (
        "before",
        T(zh="在我之前签", en="Before me"),
        T(zh="签完以前，我不能办", en="I wait until it is answered"),
    ),
    (
        "beside",
        T(zh="和我一起签", en="Beside me"),
        T(zh="我可以先办着，签完才能提交", en="I go on; I can finish when it is answered"),
    ),
    (
        "after",
        T(zh="在我之后签", en="After me"),
        T(
            zh="我办完再签；不同意就退回给我",
            en="Asked when I have finished; without consent it comes back to me",
        ),
    ),
)
NOBODY = T("请选", "Choose")
SEAT = T("{name}　{post}", "{name}, {post}")
PEOPLE = {"sign", "transfer", "circulate"}
NEAR = T(
    zh="下面是本单位的同事；找别的单位，写姓名、岗位或者单位。",
    en="These are the colleagues of your unit. For others, type a name, a post or a unit.",
)
ABLE = T(
    zh="只有能办这一步的同事：有这项职责，在同一个单位。",
    en="Only colleagues who can do this step: those with the duty for it, in its unit.",
)


@identity.official_only
def move_page(request: HttpRequest, number: str, key: str) -> HttpResponse:
    """Ask what a move needs to know and make it; when it is not allowed, say why."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    at = now()
    case, move, task = get_move(actor, number, key, _task_id(request), at=at)
    posted = request.POST if request.method == "POST" else {}
    given = {name: posted.get(name, "").strip() for name in ("reason", "to", "to_node", "place", "q")}
    chosen = request.POST.getlist("to") if posted else []
    errors: list[dict[str, Any]] = []
    refusal: Any = None
    if posted and "find" not in posted and move.allowed:
        try:
            _make(actor, case, move, given, chosen, at)
        except Invalid as invalid:
            errors = _errors(invalid)
        except (Conflict, Forbidden) as conflict:
            refusal = conflict
        else:
            said = T(zh="{move}：{step}", en="{move}: {step}") if move.step else T(zh="{move}", en="{move}")
            text = said.format(move=move.label, step=move.step)
            request.session[DONE] = {"number": number, "text": text.as_json()}
            return redirect("cases:case", number=number)
    parts = _parts(actor, case, move, task, given, at) if move.allowed else {}
    is_stuck = key == "transfer" and not given["q"] and parts.get("people") == []
    context = {
        "case": case,
        "name": cases.called(case)[0],
        "move": move,
        "hint": HINTS[key],
        "reason_label": REASON[key],
        "reason_required": key != "urge",
        "given": given,
        "chosen": chosen,
        "errors": errors,
        "error_of": {row["field"]: row["message"] for row in errors},
        "refusal": refusal,
        "why_not": processes.why_not("nobody") if is_stuck else move.why_not,
        **parts,
    }
    return render(request, "cases/move.html", context, status=422 if errors else 409 if refusal else 200)


def _task_id(request: HttpRequest) -> int | None:
    text = request.GET.get("task", "")
    return int(text) if text.isdecimal() and len(text) < 16 else None


def _make(
    actor: Actor, case: Any, move: reading.MoveView, given: dict[str, str], to: Sequence[str], at: datetime
) -> None:
    """Call the door of the move."""
    common: dict[str, Any] = {"actor": actor, "reason": given["reason"], "at": at}
    step = {**common, "task_id": move.task_id}
    match move.key:
        case "return":
            if not given["to_node"]:
                raise _missing("to_node", T(zh="请选退回到哪一步", en="Choose the step"))
            cases.return_to(**step, to_node=given["to_node"])
        case "withdraw":
            cases.withdraw(**step)
        case "sign":
            if given["place"] not in ("before", "beside", "after"):
                raise _missing("place", T(zh="请选什么时候签", en="Choose when"))
            cases.add_signer(**step, place=given["place"], to=given["to"])
        case "transfer":
            cases.transfer(**step, to=given["to"])
        case "urge":
            cases.urge(**step)
        case "circulate":
            cases.circulate(**common, case_id=case.pk, to=to)


def _missing(field: str, message: T) -> Invalid:
    return Invalid(errors=[{"field": field, "message": message.as_json()}])


def _errors(invalid: Invalid) -> list[dict[str, Any]]:
    """Return the errors of a refusal with their questions; the reason is asked as ``reason`` here."""
    rows = invalid.data.get("errors") or [{"field": "reason", "message": invalid.title.as_json()}]
    return [
        {"field": "reason" if row["field"] == "opinion" else row["field"], "message": T.of(row["message"])}
        for row in rows
    ]


def _parts(
    actor: Actor, case: Any, move: reading.MoveView, task: Any, given: dict[str, str], at: datetime
) -> dict[str, Any]:
    """Return what the page of this move shows besides the reason."""
    query = given["q"][:40]
    parts: dict[str, Any] = {
        "asks_people": move.key in PEOPLE,
        "several": move.key == "circulate",
        "query": query,
    }
    if move.key == "return":
        targets = reading.targets_of(actor, case, task)
        parts["targets"] = targets
        parts["only"] = targets[0].node if len(targets) == 1 else ""
    elif move.key == "sign":
        parts["places"] = PLACES
        parts["where"] = NEAR
        parts["people"] = _people(actor, query, at)
    elif move.key == "transfer":
        found = reading.transfer_candidates(actor, case, task, query=query, at=at)
        parts["people"] = [_option(each) for each in found]
        parts["where"] = ABLE
    elif move.key == "circulate":
        parts["people"] = [*_units(actor, query), *_people(actor, query, at)]
        parts["where"] = NEAR
        parts["readings"] = reading.readings_of(case)
    return parts


def _people(actor: Actor, query: str, at: datetime) -> list[dict[str, Any]]:
    """Return the colleagues of the own unit, or, with a query, of all."""
    unit = None if query else actor.unit_id
    found = identity.colleagues(at=at, unit_id=unit, query=query, besides=actor.persons)
    return [_option(each) for each in found]


def _option(each: identity.ColleagueView) -> dict[str, Any]:
    return {
        "value": each.key,
        "label": each.name,
        "hint": T("{unit} {post}", "{unit}, {post}").format(unit=each.unit_name, post=each.post_name),
    }


def _units(actor: Actor, query: str) -> list[dict[str, Any]]:
    """Return whole units to circulate to: the own one, or those that a query names."""
    label = T(zh="{unit}（全单位）", en="{unit} (the whole unit)")
    units = [
        u
        for u in identity.list_units()
        if (query in u.name.zh or query.lower() in u.name.en.lower() if query else u.pk == actor.unit_id)
    ]
    return [{"value": f"unit:{u.pk}", "label": label.format(unit=u.name), "hint": ""} for u in units[:10]]


# --- standing in ---


@identity.official_only
def delegations(request: HttpRequest) -> HttpResponse:
    """Show who stands in for me and for whom I stand in, and let me ask somebody."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    at = now()
    posted = request.POST if request.method == "POST" else {}
    given = {name: posted.get(name, "").strip() for name in ("reason", "to", "since", "until", "q")}
    errors: list[dict[str, Any]] = []
    refusal: Any = None
    if posted and "find" not in posted:
        try:
            since, until = _period(given, at)
            cases.delegate(
                actor=actor, to=given["to"], since=since, until=until, reason=given["reason"], at=at
            )
        except Invalid as invalid:
            errors = _errors(invalid)
            if not invalid.data.get("errors"):
                errors = [{"field": "until", "message": T.of(invalid.detail or invalid.title)}]
        except (Conflict, Forbidden) as conflict:
            refusal = conflict
        else:
            return redirect("cases:delegations")
    context = {
        "given_away": identity.delegations_from(actor.person_id, at) if actor.person_id else [],
        "taken_on": identity.delegations_to(actor.person_id, at) if actor.person_id else [],
        "now": at,
        "may_delegate": actor.behalf_of is None
        and actor.post_id is not None
        and not identity.ADMIN_DUTIES & actor.duties,
        "given": given,
        "people": _people(actor, given["q"][:40], at),
        "where": NEAR,
        "errors": errors,
        "error_of": {row["field"]: row["message"] for row in errors},
        "refusal": refusal,
        "today": local_date(at).isoformat(),
    }
    return render(
        request, "cases/delegations.html", context, status=422 if errors else 409 if refusal else 200
    )


def _period(given: dict[str, str], at: datetime) -> tuple[datetime, datetime]:
    """Read whole days: from now, or the beginning of a later first day, to the end of the last one. Raises Invalid."""
    try:
        first, last = date.fromisoformat(given["since"]), date.fromisoformat(given["until"])
    except ValueError:
        raise _missing("until", T(zh="请填从哪天到哪天", en="Say from which day to which")) from None
    begin = datetime.combine(first, time(), LOCAL)
    return max(begin, at), datetime.combine(last + timedelta(days=1), time(), LOCAL)


@identity.official_only
@require_POST
def end_delegation(request: HttpRequest, delegation_id: int) -> HttpResponse:
    """End a delegation, or call it off."""
    identity.end_delegation(actor=request.actor, delegation_id=delegation_id, at=now())  # type: ignore[attr-defined]
    return redirect("cases:delegations")


# --- handing over ---


@identity.official_only
def hand_over(request: HttpRequest) -> HttpResponse:
    """Choose who leaves and who follows, look at what will happen, hand over."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if ADMINISTER not in actor.duties:
        raise CaseNotFound
    at = now()
    source = request.POST if request.method == "POST" else request.GET
    person, to = source.get("person", ""), source.get("to", "")
    reason = source.get("reason", "").strip()
    plan: cases.HandOver | None = None
    done = False
    errors: list[dict[str, Any]] = []
    if person and to:
        try:
            if request.method == "POST":
                plan, done = cases.hand_over(actor=actor, person=person, to=to, reason=reason, at=at), True
            else:
                plan = cases.preview_hand_over(actor=actor, person=person, to=to, at=at)
        except Invalid as invalid:
            errors = _errors(invalid)
            plan = _preview(actor, person, to, at)
        except NotFound:
            raise CaseNotFound from None
    elif "person" in source:
        errors = [
            {"field": field, "message": message}
            for field, chosen, message in (
                ("person", person, T(zh="请选谁离开", en="Choose who leaves")),
                ("to", to, T(zh="请选谁接手", en="Choose who takes over")),
            )
            if not chosen
        ]
    people = identity.colleagues(at=at, unit_id=actor.unit_id)
    context = {
        "people": [("", NOBODY), *((p.key, SEAT.format(name=p.name, post=p.post_name)) for p in people)],
        "person": person,
        "to": to,
        "reason": reason,
        "plan": plan,
        "done": done,
        "errors": errors,
        "error_of": {row["field"]: row["message"] for row in errors},
        "again": reverse("cases:hand-over"),
    }
    return render(request, "cases/hand_over.html", context, status=422 if errors else 200)


def _preview(actor: Actor, person: str, to: str, at: datetime) -> cases.HandOver | None:
    """Return the preview once more under an error; None when the error is about who was chosen."""
    try:
        return cases.preview_hand_over(actor=actor, person=person, to=to, at=at)
    except TongbanError:
        return None
