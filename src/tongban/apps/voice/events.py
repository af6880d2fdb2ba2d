"""What the mailbox announces through the outbox."""

PUBLISHED = "voice.published"
"""An answered letter became public. Subject: the case; data: answer."""

CLOSED = "voice.closed"
"""A letter was closed. Subject: the case; data: outcome."""
