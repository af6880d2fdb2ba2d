"""The editors of studio, one module a kind. ``registry`` says what an editor is."""

from __future__ import annotations

__all__ = ["register_all"]


def register_all() -> None:
    """Register every editor, in the order in which the kinds are offered."""
    from tongban.apps.studio.editors import (  # noqa: F401, I001 - the order counts
        item,
        form,
        process,
        paper,
        certificate,
        table,
        message,
    )
