"""The tables of identity, one aggregate a file."""

from tongban.kernel.identity.models.accounts import (
    Account,
    Attempts,
    Invitation,
    Presence,
    SignInRuleSet,
    Token,
)
from tongban.kernel.identity.models.factors import ConfirmationCode, Factor, FactorRule, RecoveryCode
from tongban.kernel.identity.models.holders import Holder
from tongban.kernel.identity.models.organisation import Delegation, Holding, Post, Unit, UnitVersion
from tongban.kernel.identity.models.parties import LegalEntity, Mandate, Person

__all__ = [
    "Account",
    "Attempts",
    "ConfirmationCode",
    "Delegation",
    "Factor",
    "FactorRule",
    "Holder",
    "Holding",
    "Invitation",
    "LegalEntity",
    "Mandate",
    "Person",
    "Post",
    "Presence",
    "RecoveryCode",
    "SignInRuleSet",
    "Token",
    "Unit",
    "UnitVersion",
]
