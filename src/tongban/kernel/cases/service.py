"""The door of the cases module.

A case is one piece of government work: kind, number, parties, form data, process, clocks, access. Applications open, submit
and move cases through these functions and add what is theirs by ``register_kind``. Every list and every page asks ``Access``;
there is no other way to see a case.
"""

from tongban.kernel.cases.kinds import (
    CaseAction,
    CaseKind,
    Panel,
    Stage,
    State,
    kind_of,
    kinds,
    register_kind,
)
from tongban.kernel.cases.operations.circulate import circulate, mark_read
from tongban.kernel.cases.operations.clocks import (
    check_extension,
    check_pause,
    clock_of,
    extend_case_clocks,
    note_extension_paper,
    pause_case_clocks,
    resume_case_clocks,
    start_case_clock,
    stop_case_clocks,
)
from tongban.kernel.cases.operations.follow import case_of, locked_case
from tongban.kernel.cases.operations.hand_over import HandOver, Piece, hand_over, preview_hand_over
from tongban.kernel.cases.operations.moves import add_signer, return_to, transfer, urge, withdraw
from tongban.kernel.cases.operations.open import NewParty, give_access, open_case, set_state
from tongban.kernel.cases.operations.stand_in import delegate
from tongban.kernel.cases.operations.submit import submit_case
from tongban.kernel.cases.operations.work import claim_task, complete_task, release_task, run_action
from tongban.kernel.cases.policies import is_party, may_see, party_holders
from tongban.kernel.cases.queries import (
    MARKS,
    VIEWS,
    CasePage,
    Group,
    InboxRow,
    Overview,
    Progress,
    called,
    case_page,
    count_todo,
    count_unread,
    done_today,
    find_by_code,
    find_by_number,
    get_case,
    inbox,
    my_tasks,
    overview,
    progress_of,
    unread_by,
    waiting_for,
)
from tongban.kernel.cases.queries.statistics import (
    figures,
    find_cases,
    list_cases_of,
    list_public_counts,
)
from tongban.kernel.cases.sessions import case_by_code, party_actor, remember_code

__all__ = [
    "MARKS",
    "VIEWS",
    "CaseAction",
    "CaseKind",
    "CasePage",
    "Group",
    "HandOver",
    "InboxRow",
    "NewParty",
    "Overview",
    "Panel",
    "Piece",
    "Progress",
    "Stage",
    "State",
    "add_signer",
    "called",
    "case_by_code",
    "case_of",
    "case_page",
    "check_extension",
    "check_pause",
    "circulate",
    "claim_task",
    "clock_of",
    "complete_task",
    "count_todo",
    "count_unread",
    "delegate",
    "done_today",
    "extend_case_clocks",
    "figures",
    "find_by_code",
    "find_by_number",
    "find_cases",
    "get_case",
    "give_access",
    "hand_over",
    "inbox",
    "is_party",
    "kind_of",
    "kinds",
    "list_cases_of",
    "list_public_counts",
    "locked_case",
    "mark_read",
    "may_see",
    "my_tasks",
    "note_extension_paper",
    "open_case",
    "overview",
    "party_actor",
    "party_holders",
    "pause_case_clocks",
    "preview_hand_over",
    "progress_of",
    "register_kind",
    "release_task",
    "remember_code",
    "resume_case_clocks",
    "return_to",
    "run_action",
    "set_state",
    "start_case_clock",
    "stop_case_clocks",
    "submit_case",
    "transfer",
    "unread_by",
    "urge",
    "waiting_for",
    "withdraw",
]
