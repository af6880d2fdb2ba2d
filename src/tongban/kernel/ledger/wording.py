"""What a verification found, in words."""

from __future__ import annotations

from tongban.base.text import LocalizedText
from tongban.kernel.ledger.chain import FAULTS, Fault, Report

__all__ = ["describe", "describe_fault"]

T = LocalizedText


def describe(report: Report) -> T:
    """Return the report as lines for the terminal: the verdict first, then every finding, then what was looked at."""
    lines = [_verdict(report), *(describe_fault(fault) for fault in report.faults)]
    if report.late:
        named = ", ".join(str(act) for act in report.late)
        lines.append(
            T(
                f"提示：以下记录入账比所写时间晚一小时以上，慢事务或者倒填：{named}",
                f"Note: recorded more than an hour before they could be sealed, by a slow transaction or backdated: {named}",
            )
        )
    if report.has_moved:
        lines.append(
            T(
                "提示：数据库是从备份文件恢复到新服务器的，新记录封存不了；以所有者身份执行 tongban ledger resume",
                "Note: the database was restored from a dump, so new acts cannot be sealed; "
                "run `tongban ledger resume` as the owner",
            )
        )
    if not report.kept:
        lines.append(
            T(
                "提示：没有留存的根，整链重算发现不了",
                "Note: there are no kept roots, so a chain that was recomputed as a whole would not be found",
            )
        )
    lines += [_counted(report), *(_compared(kind, count) for kind, count in report.subjects.items())]
    return T("\n".join(line.zh for line in lines), "\n".join(line.in_language("en") for line in lines))


def describe_fault(fault: Fault) -> T:
    """Return one finding as a sentence that names the act."""
    words = FAULTS[fault.kind]
    act = T(f"第 {fault.act} 条记录", f"Act {fault.act}") if fault.act is not None else T("有记录", "An act")
    subject = T(f"（{fault.subject}）", f" ({fault.subject})") if fault.subject else T("", "")
    if fault.kind in {"unrecorded", "data", "gone"}:
        act = T(fault.subject, fault.subject)
        subject = (
            T(f"（第 {fault.act} 条记录）", f" (act {fault.act})") if fault.act is not None else T("", "")
        )
    where = T(f"（第 {fault.batch} 批）", f" (batch {fault.batch})") if fault.batch is not None else T("", "")
    other = T("", "")
    if fault.kind == "swapped":
        other = T(f"，对方是第 {fault.other} 条", f", with act {fault.other}")
    elif fault.other is not None and fault.other != fault.act:
        other = T(f"，这一批到第 {fault.other} 条", f", which ends with act {fault.other}")
    detail = T(f"：{fault.detail}", f": {fault.detail}") if fault.detail else T("", "")
    parts = (act, T("", " "), words, other, subject, where, detail)
    return T("".join(part.zh for part in parts), "".join(part.en for part in parts))


def _verdict(report: Report) -> T:
    if report.is_clean:
        return T("账本完好", "The ledger is clean")
    return T(
        f"账本被动过，查出 {len(report.faults)} 处",
        f"The ledger was tampered with: {len(report.faults)} found",
    )


def _counted(report: Report) -> T:
    return T(
        f"查了 {report.batches} 批 {report.acts} 条（其中精简 {report.thinned} 条），对了 {report.kept} 个留存的根；"
        f"还没封存 {report.unsealed} 条；最后一批 {report.head_number}：{report.head or '无'}",
        f"Checked {report.acts} acts in {report.batches} batches ({report.thinned} thinned) against {report.kept} kept roots; "
        f"{report.unsealed} not sealed yet; last batch {report.head_number}: {report.head or 'none'}",
    )


def _compared(kind: str, count: int) -> T:
    return T(f"与数据核对：{kind} {count} 个", f"Compared with the data: {count} of kind {kind}")
