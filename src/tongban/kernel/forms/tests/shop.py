"""A form as a county would draw it: the opening of an eating place."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime
from typing import Any

from tongban.base.time import LOCAL

AT = datetime(2026, 11, 20, 9, 41, tzinfo=LOCAL)
ID_NUMBER = "532399198511040283"
USCC = "92532399MA00010188"

SHOP: dict[str, Any] = {
    "key": "test-shop",
    "name": {"zh": "开店申请", "en": "Opening a shop"},
    "pages": [
        {
            "key": "owner",
            "title": {"zh": "经营者信息", "en": "The owner"},
            "fields": [
                {"key": "owner_name", "label": {"zh": "姓名", "en": "Name"}, "type": "text", "required": True,
                 "element": "person.name", "bind": {"register": "population", "field": "name", "subject": "person"}},
                {"key": "owner_id", "label": {"zh": "身份证号码", "en": "ID number"}, "type": "citizen_id",
                 "required": True, "beside": "owner_name",
                 "bind": {"register": "population", "field": "citizen_id", "subject": "person"}},
                {"key": "mobile", "label": {"zh": "手机号", "en": "Mobile number"}, "type": "mobile", "required": True,
                 "hint": {"zh": "办理进度会发到这个号码", "en": "We will send progress to this number"}},
            ],
        },
        {
            "key": "shop",
            "title": {"zh": "店铺信息", "en": "The shop"},
            "intro": {"zh": "这一页问店里的情况。", "en": "This page asks about the shop."},
            "fields": [
                {"key": "sign", "label": {"zh": "店招名称", "en": "Name over the door"}, "type": "text",
                 "required": True, "max_length": 20},
                {"key": "area", "label": {"zh": "经营面积", "en": "Floor area"}, "type": "decimal", "required": True,
                 "min": 1, "max": 5000, "unit": {"zh": "平方米", "en": "m²"},
                 "checks": [{"that": "area <= 50 or kind != 'small'",
                             "say": {"zh": "超过了小餐饮的上限 50 平方米", "en": "More than the 50 m² of a small one"}}]},
                {"key": "kind", "label": {"zh": "类别", "en": "Kind"}, "type": "enum", "required": True,
                 "options": [{"value": "small", "label": {"zh": "小餐饮", "en": "Small"}},
                             {"value": "normal", "label": {"zh": "餐饮", "en": "Normal"}}]},
                {"key": "goods", "label": {"zh": "主要卖什么", "en": "What is sold"}, "type": "multi", "required": True,
                 "options": [{"value": "noodles", "label": {"zh": "米线、面条", "en": "Noodles"}},
                             {"value": "cold", "label": {"zh": "凉菜", "en": "Cold dishes"}}]},
                {"key": "cold_room", "label": {"zh": "有凉菜专间吗", "en": "Is there a room for cold dishes?"},
                 "type": "bool", "visible": "'cold' in goods", "required": True},
                {"key": "cold_room_area", "label": {"zh": "专间面积", "en": "Area of that room"}, "type": "decimal",
                 "visible": "cold_room == true", "required": "area > 30"},
                {"key": "opens_on", "label": {"zh": "打算哪天开业", "en": "Planned opening"}, "type": "date",
                 "min": "today"},
                {"key": "rest", "label": {"zh": "其余面积", "en": "Other area"}, "type": "decimal",
                 "computed": "area - cold_room_area", "visible": "cold_room == true"},
            ],
        },
        {
            "key": "late",
            "title": {"zh": "大店补充", "en": "More about large shops"},
            "visible": "area > 150",
            "fields": [{"key": "exits", "label": {"zh": "几个安全出口", "en": "Number of exits"}, "type": "integer",
                        "required": True, "min": 1, "max": 50}],
        },
    ],
}  # fmt: skip

GOOD: dict[str, Any] = {
    "owner_name": "李秀英", "owner_id": ID_NUMBER, "mobile": "13887654471", "sign": "李记小锅米线", "area": 48,
    "kind": "small", "goods": ["noodles"], "opens_on": "2026-12-01",
}  # fmt: skip


def shop(**changes: Any) -> dict[str, Any]:
    """Return the definition; ``changes`` replace words of the field given as ``field=``, None takes one away."""
    content = deepcopy(SHOP)
    key = changes.pop("field", None)
    for page in content["pages"]:
        for field in page["fields"]:
            if field["key"] == key:
                field.update(changes)
                for word in [word for word, value in changes.items() if value is None]:
                    del field[word]
    return content
