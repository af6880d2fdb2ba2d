"""Options that identity knows: the entities a person may represent, the units."""

from __future__ import annotations

from tongban.base.text import LocalizedText
from tongban.kernel.forms.options import OptionRequest
from tongban.kernel.forms.rules.structure import Option
from tongban.kernel.identity import service as identity

__all__ = ["entities", "units"]


def entities(request: OptionRequest) -> list[Option]:
    """Return the entities for which the actor holds a valid mandate; the value is the entity's id."""
    return [
        Option(str(e.entity_id), LocalizedText(e.name), LocalizedText(e.uscc))
        for e in identity.entities_of(request.actor.person_id, request.at)
    ]


def units(request: OptionRequest) -> list[Option]:
    """Return units, by their code; with an argument those that have a post with this duty."""
    found = identity.units_with_duty(request.argument) if request.argument else identity.list_units()
    return [Option(unit.code, unit.name) for unit in found]
