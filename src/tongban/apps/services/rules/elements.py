"""The words of the catalogue: codes and lists that GB/T 39046, GB/T 39554 and the State Council's lists fix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tongban.base.text import LocalizedText as T

__all__ = [
    "CONFIDENCE",
    "DEPTHS",
    "LEGAL_THEMES",
    "LIFE_EVENTS",
    "PERSON_THEMES",
    "SERVICE_TYPES",
    "TYPES",
    "LifeEvent",
    "facets_of",
]

TYPES = {
    "01": T("行政许可", "Administrative licence"),
    "02": T("行政处罚", "Administrative penalty"),
    "03": T("行政强制", "Administrative coercion"),
    "04": T("行政征收", "Administrative levy"),
    "05": T("行政给付", "Administrative grant"),
    "06": T("行政检查", "Administrative inspection"),
    "07": T("行政确认", "Administrative confirmation"),
    "08": T("行政奖励", "Administrative award"),
    "09": T("行政裁决", "Administrative adjudication"),
    "10": T("其他行政权力", "Other administrative power"),
    "20": T("公共服务", "Public service"),
}
"""Kinds of item, GB/T 39046 A.1."""

SERVICE_TYPES = frozenset({"01", "05", "07", "08", "09", "10", "20"})
"""Kinds that somebody applies for. The others belong to the list of powers, not to the catalogue of services."""

DEPTHS = ("Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ")
"""How deep a matter can be done online (网上办理深度); Ⅳ is wholly."""

CONFIDENCE = {
    "S": T("有出处", "from a source"),
    "M": T("通行规定", "well-known rule"),
    "m": T("条文待核对", "not yet verified"),
    "L": T("本地规定", "local rule"),
}
"""How sure a limit is. ``m`` is unverified: shown in the demo with its mark, never published in production."""

PERSON_THEMES = {
    "生育收养": "Birth and adoption",
    "户籍办理": "Household registration",
    "民族宗教": "Ethnicity and religion",
    "教育科研": "Education and research",
    "入伍服役": "Military service",
    "就业创业": "Work and starting up",
    "设立变更": "Set-up and changes",
    "准营准办": "Permits to operate",
    "职业资格": "Professional qualifications",
    "婚姻登记": "Marriage",
    "优待抚恤": "Preferential treatment",
    "规划建设": "Planning and building",
    "住房保障": "Housing",
    "社会保障": "Social security",
    "社会救助": "Social assistance",
    "证件办理": "Papers and cards",
    "交通出行": "Transport",
    "旅游观光": "Tourism",
    "出境入境": "Entry and exit",
    "消费维权": "Consumer rights",
    "公共安全": "Public safety",
    "司法公证": "Justice and notaries",
    "知识产权": "Intellectual property",
    "环保绿化": "Environment and greenery",
    "文化体育": "Culture and sport",
    "公用事业": "Utilities",
    "医疗卫生": "Health",
    "离职退休": "Leaving work and retirement",
    "死亡殡葬": "Death and funerals",
    "其他": "Other",
}
"""Themes of services for people, with their English."""

LEGAL_THEMES = {
    "设立变更": "Set-up and changes",
    "准营准办": "Permits to operate",
    "资质认证": "Qualifications and certification",
    "年检年审": "Yearly inspection",
    "税收财务": "Taxes and finance",
    "人力资源": "Human resources",
    "社会保障": "Social security",
    "投资审批": "Investment approval",
    "融资信贷": "Finance and credit",
    "抵押质押": "Mortgages and pledges",
    "商务贸易": "Commerce and trade",
    "招标拍卖": "Tenders and auctions",
    "海关口岸": "Customs and ports",
    "涉外服务": "Foreign affairs",
    "农林牧渔": "Farming, forestry, fishing",
    "国土和规划建设": "Land, planning and building",
    "交通运输": "Transport",
    "环保绿化": "Environment and greenery",
    "应急管理": "Emergency management",
    "医疗卫生": "Health",
    "科技创新": "Science and innovation",
    "文体教育": "Culture, sport, education",
    "知识产权": "Intellectual property",
    "民族宗教": "Ethnicity and religion",
    "质量技术": "Quality and technology",
    "检验检疫": "Inspection and quarantine",
    "安全生产": "Work safety",
    "公安消防": "Police and fire safety",
    "司法公证": "Justice and notaries",
    "公用事业": "Utilities",
    "法人注销": "Closing down",
    "档案文物": "Archives and heritage",
    "其他": "Other",
}
"""Themes of services for businesses and organisations, with their English."""


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """Something that happens in a life, of a person or of a business, and the themes whose items belong to it."""

    key: str
    label: T
    icon: str
    person: tuple[str, ...] = ()
    legal: tuple[str, ...] = ()


LIFE_EVENTS = (
    LifeEvent("birth", T("生孩子", "Having a child"), "baby", person=("生育收养",)),
    LifeEvent("school", T("上学", "Going to school"), "school", person=("教育科研",)),
    LifeEvent("work", T("就业创业", "Work"), "job", person=("就业创业", "职业资格", "入伍服役")),
    LifeEvent("marriage", T("结婚", "Marrying"), "rings", person=("婚姻登记",)),
    LifeEvent("home", T("买房建房", "A home"), "house", person=("住房保障", "规划建设")),
    LifeEvent("health", T("看病就医", "Illness"), "med", person=("医疗卫生",)),
    LifeEvent("hardship", T("遇到困难", "Hard times"), "hand", person=("社会救助", "优待抚恤")),
    LifeEvent("old-age", T("退休养老", "Old age"), "elder", person=("离职退休", "社会保障")),
    LifeEvent("death", T("身后事", "A death"), "candle", person=("死亡殡葬",)),
    LifeEvent("open", T("开店办企业", "Opening a business"), "shop", legal=("设立变更", "准营准办")),
    LifeEvent(
        "run", T("经营中", "Running it"), "yuan", legal=("年检年审", "资质认证", "税收财务", "人力资源")
    ),
    LifeEvent("build", T("投资建设", "Building"), "land", legal=("投资审批", "国土和规划建设")),
    LifeEvent("close", T("关店注销", "Closing down"), "stop", legal=("法人注销",)),
)
"""An item names its life events, or belongs to those of its themes."""


def facets_of(content: Mapping[str, Any]) -> list[str]:
    """Return everything by which the catalogue is browsed, as words: "type:01", "person:婚姻登记", "event:marriage", "main:…"."""
    themes = content.get("themes") if isinstance(content.get("themes"), Mapping) else {}
    person, legal = (_words(themes.get(name)) for name in ("person", "legal"))  # type: ignore[union-attr]
    named = set(_words(content.get("life_events")))
    events = [
        event.key
        for event in LIFE_EVENTS
        if event.key in named
        or (not named and (set(person) & set(event.person) or set(legal) & set(event.legal)))
    ]
    main = T.of(content.get("main_item")).zh
    return [
        f"type:{content.get('type')}",
        *(["online"] if content.get("form") else []),
        *(f"person:{theme}" for theme in person),
        *(f"legal:{theme}" for theme in legal),
        *(f"event:{event}" for event in events),
        *(f"for:{who}" for who, themes in (("person", person), ("legal", legal)) if themes),
        *([f"main:{main}"] if main else []),
        *(["limits"] if content.get("limits") else []),
    ]


def _words(value: Any) -> list[str]:
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []
