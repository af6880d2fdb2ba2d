"""Check digits of Chinese numbers.

Citizen id, unified social credit code, identifier of an electronic certificate.

These say whether a number can exist, not whether it does. Area codes are not looked up: numbers carry the
code of the place at the time (also codes that were abolished long ago, GB/T 2260), and the demo uses one that
was never given out.
"""

from __future__ import annotations

import re
from datetime import date

from stdnum.cn import ric, uscc
from stdnum.iso7064 import mod_37_36

from tongban.base.text import LocalizedText

__all__ = [
    "birth_on",
    "certificate_check_character",
    "citizen_id_problem",
    "is_certificate_identifier",
    "is_citizen_id",
    "is_mobile",
    "is_uscc",
    "new_uscc",
    "sex_of",
    "uscc_problem",
]

# First two digits: provinces (11-65), Taiwan, Hong Kong and Macao (71, 81-83, also their residents' permits),
# and 9x, the permanent residence cards of foreigners.
_PROVINCES = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|9[0-9]")
_CITIZEN_ID = re.compile(r"[0-9]{17}[0-9X]")
_USCC = re.compile(r"[0-9A-HJ-NP-RTUW-Y]{18}")
# GB 32100-2015: the kinds that a registrar knows; registrars whose kinds the standard leaves open take any.
_USCC_KINDS = {"1": "1239", "5": "1239", "9": "1239", "Y": "1", "N": "1239"}
_REGISTRARS = frozenset("123456789ANY")
_CERTIFICATE_ROOT = "1.2.156.3005.2."


def citizen_id_problem(number: str) -> LocalizedText | None:
    """Return what is wrong with a citizen id (GB 11643-1999), None when nothing is."""
    number = number.strip().upper()
    if not _CITIZEN_ID.fullmatch(number):
        return LocalizedText(
            "身份证号是 18 位，前 17 位是数字，最后一位是数字或 X",
            "An ID number has 18 characters: 17 digits, then a digit or X",
        )
    if not _PROVINCES.match(number):
        return LocalizedText("身份证号前两位不是省级代码", "The first two digits are not those of a province")
    if birth_on(number) is None:
        return LocalizedText(
            "身份证号里的出生日期不存在", "The date of birth in the ID number does not exist"
        )
    if number[-1] != ric.calc_check_digit(number):
        return LocalizedText(
            "身份证号末位校验不对，请逐位核对", "The last character does not fit; please check each digit"
        )
    return None


def is_citizen_id(number: str) -> bool:
    """True when the number can be a citizen id."""
    return citizen_id_problem(number) is None


def birth_on(number: str) -> date | None:
    """Return the date of birth that a citizen id holds, None when there is no such day."""
    try:
        day = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return day if 1850 <= day.year <= 2199 else None


def sex_of(number: str) -> str:
    """Return "male" or "female" (GB 11643: an odd sequence number is male)."""
    return "male" if int(number[16]) % 2 else "female"


def uscc_problem(number: str) -> LocalizedText | None:
    """Return what is wrong with a unified social credit code (GB 32100-2015), None when nothing is.

    The organisation code inside (GB 11714) has a check character of its own, which is checked too.
    """
    number = number.strip().upper()
    if not _USCC.fullmatch(number):
        return LocalizedText(
            "统一社会信用代码是 18 位数字和大写字母，不含 I、O、S、V、Z",
            "A credit code has 18 digits and capital letters, without I, O, S, V and Z",
        )
    kinds = _USCC_KINDS.get(number[0])
    if number[0] not in _REGISTRARS or (kinds is not None and number[1] not in kinds):
        return LocalizedText(
            "登记管理部门或者机构类别代码不存在", "There is no such registrar or kind of organisation"
        )
    if not number[2:8].isdigit():
        return LocalizedText(
            "第 3 到 8 位应是区划代码数字", "Characters 3 to 8 must be the digits of the area code"
        )
    # Not python-stdnum's validate: it refuses registrars that are letters, such as N for village collectives.
    if number[16] != _organisation_check(number[8:16]) or number[17] != uscc.calc_check_digit(number[:17]):
        return LocalizedText(
            "末位校验不对，请逐位核对", "The last character does not fit; please check each one"
        )
    return None


def _organisation_check(body: str) -> str:
    """Return the check character of an organisation code (GB 11714-1997).

    Weights 3 7 9 10 5 8 4 2, modulo 11.
    """
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    rest = -sum(int(character, 36) * weight for character, weight in zip(body, weights, strict=True)) % 11
    return "X" if rest == 10 else str(rest)


def new_uscc(kind: str, area: str, stem: str) -> str:
    """Return the credit code of ``kind`` ("92": sole trader) in an area with both its check characters.

    >>> new_uscc("92", "532399", "MA100000")
    '92532399MA10000099'
    """
    body = f"{kind}{area}{stem}{_organisation_check(stem)}"
    return body + str(uscc.calc_check_digit(body))


def is_uscc(number: str) -> bool:
    """True when the number can be a unified social credit code."""
    return uscc_problem(number) is None


def is_mobile(number: str) -> bool:
    """True when the number has the shape of a mobile number of mainland China."""
    return re.fullmatch(r"1[3-9][0-9]{9}", number.strip()) is not None


def certificate_check_character(identifier: str) -> str:
    """Return the check character of an e-certificate identifier (GB/T 36904-2018): ISO 7064 MOD 37,36.

    Takes the identifier with root OID and five parts, with or without a check character; root and dots do not
    count. Raises ValueError for another shape.
    """
    if not identifier.startswith(_CERTIFICATE_ROOT):
        raise ValueError(f"not an e-certificate identifier: it must begin with {_CERTIFICATE_ROOT}")
    parts = identifier.removeprefix(_CERTIFICATE_ROOT).split(".")
    body = "".join(parts[:4]).upper()
    if len(parts) not in (4, 5) or not re.fullmatch(r"[0-9A-Z]+", body):
        raise ValueError(
            "not an e-certificate identifier: four parts and a check character, digits and capital letters"
        )
    return mod_37_36.calc_check_digit(body)


def is_certificate_identifier(identifier: str) -> bool:
    """True when shape and check character of an e-certificate identifier fit."""
    _, _, given = identifier.rpartition(".")
    try:
        return identifier.count(".") == 9 and certificate_check_character(identifier) == given
    except ValueError:
        return False
