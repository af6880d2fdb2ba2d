"""What the hall announces through the outbox. No event says anything about a person."""

BOOKED = "hall.booked"
"""An appointment was made. Subject: the appointment; data: service, starts_at."""

ENDED = "hall.ended"
"""An appointment came to its end: done, missed, cancelled. Subject: the appointment; data: state."""
