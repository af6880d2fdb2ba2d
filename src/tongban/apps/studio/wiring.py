"""What studio makes known to the kernel. Called once by ``StudioConfig.ready``."""

from __future__ import annotations

from tongban.apps.studio import editors, queries
from tongban.apps.studio.duties import DUTIES
from tongban.apps.studio.operations import handle  # noqa: F401 - registers the operations that the process names
from tongban.apps.studio.operations.tell import WORDS
from tongban.apps.studio.operations.withdraw import refusal_to_withdraw, withdraw_change
from tongban.apps.studio.policies import is_studio
from tongban.base.text import LocalizedText
from tongban.design import navigation
from tongban.kernel.cases import service as cases
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.messages import service as messages

__all__ = ["KIND", "register"]


def _text(zh: str, en: str) -> LocalizedText:
    return LocalizedText(zh=zh, en=en)


def _state(zh: str, en: str, *, is_final: bool = False, tone: str = "blue") -> cases.State:
    return cases.State(_text(zh, en), _text(zh, en), is_final=is_final, tone=tone)


KIND = cases.CaseKind(
    key="change",
    label=_text("内容修改", "Change of content"),
    number_prefix="XG",
    icon="pencil",
    states={
        "draft": _state("草稿", "Draft", tone=""),
        "submitted": _state("已开始", "Begun"),
        "editing": _state("修改中", "Being edited"),
        "reviewing": _state("待审核", "Waiting for review", tone="amber"),
        "waiting": _state("等发布日", "Waiting for its day"),
        "published": _state("已发布", "Published", is_final=True, tone="green"),
        "withdrawn": _state("已撤销", "Withdrawn", is_final=True, tone="line"),
    },
    stages=(
        cases.Stage("editing", _text("修改", "Edited"), frozenset({"editing", "submitted"})),
        cases.Stage("reviewing", _text("审核", "Reviewed"), frozenset({"reviewing"})),
        cases.Stage("published", _text("发布", "Published"), frozenset({"published"})),
        cases.Stage("withdrawn", _text("撤销", "Withdrawn"), frozenset({"withdrawn"})),
    ),
    optional_stages=frozenset({"withdrawn"}),
    actions=(
        cases.CaseAction(
            key="withdraw",
            label=_text("撤销这项修改", "Withdraw the change"),
            refusal=refusal_to_withdraw,
            run=withdraw_change,
            style="danger",
        ),
    ),
    panels=(cases.Panel("change", "studio/panel.html", queries.panel_context),),
    is_public=False,
)

VERBS = {
    "studio.publish": _text("发布修改", "Change published"),
    "studio.plan": _text("定发布日和审核单位", "Day and reviewing unit set"),
    "studio.withdraw": _text("撤销修改", "Change withdrawn"),
}


def register() -> None:
    """Register kind, duties, verbs, navigation and editors."""
    identity.register_duties(DUTIES)
    cases.register_kind(KIND)
    for verb, label in VERBS.items():
        ledger.register_verb(verb, label)
    for key, (subject, body) in WORDS.items():
        messages.register_words(key, subject=subject, body=body)
    editors.register_all()
    navigation.register_desk(
        navigation.NavEntry(
            key="studio",
            group=_text("系统管理", "System"),
            label=_text("内容工坊", "Studio"),
            url_name="studio:home",
            icon="pencil",
            order=60,
            visible=is_studio,
        )
    )
