"""The command line ``tongban``."""

from __future__ import annotations

import os
import sys

__all__ = ["main"]


def main() -> None:
    """Run a Django management command under Tongban's settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongban.main.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["tongban", *sys.argv[1:]])
