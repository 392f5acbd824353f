"""Custom fields: defined, of their type, bounded; what already stands is left alone."""

from typing import Any

import pytest

from shared_schema.records.activity import Visit
from shared_schema.records.base import Record
from shared_schema.records.customer import Contact, Customer
from shared_schema.records.quote import Quote
from shared_schema.records.reference import FieldKind
from shared_schema.wire import Result
from tests.unit.domain.day import CUSTOMER, NOON_MS, Phone, define, key, refusal, shop, stored, world

NEW: dict[type[Record], dict[str, Any]] = {
    Customer: {"name": "New"},
    Contact: {"customer_id": CUSTOMER, "name": "Li"},
    Visit: {"customer_id": CUSTOMER, "device_ms": NOON_MS},
    Quote: {"customer_id": CUSTOMER, "currency": "CNY"},
}
VALUES: list[tuple[FieldKind, str | int, bool]] = [
    (FieldKind.text, "", True),
    (FieldKind.text, "x" * 1_000, True),
    (FieldKind.text, 5, False),
    (FieldKind.number, -5_500, True),
    (FieldKind.number, "5", False),
    (FieldKind.choice, "red", True),
    (FieldKind.choice, "blue", False),
    (FieldKind.choice, 1, False),
    (FieldKind.date, 0, True),
    (FieldKind.date, 200_000, True),
    (FieldKind.date, 200_001, False),
    (FieldKind.date, -1, False),
    (FieldKind.date, "2026-01-01", False),
    (FieldKind.unknown, "x", False),
]


@pytest.mark.parametrize("record", NEW)
def test_a_field_is_defined_for_its_kind_of_record(record: type[Record]) -> None:
    """D-401: and refused by name elsewhere."""
    other = Visit if record is Customer else Customer
    phone = Phone(define(define(world(), record, "size", FieldKind.number), other, "colour", FieldKind.text))
    assert refusal(phone.create(record, key(300), **NEW[record], extra={"colour": "red"})) == ("custom_field_unknown", "extra.colour")
    assert phone.create(record, key(301), **NEW[record], extra={"size": 5}).result is Result.applied


@pytest.mark.parametrize(("kind", "value", "fits"), VALUES)
def test_values_fit_their_type(kind: FieldKind, value: str | int, *, fits: bool) -> None:
    """D-402."""
    phone = Phone(define(world(), Customer, "field", kind, choices=("red", "green")))
    verdict = phone.patch(Customer, CUSTOMER, {"extra.field": 3}, extra={"field": value})
    if fits:
        assert verdict.result is Result.applied
    else:
        assert refusal(verdict) == ("custom_field_type", "extra.field")


def test_a_deactivated_field_still_takes_values() -> None:
    """D-403: of its type."""
    phone = Phone(define(world(), Visit, "size", FieldKind.number, active=False))
    assert phone.create(Visit, key(300), **NEW[Visit], extra={"size": 5}).result is Result.applied
    assert refusal(phone.create(Visit, key(301), **NEW[Visit], extra={"size": "5"})) == ("custom_field_type", "extra.size")


def test_what_stands_is_not_judged_again_and_can_be_cleared() -> None:
    """D-404."""
    state = stored(world(), shop(extra={"colour": "blue", "lost": 1}))
    phone = Phone(define(state, Customer, "colour", FieldKind.choice, choices=("red",)))
    assert phone.patch(Customer, CUSTOMER, {"phone": 3}, phone="138").result is Result.applied
    assert refusal(phone.patch(Customer, CUSTOMER, {"extra.lost": 4}, extra={"lost": 2})) == ("custom_field_unknown", "extra.lost")
    assert phone.patch(Customer, CUSTOMER, {"extra.lost": 4}, extra={"lost": None}).result is Result.applied
    customer = phone.state.find(Customer, CUSTOMER)
    assert customer is not None
    assert customer.extra == {"colour": "blue"}


def test_at_most_64_after_the_merge() -> None:
    """D-405."""
    state = stored(world(), shop(extra={f"k{number}": number for number in range(63)}))
    phone = Phone(define(define(state, Customer, "one", FieldKind.number), Customer, "two", FieldKind.number))
    assert phone.patch(Customer, CUSTOMER, {}, extra={"one": 1}).result in (Result.applied, Result.merged, Result.parked)
    phone = Phone(phone.state)
    assert refusal(phone.patch(Customer, CUSTOMER, {"extra.one": 9, "extra.two": 9}, extra={"one": 1, "two": 2})) == (
        "rule_broken",
        "extra",
    )
