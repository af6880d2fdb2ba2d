"""The door of files: keeping what people upload, handing it out by policy, and making and signing PDFs.

An upload is judged by its bytes, never by its name; a file is read by whoever may read what it is used for, and by nobody when
nobody registered a policy for that.
"""

from tongban.kernel.files.authority import ensure_ca
from tongban.kernel.files.models import File
from tongban.kernel.files.operations.move import Moved, move_stored
from tongban.kernel.files.operations.open import open_for
from tongban.kernel.files.operations.store import add_use, remove_use, store_bytes, store_upload
from tongban.kernel.files.operations.sweep import Findings, check_storage, claim_storage, sweep
from tongban.kernel.files.policies import register_file_policy
from tongban.kernel.files.queries import FileView, file_for, files_by_ref, files_of, open_file, read_file
from tongban.kernel.files.rendering import qr_png, qr_svg, render_typst
from tongban.kernel.files.responses import SHOWN_PDF, file_response
from tongban.kernel.files.scanning import VERB as INFECTED
from tongban.kernel.files.scanning import is_scanner_well
from tongban.kernel.files.signing import SignatureReport, sign_pdf, verify_pdf
from tongban.kernel.files.storage import DiskStorage, Storage, Stored, storage
from tongban.kernel.files.watermark import watermark

__all__ = [
    "INFECTED",
    "SHOWN_PDF",
    "DiskStorage",
    "File",
    "FileView",
    "Findings",
    "Moved",
    "SignatureReport",
    "Storage",
    "Stored",
    "add_use",
    "check_storage",
    "claim_storage",
    "ensure_ca",
    "file_for",
    "file_response",
    "files_by_ref",
    "files_of",
    "is_scanner_well",
    "move_stored",
    "open_file",
    "open_for",
    "qr_png",
    "qr_svg",
    "read_file",
    "register_file_policy",
    "remove_use",
    "render_typst",
    "sign_pdf",
    "storage",
    "store_bytes",
    "store_upload",
    "sweep",
    "verify_pdf",
    "watermark",
]
