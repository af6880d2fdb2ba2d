"""What the certificates application announces through the outbox. No event says anything about a person."""

ISSUED = "certificates.issued"
"""A certificate, or a new version of one, was signed and written into the register. Subject: the certificate."""

STATUS_CHANGED = "certificates.status_changed"
"""A certificate was suspended, resumed, revoked, forfeited, cancelled, replaced, or came to its end. Subject: the
certificate; data: act, status."""

COPY_MADE = "certificates.copy_made"
"""A holder made a copy for one purpose. Subject: the certificate."""
