"""The tables of identity, one aggregate a file."""

from tongban.kernel.identity.models.accounts import Account, Attempts, Token
from tongban.kernel.identity.models.holders import Holder
from tongban.kernel.identity.models.organisation import Delegation, Holding, Post, Unit, UnitVersion
from tongban.kernel.identity.models.parties import LegalEntity, Mandate, Person

__all__ = [
    "Account",
    "Attempts",
    "Delegation",
    "Holder",
    "Holding",
    "LegalEntity",
    "Mandate",
    "Person",
    "Post",
    "Token",
    "Unit",
    "UnitVersion",
]
