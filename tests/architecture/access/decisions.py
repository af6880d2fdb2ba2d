"""Access: rules that are tables, for officials to read."""

from __future__ import annotations

OWN = {
    "decisions:list": "/desk/rules/",
    "decisions:expression": "/desk/rules/expression/",
    "decisions:table": "/desk/rules/open-snack-bar/",
}
