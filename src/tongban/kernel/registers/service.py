"""The door of registers: typed tables of what the government knows, with the history of every record.

Once-only: ``register_holding`` says which register already holds a data element, so that a form does not ask
for it again. Personal data is read with ``read_record``, which leaves an act that the person concerned can
see; ``get_record`` and ``find_records`` are for the product's own work and never answer a person's request.
"""

from tongban.kernel.registers.operations.defining import define_register, rename_field
from tongban.kernel.registers.operations.notices import (
    NoticeView,
    answer_notice,
    correction_notices,
    report_error,
)
from tongban.kernel.registers.operations.reading import read_record
from tongban.kernel.registers.operations.writing import Loaded, bulk_load, put_record
from tongban.kernel.registers.queries import (
    Record,
    RegisterView,
    Version,
    count_records,
    field_keys,
    fields_of,
    find_records,
    get_record,
    history_of,
    list_registers,
    register_holding,
    sealer,
)
from tongban.kernel.registers.rules import FieldSpec

__all__ = [
    "FieldSpec",
    "Loaded",
    "NoticeView",
    "Record",
    "RegisterView",
    "Version",
    "answer_notice",
    "bulk_load",
    "correction_notices",
    "count_records",
    "define_register",
    "field_keys",
    "fields_of",
    "find_records",
    "get_record",
    "history_of",
    "list_registers",
    "put_record",
    "read_record",
    "register_holding",
    "rename_field",
    "report_error",
    "sealer",
]
