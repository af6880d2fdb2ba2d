"""The door of studio: begin a change, save its drafts. The rest is moved by ``cases.complete_task``.

A change is a case; what it changes belongs to the modules that registered an ``Editable``, and they publish it.
"""

from tongban.apps.studio.operations.changes import (
    NewDraft,
    add_draft,
    open_change,
    recheck,
    remove_draft,
    save_draft,
    set_plan,
)

__all__ = ["NewDraft", "add_draft", "open_change", "recheck", "remove_draft", "save_draft", "set_plan"]
