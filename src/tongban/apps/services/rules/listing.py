"""The elements of an item (GB/T 39554.2), one by one: which field holds each, how it reads, where the guide shows it. Pure.

The reference (docs/reference/items.md), the list of all elements on a guide and its test are made of this table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tongban.apps.services.rules.elements import LEGAL_THEMES, LIFE_EVENTS, PERSON_THEMES, TYPES
from tongban.base.text import LocalizedText as T

__all__ = ["ELEMENTS", "LISTED", "MATERIAL", "Element", "listed", "material_facts", "texts_at"]

BASIC, EXTENDED, MATERIAL = (
    T("基本要素", "Basic elements"),
    T("扩展要素", "Extended elements"),
    T("材料要素", "Elements of materials"),
)
LISTED = T("全部要素", "All elements")

YES_NO = {True: T("是", "Yes"), False: T("否", "No")}
LEVELS = {
    "1": T("国家级", "National"), "2": T("省级", "Provincial"), "3": T("市级", "City"), "4": T("县级", "County"),
    "5": T("乡镇（街道）级", "Township"), "6": T("村（社区）级", "Village"),
}  # fmt: skip
NATURES = {
    "1": T("法定机关", "Statutory organ"),
    "2": T("授权组织", "Authorised organisation"),
    "3": T("受委托组织", "Entrusted organisation"),
}
POWERS = {
    "1": T("法定本级行使", "Given to this level by law"), "2": T("上级下放", "Handed down"),
    "3": T("上级授权", "Authorised from above"), "4": T("同级授权", "Authorised on this level"),
    "5": T("上级委托", "Entrusted from above"), "6": T("同级委托", "Entrusted on this level"),
}  # fmt: skip
TARGETS = {
    "person": T("自然人", "People"), "enterprise": T("企业法人", "Enterprises"),
    "individual": T("个体工商户", "Sole traders"), "institution": T("事业法人", "Institutions"),
    "other": T("其他组织", "Other organisations"),
}  # fmt: skip
PROCEDURES = {
    "hearing": T("听证", "Hearing"), "tender": T("招标", "Tender"), "auction": T("拍卖", "Auction"),
    "inspection": T("检验", "Laboratory inspection"), "testing": T("检测", "Testing"),
    "quarantine": T("检疫", "Quarantine"), "appraisal": T("鉴定", "Appraisal"),
    "expert_review": T("专家评审", "Expert review"),
}  # fmt: skip
CASE_TYPES = {
    "即办件": T("即办件", "Done on the spot"),
    "承诺件": T("承诺件", "Done within a promised time"),
    "即审即办": T("即审即办", "Reviewed and decided at once"),
    "前审后批": T("前审后批", "Reviewed, then decided"),
    "出证办结": T("出证办结", "Closed with a certificate"),
    "出文办结": T("出文办结", "Closed with a document"),
    "审批办结": T("审批办结", "Closed with an approval"),
}
ORIGINALS = {
    "original": T("原件", "Original"),
    "copy": T("复印件", "Copy"),
    "both": T("原件和复印件", "Both"),
}
FORMS = {
    "electronic": T("电子", "Electronic"),
    "paper": T("纸质", "Paper"),
    "both": T("纸质或者电子", "Paper or electronic"),
}
ASSURANCE = {
    "1": T("一级：登录就行", "Level 1: signing in is enough"),
    "2": T("二级：核验过身份", "Level 2: identity checked"),
    "3": T("三级：核验过身份，加第二道验证", "Level 3: identity checked, and a second factor"),
}
NEED = {True: T("必要", "Required"), False: T("非必要", "Not required")}
LATER = {True: T("可以容缺后补", "May follow later"), False: T("不能容缺", "May not follow later")}
CHARGED = {True: T("收费", "Charged"), False: T("不收费", "Free of charge")}
DEPTHS = {depth: T(f"{depth}级", f"Level {depth}") for depth in "ⅠⅡⅢⅣ"}
THEMES = {zh: T(zh, en) for themes in (PERSON_THEMES, LEGAL_THEMES) for zh, en in themes.items()}


@dataclass(frozen=True, slots=True)
class Element:
    """One element: group, name, field ("limits.promised.text", of a list "basis.*.law"), its codes, where it is shown."""

    group: T
    label: T
    path: str
    shown: T = LISTED
    codes: Mapping[Any, T] | None = None


def _e(
    group: T, zh: str, en: str, path: str, shown: T = LISTED, codes: Mapping[Any, T] | None = None
) -> Element:
    return Element(group, T(zh, en), path, shown, codes)


HEAD = T("标题", "Head")
SUMMARY = T("一览", "Summary")
SIDE = T("去哪儿办、有问题找谁", "Where, and whom to ask")
SECTION = {
    "situations": T("先看看是不是这个", "Is this the one?"),
    "conditions": T("什么条件能办", "Conditions"),
    "materials": T("要准备什么", "What to prepare"),
    "steps": T("怎么一步步办", "Step by step"),
    "limits": T("时限从哪儿来", "Where the limits come from"),
    "basis": T("凭什么这么办", "Legal basis"),
    "remedies": T("不同意结果怎么办", "If you disagree"),
    "questions": T("常有人问", "Questions"),
}

ELEMENTS = (
    _e(BASIC, "事项名称", "Name", "name", HEAD),
    _e(BASIC, "一句话说明", "In a sentence", "lead", HEAD),
    _e(BASIC, "主项名称", "Main item", "main_item", HEAD),
    _e(BASIC, "事项类型", "Kind", "type", codes=TYPES),
    _e(BASIC, "基本编码", "Basic code", "basic_code"),
    _e(BASIC, "实施编码", "Implementation code", "implementation_code"),
    _e(BASIC, "业务办理项编码", "Handling-item code", "handling_code"),
    _e(BASIC, "来源编码", "Code at the source", "local_code"),
    _e(BASIC, "设定依据", "Legal basis", "basis.*.law", SECTION["basis"]),
    _e(BASIC, "依据条款", "Article", "basis.*.article", SECTION["basis"]),
    _e(BASIC, "依据内容", "What it says", "basis.*.gist", SECTION["basis"]),
    _e(BASIC, "权力来源", "Source of the power", "power_source", codes=POWERS),
    _e(BASIC, "行使层级", "Level", "level", codes=LEVELS),
    _e(BASIC, "实施主体性质", "Nature of the body", "body_nature", codes=NATURES),
    _e(BASIC, "委托部门", "Entrusting body", "entrusted_by"),
    _e(BASIC, "联办机构", "Bodies handling it together", "joint_bodies.*"),
    _e(BASIC, "法定办结时限", "Statutory limit", "limits.statutory.text", SECTION["limits"]),
    _e(BASIC, "法定时限依据", "Its source", "limits.statutory.source", SECTION["limits"]),
    _e(BASIC, "承诺办结时限", "Promised limit", "limits.promised.text", SUMMARY),
    _e(BASIC, "承诺时限依据", "Its source", "limits.promised.source", SECTION["limits"]),
    _e(BASIC, "延长", "Extension", "limits.extension.text", SECTION["limits"]),
    _e(BASIC, "发证时限", "Delivery", "limits.delivery.text", SECTION["limits"]),
    _e(BASIC, "公示时间", "Public notice", "limits.publicity.text", SECTION["limits"]),
    _e(BASIC, "时限说明", "Time that does not count", "excluded_time", SECTION["limits"]),
    _e(BASIC, "受理条件", "Conditions", "conditions.*", SECTION["conditions"]),
    _e(BASIC, "办理流程", "Steps", "steps.*.name", SECTION["steps"]),
    _e(BASIC, "办理情形", "Situations", "situations.*.question", SECTION["situations"]),
    _e(BASIC, "特别程序", "Special procedures", "pauses.*.reason", codes=PROCEDURES),
    _e(BASIC, "是否收费", "Fee", "fee.charged", SUMMARY, CHARGED),
    _e(BASIC, "收费依据", "Basis of the fee", "fee.basis", SUMMARY),
    _e(BASIC, "收费项目", "Fee items", "fee.items.*.name"),
    _e(BASIC, "收费标准", "Rates", "fee.items.*.standard"),
    _e(BASIC, "服务对象", "For whom", "target.*", codes=TARGETS),
    _e(BASIC, "实名等级", "Identity level", "applicant.assurance", codes=ASSURANCE),
    _e(BASIC, "办件类型", "Kind of handling", "mode.case_type", codes=CASE_TYPES),
    _e(BASIC, "审批方式", "Way of deciding", "mode.procedure", codes=CASE_TYPES),
    _e(BASIC, "到办事现场次数", "Visits", "visits.count"),
    _e(BASIC, "必须现场办理原因", "Why a visit is needed", "visits.reason", SUMMARY),
    _e(BASIC, "办理地点", "Place", "window.place", SIDE),
    _e(BASIC, "办理时间", "Hours", "window.hours", SIDE),
    _e(BASIC, "咨询方式", "For questions", "phones.consult", SIDE),
    _e(BASIC, "监督投诉方式", "For complaints", "phones.complaint", SIDE),
    _e(EXTENDED, "是否进驻政务大厅", "In the service hall", "mode.hall", codes=YES_NO),
    _e(EXTENDED, "是否网办", "Online", "mode.online", codes=YES_NO),
    _e(EXTENDED, "网上办理深度", "Online depth", "depth", codes=DEPTHS),
    _e(EXTENDED, "预约", "Appointment", "mode.appointment", codes=YES_NO),
    _e(EXTENDED, "网上支付", "Payment online", "mode.payment_online", codes=YES_NO),
    _e(EXTENDED, "物流快递", "By post", "mode.post", codes=YES_NO),
    _e(EXTENDED, "自助终端", "At a kiosk", "mode.kiosk", codes=YES_NO),
    _e(EXTENDED, "电子签名", "Signed by the applicant", "mode.signature", codes=YES_NO),
    _e(EXTENDED, "可以代办", "By an agent", "applicant.agents", codes=YES_NO),
    _e(EXTENDED, "可以几个人一起申请", "Several may apply together", "applicant.several", codes=YES_NO),
    _e(EXTENDED, "通办范围", "Where it can be done", "scope"),
    _e(EXTENDED, "数量限制", "Limit on numbers", "quantity_limit"),
    _e(EXTENDED, "中介服务", "Intermediary services", "intermediary"),
    _e(EXTENDED, "审批结果名称", "Result", "result.name"),
    _e(EXTENDED, "办结方式", "How it is closed", "result.closing", codes=CASE_TYPES),
    _e(EXTENDED, "审批结果样本", "Sample of the result", "result.sample"),
    _e(EXTENDED, "结果有效期", "Validity", "result.validity", SUMMARY),
    _e(EXTENDED, "面向自然人主题分类", "Themes for people", "themes.person.*", codes=THEMES),
    _e(EXTENDED, "面向法人主题分类", "Themes for businesses", "themes.legal.*", codes=THEMES),
    _e(EXTENDED, "人生大事", "Life events", "life_events.*", codes={e.key: e.label for e in LIFE_EVENTS}),
    _e(EXTENDED, "区划代码", "Division code", "division_code"),
    _e(EXTENDED, "目录来源", "Where it was taken from", "origin"),
    _e(EXTENDED, "行政复议机关", "Body for review", "remedies.review.body", SECTION["remedies"]),
    _e(EXTENDED, "行政诉讼法院", "Court", "remedies.court.body", SECTION["remedies"]),
    _e(EXTENDED, "权利义务", "Rights and duties", "rights", SECTION["remedies"]),
    _e(EXTENDED, "常见问题", "Questions", "questions.*.q", SECTION["questions"]),
    _e(EXTENDED, "解答", "Answers", "questions.*.a", SECTION["questions"]),
    _e(MATERIAL, "材料名称", "Name", "materials.*.name", SECTION["materials"]),
    _e(MATERIAL, "材料类型", "Original or copy", "materials.*.type", SECTION["materials"], ORIGINALS),
    _e(MATERIAL, "材料形式", "Form", "materials.*.form", SECTION["materials"], FORMS),
    _e(MATERIAL, "份数", "Copies", "materials.*.copies", SECTION["materials"]),
    _e(MATERIAL, "规格", "Size", "materials.*.spec", SECTION["materials"]),
    _e(MATERIAL, "必要性", "Necessity", "materials.*.required", SECTION["materials"], NEED),
    _e(MATERIAL, "容缺后补", "May follow", "materials.*.tolerable", SECTION["materials"], LATER),
    _e(MATERIAL, "来源渠道", "Where it comes from", "materials.*.source.text", SECTION["materials"]),
    _e(MATERIAL, "空白表格", "Blank form", "materials.*.template", SECTION["materials"]),
    _e(MATERIAL, "示例样表", "Sample", "materials.*.sample", SECTION["materials"]),
    _e(MATERIAL, "填报须知", "How to fill it in", "materials.*.note", SECTION["materials"]),
    _e(MATERIAL, "受理标准", "How it is judged", "materials.*.acceptance", SECTION["materials"]),
    _e(MATERIAL, "材料依据", "Basis", "materials.*.basis", SECTION["materials"]),
)


def texts_at(content: Mapping[str, Any], element: Element) -> list[T]:
    """Return how the element reads in this item; nothing when the item doesn't have it."""
    return [
        text for value in _values(content, element.path.split(".")) if (text := _text(value, element.codes))
    ]


def listed(content: Mapping[str, Any]) -> list[tuple[T, list[tuple[T, list[T]]]]]:
    """Return what the list of all elements shows of an item, group by group; of a material see ``material_facts``."""
    groups: dict[T, list[tuple[T, list[T]]]] = {}
    for element in ELEMENTS:
        if element.shown is LISTED and (texts := texts_at(content, element)):
            groups.setdefault(element.group, []).append((element.label, texts))
    return list(groups.items())


def material_facts(material: Mapping[str, Any]) -> list[tuple[T, T]]:
    """Return the elements of one material that the table of materials has no column for."""
    shown = ("type", "form", "copies", "spec", "required", "tolerable", "acceptance", "basis")
    facts = []
    for element in ELEMENTS:
        name = element.path.removeprefix("materials.*.")
        if element.group is MATERIAL and name in shown:
            facts += [
                (element.label, text)
                for value in _values(material, [name])
                if (text := _text(value, element.codes))
            ]
    return facts


def _values(value: Any, path: list[str]) -> Iterator[Any]:
    if not path:
        yield value
    elif path[0] == "*":
        for each in value if isinstance(value, list) else ():
            yield from _values(each, path[1:])
    elif isinstance(value, Mapping) and path[0] in value:
        yield from _values(value[path[0]], path[1:])


def _text(value: Any, codes: Mapping[Any, T] | None) -> T:
    if codes is not None:
        key = value if isinstance(value, bool) else str(value)
        return codes.get(key, T("") if isinstance(value, bool) or not value else T(str(value)))
    if isinstance(value, Mapping) or value is None:
        return T.of(value)
    return T(str(value))
