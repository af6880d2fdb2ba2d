"""The door of messages: say something to a person; the box, the e-mail and their states follow.

The words are content (templates with {places} in two languages). A message in the box has arrived; e-mail leaves after commit.
"""

from tongban.kernel.messages.channels import channels
from tongban.kernel.messages.operations.deliver import deliver, retry
from tongban.kernel.messages.operations.read import mark_all_read, mark_read
from tongban.kernel.messages.operations.send import put_template, send
from tongban.kernel.messages.queries import (
    DeliveryRow,
    FailedDelivery,
    MessageRow,
    box_for,
    deliveries_of,
    failed_deliveries,
    inbox_of,
    unread_count,
)
from tongban.kernel.messages.words import register_words, register_words_in

__all__ = [
    "DeliveryRow",
    "FailedDelivery",
    "MessageRow",
    "box_for",
    "channels",
    "deliver",
    "deliveries_of",
    "failed_deliveries",
    "inbox_of",
    "mark_all_read",
    "mark_read",
    "put_template",
    "register_words",
    "register_words_in",
    "retry",
    "send",
    "unread_count",
]
