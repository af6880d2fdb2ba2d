"""What the portal itself puts on the public site: ways to pages of the contract, shown where those pages exist."""

from __future__ import annotations

from tongban.base.text import LocalizedText as T
from tongban.design import home, navigation
from tongban.design.home import QuickLink
from tongban.design.navigation import NavEntry

__all__ = ["register"]

_SERVICES = T("办事和互动", "Services and letters")

_QUICK = (
    ("progress", "cases:progress", "progress", T("查办件进度", "Track an application"),
     T("编号加查询码，不用登录", "Number and code, no sign-in")),
    ("certificates", "certificates:mine", "idcard", T("我的证照", "My certificates"),
     T("登录后查看、下载", "Sign in to view and download")),
    ("verify", "certificates:verify-form", "shield", T("查验证照真假", "Verify a certificate"),
     T("扫码，或者输入验证码", "Scan, or type the code")),
    ("letter", "voice:write", "mail", T("给县长写信", "Write to the county head"),
     T("限期答复，进度能查", "Answered within a limit, progress shown")),
)  # fmt: skip

_FOOT = (
    ("services", "services:search", T("办事服务", "Services")),
    ("progress", "cases:progress", T("查办件进度", "Track an application")),
    ("verify", "certificates:verify-form", T("查验证照真假", "Verify a certificate")),
    ("papers", "instruments:verify-form", T("查验文书真假", "Verify a paper")),
    ("letters", "voice:letters", T("来信和答复", "Letters and answers")),
)


def register() -> None:
    """Called once by ``PortalConfig.ready``."""
    navigation.register_public(NavEntry(key="home", label=T("首页", "Home"), url_name="portal:home", order=0))
    for order, (key, url_name, icon, label, note) in enumerate(_QUICK):
        home.register_quick_link(
            QuickLink(key=key, label=label, note=note, url_name=url_name, icon=icon, order=order)
        )
    for order, (key, url_name, label) in enumerate(_FOOT):
        navigation.register_foot(
            NavEntry(key=key, label=label, url_name=url_name, group=_SERVICES, order=order)
        )
