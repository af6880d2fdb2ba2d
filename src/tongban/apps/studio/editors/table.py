"""Decision tables: a grid of conditions and results, and examples that must come out right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tongban.apps.studio.editors.common import NAME, T, choice, fresh_key
from tongban.apps.studio.editors.described import describe_editor
from tongban.apps.studio.schema import Column, Part, Schema, Section
from tongban.base.editables import text_of
from tongban.base.text import LocalizedText

TYPES = choice(
    ("", T("随内容", "As it looks")),
    ("number", T("数字", "Number")),
    ("text", T("文字", "Text")),
    ("bool", T("是否", "Yes or no")),
    ("date", T("日期", "Date")),
    ("list", T("多项", "List")),
)


def _columns(content: Mapping[str, Any], name: str) -> list[tuple[str, LocalizedText, str]]:
    rows = content.get(name)
    return [
        (str(row.get("key", "")), text_of(row.get("label")), str(row.get("type", "")))
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, Mapping) and row.get("key")
    ]


def _rule_columns(content: Mapping[str, Any]) -> list[Column]:
    return [
        *(Column("when", key, label, "test") for key, label, _ in _columns(content, "inputs")),
        *(Column("then", key, label) for key, label, _ in _columns(content, "outputs")),
    ]


def _example_columns(content: Mapping[str, Any]) -> list[Column]:
    return [
        *(
            Column("given", key, label, kind if kind in ("list", "text") else "value")
            for key, label, kind in _columns(content, "inputs")
        ),
        *(Column("then", key, label) for key, label, _ in _columns(content, "outputs")),
    ]


def _row(content: Mapping[str, Any], rows: Sequence[Any], group: str) -> dict[str, Any]:
    then = {key: "" for key, _, _ in _columns(content, "outputs")}
    return (
        {group: {}, "then": then}
        if group == "given"
        else {group: {}, "then": then, "because": {"zh": "", "en": ""}}
    )


COLUMN = (
    Part("key", T("键", "Key")),
    Part("label", T("名称", "Name"), "local"),
)

SCHEMA = Schema(
    (
        Section(
            "rules",
            T("规则", "Rules"),
            (
                Part(
                    "rules",
                    T("规则", "Rules"),
                    "grid",
                    columns=_rule_columns,
                    parts=(Part("because", T("理由", "Because"), "local"),),
                    new_row=lambda content, rows: _row(content, rows, "when"),
                ),
            ),
            T(
                "从上往下看，第一条全部符合的说了算；空格表示不限。"
                "条件写法：> 50、'a', 'b'、[1..50]、'cold' in $；结果以 = 开头是算式。",
                "From top to bottom: the first rule that fits decides; an empty cell fits everything. "
                "Conditions: > 50, 'a', 'b', [1..50], 'cold' in $; a result that begins with = is worked out.",
            ),
        ),
        Section(
            "examples",
            T("例子", "Examples"),
            (
                Part(
                    "examples",
                    T("例子", "Examples"),
                    "grid",
                    columns=_example_columns,
                    new_row=lambda content, rows: _row(content, rows, "given"),
                ),
            ),
            T(
                "每次保存都按例子算一遍；结果不对的不能发布。",
                "Every saving tries the examples; a table that answers one otherwise cannot be published.",
            ),
        ),
        Section(
            "columns",
            T("条件和结果", "Columns"),
            (
                Part(
                    "inputs",
                    T("条件", "Conditions"),
                    "rows",
                    parts=(
                        *COLUMN,
                        Part("type", T("类型", "Type"), "choice", options=TYPES),
                        Part("unit", T("单位", "Unit"), "local"),
                    ),
                    new_row=lambda content, rows: {
                        "key": fresh_key("input_", rows),
                        "label": {"zh": "", "en": ""},
                    },
                ),
                Part(
                    "outputs",
                    T("结果", "Results"),
                    "rows",
                    parts=COLUMN,
                    new_row=lambda content, rows: {
                        "key": fresh_key("output_", rows),
                        "label": {"zh": "", "en": ""},
                    },
                ),
            ),
        ),
        Section(
            "about",
            T("名称和依据", "Name and source"),
            (
                NAME,
                Part("legal_source", T("依据", "Legal source"), "local_text", keep_empty=True),
                Part(
                    "valid_to",
                    T("失效日期", "Valid until"),
                    "date",
                    T("不填就一直有效。", "Empty: without an end."),
                ),
            ),
            T("从发布那天起有效。", "Valid from the day of publishing."),
        ),
    )
)

describe_editor("table", SCHEMA, icon="scale")
