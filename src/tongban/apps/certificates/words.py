"""What statuses are called, and the words of a face as rows: for pages, messages and the API alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tongban.apps.certificates.models import Certificate
from tongban.base.text import LocalizedText as T

__all__ = ["STATUS", "TONES", "face_rows"]

STATUS: Mapping[str, T] = {
    "valid": T("有效", "Valid"),
    "expired": T("已过期", "Expired"),
    "suspended": T("暂扣", "Suspended"),
    "revoked": T("已撤销", "Revoked"),
    "forfeited": T("已吊销", "Forfeited"),
    "cancelled": T("已注销", "Cancelled"),
    "replaced": T("已换新版", "Replaced by a new version"),
    "ended": T("已到期失效", "Ended"),
}
TONES: Mapping[str, str] = {"valid": "green", "suspended": "amber", "replaced": "line", "ended": "line"}
"""The colour of the tag; red-soft for the rest. The word carries the meaning."""


def face_rows(certificate: Certificate) -> list[dict[str, Any]]:
    """Return what stands on the face: key, label and value, in its order."""
    return [
        {"key": key, "label": T.of(row["label"]), "value": T.of(row["value"])}
        for key, row in certificate.data.items()
    ]
