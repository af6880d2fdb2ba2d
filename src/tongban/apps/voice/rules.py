"""Pure decisions of the mailbox: what in a text is personal and must not be published, and how it is masked.

The threat: an answered letter is published with a name, a telephone number or a door number in it (Personal
Information Protection Law art. 13, 25; Regulation on Open Government Information art. 15). A pattern finds
what has a shape; names have none, so the writer's own name is looked for wherever it stands, and other names
where the words around them give them away ("我叫", "联系人", "先生"). Finding too much costs a clerk a
moment; finding too little cannot be taken back.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

__all__ = ["Finding", "find_personal", "mask_personal"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something personal in a text: its kind, where it stands, and what may be published instead."""

    kind: str
    start: int
    end: int
    text: str
    masked: str


COMPOUND = "欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|司徒|夏侯"
SINGLE = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章云苏潘葛奚范彭郎鲁韦昌马苗凤方俞任袁"
    "柳鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安于傅皮卞齐康伍余卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝臧伏戴谈宋茅庞熊纪舒屈"
    "项祝董梁杜阮蓝闵席季麻贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万柯昝管卢莫房裘缪宗丁宣邓郁单杭洪包诸左石"
    "崔吉龚程邢滑裴陆荣翁荀惠甄曲封芮储靳汲段普白"
)
SURNAME = f"(?:{COMPOUND}|[{SINGLE}])"
HAN = "一-鿿"
GIVEN = f"(?:(?![某各位的了和是们有这那])[{HAN}])"
NOT_DIGIT_BEFORE, NOT_DIGIT_AFTER = r"(?<![\d])", r"(?![\d])"

CITIZEN_ID = re.compile(
    NOT_DIGIT_BEFORE + r"[1-9]\d{5}\s?(?:19|20)\d{2}\s?\d{4}\s?\d{3}[\dXx]" + NOT_DIGIT_AFTER
)
OLD_CITIZEN_ID = re.compile(
    NOT_DIGIT_BEFORE + r"[1-9]\d{7}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}" + NOT_DIGIT_AFTER
)
BANK_CARD = re.compile(NOT_DIGIT_BEFORE + r"[3-6]\d{3}(?:[ -]?\d{4}){3}(?:[ -]?\d{1,3})?" + NOT_DIGIT_AFTER)
MOBILE = re.compile(NOT_DIGIT_BEFORE + r"(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}" + NOT_DIGIT_AFTER)
LANDLINE = re.compile(NOT_DIGIT_BEFORE + r"[(（]?0\d{2,3}[)）]?[ -]?\d{3,4}[ -]?\d{4}" + NOT_DIGIT_AFTER)
EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+", re.ASCII)
PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·\s]?[A-HJ-NP-Z0-9]{5,6}(?![A-Z0-9])"
)
MESSENGER = re.compile(r"(?:微信号?|QQ号?|qq号?|WeChat)\s*(?:是|为|:|：)?\s*(?P<it>[A-Za-z0-9_-]{5,20})")
DOOR = re.compile(
    r"\d+\s*(?:栋|幢|号楼|座)\s*(?:\d+\s*单元)?\s*\d{2,4}\s*(?:室|号|户|房)?"
    r"|\d+\s*单元\s*\d{2,4}\s*(?:室|号|户|房)?|\d{3,4}\s*室"
)
NAMED = re.compile(
    r"(?:我叫|本人叫|名叫|姓名(?:是|为)?[:：]?|联系人[:：]?|投诉人[:：]?|署名[:：]?|来信人[:：]?)\s*"
    rf"(?P<it>{SURNAME}{GIVEN}{{1,2}})"
)
TITLED = re.compile(rf"(?P<it>{SURNAME}{GIVEN}{{1,2}})(?=先生|女士|同志(?!们)|老师|大爷|大妈|阿姨|师傅)")

SHAPES: Sequence[tuple[str, re.Pattern[str]]] = (
    ("citizen_id", CITIZEN_ID),
    ("citizen_id", OLD_CITIZEN_ID),
    ("mobile", MOBILE),
    ("bank_card", BANK_CARD),
    ("landline", LANDLINE),
    ("email", EMAIL),
    ("messenger", MESSENGER),
    ("plate", PLATE),
    ("door", DOOR),
    ("name", NAMED),
    ("name", TITLED),
)


def find_personal(text: str, *, names: Collection[str] = (), leave: Collection[str] = ()) -> list[Finding]:
    """Return what is personal in ``text``, in order and without overlaps.

    ``names`` are known to belong to people in this matter (writer, agent) and are found wherever they stand.
    ``leave`` are kinds that are no secret in this text (the landline that an office gives in its answer).
    """
    found: list[Finding] = []
    for name in sorted((name for name in names if len(name) >= 2), key=len, reverse=True):
        for match in re.finditer(re.escape(name), text):
            _add(found, "name", match.start(), match.end(), text)
    for kind, pattern in SHAPES:
        for match in pattern.finditer(text):
            start, end = match.span("it") if "it" in pattern.groupindex else match.span()
            if kind not in leave:
                _add(found, kind, start, end, text)
    return sorted(found, key=lambda finding: finding.start)


def mask_personal(text: str, *, names: Collection[str] = (), leave: Collection[str] = ()) -> str:
    """Return ``text`` with everything personal replaced by what may be published. What comes back holds no
    finding.
    """
    while findings := find_personal(text, names=names, leave=leave):
        for finding in reversed(findings):
            text = text[: finding.start] + finding.masked + text[finding.end :]
    return text


def _add(found: list[Finding], kind: str, start: int, end: int, text: str) -> None:
    if all(end <= other.start or start >= other.end for other in found):
        found.append(Finding(kind, start, end, text[start:end], _masked(kind, text[start:end])))


def _masked(kind: str, text: str) -> str:
    if kind == "name":
        return f"{_surname(text)}某" if re.match(rf"[{HAN}]", text) else f"{text[0]}."
    if kind == "door":
        return re.sub(r"\d", "*", text)
    if kind == "email":
        return f"{text[0]}***@***"
    bare = re.sub(r"[\s()（）-]", "", text)
    if kind == "mobile":
        return f"{bare[-11:-8]}****{bare[-4:]}"
    if kind == "landline":
        return f"{bare[:4]}****"
    if kind == "citizen_id":
        return f"{bare[:6]}{'*' * 8}{'*' * (len(bare) - 14)}"
    return f"{text[0]}{'*' * (len(text) - 1)}"


def _surname(name: str) -> str:
    return name[:2] if re.match(COMPOUND, name) else name[:1]
