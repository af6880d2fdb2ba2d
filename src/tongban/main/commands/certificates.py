"""``tongban certificates verify-qr``: check the signature in a certificate's QR code, without network and without database."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

__all__ = ["run"]

CODES = {"genuine": 0, "expired": 3, "forged": 4, "unknown-key": 5}
"""Exit codes, for programs that ask; 1 means that the text or the keys could not be read."""
SAYS = {
    "genuine": "真实，签名无误 | genuine, the signature holds",
    "expired": "真实，但有效期已过 | genuine, but its last day is over",
    "forged": "签名不对，内容被改过 | forged: the signature does not hold",
    "unknown-key": "没有这把公钥，验不了 | signed with a key that is not in the file",
}


def run(arguments: Sequence[str]) -> int:
    """Check what a scanner read from a certificate's QR code."""
    parser = argparse.ArgumentParser("tongban certificates", description=run.__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verify = verbs.add_parser("verify-qr", help="check a scanned QR code by the issuer's public keys")
    verify.add_argument("text", nargs="?", help="what the scanner read; without it, from standard input")
    verify.add_argument(
        "--keys", required=True, type=Path, help="the key file, downloaded from /certificates/keys.json"
    )
    verify.add_argument(
        "--day", type=date.fromisoformat, default=None, help="the day for which to ask, by default today"
    )
    verify.add_argument("--json", action="store_true", help="answer as JSON")
    wanted = parser.parse_args(arguments)
    from tongban.apps.certificates import qr

    try:
        keys = qr.keys_of_set(json.loads(wanted.keys.read_text(encoding="utf-8")))
        text = wanted.text if wanted.text is not None else sys.stdin.read()
        # The machine's own day: this command knows no installation and no demo time.
        checked = qr.check(text, keys, today=wanted.day or date.today())
    except (OSError, ValueError) as error:
        sys.stderr.write(f"tongban: {error}\n")
        return 1
    _say(checked, as_json=wanted.json)
    return CODES[checked.verdict]


def _say(checked: object, *, as_json: bool) -> None:
    from dataclasses import asdict

    from tongban.apps.certificates import qr

    assert isinstance(checked, qr.Checked)  # noqa: S101 - for the type checker
    words = {key: str(value) for key, value in asdict(checked.words).items() if value not in ("", None)}
    if as_json:
        print(json.dumps({"verdict": checked.verdict, "key": checked.kid, **words}, ensure_ascii=False))
        return
    print(SAYS[checked.verdict])
    if checked.verdict in ("genuine", "expired"):  # what nobody signed is not shown as if somebody had
        for key, value in words.items():
            print(f"  {key:<12} {value}")
