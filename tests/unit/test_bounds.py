"""What may be given as a number: every integer of a body has bounds, and nothing costs less than nothing (D-305, D-402, D-603)."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

import msgspec
import pytest

from shared_schema import records, rest
from shared_schema.records.base import Command
from shared_schema.records.quote import QuoteLine
from shared_schema.records.reference import PriceRequest
from shared_schema.registry import COMMANDS, ENTITIES
from shared_schema.wire import ENCODER, SyncRequest

MAY_BE_NEGATIVE = {
    "quantity": "taken back (D-603)",
    "latitude_e6": "south",
    "longitude_e6": "west",
    "left_latitude_e6": "south",
    "left_longitude_e6": "west",
    "extra": "a custom number (D-402)",
    "amount_minor": "a credit note (D-333)",
}
MODULES = (rest, *(import_module(f"shared_schema.records.{one.name}") for one in iter_modules(records.__path__)))
REQUESTS = sorted(
    {
        one
        for module in MODULES
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, msgspec.Struct) and one.__struct_config__.forbid_unknown_fields
        if one.__struct_fields__ and not issubclass(one, Command)
    },
    key=lambda one: one.__name__,
)
GIVEN: list[type[msgspec.Struct]] = [
    *(of for entity in ENTITIES if entity.name != "organisation" for of in (entity.create_type, entity.patch_type)),
    *REQUESTS,
    *COMMANDS,
    SyncRequest,
]


def integers(type_: object, name: str = "") -> Iterator[tuple[str, msgspec.inspect.IntType]]:
    """Every integer inside a type, with the field that holds it; enums have their own bounds."""
    if isinstance(type_, msgspec.inspect.IntType):
        yield name, type_
    for part in getattr(type_, "__struct_fields__", ()):
        inner = getattr(type_, part)
        for one in inner if isinstance(inner, tuple) else (inner,):
            found, of = (one.type, one.name) if isinstance(one, msgspec.inspect.Field) else (one, name)
            if isinstance(found, msgspec.inspect.Type):
                yield from integers(found, of)


@pytest.mark.parametrize("given", GIVEN, ids=lambda of: of.__name__)
def test_every_integer_that_is_given_has_bounds(given: type[msgspec.Struct]) -> None:
    for name, number in integers(msgspec.inspect.type_info(given)):
        assert number.ge is not None, name
        assert number.le is not None, name
        assert number.ge >= 0 or name in MAY_BE_NEGATIVE, name


@pytest.mark.parametrize("slot", ["price_minor", "list_price_minor"])
def test_a_line_that_costs_less_than_nothing_is_refused_and_one_that_stands_is_read(slot: str) -> None:
    """D-305."""
    entity = next(one for one in ENTITIES if one.record is QuoteLine)
    line = {
        "customer_id": bytes(16),
        "quote_id": bytes(16),
        "product_id": bytes(16),
        "unit": "box",
        "quantity_thousandths": 1,
        "price_minor": 0,
    }
    entity.create_decoder.decode(ENCODER.encode(line | {slot: 0}))
    for decoder, body in ((entity.create_decoder, line), (entity.patch_decoder, {})):
        with pytest.raises(msgspec.ValidationError, match=slot):
            decoder.decode(ENCODER.encode(body | {slot: -1}))
    stands = QuoteLine(bytes(16), 1, bytes(16), bytes(16), bytes(16), "box", 1, -1, -1)
    assert entity.read(ENCODER.encode(stands)) == stands


@pytest.mark.parametrize("slot", ["price_minor", "floor_minor"])
def test_a_list_price_is_not_less_than_nothing(slot: str) -> None:
    """D-305."""
    asked = {"price_book_id": bytes(16), "product_id": bytes(16), "price_minor": 0, slot: -1}
    with pytest.raises(msgspec.ValidationError, match=slot):
        msgspec.convert(asked, PriceRequest)
