"""Pages of certificates: everybody's check, the holder's own, the issuing organ's desk."""

from tongban.apps.certificates.views.desk import desk_act, desk_list, desk_one
from tongban.apps.certificates.views.mine import (
    copy,
    download,
    download_copy,
    end_copy,
    list_mine,
    show_mine,
)
from tongban.apps.certificates.views.public import keys, show_verified, verify_form, verify_offline

__all__ = [
    "copy",
    "desk_act",
    "desk_list",
    "desk_one",
    "download",
    "download_copy",
    "end_copy",
    "keys",
    "list_mine",
    "show_mine",
    "show_verified",
    "verify_form",
    "verify_offline",
]
