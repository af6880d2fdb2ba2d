"""What federation makes known to the kernel and the workbench. Called once by ``FederationConfig.ready``."""

from __future__ import annotations

import logging

from tongban.apps.federation.policies import AUDIT, SECURITY, SYSTEM, may
from tongban.apps.federation.views.province import ways
from tongban.base.text import LocalizedText as T
from tongban.design import navigation
from tongban.design.navigation import NavEntry
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger

__all__ = ["register"]

VERBS = {
    "federation.register_system": T("登记其他系统", "Registered another system"),
    "federation.change_system": T("修改其他系统的登记", "Changed another system"),
    "federation.new_secret": T("更换其他系统的密钥", "Gave another system a new secret"),
    "federation.open_system": T("恢复其他系统", "Let another system in again"),
    "federation.shut_system": T("停用其他系统", "Shut another system out"),
    "federation.give_consent": T("同意登录其他系统", "Agreed to sign in to another system"),
    "federation.end_consent": T("不再登录其他系统", "Took back the consent for another system"),
    "federation.sign_in_elsewhere": T("登录到其他系统", "Signed in to another system"),
    "federation.hand_ticket": T("给其他系统令牌", "Gave another system tokens"),
    "federation.renew_ticket": T("更新其他系统的令牌", "Renewed another system's tokens"),
    "federation.put_province": T("设置用别处的账号登录", "Set up sign-in with another authority's accounts"),
    "federation.link": T("连接别处的账号", "Linked an account of another authority"),
    "federation.unlink": T("断开别处的账号", "Ended a link to another authority's account"),
    "federation.register_provisioner": T("登记人事系统", "Registered a provisioning program"),
    "federation.open_provisioner": T("恢复人事系统", "Let a provisioning program in again"),
    "federation.shut_provisioner": T("停用人事系统", "Shut a provisioning program out"),
    "federation.allow_appointing": T("准许人事系统任免", "Let a provisioning program appoint"),
    "federation.forbid_appointing": T("不再准许人事系统任免", "No longer let a provisioning program appoint"),
    "federation.provision": T("人事系统办理", "Done by a provisioning program"),
    "federation.revoke_ticket": T("撤销其他系统的令牌", "Revoked another system's tokens"),
}


def register() -> None:
    """Register verbs and navigation; keep the library from writing tokens into the log."""
    logging.getLogger("oauthlib").setLevel(logging.WARNING)
    for verb, label in VERBS.items():
        ledger.register_verb(verb, label)
    identity.register_sign_in_ways(ways)
    navigation.register_desk(
        NavEntry(
            key="federation",
            group=T("组织和账号", "Organisation and accounts"),
            label=T("其他系统", "Other systems"),
            url_name="federation:systems",
            icon="link",
            order=77,
            visible=lambda actor: may(actor, SYSTEM | SECURITY | AUDIT),
        )
    )
    navigation.register_desk(
        NavEntry(
            key="identity-check",
            group=T("业务", "Work"),
            label=T("实名核验", "Identity check"),
            url_name="federation:check",
            icon="shield",
            order=40,
            visible=lambda actor: identity.CHECK_DUTY in actor.duties,
        )
    )
