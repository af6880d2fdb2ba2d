"""The door of the services application: items, applications, ratings.

An application is a case of the kind "licence"; what its process means in law stands in ``operations/handle.py``. Applications
never import one another: what others need of a service item they find in the kernel (search, cases).
"""

from tongban.apps.services.operations.apply import (
    create_application,
    put_answers,
    put_material,
    remove_material,
    resubmit_application,
    save_page,
    submit_application,
)
from tongban.apps.services.operations.bringing import (
    PastApplication,
    bring_application,
    check_application,
)
from tongban.apps.services.operations.choosing import choose_material
from tongban.apps.services.operations.counter import (
    agencies_at_counter,
    end_agency_at_counter,
    enter_at_counter,
    hand_result_over,
    take_up_correction,
)
from tongban.apps.services.operations.importing import Choices, import_items, preview_import, read_head
from tongban.apps.services.operations.items import (
    bring_into_force,
    put_item,
    restore_item,
    withdraw_item,
)
from tongban.apps.services.operations.parties import (
    add_co_applicant,
    apply_for_another,
    decline_consent,
    end_agency,
    give_consent,
    put_proof,
    remove_co_applicant,
)
from tongban.apps.services.operations.rate import rate_case
from tongban.apps.services.operations.signing import (
    form_pdf,
    mail_signing_code,
    sign_and_hand_in,
    sign_application,
    sign_at_counter,
    sign_at_counter_and_hand_in,
)
from tongban.apps.services.packs import put_guidance
from tongban.apps.services.queries.application import (
    corrections_of,
    faults,
    get_application,
    get_item,
    materials_of,
)
from tongban.apps.services.queries.catalogue import answer_guidance, find_items, list_items
from tongban.apps.services.queries.checking import check_together, faults_of
from tongban.apps.services.queries.parties import ConsentView, asked_of, get_consent, views_of
from tongban.apps.services.queries.versions import get_version, list_contents, list_versions
from tongban.apps.services.rules import Flaw, check_item
from tongban.apps.services.rules.parties import OnBehalf

__all__ = [
    "Choices",
    "ConsentView",
    "Flaw",
    "OnBehalf",
    "PastApplication",
    "add_co_applicant",
    "agencies_at_counter",
    "answer_guidance",
    "apply_for_another",
    "asked_of",
    "bring_application",
    "bring_into_force",
    "check_application",
    "check_item",
    "check_together",
    "choose_material",
    "corrections_of",
    "create_application",
    "decline_consent",
    "end_agency",
    "end_agency_at_counter",
    "enter_at_counter",
    "faults",
    "faults_of",
    "find_items",
    "form_pdf",
    "get_application",
    "get_consent",
    "get_item",
    "get_version",
    "give_consent",
    "hand_result_over",
    "import_items",
    "list_contents",
    "list_items",
    "list_versions",
    "mail_signing_code",
    "materials_of",
    "preview_import",
    "put_answers",
    "put_guidance",
    "put_item",
    "put_material",
    "put_proof",
    "rate_case",
    "read_head",
    "remove_co_applicant",
    "remove_material",
    "restore_item",
    "resubmit_application",
    "save_page",
    "sign_and_hand_in",
    "sign_application",
    "sign_at_counter",
    "sign_at_counter_and_hand_in",
    "submit_application",
    "take_up_correction",
    "views_of",
    "withdraw_item",
]
