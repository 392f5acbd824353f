"""Vectors of MessagePack: values, and records of every entity at their defaults, at their bounds, longer and newer than this app knows."""

import random
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from shared_schema.elements import WordChange
from shared_schema.entity import EXTRA, Entity
from shared_schema.registry import ENTITIES
from shared_schema.wire import (
    ENCODER,
    Beyond,
    GroupPlace,
    Mutation,
    Outcome,
    Result,
    Row,
    ScopePage,
    Shows,
    SyncAnswer,
    SyncRequest,
)
from tests.vectors.cases import Case, Cases, told
from tests.vectors.values import CHANCE, INTEGER_MAX, LEAST, MOST, TEXTS, an_id, every, filled, required

CANONICAL: Final = msgspec.msgpack.Encoder(order="sorted")


def cases() -> Cases:
    """`value`: both ways. `record`: a body as the app reads it. `body`: what an app enters, as bytes. `request`, `mutation`, `answer`."""
    dice = random.Random(101)
    return {
        "value": [Case({"bytes": CANONICAL.encode(one).hex()}, told(one)) for one in values()],
        "record": [case for entity in ENTITIES for case in records(entity, dice)],
        "body": [case for entity in ENTITIES for case in bodies(entity, dice)],
        "mutation": [mutation_case(entity, dice) for entity in ENTITIES],
        "request": [request_case(dice) for _ in range(8)],
        "answer": [answer_case(one) for one in answers(dice)],
        "broken": [Case({"bytes": raw.hex()}, None) for raw in broken()],
    }


def values() -> Iterator[Any]:
    """Around every width of an integer, of a text, of an array and of a map."""
    yield from (None, True, False, "", [], {})
    for bits in (0, 5, 7, 8, 15, 16, 31, 32, 52, 53):
        yield from (sign * (2**bits) + step for sign in (1, -1) for step in (-1, 0, 1) if abs(sign * 2**bits + step) <= INTEGER_MAX)
    yield from TEXTS
    yield from (
        letter * count for letter in ("x", "茶", "\U0001f375") for count in (7, 8, 10, 11, 23, 24, 31, 32, 63, 64, 85, 86, 255, 256)
    )
    yield from ("x" * 65_535, "x" * 65_536)
    yield from ([None] * count for count in (15, 16, 65_535, 65_536))
    yield from ({f"k{number}": number for number in range(count)} for count in (15, 16, 300))
    yield {"\uff21": 1, "\U0001f375": 2, "é": 3, "aé": 4, "a": 5}
    yield {"b": [1, {"a": {"z": [], "茶": {}}}], "a": -1, "B": "", "_": None, "aa": 0}


def broken() -> Iterator[bytes]:
    """Cut short, followed by more, of other types, no text, beyond 2^53."""
    yield from (
        b"",
        b"\xa3ab",
        b"\x92\x01",
        b"\x81\xa1a",
        b"\xcd\x01",
        b"\xdc\x00",
        b"\xc4\x05abc",
        b"\x01\x02",
        b"\xc1",
        b"\xca\x00\x00\x00\x00",
    )
    yield from (b"\xcb" + bytes(8), b"\xd4\x01\x00", b"\xc7\x00\x05", b"\xa1\xff", b"\xa2\xc0\x80", b"\xa3\xed\xa0\x80", b"\x81\x01\x01")
    yield from (b"\xcf\x00\x20\x00\x00\x00\x00\x00\x00", b"\xcf" + b"\xff" * 8, b"\xd3\x80" + bytes(7))


def records(entity: Entity, dice: random.Random) -> Iterator[Case]:
    """Each as the wire carries it."""
    yield record_case(entity, ENCODER.encode(entity.record(**required(entity, dice))))
    yield record_case(entity, ENCODER.encode(list(required(entity, dice).values())))  # of an older server: slots are missing at the end
    for how in (LEAST, MOST, CHANCE, CHANCE, CHANCE):
        yield record_case(entity, ENCODER.encode(entity.record(**every(entity, how, dice))))
    slots = msgspec.msgpack.decode(ENCODER.encode(entity.record(**every(entity, CHANCE, dice))))
    yield record_case(entity, ENCODER.encode([*slots, {"new": [1, "茶"]}, an_id(dice)]))  # of a newer server
    newer = [99 if name in entity.enums and isinstance(value, int) else value for name, value in zip(entity.slots, slots, strict=True)]
    if newer != slots:
        yield record_case(entity, ENCODER.encode(newer))


def record_case(entity: Entity, body: bytes) -> Case:
    """A body as a device shows it, and the slots that this app cannot read."""
    return Case({"entity": entity.name, "bytes": body.hex()}, {"record": told(entity.read(body)), "unread": sorted(entity.unread(body))})


def bodies(entity: Entity, dice: random.Random) -> Iterator[Case]:
    """Creates and patches of what people enter."""
    given = [slot for slot in entity.slots if slot not in entity.server_owned and slot not in ("id", "rev", EXTRA)]
    if not given:
        return
    for how in (LEAST, MOST, CHANCE, CHANCE):
        full = {slot: filled(entity.hints[slot], how, dice) for slot in given}
        created = {slot: [one.element for one in value] if slot in entity.sets else value for slot, value in full.items()}
        yield body_case(entity, created)
        yield body_case(entity, {slot: operation(entity, slot, value) for slot, value in full.items() if slot not in entity.fixed})
    if entity.has_extra:
        yield body_case(entity, {}, {"b": INTEGER_MAX, "a": "茶", "c": None})


def operation(entity: Entity, slot: str, value: Any) -> Any:
    """Of a set, what a patch carries."""
    if slot not in entity.sets:
        return value
    return {"add": [one.element for one in value], "remove": [[one.element, one.line_no, one.n] for one in value]}


def body_case(entity: Entity, body: Mapping[str, Any], extra: Mapping[str, Any] | None = None) -> Case:
    """The values as an app holds them, a custom field as `extra.<key>`; the bytes as every device writes them."""
    values = {**told(dict(body)), **{f"extra.{key}": value for key, value in (extra or {}).items()}}
    wire = {**body, **({} if extra is None else {"extra": extra})}
    return Case({"entity": entity.name, "values": values}, CANONICAL.encode(wire).hex())


def mutation_case(entity: Entity, dice: random.Random) -> Case:
    """An entry of eight slots."""
    place = GroupPlace(dice.randrange(9), dice.randrange(3), 3)
    body = msgspec.Raw(CANONICAL.encode({"name": dice.choice(TEXTS), "tags": WordChange(("茶",))}))
    bases = {name: dice.randrange(INTEGER_MAX) for name in sorted(entity.groups)}
    one = Mutation(
        dice.randrange(1, INTEGER_MAX), place, dice.randrange(1, 7), entity.number, an_id(dice), bases, body, dice.randrange(2**41)
    )
    named = {**told(msgspec.structs.replace(one, body=msgspec.Raw(b"\xc0"))), "body": bytes(body).hex()}
    return Case({"mutation": named}, ENCODER.encode(one).hex())


def request_case(dice: random.Random) -> Case:
    """A request with whole mutations inside."""
    raws = [CANONICAL.encode([number, dice.choice(TEXTS)]) for number in range(dice.randrange(4))]
    tiles = tuple(dice.randrange(2**38) for _ in range(dice.randrange(5)))
    cursor = dice.randbytes(dice.randrange(300))
    one = SyncRequest(1, 1, "app 茶", cursor, dice.randrange(99), dice.randrange(2**41), [msgspec.Raw(raw) for raw in raws], 4_096, tiles,
                      *dice.choice(((None, ""), (dice.randrange(2**41), "b7"))))  # fmt: skip
    plain = ("protocol", "schema", "app", "acked_n", "device_ms", "page_bytes", "uptime_ms", "boot")
    named = {name: getattr(one, name) for name in plain}
    given = {**named, "cursor": cursor.hex(), "mutations": [raw.hex() for raw in raws], "tiles": list(tiles)}
    return Case({"request": given}, ENCODER.encode(one).hex())


def answers(dice: random.Random) -> Iterator[list[Any]]:
    """An empty answer, one with everything, one of an older server without the later slots, one of a newer server with more."""
    for count in (0, 1, 3):
        pages = [page(dice, scope) for scope in range(count)]
        outcomes = [outcome(dice, n) for n in range(count * 2)]
        beyond = Beyond(2, 1) if count else None
        problem = "upgrade" if count == 3 else None
        one = SyncAnswer(1, 7, 2**41, dice.randbytes(8), dice.randbytes(99), 5, 4, 3 if count else None, outcomes, [9] * count, pages,
                         more=count == 1, consistent=count == 0, problem=problem, anew=count == 3, beyond=beyond)  # fmt: skip
        slots = msgspec.msgpack.decode(ENCODER.encode(one))
        yield from (slots, slots[:13], slots[:14], [*slots, "newer", {"a": 1}])


def page(dice: random.Random, scope: int) -> ScopePage:
    """Rows that live, and rows that are gone."""
    rows = [Row(number, msgspec.Raw(ENCODER.encode([an_id(dice), number, TEXTS[number]]))) for number in range(3)]
    gone = Row(1, msgspec.Raw(ENCODER.encode(an_id(dice))), 2)
    return ScopePage(scope, 1, scope == 0, 5, 9, scope == 1, msgspec.Raw(ENCODER.encode([*rows, gone])))


def outcome(dice: random.Random, n: int) -> msgspec.Raw:
    """Bare and full."""
    full = Outcome(n, Result.parked, "conflict", "resync", "name", 4, Shows(3, 8), an_id(dice), 2**41)
    return msgspec.Raw(ENCODER.encode(full if n % 2 else Outcome(n, Result.applied, rev=1)))


def answer_case(slots: list[Any]) -> Case:
    """An answer, by name; bytes as hex, a row's body too."""
    named = dict(zip(SyncAnswer.__struct_fields__, slots, strict=False))
    defaults = {"problem": None, "anew": False, "beyond": None}
    of_page = ScopePage.__struct_fields__
    gives = {
        **defaults, **named, "answers": slots[3].hex(), "cursor": slots[4].hex(),
        "outcomes": [told(msgspec.convert(one, Outcome)) for one in slots[8]],
        "pages": [{**dict(zip(of_page, one, strict=True)), "rows": [row_told(row) for row in one[6]]} for one in slots[10]],
        "beyond": None if named.get("beyond") is None else dict(zip(Beyond.__struct_fields__, named["beyond"], strict=True)),
    }  # fmt: skip
    return Case({"bytes": ENCODER.encode(slots).hex()}, gives)


def row_told(row: list[Any]) -> dict[str, Any]:
    """Entity, body and reason."""
    return {"entity": row[0], "body": ENCODER.encode(row[1]).hex(), "reason": row[2] if len(row) > 2 else 0}
