"""The door of federation: other systems are registered here, by the page and by whoever sets an installation up."""

from tongban.apps.federation.keys import public_keys
from tongban.apps.federation.keys import rotate as rotate_keys
from tongban.apps.federation.operations.systems import (
    change_system,
    new_secret,
    register_system,
    switch_system,
)
from tongban.apps.federation.rules import SystemFacts

__all__ = [
    "SystemFacts",
    "change_system",
    "new_secret",
    "public_keys",
    "register_system",
    "rotate_keys",
    "switch_system",
]
