"""What several tests over HTTP begin with."""

from collections.abc import Iterator

import pytest

from tests.integration.site import Site, site


@pytest.fixture
def served(migrated_url: str) -> Iterator[Site]:
    """Serve two organisations; `lin` is a rep of alpha."""
    with site(migrated_url) as running:
        running.user(running.admin(), "lin")
        yield running
