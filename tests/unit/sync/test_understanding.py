"""From the bytes of an entry to what its author meant, and what is said of the rest (P-103, P-333, P-334, P-430)."""

from typing import Any

import msgspec
import pytest
from msgspec import Raw

from shared_schema.problem import Code, Problem
from shared_schema.records.inbox import Dismiss
from shared_schema.registry import BY_NAME
from shared_schema.scalars import WIRE_INTEGER_MAX
from shared_schema.wire import ENCODER, GroupPlace, Kind, Mutation
from sync.decode import FIELD_LETTERS_MAX, envelope, grouped, mine, number_of, understand
from sync.state import WHOLE
from tests.unit.device_world import CUSTOMER, key

NAME = "n" * FIELD_LETTERS_MAX


def entry(kind: int, body: object, entity: str = "customer") -> Mutation:
    return Mutation(1, GroupPlace(1, 0, 1), kind, BY_NAME[entity].number, key(1), {}, Raw(ENCODER.encode(body)), 0)


def refusal(kind: int, body: object, entity: str = "customer") -> tuple[Code, str | None]:
    with pytest.raises(Problem) as raised:
        understand(entry(kind, body, entity))
    return raised.value.code, raised.value.field


def test_each_kind_says_what_it_wants() -> None:
    """A create gives a whole record; a patch and an undo what they touch, by group; a delete nothing."""
    made = understand(entry(Kind.create, {"name": "Shop", "extra": {"a": 1}})).values
    assert made.keys() == {WHOLE}
    assert (made[WHOLE]["name"], made[WHOLE]["extra.a"], "extra" in made[WHOLE]) == ("Shop", 1, False)
    assert understand(entry(Kind.restore, {"name": "Shop"})).values.keys() == {WHOLE}
    for kind in (Kind.patch, Kind.undo):
        body = {"city": "Port", "address": "1", "phone": "2", "extra": {"a": None}}
        assert understand(entry(kind, body)).values == {
            "address": {"city": "Port", "address": "1"}, "phone": {"phone": "2"}, "extra.a": {"extra.a": None},
        }  # fmt: skip
    assert understand(entry(Kind.delete, None)).values == {}
    meant = understand(entry(Kind.command, {"command": "dismiss"}, "inbox_item"))
    assert (meant.values, meant.command) == ({}, Dismiss())
    assert grouped(CUSTOMER, {"tags": 1, "interests": 2}) == {"tags": {"tags": 1}, "interests": {"interests": 2}}


@pytest.mark.parametrize(
    ("kind", "body", "entity", "told"),
    [
        (Kind.patch, {"rev": 3}, "customer", (Code.server_owned, "rev")),
        (Kind.create, {"name": "x", "owner_id": key(1)}, "customer", (Code.server_owned, "owner_id")),
        (Kind.patch, {"tier": 1}, "customer", (Code.server_owned, "tier")),
        (Kind.patch, {"customer_id": key(1)}, "contact", (Code.fixed_field, "customer_id")),
        (Kind.undo, {"customer_id": key(1)}, "contact", (Code.fixed_field, "customer_id")),
        (Kind.create, {"customer_id": key(1), "tier": 1}, "contact", (Code.field_unknown, "tier")),
        (Kind.create, {"name": "x", "extra": {"a": 1, "b": 1.5}}, "customer", (Code.field_wrong, "extra.b")),
        (Kind.create, {"name": "x", "extra": {"a": None}}, "customer", (Code.field_wrong, "extra.a")),
        (Kind.patch, {"extra": {"a": None, "b": [1]}}, "customer", (Code.field_wrong, "extra.b")),
        (Kind.patch, {"extra": {"A B": 1}}, "customer", (Code.field_wrong, "extra.A B")),
        (Kind.patch, {"extra": {NAME: 1}}, "customer", (Code.field_wrong, "extra")),
        (Kind.create, {"name": "x", "extra": {f"k{at}": 1 for at in range(65)}}, "customer", (Code.field_wrong, "extra")),
        (Kind.create, {"customer_id": key(1), "device_ms": 1, "extra": {"a": "x" * 1001}}, "visit", (Code.field_wrong, "extra.a")),
        (Kind.patch, {"odd": 1}, "customer", (Code.field_unknown, "odd")),
        (Kind.patch, {NAME: 1}, "customer", (Code.field_unknown, NAME)),
        (Kind.patch, {NAME + "n": 1}, "customer", (Code.field_unknown, None)),
        (Kind.patch, {"a\x00b": 1}, "customer", (Code.text_unclean, None)),
        (Kind.patch, {"a\x9b": 1, "rev": 1}, "customer", (Code.server_owned, "rev")),
        (Kind.patch, {"odd": {"a": ["b\x85"]}}, "customer", (Code.text_unclean, "odd")),
        (Kind.patch, {"extra": {"a\x00": 1}}, "customer", (Code.text_unclean, "extra")),
        (Kind.patch, {"extra": "Cafe\u0301"}, "customer", (Code.text_unclean, "extra")),
        (Kind.patch, {"name": "\x7f" * 200}, "customer", (Code.text_unclean, "name")),
        (Kind.patch, "a\x00", "customer", (Code.text_unclean, None)),
        (Kind.delete, ["a\x00"], "customer", (Code.text_unclean, None)),
        (Kind.command, {"command": "dance\x00"}, "customer", (Code.text_unclean, "command")),
        (Kind.create, {"odd": 1}, "standing", (Code.server_owned, "odd")),
        (Kind.create, {}, "standing", (Code.server_owned, None)),
        (Kind.patch, {"phone": 1}, "customer", (Code.field_wrong, "phone")),
        (Kind.patch, {"tags": {"add": [1]}}, "customer", (Code.field_wrong, "tags.add[0]")),
        (Kind.create, {}, "customer", (Code.field_wrong, "name")),
        (Kind.patch, [], "customer", (Code.field_wrong, None)),
        (Kind.create, {"name": "a\x00"}, "customer", (Code.text_unclean, "name")),
        (Kind.patch, {"extra": {"a": "b\x00"}}, "customer", (Code.text_unclean, "extra.a")),
        (Kind.command, {"command": "dance"}, "customer", (Code.command_unknown, None)),
        (Kind.command, {"command": "settle", "taken": True, "odd": 1}, "contribution", (Code.field_unknown, "odd")),
        (Kind.command, {"command": "settle", "odd": 1}, "contribution", (Code.field_unknown, "odd")),
        (Kind.command, {"command": "settle", "taken": "yes"}, "contribution", (Code.field_wrong, "taken")),
        (Kind.command, {"command": "settle"}, "contribution", (Code.field_wrong, "taken")),
        (Kind.command, {"command": "receipt", "level": 99}, "team_note", (Code.field_wrong, "level")),
        (Kind.command, {"taken": True}, "contribution", (Code.field_wrong, "command")),
        (Kind.command, {"command": 5}, "contribution", (Code.field_wrong, "command")),
        (Kind.command, [], "contribution", (Code.field_wrong, None)),
        (Kind.command, {"command": "release", "pool_id": key(1), "reason": "a\x00"}, "standing", (Code.text_unclean, "reason")),
        (Kind.patch, {"note": "x"}, "contact_log", (Code.immutable, None)),
        (Kind.undo, {"note": "x"}, "contact_log", (Code.immutable, None)),
        (99, {}, "customer", (Code.kind_unknown, None)),
    ],
)
def test_what_is_refused_and_which_field_is_at_fault(kind: int, body: Any, entity: str, told: tuple[Code, str | None]) -> None:
    """P-103, P-110, P-333, P-334, P-430: a name that a device chose is repeated only where it is short and clean."""
    assert refusal(kind, body, entity) == told


@pytest.mark.parametrize(
    ("entity", "field", "least", "most"),
    [
        ("customer", "latitude_e6", -180_000_000, 180_000_000),
        ("customer", "extra", -WIRE_INTEGER_MAX, WIRE_INTEGER_MAX),
        ("quote_line", "price_minor", 0, 10**14),
        ("quote_line", "tax_bps", 0, 10_000),
    ],
)
def test_a_number_fits_up_to_its_bounds(entity: str, field: str, least: int, most: int) -> None:
    """P-333: a price that an older server holds may be less than one that a device gives."""

    def body(number: int) -> dict[str, Any]:
        return {field: {"a": number} if field == "extra" else number}

    for number in (least, most):
        (slots,) = understand(entry(Kind.patch, body(number), entity)).values.values()
        assert list(slots.values()) == [number]
    for number in (least - 1, most + 1):
        assert refusal(Kind.patch, body(number), entity)[0] == Code.field_wrong


def test_a_list_fits_up_to_its_bounds_with_elements_that_fit() -> None:
    """P-333."""
    for listed in ([], ["quotes"], ["g" * 40] * 20):
        (slots,) = understand(entry(Kind.patch, {"listed": listed}, "user_settings")).values.values()
        assert slots["listed"] == tuple(listed)
    for wrong in ("quotes", [7], ["g" * 41], ["quotes"] * 21, None):
        assert refusal(Kind.patch, {"listed": wrong}, "user_settings")[0] == Code.field_wrong


def test_a_base_names_a_group_of_the_record() -> None:
    """P-330: of another one its sender meant something else."""
    patch = entry(Kind.patch, {"name": "Shop"})
    known = dict.fromkeys(("name", "address", "tags", "extra.a", WHOLE), 1)
    assert understand(msgspec.structs.replace(patch, bases=known)).values == {"name": {"name": "Shop"}}
    for kind, body in ((Kind.patch, {"name": "Shop"}), (Kind.delete, None)):
        with pytest.raises(Problem) as raised:
            understand(msgspec.structs.replace(entry(kind, body), bases={"name": 1, "city": 1}))
        assert (raised.value.code, raised.value.field) == (Code.field_wrong, "city")


def test_a_record_that_the_server_does_not_know_is_refused() -> None:
    with pytest.raises(Problem) as raised:
        understand(msgspec.structs.replace(entry(Kind.create, {}), entity=999))
    assert raised.value.code == Code.entity_unknown


@pytest.mark.parametrize("raw", [b"", b"\x80", ENCODER.encode([1, 2]), b"\xc1"])
def test_a_broken_envelope_is_a_problem_of_its_own(raw: bytes) -> None:
    """P-333."""
    for read in (envelope, number_of):
        with pytest.raises(Problem) as raised:
            read(raw)
        assert raised.value.code == Code.field_wrong


def test_of_a_broken_envelope_the_number_is_enough() -> None:
    """P-333: a number out of bounds is none."""
    assert number_of(ENCODER.encode([7, "no place", "x", None, 5, 6, 7, 8])) == 7
    for n in (0, WIRE_INTEGER_MAX + 1):
        with pytest.raises(Problem):
            number_of(ENCODER.encode([n, [n, 0, 1], "x", None, 5, 6, 7, 8]))
    assert number_of(ENCODER.encode([WIRE_INTEGER_MAX, [1, 0, 1], 2, 3, 4, 5, 6, 7])) == WIRE_INTEGER_MAX


def test_a_card_shows_of_a_refused_body_what_it_can_hold() -> None:
    """P-501, P-504: plain values, operations on sets, custom fields by name; at most 64, none with an odd name."""
    body = {
        "a": 1,
        "b": None,
        "c": [1.5],
        "d": {"add": ["x"]},
        "e": ["y"],
        "f": 1.5,
        "extra": {"g": "h", "i": []},
        NAME + "n": 1,
        "\x00": 2,
    }
    shown = {"a": 1, "b": None, "d": {"add": ["x"]}, "e": ["y"], "extra.g": "h", "extra.i": []}
    assert mine(ENCODER.encode(body), slots=body.keys()) == shown
    assert mine(ENCODER.encode(body)) == {**shown, "c": None, "f": None}
    most, beyond = WIRE_INTEGER_MAX, WIRE_INTEGER_MAX + 1
    numbers = {"a": most, "b": beyond, "c": -most, "d": -beyond, "e": {"remove": [["x", most, 1]]}, "f": {"remove": [["x", 1, beyond]]}}
    assert mine(ENCODER.encode(numbers)) == {**numbers, "b": None, "d": None, "f": None}
    assert list(mine(ENCODER.encode({f"f{number}": number for number in range(70)}))) == [f"f{number}" for number in range(64)]
    assert mine(ENCODER.encode({"extra": 5})) == {}
    assert mine(b"\xc1") == {}
    assert mine(ENCODER.encode([1])) == {}
