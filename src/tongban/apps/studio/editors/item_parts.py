"""What stands more than once in a service item: limits, and the rows of its lists (materials, steps, situations, fees)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tongban.apps.studio.editors.common import T, choice, fresh_key, keys_of, listed
from tongban.apps.studio.editors.registry import Editing
from tongban.apps.studio.schema import Part

NONE = ("", T("（不选）", "(none)"))


def words(name: str, zh: str, en: str, *, long: bool = False, **more: Any) -> Part:
    return Part(name, T(zh, en), "local_text" if long else "local", **more)


def limit_of(role: str, zh: str, en: str) -> Part:
    return Part(
        role,
        T(zh, en),
        "group",
        parts=(
            Part(
                "limit",
                T("时限", "Limit"),
                hint=T(
                    "10wd 是 10 个工作日，15d 是 15 天，24h 是 24 小时，0wd 是当场。",
                    "10wd: ten working days; 15d: days; 24h: hours; 0wd: on the spot.",
                ),
            ),
            words("text", "怎么对群众说", "In words"),
            words("source", "依据", "Source"),
            Part("confidence", T("核对情况", "How sure"), "choice", options=listed("confidence")),
        ),
    )


def about_material(row: Any) -> str:
    if not isinstance(row, Mapping):
        return ""
    return "　".join(word for word in (str(row.get("key", "")), str(row.get("when", ""))) if word)


def new_material(content: Mapping[str, Any], rows: Sequence[Any]) -> dict[str, Any]:
    return {
        "key": fresh_key("material_", rows),
        "name": {"zh": "", "en": ""},
        "action": "upload",
        "required": True,
        "source": {"kind": "applicant", "text": {"zh": "", "en": ""}},
        "type": "original",
        "form": "electronic",
        "copies": 1,
        "tolerable": False,
        "acceptance": {"zh": "", "en": ""},
    }


MATERIAL = (
    words("name", "材料名称", "Material"),
    Part("key", T("键", "Key")),
    Part(
        "action",
        T("怎么交", "What the applicant does"),
        "choice",
        options=choice(
            ("upload", T("申请人上传", "Uploads it")),
            ("held", T("免交：政府已有", "Nothing: the government holds it")),
            ("generated", T("系统生成", "Made by the system")),
        ),
    ),
    Part("required", T("必须有", "Required"), "bool", keep_empty=True),
    Part(
        "when",
        T("什么情况下要", "When it is asked for"),
        "expr",
        T("不写就总要。可以用申请表里的问题。", "Empty: always. The questions of the form may be named."),
    ),
    Part("tolerable", T("可以容缺", "May follow later"), "bool", keep_empty=True),
    Part(
        "source",
        T("来源", "Where it comes from"),
        "group",
        parts=(
            Part(
                "kind",
                T("来源渠道", "Source"),
                "choice",
                options=choice(
                    NONE,
                    ("applicant", T("申请人自备", "The applicant")),
                    ("government", T("政府部门核发", "A government body")),
                    ("intermediary", T("中介机构", "An intermediary")),
                ),
            ),
            words("text", "说明", "In words"),
        ),
    ),
    words("note", "给申请人的提示", "Note", long=True, rows=2),
    Part(
        "type",
        T("原件还是复印件", "Original or copy"),
        "choice",
        options=choice(NONE, ("original", T("原件", "Original")), ("copy", T("复印件", "Copy"))),
    ),
    Part(
        "form",
        T("纸质还是电子", "Paper or electronic"),
        "choice",
        options=choice(
            NONE,
            ("electronic", T("电子", "Electronic")),
            ("paper", T("纸质", "Paper")),
            ("both", T("都可以", "Either")),
        ),
    ),
    Part("copies", T("份数", "Copies"), "integer"),
    Part("certificate", T("对应的证照", "Certificate that replaces it")),
    words("sample", "样本", "Sample", long=True, rows=2),
    words("template", "空白表样", "Blank", long=True, rows=2),
    words("acceptance", "受理标准", "How it is judged", long=True, rows=2),
    words("basis", "要求依据", "Legal basis"),
)


def papers(editing: Editing) -> Sequence[tuple[str, Any]]:
    """Return the papers that may take the place of the county's usual one."""
    return [("", T("（全县通用的）", "(the county's usual one)")), *keys_of("paper")(editing)]


BASIS = (
    words("law", "法律法规", "Law"),
    words("article", "条款", "Article"),
    words("gist", "内容", "What it says", long=True, rows=2),
)
STEP = (
    words("name", "步骤", "Step"),
    Part(
        "key",
        T("键", "Key"),
        hint=T(
            "许可事项要有 accept、review、decide、deliver。", "A licence has accept, review, decide, deliver."
        ),
    ),
    words("when", "多久", "When"),
    words("text", "说明", "In words", long=True, rows=2),
)
SITUATION = (
    words("question", "问什么", "Question"),
    Part("key", T("键", "Key")),
    Part(
        "answers",
        T("回答", "Answers"),
        "rows",
        parts=(Part("zh", T("中文", "Chinese")), Part("en", T("英文", "English"))),
        new_row=lambda content, rows: {"zh": "", "en": ""},
    ),
    Part("field", T("对应申请表的问题", "Question of the form")),
    Part(
        "item",
        T("该办的另一事项", "Other item to which it leads"),
        "choice",
        options=keys_of("item", optional=True),
    ),
)
QUESTION = (words("q", "问", "Question"), words("a", "答", "Answer", long=True, rows=3))
FEE = (
    words("name", "收费项目", "Fee"),
    words("standard", "标准", "Standard"),
    Part("amount", T("金额（元）", "Amount in yuan"), "number"),
    words("basis", "依据", "Basis"),
)
REMEDY = (words("body", "机关", "Body"), words("within", "期限", "Within"), words("basis", "依据", "Basis"))
