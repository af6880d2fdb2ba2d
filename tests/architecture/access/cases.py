"""Access: who follows a case, who works on it, and what the office moves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.architecture.walk.probe import GO, Probe, World, operation

PUBLIC = {
    "cases:progress": "/progress/",
}
OWN = {
    "cases:delegations": "/desk/delegations/",
    "GET /api/v1/colleagues": "/api/v1/colleagues",
    "GET /api/v1/tasks": "/api/v1/tasks",
}


def _key(w: World, who: str) -> str:
    actor = w.county.actor(who)
    return f"{actor.post_id}:{actor.person_id}"


def _claim(w: World, task_id: int) -> None:
    from tongban.kernel.cases import service as cases

    cases.claim_task(actor=w.county.actor("window"), task_id=task_id, at=w.county.now)


def probes(w: World) -> Iterator[Probe]:
    receive = w.county.task(w.waiting, "receive").id
    correct = w.county.task(w.correcting, "correct").id
    judge = w.county.open_steps(w.letter)[0].id
    yield Probe("cases:track", f"/progress/{w.waiting.number}/")
    yield Probe("cases:track", f"/progress/{w.letter.number}/")
    party_task = f"/progress/{w.correcting.number}/tasks/{correct}/"
    yield Probe("cases:party-task", party_task + "?outcome=resubmit")
    yield Probe("cases:party-task", party_task, method="POST", body={"outcome": "resubmit"}, answers=GO)
    withdraw = f"/progress/{w.waiting.number}/actions/withdraw/"
    yield Probe("cases:party-action", withdraw)
    yield Probe("cases:party-action", withdraw, method="POST", body={"reason": "不办了"}, answers=GO)
    desk = {"owner": "window"}
    accept = {"checked": ["competence", "applicant", "complete", "form"]}
    yield Probe("cases:case", f"/desk/cases/{w.waiting.number}/", **desk)
    yield Probe("cases:diagram", f"/desk/cases/{w.waiting.number}/diagram.json", **desk)
    yield Probe("cases:case", f"/desk/cases/{w.letter.number}/", owner="mailbox")
    yield Probe(
        "cases:unmask",
        f"/desk/cases/{w.waiting.number}/unmask/",
        method="POST",
        body={"reason": "电话核实"},
        **desk,
    )
    extend = f"/desk/cases/{w.deciding.number}/actions/extend/"
    yield Probe("cases:action", extend, owner="chief")
    yield Probe(
        "cases:action",
        extend,
        owner="chief",
        method="POST",
        body={"reason": "需要再次核实场所情况"},
        answers=GO,
    )
    chief, reviewing = {"owner": "chief"}, w.county.task(w.deciding, "decide").id
    colleague = _key(w, "officer1")
    back = f"/desk/cases/{w.deciding.number}/moves/return/?task={reviewing}"
    yield Probe("cases:move", back, **chief)
    yield Probe(
        "cases:move", back, method="POST", body={"to_node": "inspect", "reason": "重看"}, answers=GO, **chief
    )
    yield Probe("cases:hand-over", f"/desk/hand-over/?person={colleague}&to={_key(w, 'officer2')}", **chief)
    given = w.facts["delegation"]
    yield Probe(
        "cases:end-delegation", f"/desk/delegations/{given}/end/", method="POST", answers=GO, owner="officer1"
    )
    api = f"/api/v1/tasks/{reviewing}"
    yield Probe("GET /api/v1/tasks/{task_id}/moves", f"{api}/moves", **chief)
    moves: dict[str, tuple[str, dict[str, Any]]] = {
        "return": ("chief", {"to_node": "inspect"}),
        "transfer": ("chief", {"to": colleague}),
        "signers": ("chief", {"to": colleague, "place": "beside"}),
        "urge": ("window", {}),
    }
    for move, (owner, body) in moves.items():
        answers = frozenset({409}) if move == "transfer" else frozenset({200})
        yield Probe(
            f"POST /api/v1/tasks/{{task_id}}/{move}", f"{api}/{move}", owner=owner, method="POST",
            body={**body, "reason": "重看"}, answers=answers,
        )  # fmt: skip
    signed = w.facts["signed"]
    yield Probe(
        "POST /api/v1/tasks/{task_id}/withdraw", f"/api/v1/tasks/{signed}/withdraw", owner="officer2", method="POST",
        body={"reason": "重看"},
    )  # fmt: skip
    readings = f"/api/v1/cases/{w.deciding.number}/readings"
    yield Probe(
        "POST /api/v1/cases/{number}/readings", readings, owner="chief", method="POST",
        body={"to": [colleague], "reason": "请看"},
    )  # fmt: skip
    yield Probe("POST /api/v1/cases/{number}/readings/read", f"{readings}/read", owner="chief", method="POST")
    yield Probe("cases:claim", f"/desk/tasks/{receive}/claim/", method="POST", answers=GO, **desk)
    yield Probe(
        "cases:release",
        f"/desk/tasks/{receive}/release/",
        method="POST",
        answers=GO,
        before=lambda: _claim(w, receive),
        **desk,
    )
    yield Probe(
        "cases:complete",
        f"/desk/tasks/{receive}/complete/",
        method="POST",
        body={"outcome": "accept"},
        answers=GO,
        **desk,
    )
    yield Probe("cases:outcome", f"/desk/tasks/{receive}/accept/", **desk)
    yield Probe(
        "cases:outcome", f"/desk/tasks/{receive}/accept/", method="POST", body=accept, answers=GO, **desk
    )
    yield operation("GET /api/v1/cases/{number}", path={"number": w.waiting.number})
    yield operation("GET /api/v1/cases/{number}", path={"number": w.waiting.number}, owner="window")
    yield operation(
        "POST /api/v1/cases/{number}/actions/{key}",
        path={"number": w.waiting.number, "key": "withdraw"},
        body={"data": {}},
    )
    yield operation("POST /api/v1/tasks/{task_id}/claim", path={"task_id": receive}, owner="window")
    yield operation(
        "POST /api/v1/tasks/{task_id}/complete",
        path={"task_id": receive},
        owner="window",
        body={"outcome": "accept", "data": accept},
    )
    yield operation(
        "POST /api/v1/tasks/{task_id}/complete", path={"task_id": correct}, body={"outcome": "resubmit"}
    )
    yield operation(
        "POST /api/v1/tasks/{task_id}/complete", path={"task_id": judge}, body={"outcome": "satisfied"}
    )
