"""Payment providers: what one must be able to do, and which are set up here.

A provider is a class without state; it is made once a process from the dotted names in ``TONGBAN_PAYMENT_PROVIDERS``. What it is
told and what it answers are the dataclasses of ``protocol``. Its functions are called outside of any transaction and
may take their time; whatever they raise counts as "did not answer".
"""

from tongban.apps.fees.providers.protocol import (
    Line,
    Order,
    PaymentProvider,
    RefundOrder,
    RefundWord,
    Signed,
    Started,
    Word,
)
from tongban.apps.fees.providers.setup import WINDOW, asked, faults, find, first, label_of, names

__all__ = [
    "WINDOW",
    "Line",
    "Order",
    "PaymentProvider",
    "RefundOrder",
    "RefundWord",
    "Signed",
    "Started",
    "Word",
    "asked",
    "faults",
    "find",
    "first",
    "label_of",
    "names",
]
