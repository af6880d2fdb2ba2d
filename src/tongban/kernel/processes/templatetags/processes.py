"""``{% load processes %}{% process_drawing drawing %}``: the process drawing of an instance as inline SVG."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import get_language

from tongban.kernel.processes.drawing import Drawing, lay_out

register = template.Library()


@register.inclusion_tag("processes/drawing.html")
def process_drawing(drawing: Drawing, source: str = "") -> dict[str, Any]:
    """Draw ``drawing`` in the language of the page. Its style sheet is ``processes/flow.css``.

    ``source`` is an address that answers what ``processes/viewer.js`` shows in a window of its own: the diagram to move
    about in, and who did which step. Without script, or without the viewer's files, there is no such button.
    """
    return {"flow": lay_out(drawing, get_language() or "zh"), "source": source}
