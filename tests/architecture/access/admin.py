"""Access: who administers the organisation."""

from __future__ import annotations

from collections.abc import Iterator

from tests.architecture.walk.probe import GO, Probe, World


def probes(w: World) -> Iterator[Probe]:
    given = w.facts["delegation"]
    machines = {"owner": "sysadmin", "method": "POST"}
    security = {"owner": "secadmin"}
    post = w.facts["window_post"]
    basis = {"basis": "澄编发〔2026〕3号"}
    yield Probe("admin:units", "/desk/admin/", owner="auditadmin")
    yield Probe("admin:unit", "/desk/admin/units/scjg/", owner="auditadmin")
    yield Probe("admin:found-unit", "/desk/admin/units/new/", owner="sysadmin")
    unit = {"name_zh": "数据中心", "division_code": "532399000000", "parent": "", **basis}
    yield Probe("admin:found-unit", "/desk/admin/units/new/", body=unit, answers=GO, **machines)
    yield Probe("admin:change-unit", "/desk/admin/units/scjg/change/", body=unit, answers=GO, **machines)
    yield Probe("admin:move-unit", "/desk/admin/units/scjg/move/", body=unit, answers=GO, **machines)
    yield Probe("admin:merge-unit", "/desk/admin/units/scjg/merge/", owner="sysadmin")
    merge = {"into": 0, **basis}
    yield Probe(
        "admin:merge-unit", "/desk/admin/units/scjg/merge/", body=merge, answers=frozenset({404}), **machines
    )
    yield Probe("admin:post", f"/desk/admin/posts/{post}/", **security)
    yield Probe("admin:found-post", "/desk/admin/units/scjg/posts/new/", **security)
    yield Probe(
        "admin:change-post", f"/desk/admin/posts/{post}/change/", method="POST", body={"name_zh": "窗口"},
        answers=GO, **security,
    )  # fmt: skip
    yield Probe("admin:abolish-post", f"/desk/admin/posts/{post}/abolish/", **security)
    yield Probe("admin:appoint", f"/desk/admin/posts/{post}/appoint/", **security)
    yield Probe("admin:end-holding", f"/desk/admin/holdings/{w.facts['holding']}/end/", **security)
    system = {"owner": "sysadmin"}
    person, closed = w.county.actor("officer1").person_id, frozenset({404})
    people = f"/desk/admin/people/{person}/"
    yield Probe("admin:people", "/desk/admin/people/", owner="auditadmin")
    yield Probe("admin:person", people, owner="auditadmin")
    yield Probe("admin:open-account", "/desk/admin/people/new/", **system)
    yield Probe("admin:change-person", f"{people}change/", **system)
    yield Probe("admin:invite", f"{people}invite/", **machines)
    yield Probe("admin:close-account", f"{people}close/", body={"reason": "退休"}, answers=GO, **machines)
    yield Probe("admin:reopen-account", f"{people}reopen/", answers=closed, **system)
    yield Probe("admin:administrators", "/desk/admin/administrators/", owner="auditadmin")
    yield Probe("admin:delegations", "/desk/admin/delegations/", owner="auditadmin")
    ending = f"/desk/admin/delegations/{given}/end/"
    yield Probe("admin:end-delegation", ending, method="POST", answers=GO, **security)
    yield Probe("admin:sessions", "/desk/admin/sessions/", **system)
    yield Probe("admin:end-session", "/desk/admin/sessions/0/end/", method="POST", answers=closed, **security)
    yield Probe("admin:rules", "/desk/admin/sign-in/", **security)
    factor = {"duty": "services.decide", "unit": "", "rule_reason": "等保三级"}
    unlocking = {"username": "citizen", "unlock_reason": "本人来过"}
    yield Probe("admin:unlock", "/desk/admin/sign-in/unlock/", method="POST", body=unlocking, **security)
    rule = "/desk/admin/sign-in/factor/"
    yield Probe("admin:put-factor-rule", rule, method="POST", body=factor, answers=GO, **security)
    yield Probe("admin:end-factor-rule", f"{rule}0/end/", method="POST", answers=closed, **security)
    yield Probe("admin:reset-factors", f"{people}reset/", answers=closed, **security)
    firm = f"/desk/admin/mandates/of/{w.facts['firm']}/"
    yield Probe("admin:entities", "/desk/admin/mandates/", **system)
    yield Probe("admin:entity", firm, **system)
    yield Probe("admin:give-mandate", f"{firm}give/", **system)
    yield Probe("admin:end-mandate", f"/desk/admin/mandates/{w.facts['mandate']}/end/", **system)
