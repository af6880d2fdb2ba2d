"""Service items: every element of the guide, in the order in which whoever writes one thinks of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from tongban.apps.studio.editors.common import NAME, T, choice, fresh_key, keys_of, listed
from tongban.apps.studio.editors.described import describe_editor
from tongban.apps.studio.editors.item_parts import (
    BASIS,
    FEE,
    MATERIAL,
    NONE,
    QUESTION,
    REMEDY,
    SITUATION,
    STEP,
    about_material,
    limit_of,
    new_material,
    papers,
    words,
)
from tongban.apps.studio.editors.registry import Editing
from tongban.apps.studio.schema import Part, Schema, Section
from tongban.base.editables import text_of

SCHEMA = Schema(
    (
        Section(
            "about",
            T("基本信息", "About"),
            (
                NAME,
                words("short_name", "简称", "Short name"),
                words("lead", "一句话说明", "In a sentence", long=True),
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
                        words("why", "为什么", "Why"),
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
                        Part("grant-decision", T("准予时", "When granted"), "choice", options=papers),
                        Part("refusal-decision", T("不予时", "When refused"), "choice", options=papers),
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
                        words("reason", "为什么要跑", "Why"),
                    ),
                ),
                words("scope", "通办范围", "Where it can be done"),
                Part(
                    "window",
                    T("窗口", "Window"),
                    "group",
                    parts=(
                        words("place", "地点", "Place"),
                        words("hours", "时间", "Hours"),
                        words("also", "还可以去", "Also"),
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
                        limit_of("statutory", "法定办结时限", "Statutory limit"),
                        limit_of("promised", "承诺办结时限", "Promised limit"),
                        limit_of("extension", "延长", "Extension"),
                        limit_of("delivery", "送达", "Delivery"),
                        limit_of("publicity", "公示", "Public notice"),
                    ),
                ),
                words("excluded_time", "不计入时限的时间", "Time that does not count", long=True),
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
                    about=about_material,
                    new_row=new_material,
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
                words("quantity_limit", "数量限制", "Limit on numbers"),
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
                words("rights", "权利和义务", "Rights and duties", long=True),
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
                        words("basis", "依据", "Basis"),
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
                words("intermediary", "中介服务", "Intermediary services"),
                Part(
                    "result",
                    T("办理结果", "Result"),
                    "group",
                    keep_empty=True,
                    parts=(
                        words("name", "结果名称", "Result"),
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
                        words("validity", "有效期说明", "Validity in words"),
                        words("sample", "样本", "Sample", long=True),
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
