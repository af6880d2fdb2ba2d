"""The door of certificates: issue one, find one's own, check anybody's by its code."""

from tongban.apps.certificates.operations.issue import issue_certificate
from tongban.apps.certificates.packs import put_type
from tongban.apps.certificates.queries import (
    STATUS,
    Verified,
    get_certificate,
    list_certificates_of,
    verify,
)

__all__ = [
    "STATUS",
    "Verified",
    "get_certificate",
    "issue_certificate",
    "list_certificates_of",
    "put_type",
    "verify",
]
