"""Access: the addresses that belong to no module."""

from __future__ import annotations

PUBLIC = {
    "security-txt": "/.well-known/security.txt",
}
