"""The door of fees: charges, paying them on line, giving money back, reconciling.

Processes name ``fees.charge`` (owe what was worked out) and ``fees.settle`` (write down what the window took). Nothing else
makes a charge, and nothing but a payment makes one paid.
"""

from tongban.apps.fees.operations.demo_bank import act_at_bank, order_of
from tongban.apps.fees.operations.following import follow
from tongban.apps.fees.operations.giving_back import (
    decide_refund,
    note_paid_out,
    propose_refund,
    send_refund,
    try_again,
)
from tongban.apps.fees.operations.paying import ask, start_payment, take_notification
from tongban.apps.fees.operations.reconcile import reconcile, reconcile_all, settle_difference
from tongban.apps.fees.policies import has_desk
from tongban.apps.fees.providers import Signed
from tongban.apps.fees.queries import (
    ChargeView,
    DayView,
    charge_for,
    charges_of,
    day_of,
    days,
    desk_charge,
    desk_list,
    payment_for,
    refunds_waiting,
    summary_of,
)

__all__ = [
    "ChargeView",
    "DayView",
    "Signed",
    "act_at_bank",
    "ask",
    "charge_for",
    "charges_of",
    "day_of",
    "days",
    "decide_refund",
    "desk_charge",
    "desk_list",
    "follow",
    "has_desk",
    "note_paid_out",
    "order_of",
    "payment_for",
    "propose_refund",
    "reconcile",
    "reconcile_all",
    "refunds_waiting",
    "send_refund",
    "settle_difference",
    "start_payment",
    "summary_of",
    "take_notification",
    "try_again",
]
