"""The door of identity: who acts, in which capacity, and what they may see.

Authority comes from posts and mandates that are valid at the moment of the act, never from the account.
``actor_for`` (and for programs ``actor_for_token``) makes the Actor; ``visible`` and ``check`` ask the
policies that modules registered; holders are the ids under which rights and tasks know somebody.
"""

from tongban.kernel.identity.backends import may_sign_in
from tongban.kernel.identity.chart import (
    HoldingRow,
    PostRow,
    UnitPage,
    UnitRow,
    VersionRow,
    get_post,
    list_posts,
    unit_choices,
    unit_page,
    unit_tree,
)
from tongban.kernel.identity.codes import as_whoever_may, knows_code, remember_code
from tongban.kernel.identity.colleagues import (
    ColleagueView,
    DelegationView,
    colleagues,
    delegations_from,
    delegations_to,
    get_colleague,
    get_colleagues,
    has_colleague,
    list_delegations,
    people_behind,
)
from tongban.kernel.identity.duties import Duty, duties_for_choice, duty_label, register_duties
from tongban.kernel.identity.factor_rules import (
    FactorRuleView,
    end_factor_rule,
    list_factor_rules,
    put_factor_rule,
)
from tongban.kernel.identity.factor_views import ask_for_key, key_answer
from tongban.kernel.identity.guards import official_only, signed_in_only
from tongban.kernel.identity.heirs import (
    Standing,
    predecessors_of,
    register_standing,
    standing_things,
    unit_in_charge,
)
from tongban.kernel.identity.mandates import MandateView, find_entities, get_mandate, mandates_of
from tongban.kernel.identity.officials import (
    HeldPost,
    OfficialRow,
    get_holding,
    list_accounts_of_officials,
    list_officials,
    official_page,
)
from tongban.kernel.identity.operations.accounts import (
    actor_for_token,
    close_account,
    create_token,
    put_account,
    revoke_token,
)
from tongban.kernel.identity.operations.authority import require_duty
from tongban.kernel.identity.operations.citizens import (
    CHECK_DUTY,
    check_account,
    citizen_account_for,
    find_citizen,
)
from tongban.kernel.identity.operations.confirming import (
    MAILED_LASTS,
    Means,
    ask_mailed_code,
    confirm_identity,
    means_to_confirm,
)
from tongban.kernel.identity.operations.factors import factors_of, reset_factors
from tongban.kernel.identity.operations.invitations import (
    VALID_DAYS,
    correct_official,
    invite,
    invite_by_name,
    open_official_account,
    reopen_account,
)
from tongban.kernel.identity.operations.organisation import (
    abolish_post,
    appoint,
    change_post,
    delegate,
    end_delegation,
    end_holding,
    found_post,
    put_post,
)
from tongban.kernel.identity.operations.parties import (
    end_mandate,
    give_mandate,
    give_mandate_to,
    put_entity,
    put_person,
)
from tongban.kernel.identity.operations.presence import PresenceView, end_presence, list_presences
from tongban.kernel.identity.operations.sign_in import unlock_account
from tongban.kernel.identity.operations.throttling import count_again, network_of, relent, throttle
from tongban.kernel.identity.operations.units import (
    UnitFacts,
    change_unit,
    found_unit,
    merge_unit,
    move_unit,
    put_unit,
)
from tongban.kernel.identity.policies import can, check, policies, register_policy, visible
from tongban.kernel.identity.queries.actors import actor_for, actor_for_code
from tongban.kernel.identity.queries.capacities import PostView, posts_of
from tongban.kernel.identity.queries.holders import holder_id, holder_ids, holder_names, new_code_holder
from tongban.kernel.identity.queries.holdings import holding_of, holds, people_with_duty
from tongban.kernel.identity.queries.people import (
    OfficialView,
    demo_accounts,
    find_entity,
    find_officials,
    find_person,
    get_entity,
    get_person,
    has_account,
    keys_of,
    official_name,
    person_of,
)
from tongban.kernel.identity.queries.representatives import (
    Contact,
    EntityView,
    contacts_of,
    entities_of,
    representatives_of,
)
from tongban.kernel.identity.queries.units import get_unit, list_units, unit_names, units_with_duty
from tongban.kernel.identity.quotas import Quota
from tongban.kernel.identity.rules import ADMIN_DUTIES, SIGN_IN_BOUNDS, SignInRules, pinyin_key
from tongban.kernel.identity.sessions import auth_time, clock, has_shown_factor, leave
from tongban.kernel.identity.signing_rules import former_sign_in_rules, put_sign_in_rules, sign_in_rules
from tongban.kernel.identity.views import come_in, next_of
from tongban.kernel.identity.ways import SignInWay, register_sign_in_ways, sign_in_ways

__all__ = [
    "ADMIN_DUTIES",
    "CHECK_DUTY",
    "MAILED_LASTS",
    "SIGN_IN_BOUNDS",
    "VALID_DAYS",
    "ColleagueView",
    "Contact",
    "DelegationView",
    "Duty",
    "EntityView",
    "FactorRuleView",
    "HeldPost",
    "HoldingRow",
    "MandateView",
    "Means",
    "OfficialRow",
    "OfficialView",
    "PostRow",
    "PostView",
    "PresenceView",
    "Quota",
    "SignInRules",
    "SignInWay",
    "Standing",
    "UnitFacts",
    "UnitPage",
    "UnitRow",
    "VersionRow",
    "abolish_post",
    "actor_for",
    "actor_for_code",
    "actor_for_token",
    "appoint",
    "as_whoever_may",
    "ask_for_key",
    "ask_mailed_code",
    "auth_time",
    "can",
    "change_post",
    "change_unit",
    "check",
    "check_account",
    "citizen_account_for",
    "clock",
    "close_account",
    "colleagues",
    "come_in",
    "confirm_identity",
    "contacts_of",
    "correct_official",
    "count_again",
    "create_token",
    "delegate",
    "delegations_from",
    "delegations_to",
    "demo_accounts",
    "duties_for_choice",
    "duty_label",
    "end_delegation",
    "end_factor_rule",
    "end_holding",
    "end_mandate",
    "end_presence",
    "entities_of",
    "factors_of",
    "find_citizen",
    "find_entities",
    "find_entity",
    "find_officials",
    "find_person",
    "former_sign_in_rules",
    "found_post",
    "found_unit",
    "get_colleague",
    "get_colleagues",
    "get_entity",
    "get_holding",
    "get_mandate",
    "get_person",
    "get_post",
    "get_unit",
    "give_mandate",
    "give_mandate_to",
    "has_account",
    "has_colleague",
    "has_shown_factor",
    "holder_id",
    "holder_ids",
    "holder_names",
    "holding_of",
    "holds",
    "invite",
    "invite_by_name",
    "key_answer",
    "keys_of",
    "knows_code",
    "leave",
    "list_accounts_of_officials",
    "list_delegations",
    "list_factor_rules",
    "list_officials",
    "list_posts",
    "list_presences",
    "list_units",
    "mandates_of",
    "may_sign_in",
    "means_to_confirm",
    "merge_unit",
    "move_unit",
    "network_of",
    "new_code_holder",
    "next_of",
    "official_name",
    "official_only",
    "official_page",
    "open_official_account",
    "people_behind",
    "people_with_duty",
    "person_of",
    "pinyin_key",
    "policies",
    "posts_of",
    "predecessors_of",
    "put_account",
    "put_entity",
    "put_factor_rule",
    "put_person",
    "put_post",
    "put_sign_in_rules",
    "put_unit",
    "register_duties",
    "register_policy",
    "register_sign_in_ways",
    "register_standing",
    "relent",
    "remember_code",
    "reopen_account",
    "representatives_of",
    "require_duty",
    "reset_factors",
    "revoke_token",
    "sign_in_rules",
    "sign_in_ways",
    "signed_in_only",
    "standing_things",
    "throttle",
    "unit_choices",
    "unit_in_charge",
    "unit_names",
    "unit_page",
    "unit_tree",
    "units_with_duty",
    "unlock_account",
    "visible",
]
