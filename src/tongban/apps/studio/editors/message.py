"""Words of messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from tongban.apps.studio.editors.common import T
from tongban.apps.studio.editors.described import describe_editor
from tongban.apps.studio.editors.registry import Editing
from tongban.apps.studio.queries import base_of_thing
from tongban.apps.studio.schema import Part, Schema, Section

SCHEMA = Schema(
    (
        Section(
            "words",
            T("文字", "Words"),
            (
                Part("subject", T("标题", "Subject"), "local"),
                Part("body", T("正文", "Body"), "local_text", rows=8),
            ),
            T(
                "花括号里的内容在发送时换成实际的值，名称不能改。",
                "What stands in braces is filled in on sending; the names stay as they are.",
            ),
        ),
    )
)


def _places(request: HttpRequest, editing: Editing) -> Mapping[str, Any]:
    before = base_of_thing(editing.kind, editing.key, editing.base_version)
    return {"places_before": before}


describe_editor("message", SCHEMA, icon="mail", context=_places, template="studio/message.html")
