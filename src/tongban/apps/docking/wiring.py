"""What docking makes known to the kernel and the workbench. Called once by ``DockingConfig.ready``."""

from __future__ import annotations

from tongban.apps.docking import packs, queries, standard
from tongban.apps.docking.operations.destinations import DUTY
from tongban.apps.docking.operations.send import PURPOSE
from tongban.base.actor import Actor
from tongban.base.metrics import register_gauge
from tongban.base.text import LocalizedText as T
from tongban.design import navigation
from tongban.design.navigation import NavEntry
from tongban.kernel.ledger import service as ledger

__all__ = ["register"]

VERBS = {
    "docking.put_destination": T("设置对接方", "Destination set up"),
    "docking.switch_on": T("开始往对接方送数据", "Destination switched on"),
    "docking.switch_off": T("暂停往对接方送数据", "Destination switched off"),
    "docking.resend": T("重新上报一条记录", "Record sent again"),
    "docking.resend_all": T("重新上报一批记录", "Records sent again"),
    "docking.resend_missing": T("按对账结果重新上报", "Missing records sent again"),
    "docking.skip": T("不再上报一条记录", "Record left out"),
    "docking.take_items": T("从上级平台导入事项", "Items taken in"),
}


def register() -> None:
    """Register entry, verbs, purpose, gauges."""
    for verb, label in VERBS.items():
        ledger.register_verb(verb, label)
    ledger.register_purpose(
        PURPOSE, T("按规定上报上级平台", "Reported to the upper platform as the rules demand")
    )
    ledger.register_field_labels(standard.personal_labels)
    register_gauge(
        "tongban_docking_records", "Records that are not over, by state", queries.count_by_state, "state"
    )
    navigation.register_desk(
        NavEntry(
            key="docking",
            group=T("系统管理", "System"),
            label=T("数据上报", "Docking"),
            url_name="docking:home",
            icon="upload",
            order=83,
            visible=_may_see,
            count=_trouble,
        )
    )
    _ = packs  # importing it registered the section


def _may_see(actor: Actor) -> bool:
    return DUTY in actor.duties


def _trouble(actor: Actor) -> int | None:
    return queries.count_trouble() or None
