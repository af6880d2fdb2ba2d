"""The door of docking: put a destination, do a round, take receipts, resend, skip, compare."""

from tongban.apps.docking.operations.destinations import find_destination, put_destination, switch
from tongban.apps.docking.operations.follow import follow, pass_by
from tongban.apps.docking.operations.receipts import take_receipts
from tongban.apps.docking.operations.reconcile import fetch_statement
from tongban.apps.docking.operations.repair import resend, resend_all, resend_missing, skip
from tongban.apps.docking.operations.send import recover, send
from tongban.apps.docking.operations.work import work

__all__ = [
    "fetch_statement",
    "find_destination",
    "follow",
    "pass_by",
    "put_destination",
    "recover",
    "resend",
    "resend_all",
    "resend_missing",
    "send",
    "skip",
    "switch",
    "take_receipts",
    "work",
]
