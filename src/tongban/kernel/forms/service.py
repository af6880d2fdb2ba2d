"""The door of forms: what is asked, what was answered, where an answer comes from.

Nothing a person typed is refused while she is still filling in; ``check`` says what is wrong and ``close_entry`` fixes what
counts. What a register holds is not asked (once-only): such a form cannot be published.
"""

from tongban.kernel.forms.answers import AnswersView, answers_view
from tongban.kernel.forms.checking import FieldError, answers_of, check, examine, situation_of
from tongban.kernel.forms.cleaning import clean, clean_json, sheet_of, unasked
from tongban.kernel.forms.definitions import form_from, validate
from tongban.kernel.forms.display import as_text
from tongban.kernel.forms.operations.entries import (
    Overtaken,
    Saved,
    apply_prefill,
    close_entry,
    create_entry,
    reopen_entry,
    report_wrong,
    save_entry,
)
from tongban.kernel.forms.operations.prefill import prefill
from tongban.kernel.forms.operations.publish import put_form
from tongban.kernel.forms.options import OptionRequest, options_for, register_options
from tongban.kernel.forms.packs import bring_forms
from tongban.kernel.forms.provenance import Bound
from tongban.kernel.forms.queries import (
    CompareRow,
    compare,
    counting,
    form_of,
    get_entry,
    get_form,
    list_forms,
    schema_of,
)
from tongban.kernel.forms.rendering import PageView, page_view
from tongban.kernel.forms.rules.paths import Finding
from tongban.kernel.forms.rules.samples import Refusal
from tongban.kernel.forms.rules.structure import Field, Form, Option, Page

__all__ = [
    "AnswersView",
    "Bound",
    "CompareRow",
    "Field",
    "FieldError",
    "Finding",
    "Form",
    "Option",
    "OptionRequest",
    "Overtaken",
    "Page",
    "PageView",
    "Refusal",
    "Saved",
    "answers_of",
    "answers_view",
    "apply_prefill",
    "as_text",
    "bring_forms",
    "check",
    "clean",
    "clean_json",
    "close_entry",
    "compare",
    "counting",
    "create_entry",
    "examine",
    "form_from",
    "form_of",
    "get_entry",
    "get_form",
    "list_forms",
    "options_for",
    "page_view",
    "prefill",
    "put_form",
    "register_options",
    "reopen_entry",
    "report_wrong",
    "save_entry",
    "schema_of",
    "sheet_of",
    "situation_of",
    "unasked",
    "validate",
]
