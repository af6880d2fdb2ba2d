"""The door of certificates: types, issuing, what becomes of a certificate, copies, checking anybody's by its code.

Every change of status goes by the table of ``rules`` and is an act, a version in the register and a message to the holder.
What takes something from the holder goes through a proceeding: one officer proposes, another agrees, a paper is served.
"""

from tongban.apps.certificates.keys import key_set
from tongban.apps.certificates.operations.copies import DAYS, end_copy, make_copy
from tongban.apps.certificates.operations.issue import issue_certificate
from tongban.apps.certificates.operations.proceed import open_proceeding
from tongban.apps.certificates.operations.status import Grounds, act_at_once
from tongban.apps.certificates.operations.types import put_type
from tongban.apps.certificates.queries import (
    CopyView,
    Verified,
    copies_of,
    copy_file,
    desk_page,
    find_certificates,
    get_certificate,
    history_of,
    list_certificates_of,
    verify,
    versions_of,
)
from tongban.apps.certificates.rules import needs_second_look
from tongban.apps.certificates.words import STATUS

__all__ = [
    "DAYS",
    "STATUS",
    "CopyView",
    "Grounds",
    "Verified",
    "act_at_once",
    "copies_of",
    "copy_file",
    "desk_page",
    "end_copy",
    "find_certificates",
    "get_certificate",
    "history_of",
    "issue_certificate",
    "key_set",
    "list_certificates_of",
    "make_copy",
    "needs_second_look",
    "open_proceeding",
    "put_type",
    "verify",
    "versions_of",
]
