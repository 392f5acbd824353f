"""The JSON twin says the same as msgpack: every record and envelope goes there and back, and one bad mutation stays one."""

import hashlib
import random
from enum import EnumType
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
import pytest
from msgspec import Meta, Raw

from shared_schema import twin
from shared_schema.elements import IdChange, TaggedId
from shared_schema.entity import Entity
from shared_schema.problem import Code, Problem
from shared_schema.records.contribution import Contribution
from shared_schema.records.customer import Customer
from shared_schema.records.inbox import Dismiss, InboxItem, ItemState, Member
from shared_schema.records.quote import Submit
from shared_schema.registry import BY_NAME, ENTITIES
from shared_schema.wire import (
    ENCODER,
    MUTATION_DECODER,
    Outcome,
    Result,
    Row,
    ScopePage,
    Shows,
    SyncAnswer,
)

ID = bytes(range(16))
UUID = "00010203-0405-0607-0809-0a0b0c0d0e0f"


def filled(type_: Any, dice: random.Random) -> Any:
    """Some value of a hint: every slot set, texts and numbers within their limits."""
    plain, marks = twin.unwrap(type_)
    if plain is bytes:
        return dice.randbytes(16)
    if plain is str:
        pattern = next((mark.pattern for mark in marks if isinstance(mark, Meta) and mark.pattern), None)
        return "ab1" if pattern or dice.random() < 0.5 else "茶馆"[: _longest(marks)] + "x" * (3 - min(2, _longest(marks)))
    if plain is int:
        return dice.randint(*_bounds(marks))
    if plain is bool:
        return dice.random() < 0.5
    if isinstance(plain, type) and issubclass(plain, msgspec.Struct):
        return plain(*(filled(hint, dice) for hint in _hints(plain)))
    if isinstance(plain, EnumType):
        return dice.choice(list(plain))
    return _filled_collection(plain, dice)


def _filled_collection(plain: Any, dice: random.Random) -> Any:
    origin, arguments = get_origin(plain), get_args(plain)
    if members := twin.union_members(plain):
        return filled(dice.choice(members), dice)
    if origin is dict:
        return {filled(arguments[0], dice): 7 if len(twin.union_members(arguments[1])) > 1 else filled(arguments[1], dice)}
    if origin is tuple:
        return (filled(arguments[0], dice),)
    raise AssertionError(plain)


def _longest(marks: tuple[Any, ...]) -> int:
    return next((mark.max_length or 99 for mark in marks if isinstance(mark, Meta)), 99)


def _bounds(marks: tuple[Any, ...]) -> tuple[int, int]:
    """The lowest and the highest of some numbers that a field takes."""
    bounds = [mark for mark in marks if isinstance(mark, Meta)]
    lowest = max([1, *(int(mark.ge) for mark in bounds if mark.ge is not None)])
    return lowest, min([lowest + 198, *(int(mark.le) for mark in bounds if mark.le is not None)])


def _hints(struct: type[msgspec.Struct]) -> list[Any]:
    hints = get_type_hints(struct, include_extras=True)
    return [hints[name] for name in struct.__struct_fields__]


@pytest.mark.parametrize(
    "entity", [entity for entity in ENTITIES if entity.record not in (InboxItem, Contribution)], ids=lambda entity: entity.name
)
def test_every_record_goes_to_json_and_back(entity: Entity) -> None:
    """P-702."""
    dice = random.Random(entity.number)
    for _ in range(20):
        record = filled(entity.record, dice)
        named = twin.to_json(record)
        assert list(msgspec.json.decode(named)) == list(entity.slots)
        assert twin.from_json(named, entity.record) == record


def test_ids_are_uuid_text_and_other_bytes_base64url() -> None:
    named = msgspec.json.decode(twin.to_json([Customer(ID, 1, "a"), Submit(b"\xff" * 32), Dismiss()]))
    assert named[0]["id"] == UUID
    assert named[1] == {"command": "submit", "content_hash": "_" * 42 + "8", "expected": 1}
    assert named[2] == {"command": "dismiss"}


def test_an_inbox_item_shows_ids_inside_its_values() -> None:
    member = Member(1, 2, 7, ID, "line", 1, 2, None, {"product_id": ID, "extra.size": 3}, {"product_id": None}, {})
    item = InboxItem(ID, 1, ID, 2, "conflict", ItemState.open, 0, members=(member,))
    named = msgspec.json.decode(twin.to_json(item))
    assert named["members"][0]["before"] == {"product_id": UUID, "extra.size": 3}
    assert named["state"] == 1


@pytest.mark.parametrize(
    "text", ["", UUID[:-1], UUID + "0", UUID.upper(), "{" + UUID + "}", UUID + "\n", UUID.replace("-", ""), "g" + UUID[1:], UUID[:-1] + "٣"]
)
def test_only_lower_case_uuid_text_is_an_id(text: str) -> None:
    assert twin.id_bytes(text) is None
    assert twin.id_bytes(UUID) == ID
    assert twin.id_text(ID) == UUID


def envelope(*mutations: Any) -> bytes:
    """A sync request on JSON."""
    named = {"protocol": 1, "schema": 1, "app": "a", "cursor": "AAE", "acked_n": 0, "device_ms": 5, "mutations": list(mutations)}
    return msgspec.json.encode(named)


def mutation(**changes: Any) -> dict[str, Any]:
    """A good patch of a customer on JSON, with some members changed."""
    good = {"n": 1, "group": {"first_n": 1, "index": 0, "count": 1}, "kind": 2, "entity": 1, "id": UUID}
    return {**good, "bases": {"name": 3}, "body": {"name": "b", "latitude_e6": None, "extra": {"size": None}}, "device_ms": 9, **changes}


def test_a_request_on_json_is_the_request_on_msgpack() -> None:
    request = twin.sync_request_from_json(envelope(mutation()))
    assert (request.cursor, request.device_ms) == (b"\x00\x01", 5)
    taken = MUTATION_DECODER.decode(request.mutations[0])
    assert (taken.n, taken.group.count, taken.id, taken.bases) == (1, 1, ID, {"name": 3})
    assert msgspec.msgpack.decode(taken.body) == {"name": "b", "latitude_e6": None, "extra": {"size": None}}
    assert BY_NAME["customer"].patch_decoder.decode(taken.body).name == "b"


def test_bodies_are_read_by_kind_and_entity() -> None:
    line = {"customer_id": UUID, "quote_id": UUID, "product_id": UUID, "unit": "kg", "quantity_thousandths": 1, "price_minor": 2}
    submit = {"command": "submit", "content_hash": twin.bytes_text(b"h" * 32)}
    request = twin.sync_request_from_json(
        envelope(
            mutation(kind=1, entity=7, body=line),
            mutation(kind=4, entity=6, body=submit),
            mutation(kind=3, body=None),
            mutation(kind=5, entity=7, body={"product_id": UUID}),
        )
    )
    create, command, delete, undo = (MUTATION_DECODER.decode(raw) for raw in request.mutations)
    assert BY_NAME["quote_line"].create_decoder.decode(create.body).quote_id == ID
    assert BY_NAME["quote"].command_decoder.decode(command.body) == Submit(b"h" * 32)
    assert bytes(delete.body) == b"\xc0"
    assert BY_NAME["quote_line"].patch_decoder.decode(undo.body).product_id == ID


@pytest.mark.parametrize(
    "bad",
    [
        7,
        None,
        [],
        {},
        mutation(entity=[1], kind={}),
        mutation(id="not an id"),
        mutation(group=None),
        mutation(group={"first_n": "x"}),
        mutation(kind=1, entity=7, body={"quote_id": "zz", "unknown": [1, {"a": 2}]}),
        mutation(kind=4, body={"command": ["submit"]}),
        mutation(kind=4, body={"command": "submit", "content_hash": "*"}),
        mutation(body="text", bases=[1]),
        mutation(entity=999, kind=999),
        mutation(entity=True, kind=True),
        {key: value for key, value in mutation().items() if key != "bases"},
    ],
)
def test_one_malformed_mutation_stays_one(bad: Any) -> None:
    """P-324, P-702."""
    request = twin.sync_request_from_json(envelope(mutation(), bad, mutation(n=2)))
    first, poison, last = request.mutations
    assert (MUTATION_DECODER.decode(first).n, MUTATION_DECODER.decode(last).n) == (1, 2)
    msgspec.msgpack.decode(poison)  # still one plain message, whose payload can be kept


def test_a_resent_mutation_hashes_alike_in_any_order_of_its_keys() -> None:
    """P-702."""
    good = mutation()
    turned = {name: dict(reversed(part.items())) if isinstance(part, dict) else part for name, part in reversed(good.items())}
    first, again = twin.sync_request_from_json(envelope(good, turned)).mutations
    assert hashlib.sha256(first).digest() == hashlib.sha256(again).digest()
    assert hashlib.sha256(first).digest() != hashlib.sha256(twin.sync_request_from_json(envelope(mutation(n=2))).mutations[0]).digest()


@pytest.mark.parametrize(
    ("body", "field"),
    [(b"[]", None), (b'{"protocol": 1}', "schema"), (b'{"mutations": 1}', "mutations"), (envelope(*[0] * 1001), "mutations")],
)
def test_a_malformed_envelope_fails_the_request(body: bytes, field: str | None) -> None:
    with pytest.raises(Problem) as refused:
        twin.sync_request_from_json(body)
    assert (refused.value.code, refused.value.field) == (Code.field_wrong, field)


def test_an_answer_opens_its_spliced_bytes() -> None:
    customer = Customer(ID, 3, "Lu Xun Tea House", extra={"size": 4})
    rows = [Row(1, Raw(ENCODER.encode(customer))), Row(1, Raw(ENCODER.encode(ID)), 2), Row(200, Raw(ENCODER.encode([ID, 1])))]
    page = ScopePage(5, 1, True, 6, 7, False, Raw(ENCODER.encode(rows)))
    outcome = Raw(ENCODER.encode(Outcome(8, Result.parked, code="conflict", shows=Shows(5, 6), item_id=ID)))
    named = msgspec.json.decode(
        twin.sync_answer_to_json(SyncAnswer(1, 2, 3, b"x" * 8, b"c" * 16, 8, 8, None, [outcome], [9], [page], True, False))
    )
    assert named["cursor"] == twin.bytes_text(b"c" * 16), "16 bytes that are no id"
    assert named["outcomes"][0]["item_id"] == UUID
    assert named["outcomes"][0]["shows"] == {"scope": 5, "seq": 6}
    live, gone, unknown = named["pages"][0]["rows"]
    assert live == {"entity": 1, "body": msgspec.json.decode(twin.to_json(customer)), "reason": 0}
    assert gone == {"entity": 1, "body": UUID, "reason": 2}
    assert unknown["body"] == [UUID, 1]


def test_what_a_card_holds_of_a_set_goes_back_as_it_stands() -> None:
    """P-722: a patch takes tagged elements as objects, and as the arrays of a card and of the history; the bytes are the same."""
    tagged = {"element": UUID, "line_no": 2, "n": 5}
    bodies = ({"interests": {"remove": [each]}} for each in (tagged, list(tagged.values())))
    named, listed = twin.sync_request_from_json(envelope(*(mutation(bases={}, body=body) for body in bodies))).mutations
    assert bytes(named) == bytes(listed)
    taken = BY_NAME["customer"].patch_decoder.decode(MUTATION_DECODER.decode(listed).body)
    assert taken.interests == IdChange(remove=(TaggedId(ID, 2, 5),))
