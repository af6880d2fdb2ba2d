"""The door of voice: the mailbox. A letter is a case; here is only how it is written and what the public may
read.
"""

from tongban.apps.voice.operations.mailboxes import put_mailbox
from tongban.apps.voice.operations.write import Sent, open_mailbox, write_letter
from tongban.apps.voice.queries import (
    LetterRow,
    PublicLetter,
    answered_letters,
    figures,
    list_mailboxes,
    public_letter,
)

__all__ = [
    "LetterRow",
    "PublicLetter",
    "Sent",
    "answered_letters",
    "figures",
    "list_mailboxes",
    "open_mailbox",
    "public_letter",
    "put_mailbox",
    "write_letter",
]
