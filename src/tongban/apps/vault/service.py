"""The door of the vault: what a person or an entity keeps, graded, chosen for cases, handed out for a purpose.

Cases reach it through ``base.vaults``; nobody but the owner opens it.
"""

from tongban.apps.vault.operations.keep import change_material, keep_upload, make_copy, remove_material
from tongban.apps.vault.operations.use import keep_from_case
from tongban.apps.vault.queries import get_material, one_page, vault_page

__all__ = [
    "change_material",
    "get_material",
    "keep_from_case",
    "keep_upload",
    "make_copy",
    "one_page",
    "remove_material",
    "vault_page",
]
