"""A table of the desk: what it may keep, and what it makes of a request."""

import msgspec
import pytest

from server.domain.desk import keep
from server.domain.feature import Table
from shared_schema.records.base import Asked
from shared_schema.records.customer import Customer
from shared_schema.records.reference import Organisation, OrganisationRequest, Product, ProductRequest
from shared_schema.scalars import Id, Name
from sync.state import State

TEA = b"t" * 16


class Named(Asked, frozen=True, kw_only=True):
    id: Id | None = None
    name: Name


class Coloured(Named, frozen=True, kw_only=True):
    colour: Name


@pytest.mark.parametrize(("record", "asks"), [(Customer, Named), (Product, Coloured)])
def test_a_table_keeps_records_of_every_device_by_their_slots(record: type, asks: type) -> None:
    assert Table(Product, Named, "").path == "/v1/desk/products"
    with pytest.raises(TypeError):
        Table(record, asks, "")


def test_slots_that_are_not_asked_for_stay_and_an_equal_record_is_not_written() -> None:
    state = State()
    founded = state.keep(Organisation(TEA, 0, "Acme", "EUR", "UTC"))
    keep(state, OrganisationRequest(name="Acme", time_zone="Europe/Berlin"), TEA)
    assert state.find(Organisation, TEA) == msgspec.structs.replace(founded, rev=2, time_zone="Europe/Berlin")
    for _ in range(2):
        keep(state, ProductRequest(code="P", name="Tea"), TEA)
    assert state.find(Product, TEA) == Product(TEA, 1, "P", "Tea")
