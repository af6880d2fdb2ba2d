"""What registers announce."""

__all__ = ["ERROR_ANSWERED", "ERROR_REPORTED"]

ERROR_REPORTED = "registers.error_reported"
"""Somebody says that a record is wrong. Subject: correction-notice; data: register, field."""
ERROR_ANSWERED = "registers.error_answered"
"""The owner has answered a notice. Subject: correction-notice; data: outcome."""
