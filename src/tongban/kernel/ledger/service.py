"""The ledger's door: write an act in your transaction, read the acts of a thing or a case, seal, prove, verify.

Nothing here changes or removes an act, and nothing can: the application's database role holds only INSERT and
SELECT. (``thin_reads``, which forgets what an old act of reading was about, works only as the owner.)
"""

from tongban.kernel.ledger.blinding import blind
from tongban.kernel.ledger.chain import Fault, Report
from tongban.kernel.ledger.operations.record import READ, record, record_read
from tongban.kernel.ledger.operations.resume import resume
from tongban.kernel.ledger.operations.seal import seal, sealing_lag
from tongban.kernel.ledger.operations.thin import THIN, thin_reads
from tongban.kernel.ledger.queries import ActRow, acts_of, reads_about
from tongban.kernel.ledger.roots import root_lines
from tongban.kernel.ledger.rules import digest
from tongban.kernel.ledger.sealer import sealing_in_background
from tongban.kernel.ledger.subjects import register_subject_check
from tongban.kernel.ledger.verbs import label_of, register_unit_names, register_verb, verbs
from tongban.kernel.ledger.verify import verify
from tongban.kernel.ledger.wording import describe

__all__ = [
    "READ",
    "THIN",
    "ActRow",
    "Fault",
    "Report",
    "acts_of",
    "blind",
    "describe",
    "digest",
    "label_of",
    "reads_about",
    "record",
    "record_read",
    "register_subject_check",
    "register_unit_names",
    "register_verb",
    "resume",
    "root_lines",
    "seal",
    "sealing_in_background",
    "sealing_lag",
    "thin_reads",
    "verbs",
    "verify",
]
