"""The door of instruments: issue a statutory paper, serve it, show it, let anybody verify it.

A paper gets its number in the transaction of the decision that it states, without gaps; its signed PDF follows by a job.
"""

from tongban.kernel.instruments.operations.issue import issue_paper, printed_on_demand
from tongban.kernel.instruments.operations.render import mark_failed, render_again, render_paper, verify_url
from tongban.kernel.instruments.operations.serve import confirm_receipt, record_service
from tongban.kernel.instruments.operations.templates import put_template
from tongban.kernel.instruments.packs import bring_papers
from tongban.kernel.instruments.policies import register_paper_policy
from tongban.kernel.instruments.queries import (
    Comparison,
    FailedPaper,
    PaperView,
    ServedView,
    ServiceView,
    Verified,
    compare_pdf,
    data_of_paper,
    failed_papers,
    open_paper,
    paper_by_code,
    paper_for,
    papers_by_subject,
    papers_of,
    said_in_papers,
    served_paper,
)
from tongban.kernel.instruments.recipients import Recipient

__all__ = [
    "Comparison",
    "FailedPaper",
    "PaperView",
    "Recipient",
    "ServedView",
    "ServiceView",
    "Verified",
    "bring_papers",
    "compare_pdf",
    "confirm_receipt",
    "data_of_paper",
    "failed_papers",
    "issue_paper",
    "mark_failed",
    "open_paper",
    "paper_by_code",
    "paper_for",
    "papers_by_subject",
    "papers_of",
    "printed_on_demand",
    "put_template",
    "record_service",
    "register_paper_policy",
    "render_again",
    "render_paper",
    "said_in_papers",
    "served_paper",
    "verify_url",
]
