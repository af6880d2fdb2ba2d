"""What every page knows."""

from django.http import HttpRequest


def design(request: HttpRequest) -> dict[str, object]:
    """Return what the layouts need."""
    return {}
