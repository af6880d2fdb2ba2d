"""Access: the home page."""

from __future__ import annotations

PUBLIC = {
    "portal:home": "/",
}
