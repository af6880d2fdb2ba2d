"""``{% load processes %}{% process_drawing drawing %}``: the process drawing of an instance as inline SVG."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from tongban.kernel.processes.drawing import Drawing
from tongban.kernel.processes.layout import lay_out

register = template.Library()

KEY, SOURCE = "\ufff9", "\ufffb"
"""Where the key and the address of one drawing will stand: characters that no text has."""


@register.simple_tag
def process_drawing(drawing: Drawing, source: str = "") -> SafeString:
    """Draw ``drawing`` in the language of the page. Its style sheet is ``processes/flow.css``.

    ``source`` is an address that answers what ``processes/viewer.js`` shows in a window of its own: the diagram to move
    about in, and who did which step. Without script, or without the viewer's files, there is no such button.
    """
    drawn = _drawn(replace(drawing, key=KEY), bool(source), get_language() or "zh")
    return SafeString(drawn.replace(KEY, escape(drawing.key)).replace(SOURCE, escape(source)))


@lru_cache(maxsize=256)
def _drawn(drawing: Drawing, has_source: bool, language: str) -> str:
    """Cases that stand alike are drawn alike: whatever can be seen is in ``drawing``, but for its key and the source."""
    context = {"flow": lay_out(drawing, language), "source": SOURCE if has_source else ""}
    return render_to_string("processes/drawing.html", context)
