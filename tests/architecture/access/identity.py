"""Access: signing in, and one's own account, factors and capacities."""

from __future__ import annotations

from collections.abc import Iterator

from tests.architecture.walk.probe import GO, Probe, World

PUBLIC = {
    "identity:sign-in": "/sign-in/",
    "identity:invitation": "/invitation/{invitation}/",
    "identity:second": "/sign-in/second/",
}
OWN = {
    "identity:sign-out": "",
    "identity:account": "/account/",
    "identity:password": "/account/password/",
    "identity:end-session": "",
    "identity:factors": "/account/factors/",
    "identity:add-app": "/account/factors/app/",
    "identity:add-key": "/account/factors/key/",
    "identity:new-codes": "",
    "identity:remove-factor": "",
    "identity:step-up": "/account/step-up/",
    "GET /api/v1/me": "/api/v1/me",
}


def probes(w: World) -> Iterator[Probe]:
    yield Probe("identity:act-for", "/act-for/", method="POST", body={"entity": w.facts["firm"]}, answers=GO)
    yield Probe(
        "identity:switch-post",
        "/switch-post/",
        owner="window",
        method="POST",
        body={"post": w.facts["window_post"]},
        answers=GO,
    )
