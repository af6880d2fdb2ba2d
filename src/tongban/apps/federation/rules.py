"""Pure decisions: which addresses a system may name, what scopes mean, which claims follow."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from tongban.base.text import LocalizedText as T

__all__ = [
    "ACR",
    "SCOPES",
    "SystemFacts",
    "acr_of",
    "address_problem",
    "origin_of",
    "readable",
    "system_faults",
    "wanted_scopes",
]

SCOPES: Mapping[str, tuple[T, T]] = {
    "openid": (
        T("登录", "Signing in"),
        T("一个只有它认得的编号，别的系统对不上", "A number that only it knows you by"),
    ),
    "profile": (
        T("姓名", "Name"),
        T("姓名，是群众还是工作人员", "Your name, and whether you are a citizen or an official"),
    ),
    "posts": (T("单位和岗位", "Unit and posts"), T("您现在担任的岗位", "The posts that you hold now")),
    "email": (T("电子邮箱", "E-mail address"), T("")),
    "phone": (T("手机号码", "Telephone number"), T("")),
    "citizen_id": (
        T("身份证号", "ID number"),
        T("只有核验过身份的账号才给", "Only of accounts whose identity was checked"),
    ),
}
"""What a system may ask for: label, and what exactly is told."""

ACR = "urn:tongban:acr:{level}"
MOST_ADDRESSES = 10
RESERVED = frozenset({"new", "in", "programs"})
"""Words of the addresses of the pages."""
CLIENT_ID = re.compile(r"[a-z][a-z0-9-]{1,39}")


def acr_of(level: int) -> str:
    """Return the authentication context class of an assurance level."""
    return ACR.format(level=level)


def readable(scopes: Iterable[str]) -> list[tuple[T, T]]:
    """Return label and explanation of scopes, in our order."""
    wanted = set(scopes)
    return [words for scope, words in SCOPES.items() if scope in wanted]


def wanted_scopes(asked: Iterable[str], allowed: Collection[str]) -> list[str]:
    """Return what is both asked for and allowed, in our order. OpenID Connect lets a provider leave scopes out."""
    asked = set(asked)
    return [scope for scope in SCOPES if scope in asked and scope in allowed]


def address_problem(address: str) -> T | None:
    """Return why an address cannot be one to which people are sent back; None when it can.

    It is compared letter by letter later, so it must be complete. Plain http only for a program on the person's own machine.
    """
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return T("地址不对", "This is no address")
    if not parts.hostname or "*" in address or any(mark in address for mark in " \t\r\n\\"):
        return T("要写完整的地址，不能用通配符", "Give the complete address, without wildcards")
    if len(address) > 300:
        return T("地址太长", "The address is too long")
    if parts.fragment or "#" in address or parts.username or parts.password:
        return T("地址里不能有 # 或者用户名", "Neither # nor a user name may stand in the address")
    if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname)):
        return None
    return T("要用 https（本机程序除外）", "Use https (http only for a program on the same machine)")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def origin_of(address: str) -> str:
    """Return scheme, host and port of an address, for the policy that lets a form lead there."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True, slots=True)
class SystemFacts:
    """What is said of another system when it is registered or changed."""

    name: T
    redirect_uris: tuple[str, ...]
    logout_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    kinds: tuple[str, ...]
    algorithm: str = "RS256"


def system_faults(
    facts: SystemFacts, *, client_id: str | None = None, taken: bool = False
) -> list[dict[str, Any]]:
    """Return everything that is wrong with it, by field. ``client_id`` None: it is not being given one."""
    faults: list[tuple[str, T]] = []
    if not facts.name.zh:
        faults.append(("name_zh", T("请填名称", "Give the name")))
    if client_id is not None and (not CLIENT_ID.fullmatch(client_id) or client_id in RESERVED):
        faults.append(
            (
                "client_id",
                T(
                    "2 到 40 位，小写字母开头，只用小写字母、数字和短横线",
                    "2 to 40 small letters, digits, hyphens",
                ),
            )
        )
    elif taken:
        faults.append(("client_id", T("这个代号已经有了", "Another system has this id")))
    if not facts.redirect_uris:
        faults.append(("redirect_uris", T("至少写一个地址", "Give one address at least")))
    for field, addresses in (("redirect_uris", facts.redirect_uris), ("logout_uris", facts.logout_uris)):
        problem = next((p for p in map(address_problem, addresses) if p is not None), None)
        if problem is not None:
            faults.append((field, problem))
        elif len(addresses) > MOST_ADDRESSES:
            faults.append((field, T("最多十个地址", "Ten addresses at most")))
    if not facts.kinds or not {"citizen", "official"}.issuperset(facts.kinds):
        faults.append(("kinds", T("选哪些人可以登录", "Say who may sign in")))
    if not SCOPES.keys() >= set(facts.scopes):
        faults.append(("scopes", T("没有这一项", "There is no such thing")))
    if facts.algorithm not in ("RS256", "ES256"):
        faults.append(("algorithm", T("选一种签名算法", "Choose an algorithm")))
    return [{"field": field, "message": text.as_json()} for field, text in faults]
