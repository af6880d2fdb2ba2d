"""The case kind of proceedings on certificates: its states, its number, and the certificate beside its steps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tongban.base.actor import Actor
from tongban.base.text import LocalizedText as T
from tongban.base.time import local_date
from tongban.kernel.cases import service as cases

__all__ = ["KIND", "NAMES"]

NAMES: Mapping[str, T] = {
    "suspend": T("暂扣", "Suspend"),
    "resume": T("恢复", "Resume"),
    "revoke": T("撤销", "Revoke"),
    "forfeit": T("吊销", "Forfeit"),
    "cancel": T("注销", "Cancel"),
    "renew": T("延续", "Renew"),
    "change": T("变更", "Change"),
    "expire": T("过期", "Expire"),
}
"""What people call the acts."""


def _state(zh: str, en: str, *, is_final: bool = False, tone: str = "blue") -> cases.State:
    return cases.State(T(zh, en), T(zh, en), is_final, tone)


STATES = {
    "draft": _state("未提交", "Not begun", tone=""),
    "submitted": _state("已发起", "Begun"),
    "proposing": _state("写理由和依据", "Reason and basis"),
    "checking": _state("待第二人审定", "Second look"),
    "making": _state("正在制证", "Being made"),
    "done": _state("已办结", "Done", is_final=True, tone="green"),
    "rejected": _state("没有同意", "Not agreed", is_final=True, tone="line"),
    "dropped": _state("不办了", "Dropped", is_final=True, tone="line"),
}


def _panel(case: Any, actor: Actor, at: datetime) -> Mapping[str, Any] | None:
    from tongban.apps.certificates.models import Proceeding
    from tongban.apps.certificates.words import STATUS, face_rows

    proceeding = Proceeding.objects.select_related("certificate__type__unit").filter(case_id=case.pk).first()
    if proceeding is None:
        return None
    certificate = proceeding.certificate
    status = certificate.status_on(local_date(at))
    return {
        "certificate": certificate,
        "status": status,
        "status_label": STATUS[status],
        "act": NAMES[proceeding.act],
        "face": face_rows(certificate),
        "changes": [
            {**row, "new": T.of(proceeding.changes[row["key"]])}
            for row in face_rows(certificate)
            if row["key"] in proceeding.changes
        ],
    }


KIND = cases.CaseKind(
    key="certificate-act",
    label=T("证照处理", "Proceeding on a certificate"),
    number_prefix="ZZ",
    icon="idcard",
    states=STATES,
    stages=(
        cases.Stage("proposing", T("提出", "Proposed"), frozenset({"submitted", "proposing"})),
        cases.Stage("checking", T("审定", "Second look"), frozenset({"checking"})),
        cases.Stage("done", T("办结", "Done"), frozenset({"making", "done"})),
    ),
    panels=(cases.Panel("certificate", "certificates/panel.html", _panel),),
)
