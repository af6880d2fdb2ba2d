"""The duties there are: modules say what each of theirs lets its holder do, so that a person can grant them knowingly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tongban.base.registry import Registry
from tongban.base.text import LocalizedText as T

__all__ = ["Duty", "duties_for_choice", "duty_label", "register_duties"]


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty: its name in code, what people call it, what it lets somebody do."""

    key: str
    label: T
    note: T = T("")


_duties: Registry[Duty] = Registry("duties")


def register_duties(duties: Mapping[str, tuple[T, T]]) -> None:
    """Say what duties mean: label and note by key ("services.window"). Call it in ``AppConfig.ready()``."""
    for key, (label, note) in duties.items():
        known = _duties.find(key)
        if known != Duty(key, label, note):
            _duties.register(key, Duty(key, label, note))


def duty_label(key: str) -> T:
    """Return what people call a duty; of one that no module names, its key."""
    found = _duties.find(key)
    return found.label if found else T(key)


def duties_for_choice(besides: Iterable[str] = ()) -> list[Duty]:
    """Return all duties that can be granted, by module, with those ``besides`` that a post has already."""
    unnamed = [Duty(key, T(key)) for key in sorted(set(besides)) if key not in _duties]
    return sorted([*_duties, *unnamed], key=lambda duty: duty.key)


register_duties(
    {
        "admin.system": (
            T("系统管理员", "System administrator"),
            T(
                "管机构、人员、账号和运行；不能给权限，看不到办件内容",
                "Units, people, accounts, operations; grants nothing",
            ),
        ),
        "admin.security": (
            T("安全保密管理员", "Security administrator"),
            T(
                "管岗位职责、任免和登录规则；不能开账号",
                "Duties, appointments, sign-in rules; opens no account",
            ),
        ),
        "admin.audit": (
            T("安全审计员", "Audit administrator"),
            T("查账本；不能改任何东西", "Reads the ledger; changes nothing"),
        ),
        "identity.check": (
            T("实名核验", "Checks identities"),
            T(
                "在窗口看身份证，核验群众的账号",
                "Looks at identity cards at the window and checks citizens' accounts",
            ),
        ),
        "admin.unit": (
            T("单位管理", "Administers the unit"),
            T("交接本单位的工作，结束本单位的委托", "Hands over work and ends delegations of the own unit"),
        ),
    }
)
