"""The ledger's door: write an act in your transaction, read the acts of a thing or a case, seal, prove, verify.

Nothing here changes or removes an act, and nothing can: the application's database role holds only INSERT and
SELECT. (``thin_reads``, which forgets what an old act of reading was about, works only as the owner.)
"""

from tongban.kernel.ledger.blinding import blind
from tongban.kernel.ledger.chain import Fault, Report
from tongban.kernel.ledger.operations.record import READ, record, record_read
from tongban.kernel.ledger.operations.record_many import record_many
from tongban.kernel.ledger.operations.resume import resume
from tongban.kernel.ledger.operations.seal import seal, sealing_lag
from tongban.kernel.ledger.operations.thin import THIN, thin_reads
from tongban.kernel.ledger.operations.years import Part, are_years_open, open_years, parts
from tongban.kernel.ledger.proofs import Proof, proof_of
from tongban.kernel.ledger.queries import (
    ActFilter,
    ActRow,
    acts_of,
    count_acts,
    follow_acts,
    last_place,
    reads_about,
    search_acts,
)
from tongban.kernel.ledger.readers import keys_of_actor, register_act_reader, register_actor_keys
from tongban.kernel.ledger.retention import SOURCE as RETENTION_SOURCE
from tongban.kernel.ledger.roots import root_lines
from tongban.kernel.ledger.rows import own_place
from tongban.kernel.ledger.rules import digest
from tongban.kernel.ledger.sealer import sealing_in_background
from tongban.kernel.ledger.subjects import STOCK, register_subject_check, take_stock
from tongban.kernel.ledger.verbs import (
    label_fields,
    label_of,
    label_of_purpose,
    register_field_labels,
    register_post_names,
    register_purpose,
    register_unit_names,
    register_verb,
    verbs,
)
from tongban.kernel.ledger.verify import verify
from tongban.kernel.ledger.wording import describe

__all__ = [
    "READ",
    "RETENTION_SOURCE",
    "STOCK",
    "THIN",
    "ActFilter",
    "ActRow",
    "Fault",
    "Part",
    "Proof",
    "Report",
    "acts_of",
    "are_years_open",
    "blind",
    "count_acts",
    "describe",
    "digest",
    "follow_acts",
    "keys_of_actor",
    "label_fields",
    "label_of",
    "label_of_purpose",
    "last_place",
    "open_years",
    "own_place",
    "parts",
    "proof_of",
    "reads_about",
    "record",
    "record_many",
    "record_read",
    "register_act_reader",
    "register_actor_keys",
    "register_field_labels",
    "register_post_names",
    "register_purpose",
    "register_subject_check",
    "register_unit_names",
    "register_verb",
    "resume",
    "root_lines",
    "seal",
    "sealing_in_background",
    "sealing_lag",
    "search_acts",
    "take_stock",
    "thin_reads",
    "verbs",
    "verify",
]
