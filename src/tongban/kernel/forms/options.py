"""Where the options of a choice come from when they are not written in the form.

An upper module registers a provider under a name (``services.materials``); a field names it as its ``source``. A provider
answers for one actor: an entity that this person may not represent is not an option and is refused when posted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.registry import Registry
from tongban.kernel.forms.rules.structure import Field, Form, Option

__all__ = ["OptionRequest", "Options", "option_providers", "options_for", "register_options"]


@dataclass(frozen=True, slots=True)
class OptionRequest:
    """Who is asked, when, and about what (a case, an item), when the form is about something.

    ``argument`` is what follows the colon in the field's source: ``identity.units:voice.answer`` asks the provider
    ``identity.units`` for the units with that duty.
    """

    actor: Actor
    at: datetime
    about: Ref | None = None
    argument: str = ""


Provider = Callable[[OptionRequest], Sequence[Option]]
Options = Mapping[str, Sequence[Option]]
"""Options by field key."""

option_providers: Registry[Provider] = Registry("form options")


def register_options(name: str, provider: Provider) -> None:
    """Make a provider known under ``name``. Called in ``AppConfig.ready``."""
    option_providers.register(name, provider)


def options_for(
    form: Form, *, actor: Actor | None, at: datetime, about: Ref | None = None, page: str | None = None
) -> Options:
    """Return the options of every choice on the page (or in the whole form); each provider is asked once.

    Raises ValueError when a field needs a provider and no actor is given: whose options would they be?
    """
    fields = [f for f in form.fields.values() if f.is_choice and page in (None, form.page_of[f.key])]
    asked: dict[str, Sequence[Option]] = {}
    for source in {f.source for f in fields if f.source}:
        if actor is None:
            raise ValueError(f"form {form.key}: options from {source} need an actor")
        name, _, argument = source.partition(":")
        asked[source] = tuple(option_providers.get(name)(OptionRequest(actor, at, about, argument)))
    return {f.key: _of(f, asked) for f in fields}


def _of(field: Field, asked: Mapping[str, Sequence[Option]]) -> Sequence[Option]:
    return asked[field.source] if field.source else field.options
