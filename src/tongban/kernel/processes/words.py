"""The words under which acts of processes appear in a timeline."""

from tongban.base.text import LocalizedText
from tongban.kernel.ledger.service import register_verb

__all__ = ["register"]

VERBS = {
    "processes.publish": LocalizedText(zh="发布流程", en="Process published"),
    "processes.terminate": LocalizedText(zh="终止流程", en="Process terminated"),
    "processes.timer": LocalizedText(zh="到期自动处理", en="Done automatically at the due time"),
    "processes.incident": LocalizedText(zh="流程遇到故障", en="The process met an incident"),
    "processes.retry": LocalizedText(zh="故障后重试", en="Retried after an incident"),
    "processes.migrate": LocalizedText(
        zh="搬到流程的改正版本", en="Moved to a corrected version of the process"
    ),
    "processes.skip": LocalizedText(zh="故障后跳过", en="Skipped after an incident"),
}


def register() -> None:
    """Tell the ledger."""
    for verb, label in VERBS.items():
        register_verb(verb, label)
