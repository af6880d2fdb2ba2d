"""Access: who runs the machines sees that steps failed, never whose."""

from __future__ import annotations

from collections.abc import Iterator

from tests.architecture.walk.probe import GO, Probe, World
from tests.support.installation import ROOT
from tongban.base.actor import Actor
from tongban.base.time import now
from tongban.kernel.processes import service as processes

PUBLIC = {
    "ops:healthz": "/healthz",
}
MACHINES = {
    "ops:metrics",
}


def correct_the_process() -> None:
    """Publish the process of the food licence once more, so that its cases can be moved there."""
    file = ROOT / "packs" / "chengxi" / "items" / "food-licence" / "process.bpmn"
    xml = file.read_text("utf-8") + "<!-- corrected -->"
    processes.publish(actor=Actor.system("test"), key="food-licence-new", xml=xml, at=now())


def probes(w: World) -> Iterator[Probe]:
    machines = {"owner": "sysadmin", "method": "POST"}
    yield Probe("ops:incidents", "/desk/incidents/", owner="sysadmin")
    process = "/desk/processes/food-licence-new/"
    yield Probe("ops:processes", "/desk/processes/", owner="sysadmin")
    yield Probe("ops:process", process, owner="sysadmin")
    yield Probe("ops:process-file", f"{process}file/", owner="sysadmin")
    yield Probe("ops:migrate", f"{process}1/2/", owner="sysadmin", before=correct_the_process)
    yield Probe(
        "ops:migrate",
        f"{process}1/2/",
        body={"instance": str(w.waiting.instance_id), "reason": "更正"},
        answers=frozenset({302}),
        before=correct_the_process,
        **machines,
    )
    yield Probe(
        "ops:resolve",
        f"/desk/incidents/{w.facts['job']}/",
        body={"way": "retry", "reason": "修好了"},
        answers=frozenset({409}),  # the step was done: there is nothing to repair
        **machines,
    )
    yield Probe("ops:history", "/desk/incidents/history/", owner="sysadmin")
    yield Probe("ops:incident", "/desk/incidents/of/0/", owner="sysadmin", answers=frozenset({404}))
    repair = {"reason": "修好了", "job": w.facts["job"]}
    yield Probe("ops:retry-group", "/desk/incidents/retry/", body=repair, answers=GO, **machines)
    yield Probe(
        "ops:repair-job", "/desk/incidents/jobs/1/", body=repair, answers=frozenset({409}), **machines
    )
    yield Probe("ops:remake-paper", f"/desk/incidents/papers/{w.facts['paper']}/", answers=GO, **machines)
    yield Probe("ops:resend", f"/desk/incidents/messages/{w.facts['delivery']}/", answers=GO, **machines)
