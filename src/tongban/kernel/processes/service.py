"""The door of processes: publish definitions, run instances, do tasks, put incidents right.

Whoever leads a person's act here (``start_instance``, ``claim_task``, ``complete_task``, ``set_vars``, ``terminate``) holds the
lock of the owner already, because the order is owner, instance, task; what starts here (timers, jobs, retry, skip) takes it
through the registered owner. The owner hears of every move in its transaction.
"""

from tongban.kernel.processes.diagram import Diagram, Marks
from tongban.kernel.processes.drawing import Drawing
from tongban.kernel.processes.examination import Examination, examine
from tongban.kernel.processes.gauges import timer_lag
from tongban.kernel.processes.graph import Problem
from tongban.kernel.processes.moves import MOVES
from tongban.kernel.processes.operations.entering import check_entry, enter_instance
from tongban.kernel.processes.operations.instances import set_vars, start_instance, terminate
from tongban.kernel.processes.operations.jobs import retry_job, retry_jobs, run_due_jobs, run_job, skip_job
from tongban.kernel.processes.operations.migrate import (
    Migrated,
    MigrationView,
    StandsView,
    migrate_instance,
    migrate_instances,
    preview_migration,
)
from tongban.kernel.processes.operations.office import return_to, withdraw
from tongban.kernel.processes.operations.passing import reassign_task, transfer, urge
from tongban.kernel.processes.operations.publish import check_definition, publish
from tongban.kernel.processes.operations.signers import add_signer
from tongban.kernel.processes.operations.tasks import claim_task, complete_task, locked_task, release_task
from tongban.kernel.processes.operations.timers import fire_due_timers, next_timer_at, recompute_timers
from tongban.kernel.processes.operations.turns import Turns
from tongban.kernel.processes.packs import load_processes
from tongban.kernel.processes.queries import (
    DefinitionView,
    allows,
    attempts_of,
    causes_of_open_incidents,
    count_open_incidents,
    diagram,
    done_tasks,
    drawing,
    export_definition,
    get_definition,
    get_incident,
    get_task,
    get_tasks,
    has_done_the_other,
    incidents_of,
    needed_duty,
    open_incidents,
    open_tasks,
    open_tasks_of_holder,
    owners_of,
    resolved_incidents,
    situation_of,
    tasks_after,
    tasks_in_hands,
    tasks_of,
    timers_of,
    unclaimed_tasks,
)
from tongban.kernel.processes.registry import (
    Operation,
    OperationContext,
    Owner,
    operation,
    operation_names,
    register_owner,
)
from tongban.kernel.processes.results import (
    Advance,
    AttemptView,
    Entered,
    IncidentView,
    OutcomeView,
    TaskView,
    TimerView,
)
from tongban.kernel.processes.standing import Situation, WhyNot, why_not
from tongban.kernel.processes.versions import (
    MissingStep,
    ProcessRow,
    VersionRow,
    blank_drawing,
    get_process,
    list_processes,
    missing_steps,
    running_instances,
)
from tongban.kernel.processes.vocabulary import MAX_BYTES

__all__ = [
    "MAX_BYTES",
    "MOVES",
    "Advance",
    "AttemptView",
    "DefinitionView",
    "Diagram",
    "Drawing",
    "Entered",
    "Examination",
    "IncidentView",
    "Marks",
    "Migrated",
    "MigrationView",
    "MissingStep",
    "Operation",
    "OperationContext",
    "OutcomeView",
    "Owner",
    "Problem",
    "ProcessRow",
    "Situation",
    "StandsView",
    "TaskView",
    "TimerView",
    "Turns",
    "VersionRow",
    "WhyNot",
    "add_signer",
    "allows",
    "attempts_of",
    "blank_drawing",
    "causes_of_open_incidents",
    "check_definition",
    "check_entry",
    "claim_task",
    "complete_task",
    "count_open_incidents",
    "diagram",
    "done_tasks",
    "drawing",
    "enter_instance",
    "examine",
    "export_definition",
    "fire_due_timers",
    "get_definition",
    "get_incident",
    "get_process",
    "get_task",
    "get_tasks",
    "has_done_the_other",
    "incidents_of",
    "list_processes",
    "load_processes",
    "locked_task",
    "migrate_instance",
    "migrate_instances",
    "missing_steps",
    "needed_duty",
    "next_timer_at",
    "open_incidents",
    "open_tasks",
    "open_tasks_of_holder",
    "operation",
    "operation_names",
    "owners_of",
    "preview_migration",
    "publish",
    "reassign_task",
    "recompute_timers",
    "register_owner",
    "release_task",
    "resolved_incidents",
    "retry_job",
    "retry_jobs",
    "return_to",
    "run_due_jobs",
    "run_job",
    "running_instances",
    "set_vars",
    "situation_of",
    "skip_job",
    "start_instance",
    "tasks_after",
    "tasks_in_hands",
    "tasks_of",
    "terminate",
    "timer_lag",
    "timers_of",
    "transfer",
    "unclaimed_tasks",
    "urge",
    "why_not",
    "withdraw",
]
