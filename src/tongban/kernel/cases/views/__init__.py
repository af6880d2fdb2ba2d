"""Pages of the cases module: the official's case page and the citizen's progress."""

from tongban.kernel.cases.views.moves import delegations, end_delegation, hand_over, move_page
from tongban.kernel.cases.views.official import (
    claim,
    complete,
    do_action,
    outcome_page,
    release,
    show_case,
    show_diagram,
    unmask_case,
)
from tongban.kernel.cases.views.public import party_action, party_task, progress_search, track

__all__ = [
    "claim",
    "complete",
    "delegations",
    "do_action",
    "end_delegation",
    "hand_over",
    "move_page",
    "outcome_page",
    "party_action",
    "party_task",
    "progress_search",
    "release",
    "show_case",
    "show_diagram",
    "track",
    "unmask_case",
]
