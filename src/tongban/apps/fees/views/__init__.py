"""Pages of fees: the citizen's, the finance clerk's, and those of the demo bank."""

from tongban.apps.fees.views.bank import bank
from tongban.apps.fees.views.desk import (
    day_csv,
    days,
    desk_charge,
    desk_list,
    propose,
    refund,
    refunds,
    settle,
    show_day,
)
from tongban.apps.fees.views.mine import check_payment, list_mine, pay, show_charge, show_payment

__all__ = [
    "bank",
    "check_payment",
    "day_csv",
    "days",
    "desk_charge",
    "desk_list",
    "list_mine",
    "pay",
    "propose",
    "refund",
    "refunds",
    "settle",
    "show_charge",
    "show_day",
    "show_payment",
]
