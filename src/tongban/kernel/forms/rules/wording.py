"""What a person is told when an answer will not do: what is wrong and what would be right, never a code."""

from __future__ import annotations

from tongban.base.text import LocalizedText
from tongban.kernel.forms.rules.structure import Field

__all__ = ["required", "say"]

T = LocalizedText

REQUIRED = {
    "choice": T("请选一项", "Choose one answer"),
    "multi": T("请至少选一项", "Choose at least one"),
    "date": T("请填日期", "Enter a date"),
    "": T("还没有填", "This has not been filled in"),
}
BY_TYPE = {
    "decimal": T("请填数字，例如 48 或 48.5", "Enter a number, for example 48 or 48.5"),
    "integer": T("请填整数，例如 3", "Enter a whole number, for example 3"),
    "bool": T("请选“是”或“否”", "Choose Yes or No"),
    "multi": T("请从列出的选项里选", "Choose from the options listed"),
}
BY_FORMAT = {
    "citizen-id": T(
        "身份证号码不对：应是 18 位，请对照证件再核一遍，最后一位可能是 X",
        "This is not a valid ID number: it has 18 characters. Check it against the card; the last one may be X",
    ),
    "uscc": T(
        "统一社会信用代码不对：应是 18 位，请对照营业执照再核一遍（没有字母 I、O、S、V、Z）",
        "This is not a valid unified social credit code: it has 18 characters. Check it against the licence "
        "(the letters I, O, S, V and Z do not occur)",
    ),
    "mobile": T(
        "手机号不对：应是 1 开头的 11 位数字",
        "This is not a mobile number: it has 11 digits and starts with 1",
    ),
    "mailbox": T(
        "邮箱地址不对，例如 name@example.cn", "This is not an e-mail address. Example: name@example.cn"
    ),
    "day": T("没有这一天，请核对年、月、日", "There is no such day. Check year, month and day"),
}
LIMITS = {
    "minimum": T("不能小于 {limit}{unit}", "Must be {limit}{unit} or more"),
    "maximum": T("不能大于 {limit}{unit}", "Must be {limit}{unit} or less"),
    "earliest": T("不能早于 {limit}", "Must be {limit} or later"),
    "latest": T("不能晚于 {limit}", "Must be {limit} or earlier"),
    "minLength": T("至少要 {limit} 个字", "Must have at least {limit} characters"),
    "maxLength": T(
        "最多 {limit} 个字，现在是 {length} 个", "Must have at most {limit} characters; it has {length} now"
    ),
    "decimals": T("最多写到小数点后 {limit} 位", "At most {limit} digits after the decimal point"),
}
OPTION = T("请从列出的选项里选", "Choose from the options listed")
PATTERN = T("格式不对，请对照示例改一下", "The format is not right. Compare it with the example")
OTHER = T("这里填得不对，请改一下", "This answer is not valid. Please correct it")
UNKNOWN = T("表里没有这一项", "The form has no such field")


def required(field: Field) -> LocalizedText:
    """Return what is said when an answer is missing."""
    kind = (
        "multi"
        if field.type == "multi"
        else "choice"
        if field.is_choice or field.type == "bool"
        else field.type
    )
    return REQUIRED.get(kind, REQUIRED[""])


def say(field: Field, keyword: str, limit: object = "", length: int = 0) -> LocalizedText:
    """Return what is said when ``field`` breaks the schema's ``keyword``."""
    if keyword == "type":
        return BY_TYPE.get(field.type, OTHER)
    if keyword == "format":
        return BY_FORMAT.get(str(limit), OTHER)
    if keyword == "pattern":
        return field.pattern_hint or PATTERN
    if keyword in ("enum", "items"):
        return OPTION
    if keyword in LIMITS:
        unit = LocalizedText(
            f" {field.unit.zh}" if field.unit else "",
            f" {field.unit.in_language('en')}" if field.unit else "",
        )
        return LIMITS[keyword].format(limit=limit, unit=unit, length=length)
    return OTHER
