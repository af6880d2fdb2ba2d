"""From a row of somebody's table to an item: which column is what, and what the cells mean. Pure.

Offices export their catalogues with a title across the first row, with headers of their own, with numbers where codes should be.
What is understood becomes an element of the item; what is not is named with its reason, and the row is given back.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tongban.apps.services.rules.elements import DEPTHS, LEGAL_THEMES, PERSON_THEMES, TYPES
from tongban.base.text import LocalizedText as T

__all__ = ["COLUMNS", "Column", "Draft", "draft_of", "find_header", "guess_mapping", "same_name"]


@dataclass(frozen=True, slots=True)
class Column:
    """An element that a table may bring: what it is called here, and how others head its column."""

    label: T
    headers: tuple[str, ...]


COLUMNS: dict[str, Column] = {
    "name": Column(
        T("事项名称", "Name"),
        ("name", "事项名称", "名称", "task_name", "办理项名称", "业务办理项名称", "实施清单名称"),
    ),
    "type": Column(
        T("事项类型", "Kind"),
        ("task_type", "type", "事项类型", "类型", "权力类型", "类型编码", "事项类型编码"),
    ),
    "local_code": Column(
        T("来源编码", "Code at the source"),
        (
            "item_code",
            "code",
            "事项编码",
            "编码",
            "task_code",
            "实施编码",
            "实施清单编码",
            "local_code",
            "地方编码",
        ),
    ),
    "handling_code": Column(
        T("业务办理项编码", "Handling-item code"),
        ("task_handle_item", "业务办理项编码", "handling_code", "办理项编码"),
    ),
    "basic_code": Column(T("基本编码", "Basic code"), ("basic_code", "catalog_code", "基本编码")),
    "main_item": Column(
        T("主项名称", "Main item"), ("main_item", "主项名称", "主项", "所属主项", "基本目录名称")
    ),
    "unit_name": Column(
        T("实施主体", "Implementing body"),
        (
            "department",
            "dept_name",
            "实施主体",
            "部门",
            "部门名称",
            "实施部门",
            "单位",
            "单位名称",
            "实施主体名称",
        ),
    ),
    "unit_code": Column(
        T("实施主体编码", "Code of the body"),
        ("dept_code", "uscc", "统一社会信用代码", "实施主体编码", "部门编码", "实施主体信用代码", "单位编码"),
    ),
    "area_code": Column(
        T("区划代码", "Division code"), ("area_code", "区划代码", "行政区划代码", "区划编码")
    ),
    "lead": Column(T("说明", "Description"), ("lead", "说明", "事项说明", "简介", "description")),
    "statutory": Column(
        T("法定办结时限", "Statutory limit"), ("statutory_limit", "法定办结时限", "法定时限", "法定期限")
    ),
    "promised": Column(
        T("承诺办结时限", "Promised limit"), ("promised_limit", "承诺办结时限", "承诺时限", "承诺期限")
    ),
    "basis": Column(T("设定依据", "Legal basis"), ("by_law", "basis", "设定依据", "法律依据", "实施依据")),
    "case_type": Column(T("办件类型", "Kind of handling"), ("project_type", "case_type", "办件类型")),
    "target": Column(T("服务对象", "For whom"), ("target", "服务对象", "办理对象", "面向对象")),
    "visits": Column(
        T("到现场次数", "Visits"), ("limit_scene_num", "visits", "到办事现场次数", "跑动次数", "到现场次数")
    ),
    "depth": Column(T("网办深度", "Online depth"), ("depth", "网上办理深度", "网办深度")),
    "fee": Column(T("是否收费", "Fee"), ("is_fee", "fee", "是否收费", "收费情况")),
    "place": Column(T("办理地点", "Place"), ("handle_place", "place", "办理地点", "办公地址", "地址")),
    "hours": Column(T("办理时间", "Hours"), ("handle_time", "hours", "办理时间", "办公时间")),
    "consult": Column(
        T("咨询电话", "Telephone"), ("consult_phone", "咨询电话", "咨询方式", "联系电话", "电话")
    ),
    "complaint": Column(
        T("投诉电话", "For complaints"), ("complaint_phone", "投诉电话", "监督投诉方式", "监督电话")
    ),
    "result": Column(
        T("审批结果", "Result"), ("result_name", "result", "审批结果名称", "审批结果", "结果名称")
    ),
    "theme_person": Column(
        T("自然人主题", "Theme for people"), ("面向自然人主题分类", "自然人主题", "theme_person")
    ),
    "theme_legal": Column(
        T("法人主题", "Theme for businesses"), ("面向法人主题分类", "法人主题", "theme_legal")
    ),
}

NEEDED = ("name", "type")
WITHOUT_MAIN_ITEM = frozenset({"", "未分类", "无", "-", "/"})
TYPE_OF = {text.zh: code for code, text in TYPES.items()} | {
    "其他": "10",
    "其他类": "10",
    "其他权力": "10",
    "其他类别事项": "10",
    "其他行政权力事项": "10",
    "公共服务事项": "20",
    "许可": "01",
    "确认": "07",
}
TARGETS = {
    "自然人": "person",
    "个人": "person",
    "公民": "person",
    "企业法人": "enterprise",
    "企业": "enterprise",
    "法人": "enterprise",
    "个体工商户": "individual",
    "事业法人": "institution",
    "事业单位": "institution",
    "社会组织法人": "other",
    "社会组织": "other",
    "其他组织": "other",
    "行政机关": "other",
}
YES = frozenset({"是", "收费", "true", "yes", "1", "y"})
NO = frozenset({"否", "不收费", "免费", "无", "false", "no", "0", "n"})
AT_ONCE = frozenset({"即办", "当场", "当场办结", "即时", "即时办结", "立即", "马上办", "当日", "当日办结"})
LIMIT = re.compile(r"(?:受理之日起)?(\d{1,4})(?:\.0)?个?(工作日|自然日|日|天|小时|wd|d|h)?(?:内)?(?:办结)?")
UNITS = {
    "工作日": "wd",
    "wd": "wd",
    "自然日": "d",
    "日": "d",
    "天": "d",
    "d": "d",
    "小时": "h",
    "h": "h",
    None: "wd",
}
WORDS = {
    "wd": T("{n} 个工作日", "{n} working days"),
    "d": T("{n} 日", "{n} days"),
    "h": T("{n} 小时", "{n} hours"),
}
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
TOO_LONG = {"name": 300, "local_code": 120, "lead": 2000}


@dataclass(slots=True)
class Draft:
    """What a row says: the item's ``content`` without its unit, who implements it, and what is wrong with the row."""

    content: dict[str, Any] = field(default_factory=dict)
    unit_name: str = ""
    unit_code: str = ""
    problems: list[T] = field(default_factory=list)


def same_name(text: str) -> str:
    """Return a name in the form in which two are compared: without spaces, brackets of one kind, lower case."""
    return re.sub(r"\s+", "", text).replace("（", "(").replace("）", ")").casefold()


def guess_mapping(header: Sequence[str]) -> dict[str, int]:
    """Return element -> column for the headers that are known; the first column wins."""
    known = {
        same_name(each): name
        for name, column in COLUMNS.items()
        for each in (*column.headers, column.label.zh)
    }
    found: dict[str, int] = {}
    for index, text in enumerate(header):
        name = known.get(same_name(text.strip("*＊：:")))
        if name is not None:
            found.setdefault(name, index)
    return found


def find_header(rows: Iterable[Sequence[str]]) -> int | None:
    """Return which of the first rows is the header: the first in which two columns or more are known."""
    for index, cells in enumerate(rows):
        if len(guess_mapping(cells)) >= 2:
            return index
    return None


def draft_of(
    cells: Sequence[str], mapping: Mapping[str, int], *, doubts: Mapping[int, str], source: T
) -> Draft:
    """Read one row. ``source`` is where the table comes from: with it a limit counts as found in a source, else as unverified."""
    values = {name: cells[column] if column < len(cells) else "" for name, column in mapping.items()}
    draft = Draft(unit_name=values.get("unit_name", ""), unit_code=values.get("unit_code", "").upper())
    for name, column in mapping.items():
        if column in doubts:
            draft.problems.append(DOUBTS[doubts[column]].format(column=COLUMNS[name].label))
    for name in NEEDED:
        if not values.get(name):
            draft.problems.append(T("缺少{column}", "{column} is missing").format(column=COLUMNS[name].label))
    for name, most in TOO_LONG.items():
        if len(values.get(name, "")) > most:
            draft.problems.append(
                T("{column}太长", "{column} is too long").format(column=COLUMNS[name].label)
            )
    if not draft.unit_name and not draft.unit_code:
        draft.problems.append(T("缺少实施主体", "The implementing body is missing"))
    if not draft.problems:
        _Reader(draft, values, source).read()
    return draft


DOUBTS = {
    "formula": T("{column}是公式，文件里没有结果", "{column} is a formula without its result"),
    "error": T("{column}是错误值", "{column} is an error value"),
    "rounded": T(
        "{column}成了数字，末几位已经丢失，请设成文本格式再导出",
        "{column} became a number and lost its last digits: export it as text",
    ),
}


class _Reader:
    """Fills one draft from the values of its row."""

    def __init__(self, draft: Draft, values: Mapping[str, str], source: T) -> None:
        self.draft = draft
        self.values = values
        self.source = source
        self.content = draft.content

    def read(self) -> None:
        kind = self._type(self.values["type"])
        name = " ".join(self.values["name"].split())
        code = re.sub(r"\s+", "", self.values.get("local_code", ""))
        self.content |= {
            "key": _key(code or f"{same_name(self.draft.unit_name)}|{same_name(name)}"),
            "type": kind,
            "name": {"zh": name, "en": ""},
            "local_code": code or f"import:{_digest(f'{same_name(self.draft.unit_name)}|{same_name(name)}')}",
            "order": 1000,
        }
        for element in ("handling_code", "basic_code"):
            if self.values.get(element):
                self.content[element] = self.values[element]
        if (main := self.values.get("main_item", "")) not in WITHOUT_MAIN_ITEM:
            self.content["main_item"] = {"zh": main, "en": ""}
        if re.fullmatch(r"\d{6}(\d{6})?", area := self.values.get("area_code", "")):
            self.content["division_code"] = area.ljust(12, "0")
        if self.source:
            self.content["origin"] = self.source.as_json()
        self._texts()
        self._limits()
        self._choices()

    def _type(self, text: str) -> str:
        text = text.removesuffix(".0").strip()
        code = TYPE_OF.get(text) or (text.zfill(2) if text.isdecimal() else "")
        if code not in TYPES:
            self._problem("没有“{text}”这种事项类型", "There is no kind {text}", text)
        return code

    def _texts(self) -> None:
        text = self.values.get
        if lead := text("lead"):
            self.content["lead"] = {"zh": lead, "en": ""}
        if basis := text("basis"):
            self.content["basis"] = [
                {"law": {"zh": line.strip(), "en": ""}} for line in basis.splitlines() if line.strip()
            ]
        if text("place") or text("hours"):
            self.content["window"] = {name: {"zh": text(name, ""), "en": ""} for name in ("place", "hours")}
        phones = {name: text(name) for name in ("consult", "complaint") if text(name)}
        if phones:
            self.content["phones"] = phones
        if result := text("result"):
            self.content["result"] = {"name": {"zh": result, "en": ""}}

    def _limits(self) -> None:
        limits = {}
        for role in ("statutory", "promised"):
            text = self.values.get(role, "")
            if not text or text in ("-", "/", "无"):
                continue
            found = LIMIT.fullmatch(re.sub(r"\s+", "", text))
            if text in AT_ONCE:
                limit, words = "0wd", T("当场办结", "On the spot")
            elif found:
                unit = UNITS[found[2]]
                limit = f"{int(found[1])}{unit}"
                words = WORDS[unit].format(n=int(found[1])) if int(found[1]) else T("当场办结", "On the spot")
            else:
                self._problem("看不懂时限“{text}”", "The limit {text} cannot be read", text)
                continue
            limits[role] = {
                "limit": limit,
                "text": words.as_json(),
                "source": (self.source or T("导入的目录", "Imported catalogue")).as_json(),
                "confidence": "S" if self.source else "m",
            }
        if limits:
            self.content["limits"] = limits

    def _choices(self) -> None:
        text = self.values.get
        if case_type := text("case_type"):
            if case_type not in ("即办件", "承诺件"):
                self._problem("没有“{text}”这种办件类型", "There is no handling {text}", case_type)
            self.content["mode"] = {"case_type": case_type}
        if target := text("target"):
            words = [word for word in re.split(r"[，,、;；/|\s]+", target) if word]
            unknown = [word for word in words if word not in TARGETS]
            if unknown:
                self._problem("没有“{text}”这种服务对象", "There is nobody called {text}", "、".join(unknown))
            self.content["target"] = list(dict.fromkeys(TARGETS[word] for word in words if word in TARGETS))
        if visits := text("visits"):
            if visits.isdecimal() and len(visits) < 3:
                self.content["visits"] = {"count": int(visits), "reason": None}
            else:
                self._problem("到现场次数“{text}”不是数字", "The visits {text} are no number", visits)
        if depth := text("depth"):
            depth = depth.removesuffix("级").translate(str.maketrans("1234", "".join(DEPTHS)))
            if depth in DEPTHS:
                self.content["depth"] = depth
            else:
                self._problem("没有“{text}”这种网办深度", "There is no depth {text}", depth)
        if fee := text("fee", "").casefold():
            if fee in YES | NO:
                self.content["fee"] = {"charged": fee in YES}
            else:
                self._problem("是否收费要写是或者否，不能写“{text}”", "The fee is yes or no, not {text}", fee)
        themes = {}
        for name, known in (("person", PERSON_THEMES), ("legal", LEGAL_THEMES)):
            words = [word for word in re.split(r"[，,、;；|\s]+", text(f"theme_{name}", "")) if word]
            themes[name] = [word for word in words if word in known]
            for word in words:
                if word not in known:
                    self._problem("没有“{text}”这个主题", "There is no theme {text}", word)
        if any(themes.values()):
            self.content["themes"] = themes

    def _problem(self, zh: str, en: str, text: str) -> None:
        self.draft.problems.append(T(zh, en).format(text=text[:60]))


def _key(identity: str) -> str:
    """Return the key of an imported item: its code where that can stand in an address, else a short digest."""
    plain = identity.lower()
    return plain if SLUG.fullmatch(plain) else f"i-{_digest(identity)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:20]
