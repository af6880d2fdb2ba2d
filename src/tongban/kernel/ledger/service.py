"""The ledger's door: write an act in your transaction, read the acts of a thing or a case.

Nothing here changes or removes an act, and nothing can: the application's database role holds only INSERT and
SELECT.
"""

from tongban.kernel.ledger.blinding import blind
from tongban.kernel.ledger.operations.record import READ, record, record_read
from tongban.kernel.ledger.queries import ActRow, acts_of, reads_about
from tongban.kernel.ledger.rules import digest
from tongban.kernel.ledger.verbs import label_of, register_unit_names, register_verb, verbs

__all__ = [
    "READ",
    "ActRow",
    "acts_of",
    "blind",
    "digest",
    "label_of",
    "reads_about",
    "record",
    "record_read",
    "register_unit_names",
    "register_verb",
    "verbs",
]
