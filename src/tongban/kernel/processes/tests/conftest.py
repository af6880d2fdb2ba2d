from __future__ import annotations

import pytest

from tongban.kernel.processes.tests import world as worlds


@pytest.fixture
def world(db: None) -> worlds.World:
    return worlds.build()


@pytest.fixture
def notes() -> worlds.Notes:
    return worlds.notes
