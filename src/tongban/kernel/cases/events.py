"""What cases announces through the outbox. All subjects are cases."""

MOVED = "cases.moved"
"""An office move concerns these people, who get a message. Data: move, people (ids), by, step, reason."""
