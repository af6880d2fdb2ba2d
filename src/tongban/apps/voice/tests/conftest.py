"""Fixtures of the mailbox's tests."""

from __future__ import annotations

import pytest

from tongban.apps.voice.tests.world import World, build


@pytest.fixture
def world(db: None) -> World:
    """The people around the mailbox."""
    return build()
