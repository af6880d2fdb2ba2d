"""The door of identity: who acts, in which capacity, and what they may see.

Authority comes from posts and mandates that are valid at the moment of the act, never from the account.
``actor_for`` (and for programs ``actor_for_token``) makes the Actor; ``visible`` and ``check`` ask the
policies that modules registered; holders are the ids under which rights and tasks know somebody.
"""

from tongban.kernel.identity.codes import as_whoever_may, knows_code, remember_code
from tongban.kernel.identity.colleagues import (
    ColleagueView,
    DelegationView,
    colleagues,
    delegations_from,
    delegations_to,
    get_colleague,
    people_behind,
)
from tongban.kernel.identity.guards import official_only
from tongban.kernel.identity.operations.accounts import (
    actor_for_token,
    close_account,
    create_token,
    put_account,
    revoke_token,
)
from tongban.kernel.identity.operations.authority import require_duty
from tongban.kernel.identity.operations.organisation import (
    appoint,
    delegate,
    end_delegation,
    end_holding,
    put_post,
    put_unit,
)
from tongban.kernel.identity.operations.parties import end_mandate, give_mandate, put_entity, put_person
from tongban.kernel.identity.operations.throttling import relent, throttle
from tongban.kernel.identity.policies import can, check, policies, register_policy, visible
from tongban.kernel.identity.queries import (
    EntityView,
    OfficialView,
    PostView,
    actor_for,
    actor_for_code,
    demo_accounts,
    entities_of,
    find_officials,
    get_entity,
    get_person,
    get_unit,
    holder_id,
    holder_ids,
    holder_names,
    holds,
    keys_of,
    list_units,
    official_name,
    people_with_duty,
    person_of,
    posts_of,
    representatives_of,
    unit_names,
    units_with_duty,
)
from tongban.kernel.identity.rules import ADMIN_DUTIES, pinyin_key

__all__ = [
    "ADMIN_DUTIES",
    "ColleagueView",
    "DelegationView",
    "EntityView",
    "OfficialView",
    "PostView",
    "actor_for",
    "actor_for_code",
    "actor_for_token",
    "appoint",
    "as_whoever_may",
    "can",
    "check",
    "close_account",
    "colleagues",
    "create_token",
    "delegate",
    "delegations_from",
    "delegations_to",
    "demo_accounts",
    "end_delegation",
    "end_holding",
    "end_mandate",
    "entities_of",
    "find_officials",
    "get_colleague",
    "get_entity",
    "get_person",
    "get_unit",
    "give_mandate",
    "holder_id",
    "holder_ids",
    "holder_names",
    "holds",
    "keys_of",
    "knows_code",
    "list_units",
    "official_name",
    "official_only",
    "people_behind",
    "people_with_duty",
    "person_of",
    "pinyin_key",
    "policies",
    "posts_of",
    "put_account",
    "put_entity",
    "put_person",
    "put_post",
    "put_unit",
    "register_policy",
    "relent",
    "remember_code",
    "representatives_of",
    "require_duty",
    "revoke_token",
    "throttle",
    "unit_names",
    "units_with_duty",
    "visible",
]
