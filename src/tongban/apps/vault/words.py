"""The words of the vault."""

from __future__ import annotations

from tongban.base.text import LocalizedText as T

__all__ = ["EXPIRED", "GRADES", "GRADE_MEANS", "NO_FILE", "STATUS", "TONES", "checked_words"]

GRADES = {
    "A": T("A 级", "Grade A"),
    "B": T("B 级", "Grade B"),
    "C": T("C 级", "Grade C"),
    "D": T("D 级", "Grade D"),
}
GRADE_MEANS = {
    "A": T("机关签发的证照，每次都从证照库现查", "Issued by an authority, read from its register each time"),
    "B": T("您交过，机关核过并据此办成了事", "Handed in before, checked and relied on by an authority"),
    "C": T("您上传的、别人出具的，机关还没有核过", "Uploaded by you, issued by somebody, not yet checked"),
    "D": T("您自己做的，由您承诺真实", "Made by yourself; you promise that it is true"),
}
TONES = {"A": "green", "B": "blue", "C": "amber", "D": "line"}
STATUS = {
    "valid": T("现在有效", "valid now"),
    "suspended": T("已暂扣", "suspended"),
    "revoked": T("已撤销", "revoked"),
    "forfeited": T("已吊销", "forfeited"),
    "cancelled": T("已注销", "cancelled"),
    "expired": T("已过期", "expired"),
    "replaced": T("已被新的一版取代", "replaced by a newer version"),
}
"""Statuses of a certificate as the register writes them."""
EXPIRED = T("已经过了有效期", "No longer valid")
NO_FILE = T("证照库里没有证照文件，要另外上传", "The register holds no file of it; please upload it")


def checked_words(unit: T, number: str) -> T:
    """Say who checked a material, and in which case."""
    return T(zh="{unit}在 {number} 中核过", en="checked by {unit} in {number}").format(
        unit=unit, number=number
    )
