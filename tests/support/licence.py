"""What a test of a licence looks at: clocks and papers."""

from __future__ import annotations

from typing import Any

from tongban.kernel.cases import service as cases
from tongban.kernel.instruments import service as instruments


def clock(case: Any, role: str) -> Any:
    found = cases.clock_of(case, role)
    assert found is not None, f"no {role} clock"
    return found


def states_of_clocks(case: Any) -> set[str]:
    return set(case.clocks.values_list("clock__state", flat=True))


def papers(case: Any) -> dict[str, Any]:
    return {paper.template: paper for paper in instruments.papers_of(case.ref)}


def data_of(paper: Any) -> dict[str, Any]:
    from tongban.kernel.instruments.models import Paper

    return Paper.objects.get(pk=paper.id).data
