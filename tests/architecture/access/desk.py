"""Access: an official's lists."""

from __future__ import annotations

OWN = {
    "desk:inbox": "/desk/",
    "desk:search": "/desk/search/?q={number}",
    "desk:list": "/desk/list/todo/",
    "desk:export": "/desk/export/todo/",
}
