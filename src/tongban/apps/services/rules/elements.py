"""The words of the catalogue: codes and lists that GB/T 39046, GB/T 39554 and the State Council's lists fix."""

from __future__ import annotations

from tongban.base.text import LocalizedText as T

__all__ = [
    "CONFIDENCE",
    "DEPTHS",
    "LEGAL_THEMES",
    "PERSON_THEMES",
    "SERVICE_TYPES",
    "TYPES",
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
