"""What processes announces through the outbox. All subjects are owners of instances."""

INCIDENT_OPENED = "processes.incident_opened"
"""A token cannot go on by itself. Data: incident, node."""

INCIDENT_RESOLVED = "processes.incident_resolved"
"""Somebody retried or skipped. Data: incident, resolution."""
