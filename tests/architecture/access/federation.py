"""Access: other systems, which administrators register, and signing in through the province."""

from __future__ import annotations

from collections.abc import Iterator

from tests.architecture.walk.probe import GO, Probe, World
from tests.support.county import County

PUBLIC = {
    "federation:discovery": "/.well-known/openid-configuration",
    "federation:jwks": "/oidc/keys",
    "federation:sign-out": "/oidc/sign-out",
}
OWN = {
    "federation:mine": "/account/systems/",
    "federation:unlink": "",
    "federation:go": "",
    "federation:back": "",
    "federation:first-time": "",
    "federation:end-mine": "",
    "federation:authorize": "",
}
MACHINES = {
    *(f"federation:{name}" for name in ("token", "revoke", "userinfo")),
    *(f"federation:scim-{name}" for name in ("config", "types", "type", "schemas", "schema")),
    *(f"federation:scim-{name}" for name in ("users", "user", "groups", "group")),
}


def register_a_system(county: County) -> str:
    """Let the system administrator register another system of the county."""
    from tongban.apps.federation import service as federation
    from tongban.base.text import LocalizedText

    address = ("https://archive.chengxi.example/back",)
    facts = federation.SystemFacts(LocalizedText("档案系统"), address, (), ("profile",), ("official",))
    system, _ = federation.register_system(
        actor=county.actor("sysadmin"), client_id="archive", facts=facts, at=county.now
    )
    return str(system.client_id)


def probes(w: World) -> Iterator[Probe]:
    machines = {"owner": "sysadmin", "method": "POST"}
    none = frozenset({404})
    yield Probe("federation:systems", "/desk/admin/systems/", owner="sysadmin")
    yield Probe("federation:register", "/desk/admin/systems/new/", owner="sysadmin")
    archive = f"/desk/admin/systems/{w.facts['system']}/"
    yield Probe("federation:system", archive, owner="auditadmin")
    yield Probe("federation:change", f"{archive}change/", owner="sysadmin")
    yield Probe("federation:secret", f"{archive}secret/", **machines)
    shut = {"open": "0", "reason": "合同到期"}
    yield Probe("federation:switch", f"{archive}switch/", body=shut, answers=GO, **machines)
    yield Probe("federation:provinces", "/desk/admin/systems/in/", owner="secadmin")
    yield Probe("federation:new-province", "/desk/admin/systems/in/new/", owner="sysadmin")
    yield Probe("federation:province", "/desk/admin/systems/in/none/", owner="sysadmin", answers=none)
    yield Probe("federation:programs", "/desk/admin/systems/programs/", owner="auditadmin")
    yield Probe("federation:register-program", "/desk/admin/systems/programs/new/", owner="sysadmin")
    program = "/desk/admin/systems/programs/none/switch/"
    yield Probe("federation:switch-program", program, answers=none, **machines)
    yield Probe("federation:check", "/desk/identity-check/", owner="window")
    card = {"name": "李秀英", "citizen_id": "532399198510271020", "seen": "1"}
    yield Probe("federation:check", "/desk/identity-check/", owner="window", method="POST", body=card)
