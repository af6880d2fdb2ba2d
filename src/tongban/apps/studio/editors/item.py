"""Service items: every element of the guide, in the order in which whoever writes one thinks of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from tongban.apps.studio.editors.common import NAME, T, choice, fresh_key, keys_of, listed
from tongban.apps.studio.editors.described import describe_editor
from tongban.apps.studio.editors.registry import Editing
from tongban.apps.studio.schema import Part, Schema, Section
from tongban.base.editables import text_of

NONE = ("", T("（不选）", "(none)"))


def _text(name: str, zh: str, en: str, *, long: bool = False, **more: Any) -> Part:
    return Part(name, T(zh, en), "local_text" if long else "local", **more)


def _limit(role: str, zh: str, en: str) -> Part:
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
            _text("text", "怎么对群众说", "In words"),
            _text("source", "依据", "Source"),
            Part("confidence", T("核对情况", "How sure"), "choice", options=listed("confidence")),
        ),
    )


def _about_material(row: Any) -> str:
    if not isinstance(row, Mapping):
        return ""
    return "　".join(word for word in (str(row.get("key", "")), str(row.get("when", ""))) if word)


def _new_material(content: Mapping[str, Any], rows: Sequence[Any]) -> dict[str, Any]:
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
    _text("name", "材料名称", "Material"),
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
            _text("text", "说明", "In words"),
        ),
    ),
    _text("note", "给申请人的提示", "Note", long=True, rows=2),
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
    _text("sample", "样本", "Sample", long=True, rows=2),
    _text("template", "空白表样", "Blank", long=True, rows=2),
    _text("acceptance", "受理标准", "How it is judged", long=True, rows=2),
    _text("basis", "要求依据", "Legal basis"),
)


def _papers(editing: Editing) -> Sequence[tuple[str, Any]]:
    """Return the papers that may take the place of the county's usual one."""
    return [("", T("（全县通用的）", "(the county's usual one)")), *keys_of("paper")(editing)]


BASIS = (
    _text("law", "法律法规", "Law"),
    _text("article", "条款", "Article"),
    _text("gist", "内容", "What it says", long=True, rows=2),
)
STEP = (
    _text("name", "步骤", "Step"),
    Part(
        "key",
        T("键", "Key"),
        hint=T(
            "许可事项要有 accept、review、decide、deliver。", "A licence has accept, review, decide, deliver."
        ),
    ),
    _text("when", "多久", "When"),
    _text("text", "说明", "In words", long=True, rows=2),
)
SITUATION = (
    _text("question", "问什么", "Question"),
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
QUESTION = (_text("q", "问", "Question"), _text("a", "答", "Answer", long=True, rows=3))
FEE = (
    _text("name", "收费项目", "Fee"),
    _text("standard", "标准", "Standard"),
    Part("amount", T("金额（元）", "Amount in yuan"), "number"),
    _text("basis", "依据", "Basis"),
)
REMEDY = (_text("body", "机关", "Body"), _text("within", "期限", "Within"), _text("basis", "依据", "Basis"))

SCHEMA = Schema(
    (
        Section(
            "about",
            T("基本信息", "About"),
            (
                NAME,
                _text("short_name", "简称", "Short name"),
                _text("lead", "一句话说明", "In a sentence", long=True),
                Part("keywords", T("群众会怎么说", "What people would say"), "local_words", rows=6),
                Part("unit", T("实施主体", "Implementing body"), "choice", options=listed("unit")),
                Part("type", T("事项类型", "Kind of item"), "choice", options=listed("type")),
                Part("level", T("行使层级", "Level"), "integer"),
                Part("basic_code", T("基本编码（12 位）", "Basic code (12)")),
                Part("implementation_code", T("实施编码（31 位）", "Implementation code (31)")),
                Part("handling_code", T("业务办理项编码", "Code of the handling item")),
                Part("local_code", T("本地编码", "Local code")),
                Part("order", T("排列次序", "Order"), "integer"),
            ),
        ),
        Section(
            "who",
            T("服务对象", "For whom"),
            (
                Part(
                    "target",
                    T("服务对象", "For whom"),
                    "several",
                    options=choice(
                        ("person", T("自然人", "People")),
                        ("enterprise", T("企业法人", "Enterprises")),
                        ("institution", T("事业法人", "Institutions")),
                        ("social", T("社会组织法人", "Social organisations")),
                        ("individual", T("个体工商户", "Individual businesses")),
                        ("other", T("其他组织", "Other organisations")),
                    ),
                ),
                Part(
                    "applicant",
                    T("谁可以申请", "Who may apply"),
                    "group",
                    keep_empty=True,
                    parts=(
                        Part(
                            "kinds",
                            T("以什么身份", "As whom"),
                            "several",
                            keep_empty=True,
                            options=choice(
                                ("person", T("本人", "A person")), ("entity", T("单位", "An entity"))
                            ),
                        ),
                        Part(
                            "agents",
                            T("可以代办", "May be handled by an agent"),
                            "bool",
                            hint=T(
                                "监护人、受委托人、村帮办代办员经本人同意可以代办",
                                "Guardian, entrusted agent or village agent, with the person's consent",
                            ),
                        ),
                        Part(
                            "several",
                            T("可以几个人一起申请", "Several may apply together"),
                            "bool",
                            hint=T("每个人都确认以后才能提交", "Submitted once each has confirmed"),
                        ),
                        _text("why", "为什么", "Why"),
                        Part(
                            "assurance",
                            T("实名等级", "Identity level"),
                            "choice",
                            options=choice(
                                ("1", T("一级：登录就行", "Level 1: signing in is enough")),
                                ("2", T("二级：核验过身份", "Level 2: identity checked")),
                                ("3", T("三级：再加第二道验证", "Level 3: and a second factor")),
                            ),
                        ),
                    ),
                ),
                Part(
                    "themes",
                    T("主题", "Themes"),
                    "group",
                    keep_empty=True,
                    parts=(
                        Part(
                            "person",
                            T("面向自然人的主题", "Themes for people"),
                            "several",
                            keep_empty=True,
                            options=listed("themes.person", optional=False),
                        ),
                        Part(
                            "legal",
                            T("面向法人的主题", "Themes for businesses"),
                            "several",
                            keep_empty=True,
                            options=listed("themes.legal", optional=False),
                        ),
                    ),
                ),
                Part("life_events", T("人生大事（键，一行一个）", "Life events (keys, one a line)"), "words"),
            ),
        ),
        Section(
            "how",
            T("怎么办", "How"),
            (
                Part(
                    "form",
                    T("申请表", "Form"),
                    "choice",
                    options=keys_of("form", optional=True),
                    hint=T(
                        "不选申请表和流程，就只公布指南，不能在网上申请。",
                        "Without form and process only the guide is shown.",
                    ),
                ),
                Part("process", T("流程", "Process"), "choice", options=keys_of("process", optional=True)),
                Part(
                    "certificate",
                    T("证照类型", "Certificate type"),
                    "choice",
                    options=keys_of("certificate", optional=True),
                ),
                Part(
                    "papers",
                    T("决定书", "Decisions on paper"),
                    "group",
                    parts=(
                        Part("grant-decision", T("准予时", "When granted"), "choice", options=_papers),
                        Part("refusal-decision", T("不予时", "When refused"), "choice", options=_papers),
                    ),
                ),
                Part(
                    "mode",
                    T("办理方式", "Mode"),
                    "group",
                    keep_empty=True,
                    parts=(
                        Part(
                            "case_type",
                            T("办件类型", "Kind of handling"),
                            "choice",
                            options=choice(
                                NONE,
                                ("即办件", T("即办件", "On the spot")),
                                ("承诺件", T("承诺件", "Within a promised time")),
                            ),
                        ),
                        Part(
                            "procedure",
                            T("办理程序", "Procedure"),
                            "choice",
                            options=choice(
                                NONE,
                                ("即审即办", T("即审即办", "Decided at once")),
                                ("前审后批", T("前审后批", "Reviewed, then decided")),
                            ),
                        ),
                        Part("online", T("能网上办", "Online"), "bool", keep_empty=True),
                        Part("post", T("能邮寄", "By post"), "bool", keep_empty=True),
                        Part(
                            "appointment", T("要预约或者可以预约", "By appointment"), "bool", keep_empty=True
                        ),
                        Part("payment_online", T("能网上缴费", "Payment online"), "bool", keep_empty=True),
                        Part("channels", T("渠道（一行一个）", "Channels (one a line)"), "words"),
                    ),
                ),
                Part("depth", T("网办深度", "Depth online"), "choice", options=listed("depth")),
                Part(
                    "visits",
                    T("跑现场", "Visits"),
                    "group",
                    keep_empty=True,
                    parts=(
                        Part("count", T("次数", "How often"), "integer", keep_empty=True),
                        _text("reason", "为什么要跑", "Why"),
                    ),
                ),
                _text("scope", "通办范围", "Where it can be done"),
                Part(
                    "window",
                    T("窗口", "Window"),
                    "group",
                    parts=(
                        _text("place", "地点", "Place"),
                        _text("hours", "时间", "Hours"),
                        _text("also", "还可以去", "Also"),
                    ),
                ),
                Part(
                    "phones",
                    T("电话", "Telephone"),
                    "group",
                    parts=(
                        Part("consult", T("咨询", "Questions")),
                        Part("complaint", T("投诉", "Complaints")),
                    ),
                ),
            ),
        ),
        Section(
            "limits",
            T("时限", "Limits"),
            (
                Part(
                    "limits",
                    T("时限", "Limits"),
                    "group",
                    keep_empty=True,
                    parts=(
                        _limit("statutory", "法定办结时限", "Statutory limit"),
                        _limit("promised", "承诺办结时限", "Promised limit"),
                        _limit("extension", "延长", "Extension"),
                        _limit("delivery", "送达", "Delivery"),
                        _limit("publicity", "公示", "Public notice"),
                    ),
                ),
                _text("excluded_time", "不计入时限的时间", "Time that does not count", long=True),
            ),
            T(
                "没有核对条文的时限，正式环境不能发布。",
                "A limit that nobody verified cannot be published in production.",
            ),
        ),
        Section(
            "materials",
            T("材料", "Materials"),
            (
                Part(
                    "materials",
                    T("材料", "Materials"),
                    "list",
                    parts=MATERIAL,
                    about=_about_material,
                    new_row=_new_material,
                ),
            ),
            T("政府已有的，选“免交”。", "What the government holds is not asked for."),
        ),
        Section(
            "law",
            T("依据和条件", "Basis"),
            (
                Part(
                    "basis",
                    T("设定依据", "Legal basis"),
                    "list",
                    parts=BASIS,
                    about=lambda row: str(text_of(row.get("article"))) if isinstance(row, Mapping) else "",
                    new_row=lambda content, rows: {},
                ),
                Part(
                    "conditions",
                    T("受理条件", "Conditions"),
                    "rows",
                    parts=(
                        Part("zh", T("中文", "Chinese"), "line"),
                        Part("en", T("英文", "English"), "line"),
                    ),
                    new_row=lambda content, rows: {"zh": "", "en": ""},
                ),
                _text("quantity_limit", "数量限制", "Limit on numbers"),
                Part(
                    "remedies",
                    T("救济途径", "Remedies"),
                    "group",
                    keep_empty=True,
                    parts=(
                        Part("review", T("行政复议", "Review"), "group", parts=REMEDY),
                        Part("court", T("行政诉讼", "Court"), "group", parts=REMEDY),
                    ),
                ),
                _text("rights", "权利和义务", "Rights and duties", long=True),
            ),
        ),
        Section(
            "steps",
            T("流程和情形", "Steps"),
            (
                Part(
                    "steps",
                    T("办理步骤", "Steps"),
                    "list",
                    parts=STEP,
                    about=lambda row: str(text_of(row.get("when"))) if isinstance(row, Mapping) else "",
                    new_row=lambda content, rows: {"key": fresh_key("step_", rows)},
                ),
                Part(
                    "situations",
                    T("情形", "Situations"),
                    "list",
                    parts=SITUATION,
                    new_row=lambda content, rows: {"key": fresh_key("situation_", rows)},
                ),
            ),
        ),
        Section(
            "fee",
            T("收费和结果", "Fee and result"),
            (
                Part(
                    "fee",
                    T("收费", "Fee"),
                    "group",
                    keep_empty=True,
                    parts=(
                        Part("charged", T("收费", "There is a fee"), "bool", keep_empty=True),
                        _text("basis", "依据", "Basis"),
                        Part(
                            "items",
                            T("收费项目", "Fees"),
                            "rows",
                            parts=FEE,
                            new_row=lambda content, rows: {
                                "name": {"zh": "", "en": ""},
                                "standard": {"zh": "", "en": ""},
                            },
                        ),
                    ),
                ),
                _text("intermediary", "中介服务", "Intermediary services"),
                Part(
                    "result",
                    T("办理结果", "Result"),
                    "group",
                    keep_empty=True,
                    parts=(
                        _text("name", "结果名称", "Result"),
                        Part(
                            "kind",
                            T("结果类型", "Kind"),
                            "choice",
                            options=choice(
                                NONE,
                                ("certificate", T("证照", "Certificate")),
                                ("document", T("批文", "Document")),
                                ("other", T("其他", "Other")),
                            ),
                        ),
                        Part(
                            "closing",
                            T("怎么算办结", "How it closes"),
                            "choice",
                            options=choice(
                                NONE,
                                ("出证办结", T("出证办结", "By a certificate")),
                                ("出文办结", T("出文办结", "By a document")),
                                ("审批办结", T("审批办结", "By approval")),
                            ),
                        ),
                        Part("validity_years", T("有效几年", "Valid for years"), "integer"),
                        _text("validity", "有效期说明", "Validity in words"),
                        _text("sample", "样本", "Sample", long=True),
                    ),
                ),
            ),
        ),
        Section(
            "questions",
            T("常见问题", "Questions"),
            (
                Part(
                    "questions",
                    T("常见问题", "Questions"),
                    "list",
                    parts=QUESTION,
                    new_row=lambda content, rows: {},
                ),
            ),
        ),
    )
)


def _guide(request: HttpRequest, editing: Editing) -> HttpResponse:
    """Show the guide as citizens will see it; what is too unfinished for that has its faults beside the editor."""
    entry: Any = editing.entry
    try:
        return cast(HttpResponse, entry.show(request, editing.content, back=editing.url))
    except (KeyError, ValueError, TypeError, AttributeError, StopIteration):
        return redirect(editing.url)


def _context(request: HttpRequest, editing: Editing) -> dict[str, Any]:
    broken = any(fault.is_error for fault in editing.faults)
    return {"guide_url": "" if broken else editing.page_url("guide")}


describe_editor(
    "item", SCHEMA, icon="archive", template="studio/item.html", pages={"guide": _guide}, context=_context
)
