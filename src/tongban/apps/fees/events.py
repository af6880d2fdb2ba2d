"""What the fees application announces through the outbox. No event says anything about a person."""

PAID = "fees.paid"
"""A charge was paid, on line or at the window. Subject: the charge; data: case."""

REFUNDED = "fees.refunded"
"""Money was given back. Subject: the charge; data: case, refund."""
