"""What several documents are held against: a server with two organisations."""

from collections.abc import Iterator

import pytest

from tests.integration.site import Site, site


@pytest.fixture
def here(migrated_url: str) -> Iterator[Site]:
    with site(migrated_url) as served:
        yield served
