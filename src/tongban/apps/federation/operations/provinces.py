"""Other authorities with whose accounts people sign in: setting them up, and joining their accounts to ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from tongban.apps.federation import rules
from tongban.apps.federation.errors import BadProvince, LinkedToAnother, NotTheSamePerson
from tongban.apps.federation.models import Link, Province
from tongban.apps.federation.upstream import Vouched
from tongban.apps.federation.vault import keep_secret
from tongban.base.actor import Actor
from tongban.base.errors import Forbidden, NotFound
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText as T
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger

__all__ = ["accounts_of", "join_citizen", "link_own", "put_province", "unlink_own"]

KEY = re.compile(r"[a-z][a-z0-9-]{1,39}")
RESERVED = frozenset({"new"})


@transaction.atomic
def put_province(
    *, actor: Actor, key: str, content: Mapping[str, str], is_open: bool, secret: str = "", at: datetime
) -> Province:
    """Set up an authority or change it; ``secret`` is ours over there, empty leaves it. Raises BadProvince."""
    identity.require_duty(actor, "admin.system")
    faults = _faults(key, content)
    if faults:
        raise BadProvince(errors=[{"field": field, "message": text.as_json()} for field, text in faults])
    province = Province.objects.select_for_update().filter(key=key).first() or Province(key=key, made_at=at)
    if province.pk and province.issuer != content["issuer"] and province.links.exists():
        # The same number means somebody else under another issuer.
        raise BadProvince(
            errors=[
                {
                    "field": "issuer",
                    "message": T(
                        "已经有人连接，不能改签发者；请另设一个", "People are linked; set up another one"
                    ).as_json(),
                }
            ]
        )
    province.name, province.is_open = T(content["name_zh"], content["name_en"]), is_open
    for field in ("issuer", "client_id", "scopes", "name_claim", "number_claim"):
        setattr(province, field, content[field])
    province.save()
    if secret:
        keep_secret(key, secret)
    ledger.record(
        actor=actor,
        verb="federation.put_province",
        subject=Ref("province", key),
        at=at,
        facts={"issuer": province.issuer, "is_open": is_open, "has_new_secret": bool(secret)},
    )
    return province


def _faults(key: str, content: Mapping[str, str]) -> list[tuple[str, T]]:
    faults = []
    if not KEY.fullmatch(key) or key in RESERVED:
        faults.append(
            (
                "key",
                T(
                    "2 到 40 位小写字母、数字和短横线，字母开头",
                    "2 to 40 small letters, digits, hyphens",
                ),
            )
        )
    problem = rules.address_problem(content["issuer"])
    if problem is not None or content["issuer"].endswith("/") or "?" in content["issuer"]:
        faults.append(
            ("issuer", problem or T("不带最后的斜杠和参数", "Without a slash at the end or parameters"))
        )
    names = {"name_zh": "名称", "client_id": "客户端代号", "name_claim": "姓名", "number_claim": "身份证号"}
    faults += [(field, T(f"请填{word}", "Give it")) for field, word in names.items() if not content[field]]
    if "openid" not in content["scopes"].split():
        faults.append(("scopes", T("要有 openid", "openid must be among them")))
    return faults


def accounts_of(province: Province, subject: str) -> list[Link]:
    """Return the links of whom the authority knows under ``subject`` whose accounts are open."""
    rows = Link.objects.filter(province=province, subject=subject).select_related("account__person")
    return [link for link in rows.order_by("pk") if identity.may_sign_in(link.account)]


@transaction.atomic
def join_citizen(*, province: Province, vouched: Vouched, at: datetime) -> Link:
    """Join whom the authority vouches for to the own citizen's account, opening one when there is none.

    Nobody has signed in yet: the person agreed on the page. Raises NameDiffers, NotChecked, LinkedToAnother.
    """
    account = identity.citizen_account_for(
        name=vouched.name, citizen_id=vouched.citizen_id, by=province.key, at=at
    )
    actor = identity.actor_for(account, at=at, channel="web")
    return _link(actor, province, vouched.subject, account.pk, at)


@transaction.atomic
def link_own(*, actor: Actor, province: Province, vouched: Vouched, at: datetime) -> Link:
    """Join whom the authority vouches for to the account that is signed in, when it is the same person.

    This is the only way to an official's account. Raises NotTheSamePerson, LinkedToAnother.
    """
    if actor.account_id is None or actor.person_id is None:
        raise Forbidden
    person = identity.get_person(actor.person_id)
    if not person.citizen_id or (person.citizen_id, person.name) != (vouched.citizen_id, vouched.name):
        raise NotTheSamePerson
    link = _link(actor, province, vouched.subject, actor.account_id, at)
    identity.check_account(actor=actor, account_id=actor.account_id, by=province.key, at=at)
    return link


@transaction.atomic
def unlink_own(*, actor: Actor, link_id: int, at: datetime) -> None:
    """End the link of the own account. Raises NotFound."""
    link = Link.objects.select_for_update(of=("self",)).select_related("province")
    found = link.filter(pk=link_id, account_id=actor.account_id or 0).first()
    if found is None:
        raise NotFound
    found.delete()
    ledger.record(
        actor=actor,
        verb="federation.unlink",
        subject=Ref.to("account", actor.account_id or 0),
        at=at,
        facts={"province": found.province.key},
    )


def _link(actor: Actor, province: Province, subject: str, account_id: int, at: datetime) -> Link:
    link, is_new = Link.objects.get_or_create(
        province=province, account_id=account_id, defaults={"subject": subject, "made_at": at}
    )
    if link.subject != subject:
        raise LinkedToAnother
    if is_new:
        ledger.record(
            actor=actor,
            verb="federation.link",
            subject=Ref.to("account", account_id),
            at=at,
            facts={"province": province.key},
        )
    return link
