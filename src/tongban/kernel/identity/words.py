"""The words of identity's acts in timelines."""

from __future__ import annotations

from tongban.base.text import LocalizedText
from tongban.kernel.ledger.service import register_verb

__all__ = ["register"]

VERBS = {
    "identity.put_person": LocalizedText("登记人员", "Recorded a person"),
    "identity.put_entity": LocalizedText("登记单位主体", "Recorded an organisation"),
    "identity.give_mandate": LocalizedText("登记授权", "Recorded a mandate"),
    "identity.end_mandate": LocalizedText("终止授权", "Ended a mandate"),
    "identity.put_unit": LocalizedText("设置机构", "Set up a unit"),
    "identity.found_unit": LocalizedText("设立机构", "Founded a unit"),
    "identity.change_unit": LocalizedText("更改机构名称或资料", "Renamed or corrected a unit"),
    "identity.move_unit": LocalizedText("调整机构隶属", "Moved a unit"),
    "identity.merge_unit": LocalizedText("合并机构", "Merged a unit"),
    "identity.put_post": LocalizedText("设置岗位", "Set up a post"),
    "identity.abolish_post": LocalizedText("撤销岗位", "Abolished a post"),
    "identity.appoint": LocalizedText("任职", "Appointed"),
    "identity.end_holding": LocalizedText("免职", "Ended an appointment"),
    "identity.delegate": LocalizedText("委托代行职责", "Delegated a post"),
    "identity.end_delegation": LocalizedText("结束代行职责", "Ended a delegation"),
    "identity.put_account": LocalizedText("设置账号", "Set up an account"),
    "identity.close_account": LocalizedText("停用账号", "Closed an account"),
    "identity.open_account": LocalizedText("开立账号", "Opened an account"),
    "identity.check_account": LocalizedText("核验账号的身份", "Checked whose account it is"),
    "identity.find_account": LocalizedText("查找群众账号", "Looked up a citizen's account"),
    "identity.reopen_account": LocalizedText("恢复账号", "Opened an account again"),
    "identity.invite": LocalizedText("发出设置密码的链接", "Made a link for setting the password"),
    "identity.accept_invitation": LocalizedText("用链接设置了密码", "Set the password by a link"),
    "identity.change_password": LocalizedText("修改密码", "Changed the password"),
    "identity.unlock": LocalizedText("解除账号锁定", "Unlocked an account"),
    "identity.end_session": LocalizedText("结束会话", "Ended a session"),
    "identity.give_password": LocalizedText(
        "密码通过，等第二道验证", "Gave the password, second factor to come"
    ),
    "identity.fail_confirmation": LocalizedText(
        "签名前没有确认是本人", "Wrong password or code before signing"
    ),
    "identity.mail_code": LocalizedText("发出签名验证码", "Code to sign mailed"),
    "identity.fail_factor": LocalizedText("第二道验证没通过", "Failed the second factor"),
    "identity.add_factor": LocalizedText("添加第二道验证", "Added a second factor"),
    "identity.remove_factor": LocalizedText("去掉第二道验证", "Removed a second factor"),
    "identity.reset_factors": LocalizedText("重置第二道验证", "Reset the second factor"),
    "identity.make_recovery_codes": LocalizedText("生成备用码", "Made recovery codes"),
    "identity.use_recovery_code": LocalizedText("使用备用码", "Used a recovery code"),
    "identity.put_factor_rule": LocalizedText("要求第二道验证", "Required a second factor"),
    "identity.end_factor_rule": LocalizedText("不再要求第二道验证", "No longer required a second factor"),
    "identity.put_sign_in_rules": LocalizedText("修改登录规则", "Changed the rules of signing in"),
    "identity.create_token": LocalizedText("签发访问令牌", "Issued an access token"),
    "identity.revoke_token": LocalizedText("撤销访问令牌", "Revoked an access token"),
    "identity.sign_in": LocalizedText("登录", "Signed in"),
    "identity.fail_sign_in": LocalizedText("登录失败", "Failed to sign in"),
    "identity.sign_out": LocalizedText("退出", "Signed out"),
    "identity.change_capacity": LocalizedText("切换身份", "Changed capacity"),
}


def register() -> None:
    """Tell the ledger these words."""
    for verb, label in VERBS.items():
        register_verb(verb, label)
