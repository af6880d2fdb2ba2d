"""What the suites of whole journeys share: one running installation for all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.scenes import Scenes
from tests.support.site import Site, running_site


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """The installation. Its worker makes the papers, its supervisor ends everything afterwards."""
    with running_site() as running:
        yield running


@pytest.fixture(scope="session")
def scenes(site: Site) -> Scenes:
    """The people of the demo county, through the API: brings cases to where a test begins."""
    return Scenes(site)
