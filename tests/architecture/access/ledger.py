"""Access: roots and proofs, which are public."""

from __future__ import annotations

PUBLIC = {
    "ledger:home": "/ledger/",
    "ledger:roots": "/ledger/roots",
    "ledger:proof": "/ledger/proof/{act}/",
    "ledger:proof-file": "/ledger/proof/{act}.json",
}
