"""Papers: what they must say, their text, and a preview with sample values."""

from __future__ import annotations

from tongban.apps.studio.editors.common import NAME, T, fresh_key, preview, preview_context
from tongban.apps.studio.editors.described import describe_editor
from tongban.apps.studio.schema import Part, Schema, Section

FIELD = (
    Part("key", T("键", "Key")),
    Part("label", T("名称", "Name"), "local"),
    Part("required", T("必须写明", "Must be stated"), "bool", keep_empty=True),
    Part(
        "sample",
        T("示例", "Sample"),
        "value",
        T('预览时用的值；几项的写成 ["一", "二"]。', 'The value in the preview; several as ["one", "two"].'),
    ),
)

SCHEMA = Schema(
    (
        Section(
            "text",
            T("正文", "Text"),
            (Part("source", T("模板", "Template"), "code", rows=22),),
            T(
                '正文照写；#get("键") 放字段，#date-zh(data.键) 放日期，#the-application 是“事项申请（办件编号）”。',
                'Write the text as it is; #get("key") puts a field, #date-zh(data.key) a day, '
                "#the-application the item and number.",
            ),
        ),
        Section(
            "fields",
            T("字段", "Fields"),
            (
                Part(
                    "fields",
                    T("字段", "Fields"),
                    "rows",
                    parts=FIELD,
                    new_row=lambda content, rows: {
                        "key": fresh_key("field_", rows),
                        "label": {"zh": "", "en": ""},
                    },
                ),
            ),
            T(
                "模板里只能用这里列出的字段；标“必须写明”的没有值，文书就不能制发。",
                "The template may use these fields only; a paper lacking one that must be stated is not issued.",
            ),
        ),
        Section(
            "about",
            T("名称和字号", "Name and number"),
            (
                NAME,
                Part(
                    "kind",
                    T("字号里的字", "Word in the number"),
                    hint=T("例如“受”：澄市监受〔2026〕7号", "For example 受"),
                ),
                Part(
                    "number_format",
                    T("编号格式", "Format of the number"),
                    hint=T(
                        "写了 {case_number} 的，在一个办件里编号，例如 {case_number}-{kind}{n}；不写的，每个机关每年连续编号",
                        "With {case_number} it counts within the case ({case_number}-{kind}{n}), otherwise within organ and year",
                    ),
                ),
                Part("legal_source", T("依据", "Legal source"), "local_text"),
            ),
        ),
    )
)


describe_editor(
    "paper",
    SCHEMA,
    icon="stamp",
    pages={"preview": preview},
    template="studio/paper.html",
    context=preview_context,
)
