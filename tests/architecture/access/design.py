"""Access: the gallery, and the choice of language and display."""

from __future__ import annotations

PUBLIC = {
    "design:favicon": "/favicon.ico",
    "design:gallery": "/design/",
    "design:language": "/language/en/",
    "design:display": "/display/standard/",
}
