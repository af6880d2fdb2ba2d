"""What services announces through the outbox. All subjects are cases."""

__all__ = ["ACCEPTED", "GRANTED", "WITHDRAWN"]

ACCEPTED = "services.accepted"
"""An official looked the application over and accepted it (not by lapse of time)."""
GRANTED = "services.granted"
"""The decision was made in the applicant's favour."""
WITHDRAWN = "services.withdrawn"
"""The applicant withdrew the application."""
