"""Foreign keys point down only, and the one pointed at does not know it."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db.models import Field

from tests.architecture.house import MODULES, may_know


def _relations() -> Iterator[Field]:
    for model in apps.get_models(include_auto_created=False):
        if model._meta.app_label in MODULES and model.__module__.startswith("tongban."):
            yield from (f for f in model._meta.get_fields() if f.is_relation and not f.auto_created)


def _say(field: Field) -> str:
    return f"{field.model._meta.label}.{field.name} -> {field.related_model._meta.label}"


def test_relations_point_down_only() -> None:
    wrong = [
        _say(field)
        for field in _relations()
        if field.related_model._meta.app_label not in MODULES
        or not may_know(MODULES[field.model._meta.app_label], MODULES[field.related_model._meta.app_label])
    ]
    assert wrong == []


def test_across_modules_the_lower_one_gets_no_way_back() -> None:
    wrong = [
        _say(field)
        for field in _relations()
        if field.related_model._meta.app_label != field.model._meta.app_label
        and field.remote_field.related_name != "+"
    ]
    assert wrong == []


def test_nothing_points_at_just_anything() -> None:
    """What is about something above holds a Ref, not a generic foreign key, whose table would say what stands above."""
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model.__module__.startswith("tongban.")
        for field in model._meta.private_fields
    ]
    assert wrong == []
