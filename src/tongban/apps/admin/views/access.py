"""Who stands in for whom, who is signed in, how one signs in, and whether the three administrators are three."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongban.apps.admin.policies import ANY, SECURITY, SYSTEM, for_duties, may
from tongban.base.errors import Conflict, Invalid, NotFound
from tongban.base.text import LocalizedText as T
from tongban.base.time import now
from tongban.design.sheets import Sheet, fault, typed
from tongban.kernel.identity import service as identity

__all__ = [
    "administrators",
    "delegations",
    "end_delegation",
    "end_factor_rule",
    "end_session",
    "put_factor_rule",
    "rules",
    "sessions",
    "unlock",
]

KINDS = (("official", T("工作人员", "Officials")), ("citizen", T("群众和企业", "Citizens and firms")))
FIELDS: tuple[tuple[str, T, T, T], ...] = (
    (
        "failures_from_address",
        T("同一账号在同一地址输错几次就锁", "Failures of one account from one address that lock"),
        T("次", "times"),
        T(
            "一刻钟里数；不锁同一地址的其他账号",
            "Within a quarter of an hour; other accounts there are not locked",
        ),
    ),
    (
        "failures_of_account",
        T("同一账号一共输错几次就锁", "Failures of one account that lock"),
        T("次", "times"),
        T(
            "不论从哪里；要比上面的宽。以前登录过的浏览器不受影响",
            "From anywhere; wider than above. A browser in which it signed in before is not affected",
        ),
    ),
    (
        "lock_minutes",
        T("锁多久", "Locked for"),
        T("分钟", "minutes"),
        T("锁了又试，一次比一次久", "Longer each time it happens again"),
    ),
    ("idle_minutes", T("多久不用就退出", "Idle time that ends a session"), T("分钟", "minutes"), T("")),
    ("session_hours", T("最长登录多久", "Longest session"), T("小时", "hours"), T("")),
    ("password_length", T("密码至少多长", "Shortest password"), T("个字符", "characters"), T("")),
    (
        "password_kinds",
        T("密码至少用几种字符", "Kinds of characters in a password"),
        T("种", "kinds"),
        T("大写字母、小写字母、数字、其他符号", "Capital letters, small letters, digits, others"),
    ),
    (
        "password_days",
        T("密码多久换一次", "A password lasts"),
        T("天", "days"),
        T("0 就是不要求换", "0: it need not change"),
    ),
)


@for_duties(ANY)
@require_safe
def administrators(request: HttpRequest) -> HttpResponse:
    """Show who the three administrators are, and what each may do."""
    held = {
        duty: identity.colleagues(at=now(), duty=duty)
        for duty in ("admin.system", "admin.security", "admin.audit")
    }
    context = {
        "three": [(identity.duty_label(duty), MAY[duty], people) for duty, people in held.items()],
        "missing": [identity.duty_label(duty) for duty, people in held.items() if not people],
    }
    return render(request, "admin/administrators.html", context)


MAY = {
    "admin.system": (
        T("机构：设立、更名、调整、合并", "Units: found, rename, move, merge"),
        T("人员和账号：开立、邀请、停用", "People and accounts: open, invite, close"),
        T("单位授权、日历、运行和异常", "Mandates, calendar, operation, incidents"),
    ),
    "admin.security": (
        T("岗位和职责：设、改、撤", "Posts and duties: found, change, abolish"),
        T("任命、免去、结束委托", "Appointments and delegations"),
        T("登录规则、第二道验证", "Rules of signing in, second factor"),
    ),
    "admin.audit": (
        T("查账本：谁在什么时候做了什么", "Reads the ledger: who did what and when"),
        T("看机构、人员和规则，什么也不能改", "Looks at units, people and rules, changes nothing"),
    ),
}


@for_duties(ANY)
@require_safe
def delegations(request: HttpRequest) -> HttpResponse:
    """Show who stands in for whom in the whole government, now and later."""
    at = now()
    rows = identity.list_delegations(at)
    context = {
        "rows": [(row, row.is_running(at)) for row in rows],
        "is_security": may(request.actor, SECURITY),  # type: ignore[attr-defined]
    }
    return render(request, "admin/delegations.html", context)


@for_duties(SECURITY)
@require_POST
def end_delegation(request: HttpRequest, delegation_id: int) -> HttpResponse:
    """End a delegation, or call it off."""
    identity.end_delegation(actor=request.actor, delegation_id=delegation_id, at=now())  # type: ignore[attr-defined]
    return redirect("admin:delegations")


@for_duties(SYSTEM | SECURITY)
@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """Show which officials are signed in, and how many citizens are."""
    found = identity.list_presences(at=identity.clock())
    officials = [each for each in found if each.kind == "official"]
    context = {
        "rows": [(each, each.session_key == request.session.session_key) for each in officials],
        "citizens": len(found) - len(officials),
    }
    return render(request, "admin/sessions.html", context)


@for_duties(SYSTEM | SECURITY)
@require_POST
def end_session(request: HttpRequest, presence_id: int) -> HttpResponse:
    """End a session."""
    identity.end_presence(actor=request.actor, presence_id=presence_id, at=now())  # type: ignore[attr-defined]
    return redirect("admin:sessions")


@for_duties(SECURITY | frozenset({"admin.audit"}))
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """Show the rules of signing in for officials and for citizens; the security administrator changes them."""
    kind = request.GET.get("kind", "official")
    kind = kind if kind in dict(KINDS) else "official"
    is_security = may(request.actor, SECURITY)  # type: ignore[attr-defined]
    present = asdict(identity.sign_in_rules(kind))
    sheet = Sheet({**present, "reason": ""})
    if request.method == "POST" and is_security:
        sheet = Sheet(typed(request, *present, "reason"))
        try:
            identity.put_sign_in_rules(
                actor=request.actor,  # type: ignore[attr-defined]
                kind=kind,
                wanted={name: _number(sheet.values[name]) for name in present},
                reason=sheet.values["reason"],
                at=now(),
            )
            return redirect(f"{request.path}?kind={kind}")
        except (Invalid, Conflict) as refusal:
            sheet.refuse(refusal)
    return _rules_page(request, kind, sheet=sheet)


def _rules_page(
    request: HttpRequest,
    kind: str,
    *,
    sheet: Sheet | None = None,
    factor_sheet: Sheet | None = None,
    unlock_sheet: Sheet | None = None,
    unlocked: str = "",
) -> HttpResponse:
    if sheet is None:
        sheet = Sheet({**asdict(identity.sign_in_rules(kind)), "reason": ""})
    if factor_sheet is None:
        factor_sheet = Sheet({"duty": "", "unit": "", "rule_reason": ""})
    if unlock_sheet is None:
        unlock_sheet = Sheet({"username": "", "unlock_reason": ""})
    units = identity.unit_choices()
    context: dict[str, Any] = {
        "sheet": sheet,
        "factor_sheet": factor_sheet,
        "unlock_sheet": unlock_sheet,
        "unlocked": unlocked,
        "kind": kind,
        "kinds": [(key, label, key == kind) for key, label in KINDS],
        "fields": [
            (name, label, unit, hint, sheet.values[name], sheet.faults.get(name, T("")))
            for name, label, unit, hint in FIELDS
        ],
        "former": identity.former_sign_in_rules(kind),
        "is_security": may(request.actor, SECURITY),  # type: ignore[attr-defined]
        "factor_rules": [
            (row, identity.duty_label(row.duty) if row.duty else "") for row in identity.list_factor_rules()
        ],
        "duties": [("", ANY_DUTY), *((d.key, d.label) for d in identity.duties_for_choice())],
        "units": [("", ANY_UNIT), *units],
    }
    status = next((each.status for each in (sheet, factor_sheet, unlock_sheet) if each.status != 200), 200)
    return render(request, "admin/rules.html", context, status=status)


@for_duties(SECURITY)
@require_POST
def unlock(request: HttpRequest) -> HttpResponse:
    """Let an account that was locked by wrong attempts try again at once."""
    sheet = Sheet(typed(request, "username", "unlock_reason"))
    try:
        identity.unlock_account(
            actor=request.actor,  # type: ignore[attr-defined]
            username=sheet.values["username"],
            reason=sheet.values["unlock_reason"],
            at=now(),
        )
    except NotFound:
        sheet.refuse(fault("username", "没有这个账号", "There is no such account"))
    except Invalid as refusal:
        sheet.refuse(refusal)
    else:
        return _rules_page(request, "official", unlocked=sheet.values["username"])
    return _rules_page(request, "official", unlock_sheet=sheet)


ANY_DUTY = T("（不论职责）", "(any duty)")
ANY_UNIT = T("（不论机构）", "(any unit)")


@for_duties(SECURITY)
@require_POST
def put_factor_rule(request: HttpRequest) -> HttpResponse:
    """Require a second factor for a duty or a unit."""
    sheet = Sheet(typed(request, "duty", "unit", "rule_reason"))
    unit = sheet.values["unit"]
    known = {duty.key for duty in identity.duties_for_choice()}
    try:
        identity.put_factor_rule(
            actor=request.actor,  # type: ignore[attr-defined]
            duty=sheet.values["duty"] if sheet.values["duty"] in known else "",
            unit_id=_number(unit),
            reason=sheet.values["rule_reason"],
            at=now(),
        )
    except Invalid as refusal:
        sheet.refuse(refusal)
        return _rules_page(request, "official", factor_sheet=sheet)
    return redirect(f"{reverse('admin:rules')}?kind=official")


@for_duties(SECURITY)
@require_POST
def end_factor_rule(request: HttpRequest, rule_id: int) -> HttpResponse:
    """No longer require a second factor there."""
    identity.end_factor_rule(actor=request.actor, rule_id=rule_id, at=now())  # type: ignore[attr-defined]
    return redirect(f"{reverse('admin:rules')}?kind=official")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None
