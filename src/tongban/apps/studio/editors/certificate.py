"""Types of certificates: what stands on the face, how they are numbered, how long they are valid."""

from __future__ import annotations

from tongban.apps.studio.editors.common import NAME, T, choice, fresh_key, listed, preview, preview_context
from tongban.apps.studio.editors.described import describe_editor
from tongban.apps.studio.schema import Part, Schema, Section

FIELD = (
    Part("label", T("照面上的名称", "On the face"), "local"),
    Part("key", T("键", "Key")),
    Part(
        "from",
        T("取自申请表的哪个问题", "From which question of the form"),
        hint=T("填问题的键。", "The key of the question."),
    ),
)

SCHEMA = Schema(
    (
        Section(
            "face",
            T("照面", "Face"),
            (
                Part(
                    "fields",
                    T("照面上的内容", "What stands on the face"),
                    "rows",
                    parts=FIELD,
                    new_row=lambda content, rows: {
                        "key": fresh_key("field_", rows),
                        "label": {"zh": "", "en": ""},
                    },
                ),
                Part("supervision", T("页脚说明", "At the foot"), "local_text"),
                Part(
                    "source",
                    T("版式", "Face in typst"),
                    "code",
                    T("一般只改颜色：#certificate(colour: jade)。", "Usually only the colour is changed."),
                    rows=6,
                ),
            ),
        ),
        Section(
            "about",
            T("名称和编号", "Name and number"),
            (
                NAME,
                Part("unit", T("发证机关", "Issuing organ"), "choice", options=listed("unit")),
                Part(
                    "holder",
                    T("发给谁", "Given to"),
                    "choice",
                    options=choice(
                        ("", T("（不选）", "(none)")),
                        ("person", T("自然人", "A person")),
                        ("entity", T("单位", "An entity")),
                    ),
                ),
                Part("type_code", T("证照类型代码", "Code of the certificate type")),
                Part(
                    "number",
                    T("编号", "Number"),
                    "group",
                    keep_empty=True,
                    parts=(
                        Part(
                            "format",
                            T("格式", "Format"),
                            hint=T(
                                "可以用 {n} {year} {area} {uscc} {format_digit}",
                                "{n} {year} {area} {uscc} {format_digit} may be used",
                            ),
                        ),
                        Part("counter", T("计数器", "Counter")),
                    ),
                ),
            ),
        ),
        Section(
            "validity",
            T("有效期", "Validity"),
            (
                Part(
                    "validity",
                    T("有效期", "Validity"),
                    "group",
                    keep_empty=True,
                    parts=(
                        Part(
                            "years",
                            T("几年（0 是长期）", "Years (0: without an end)"),
                            "integer",
                            keep_empty=True,
                        ),
                    ),
                ),
                Part(
                    "reminders",
                    T("到期前几天提醒，例如 [60, 30]", "Days before the end, such as [60, 30]"),
                    "value",
                ),
            ),
        ),
    )
)

describe_editor(
    "certificate",
    SCHEMA,
    icon="shield",
    pages={"preview": preview},
    template="studio/paper.html",
    context=preview_context,
)
