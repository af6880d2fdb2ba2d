"""Reads about signatures: what is signed, whether it was, whether it still holds."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tongban.apps.services.models import Item, Signature
from tongban.apps.services.queries.application import materials_of
from tongban.apps.services.rules.signing import content_digest
from tongban.base.text import LocalizedText as T
from tongban.kernel.files import service as files
from tongban.kernel.forms import service as forms

__all__ = [
    "ASSURANCE",
    "CONSENT",
    "PAPER_ROLE",
    "ROLE",
    "WEIGHT",
    "WEIGHT_AT_COUNTER",
    "Verdict",
    "content_of",
    "digest_of",
    "is_signed",
    "reason_of",
    "shown_in_words",
    "signature_of",
    "verdict_of",
]

ROLE = "signed-application"
"""The role of the signed PDF among the files of the case."""
ASSURANCE = {
    0: T("账号没有核验过身份", "identity of the account not checked"),
    1: T("账号身份由本人填报", "account by own statement"),
    2: T("账号身份已核验", "identity of the account checked"),
    3: T("账号身份已核验，登录时出示过第二重验证", "identity checked, second factor shown on signing in"),
}
"""What ``Actor.assurance`` says, in words."""
CONSENT = T(
    "我看过上面的全部内容，内容真实，材料是我交的。我同意用这个电子签名代替手写签名，签名后改动任何内容都要重新签。",
    "I have read all of the above; it is true and the documents are mine. I agree that this electronic signature "
    "stands for my handwriting; whatever is changed afterwards must be signed again.",
)
WEIGHT = T(
    "这个签名由本系统确认账号后形成，并由本系统的演示密钥封存，能查出签名后有没有改动。"
    "它不是依法设立的电子认证服务机构签发的个人数字证书签名；"
    "是否等同于手写签名，按《电子签名法》第十三条、第十四条认定。",
    "This signature was made after this system had confirmed the account, and is sealed with the demo key of this system, so "
    "that any change is found. It is not a signature by a certificate that a licensed certification body issued to the person; "
    "whether it equals a handwritten one is judged by articles 13 and 14 of the Electronic Signature Law.",
)


WEIGHT_AT_COUNTER = T(
    "签名人在窗口看过上面的内容，当着工作人员的面手写签名；工作人员核对了身份证，人证一致，并写明见证。"
    "签名、内容和见证一起由本系统的演示密钥封存，能查出签名后有没有改动。",
    "The signer read the above at the window and signed by hand before the clerk, who compared person and identity card and "
    "attests to it. Signature, content and attestation are sealed together with the demo key of this system, so that any "
    "change is found.",
)
PAPER_ROLE = "signed-paper"
"""The role of the scan of an application that was signed on paper at the counter."""
SHOWN = {
    "password": T("密码", "password"),
    "totp": T("验证器上的验证码", "code of the authenticator app"),
    "code": T("一次性备用码", "recovery code"),
    "key": T("安全密钥", "security key"),
    "mail": T("发到邮箱的验证码", "code sent to the mailbox"),
    "present": T("窗口当面核对身份证", "identity card seen at the window"),
}
"""What was shown to confirm who signs, in words; several are joined by "+"."""


def shown_in_words(confirmed: str) -> T:
    """Return how the signer showed who he is."""
    parts = [SHOWN[part] for part in confirmed.split("+")]
    return T("、".join(part.zh for part in parts), ", ".join(part.en for part in parts))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look at the signed PDF says: sound or not, and whether the application is still what was signed.

    ``round`` counts the signatures of the application, from 1; ``earlier`` are those under former contents, the newest first.
    """

    signature: Signature
    is_sound: bool
    is_current: bool
    checked_at: datetime
    round: int = 1
    earlier: tuple[Signature, ...] = ()

    @property
    def confirmed(self) -> T:
        """How the signer showed who he is."""
        shown = shown_in_words(self.signature.confirmed)
        if self.signature.witness_name:
            return T(zh="{shown}，见证人 {who}", en="{shown}; witnessed by {who}").format(
                shown=shown, who=self.signature.witness_name
            )
        sure = ASSURANCE.get(self.signature.assurance, ASSURANCE[0])
        return T(zh="{shown}，{sure}", en="{shown}; {sure}").format(shown=shown, sure=sure)


def digest_of(case: Any, item: Item, *, at: datetime) -> str:
    """Return the digest of the content of an application as it is now."""
    return content_digest(
        item=item.key,
        version=item.version,
        answers=forms.answers_of(forms.form_of(case.entry), case.entry.data, at=at),
        materials={
            m.key: [file.sha256 for file in m.files] for m in materials_of(case, item, at=at) if m.is_upload
        },
    )


def content_of(case: Any, item: Item, *, at: datetime) -> dict[str, Any]:
    """Return everything the application form shows: answers in order and in words, materials with their digests."""
    form = forms.form_of(case.entry)
    view = forms.answers_view(form, data=case.entry.data, at=at, about=case.ref, masked=False)
    return {
        "heading": f"{item.name.zh}申请表",
        "applicant": case.applicant_name,
        "item": item.name.zh,
        "organ": item.unit.name.zh,
        "case_number": case.number or "",
        "pages": [
            {
                "title": page.title.as_json(),
                "rows": [{"label": row.label.as_json(), "text": row.text.as_json()} for row in page.rows],
            }
            for page in view.pages
        ],
        "materials": [
            {
                "name": m.name.as_json(),
                "note": (T("没有交") if m.is_upload else m.source).as_json(),
                "files": [{"name": f.name, "size": f.size, "sha256": f.sha256} for f in m.files],
            }
            for m in materials_of(case, item, at=at)
        ],
        "consent": CONSENT.as_json(),
        "weight": WEIGHT.as_json(),
        "digest": digest_of(case, item, at=at),
    }


def reason_of(digest: str) -> str:
    """Return what the signature of the PDF states as its reason: for which content it was made."""
    return f"申请人签名，申请内容 SHA-256 {digest}"


def signature_of(case: Any) -> Signature | None:
    """Return the newest signature of an application."""
    return next(iter(_signatures(case)), None)


def is_signed(case: Any, item: Item, *, at: datetime) -> Signature | None:
    """Return the signature of what the application says now, None when it was not signed or has changed since."""
    found = signature_of(case)
    return found if found is not None and found.digest == digest_of(case, item, at=at) else None


def verdict_of(case: Any, item: Item, *, at: datetime) -> Verdict | None:
    """Verify the newest signature of an application: the PDF's seal, its bytes, what it was made for, what is there now."""
    every = _signatures(case)
    if not every:
        return None
    found, *earlier = every
    pdf = files.read_file(found.file_id)
    report = files.verify_pdf(pdf)
    is_sound = (
        report.is_valid
        and report.reason == reason_of(found.digest)
        and hashlib.sha256(pdf).hexdigest() == found.file.sha256
    )
    is_current = found.digest == digest_of(case, item, at=found.signed_at)
    return Verdict(found, is_sound, is_current, at, round=len(every), earlier=tuple(earlier))


def _signatures(case: Any) -> list[Signature]:
    rows = Signature.objects.select_related("file").filter(case_id=case.pk)
    return list(rows.order_by("-signed_at", "-pk"))


def as_facts(signature: Signature | None) -> Mapping[str, Any]:
    """Return what the act of handing in says of a signature."""
    if signature is None:
        return {}
    return {"signed_content": signature.digest, "signed_file": signature.file.sha256}
