"""The organisation in memory that each test of the fold begins with."""

import pytest

from tests.unit.sync.core import Core


@pytest.fixture
def core() -> Core:
    return Core()


@pytest.fixture
def contact_id(core: Core) -> bytes:
    """A contact of the shared customer."""
    record_id = core.new_id()
    core.create("ann", "contact", record_id, customer_id=core.customer_id, name="Lee")
    return record_id
