"""Hostile bodies at the real /v1/sync with a signed-in device: refused by code, nothing moved, no 5xx, no row that poisons a phone."""

import base64
import json
import logging
import random
import resource
import uuid
from collections.abc import AsyncIterator
from typing import Any, Final

import httpx
import msgspec
import pytest
import sqlalchemy as sa

from mobile_api.app import create_app
from mobile_api.codec import JSON, MSGPACK
from server import chance
from server.database import Database, open_database
from server.domain.tokens import Signer
from server.models import RECORD_TABLES, feed, metadata
from server.services import users
from server.settings import Settings
from shared_schema.problem import CODES
from shared_schema.records.quote import Submit
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME, BY_NUMBER
from shared_schema.rest import UserRequest
from shared_schema.wire import ANSWER_DECODER, OUTCOME_DECODER, Kind, Outcome, Row
from tests.integration.hostile import HOSTILE, SYNC, pack
from tests.integration.site import PASSWORD, SECRET, found
from tests.simulation.feed_oracle import differences
from tests.world import START_MS

pytestmark = pytest.mark.anyio
MUTANTS: Final = {"sqlite": 500, "postgresql": 150}
"""Of each of the two media, by database; `make prove NAME=fuzz` sends 50,000."""
MEMORY_KIB_MAX: Final = 64 * 1024
ODD: Final[tuple[Any, ...]] = (
    None, True, -1, 0, 1, 2**31, 2**53 - 1, 2**53, 2**63 - 1, 2**63, 2**64 - 1, -(2**63), 1.5, float("inf"),
    "", "x", "x" * 5_000, "\x00", "a\x1bb", "Cafe\u0301", "\U0001f600" * 120, "extra.x", b"", bytes(16), b"\xff" * 17,
    [], {}, [[]], {"": 1}, {"\x00": 1}, {"id": bytes(16)}, [1, 0, 500],
)  # fmt: skip
"""What a mutant holds in some place."""
ROW: Final = msgspec.msgpack.Decoder(Row)


class Device:
    """A rep's phone, signed in through the application, that sends whatever it likes."""

    def __init__(self, client: httpx.AsyncClient, database: Database, session: dict[str, Any]) -> None:
        self.client = client
        self.database = database
        self.org_id: int = session["org_id"]
        self.token: str = session["access_token"]
        self.next_n = 1

    async def send(self, body: bytes, media: str | None = MSGPACK, encoding: str | None = None) -> httpx.Response:
        named = {"content-type": media, "content-encoding": encoding, "authorization": f"Bearer {self.token}"}
        return await self.client.post("/v1/sync", content=body, headers={name: value for name, value in named.items() if value is not None})

    async def push(self, *mutations: list[Any]) -> list[Outcome]:
        """Send honest bytes; what became of them."""
        told = await self.send(pack([*SYNC[:6], list(mutations)]))
        assert told.status_code == 200, told.text
        self.next_n += len(mutations)
        return [OUTCOME_DECODER.decode(one) for one in ANSWER_DECODER.decode(told.content).outcomes]

    def entry(self, kind: Kind, noun: str, record_id: bytes, body: Any = None, bases: dict[str, int] | None = None) -> list[Any]:
        """The next mutation."""
        n = self.next_n
        return [n, [n, 0, 1], int(kind), BY_NAME[noun].number, record_id, bases or {}, body, START_MS]

    async def create(self, noun: str, **values: Any) -> bytes:
        record_id = chance.new_id()
        assert [one.code for one in await self.push(self.entry(Kind.create, noun, record_id, values))] == [None]
        return record_id


@pytest.fixture
async def phone(migrated_url: str) -> AsyncIterator[Device]:
    database = open_database(migrated_url)
    founded = (await found(database))["alpha"]
    app = create_app(Settings(database_url=migrated_url), database, Signer(SECRET))
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://local") as client:
        ann = UserRequest(login="ann", name="Ann", role=Role.rep)
        account = await database.write(users.put, founded.org_id, ann, None, chance.now_ms())
        named = {"organisation": "alpha", "code": "", "installation_id": str(uuid.uuid4()), "new_password": PASSWORD}
        boss = await client.post("/v1/enrol", json=named | {"code": founded.code.code, "installation_id": str(uuid.uuid4())})
        issued = await client.post("/v1/desk/codes", json={"user_id": str(uuid.UUID(bytes=account.id))}, headers=_bearer(boss.json()))
        session = await client.post("/v1/enrol", json=named | {"code": issued.json()["code"]})
        yield Device(client, database, session.json())


def _bearer(session: dict[str, Any]) -> dict[str, str]:
    return {"authorization": f"Bearer {session['access_token']}"}


def everything(conn: sa.Connection) -> dict[str, list[str]]:
    """Every row of every table that a request of a signed-in device could move."""
    quiet = {"attempt", "refresh_token", "push"}
    return {one.name: sorted(map(repr, conn.execute(sa.select(one)))) for one in metadata.sorted_tables if one.name not in quiet}


def undecodable(conn: sa.Connection) -> list[str]:
    """Rows in the feed that no phone could take in: each would stop every phone that holds the scope."""
    broken = []
    for body in conn.execute(sa.select(feed.c.body).where(feed.c.gone == 0)).scalars():
        row = ROW.decode(body)
        try:
            BY_NUMBER[row.entity].body_decoder.decode(row.body)
        except msgspec.ValidationError as error:
            broken.append(f"{BY_NUMBER[row.entity].name}: {error}")
    return broken


async def test_every_hostile_body_is_refused_and_moves_nothing(phone: Device) -> None:
    """P-705, P-706."""
    await phone.create("customer", name="Corner Shop")
    before = await phone.database.read(everything)
    wrong = []
    for case in HOSTILE:
        told = await phone.send(case.body, case.media, case.encoding)
        if (told.status_code, told.json().get("code")) != (CODES[case.code].status, case.code):
            wrong.append((case.name, case.code, told.status_code, told.text[:200]))
    assert wrong == []
    assert await phone.database.read(everything) == before


class Honest:
    """One of everything a rep may enter, on records that exist: what the mutants are made of."""

    def __init__(self, phone: Device) -> None:
        self.phone = phone
        self.ids: dict[str, bytes] = {}

    async def enter(self) -> None:
        self.ids["customer"] = await self.phone.create("customer", name="Corner Shop")
        self.ids["contact"] = await self.phone.create("contact", customer_id=self.ids["customer"], name="Ms Lin")
        self.ids["quote"] = await self.phone.create("quote", customer_id=self.ids["customer"], currency="CNY")

    def any(self, dice: random.Random) -> list[Any]:
        """A good mutation."""
        of = {"customer_id": self.ids["customer"]}
        place = {"latitude_e6": 31_230_000, "longitude_e6": 121_470_000, "datum": 2}
        line = {
            **of,
            "quote_id": self.ids["quote"],
            "product_id": bytes(16),
            "unit": "box",
            "quantity_thousandths": 2_000,
            "price_minor": 5,
        }
        fact = {**of, "device_ms": START_MS, "note": "fine"}
        new: dict[str, dict[str, Any]] = {
            "customer": {"name": "New", **place, "kind": 1, "extra": {}}, "contact": {**of, "name": "Mr Wu", "extra": {}},
            "visit": {**fact, **place, "accuracy_mm": 9_000, "fix_ms": START_MS, "mock": False}, "contact_log": {**fact, "channel": 2},
            "quote": {**of, "currency": "CNY", "title": "May"}, "quote_line": {**line, "tax_bps": 1_300, "discount_bps": 500},
            "follow_up": {**of, "due_day": 20_000, "purpose": "call"}, "preference": {**of, "subject": "tea", "wish": "green"},
        }  # fmt: skip
        noun = dice.choice(list(new))
        changes = {"customer": {"note": "x", **place}, "contact": {"name": "Ms Lin", "title": "Boss"}, "quote": {"title": "June"}}
        what = dice.random()
        if what < 0.6 or noun not in changes:
            return self.phone.entry(Kind.create, noun, chance.new_id(), new[noun])
        if what < 0.9:
            return self.phone.entry(dice.choice([Kind.patch, Kind.undo]), noun, self.ids[noun], changes[noun], {"note": 1, "title": 1})
        if what < 0.95:
            return self.phone.entry(Kind.delete, "preference", chance.new_id(), None, {"": 1})
        command = msgspec.to_builtins(Submit(bytes(32)), builtin_types=(bytes,))
        return self.phone.entry(Kind.command, "quote", self.ids["quote"], command)


def mutant(dice: random.Random, value: Any) -> Any:
    """The same tree with one place changed: a value, a key, one more or one less. The number n stays, so that it is taken in."""
    if isinstance(value, dict) and value and dice.random() < 0.9:
        name = dice.choice(list(value))
        what = dice.random()
        if what < 0.15:
            return {
                (dice.choice(["\x00", "rev", "id", "x" * 5_000, "extra", "late", "é", ""]) if key == name else key): one
                for key, one in value.items()
            }
        if what < 0.25:
            return {key: one for key, one in value.items() if key != name}
        return {key: mutant(dice, one) if key == name else one for key, one in value.items()}
    if isinstance(value, list) and value and dice.random() < 0.9:
        place = dice.randrange(len(value))
        if dice.random() < 0.05:
            return value[:place]
        return [mutant(dice, one) if at == place else one for at, one in enumerate(value)]
    return dice.choice(ODD)


def mutated(dice: random.Random, entry: list[Any]) -> list[Any]:
    """A mutation with one to three places changed, mostly in its body."""
    for _ in range(dice.choice([1, 1, 2, 3])):
        place = 6 if dice.random() < 0.7 else dice.randrange(1, 8)
        entry = [mutant(dice, one) if at == place else one for at, one in enumerate(entry)]
    return entry[: dice.randrange(1, 8)] if dice.random() < 0.03 else entry


def named(entry: list[Any]) -> dict[str, Any]:
    """The JSON twin of a mutation."""
    names = ("n", "group", "kind", "entity", "id", "bases", "body", "device_ms")
    told = dict(zip(names, entry, strict=False))
    if isinstance(told.get("group"), list) and len(told["group"]) == 3:
        told["group"] = dict(zip(("first_n", "index", "count"), told["group"], strict=True))
    return {name: _json(one) for name, one in told.items()}


def _json(value: Any) -> Any:
    if isinstance(value, bytes):
        return str(uuid.UUID(bytes=value)) if len(value) == 16 else base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {name: _json(one) for name, one in value.items()}
    return [_json(one) for one in value] if isinstance(value, list) else value


def packed(media: str, entry: list[Any]) -> bytes:
    """A sync request with this one mutation."""
    if media == MSGPACK:
        return pack([*SYNC[:6], [entry], 1])
    request = {"protocol": 1, "schema": 1, "app": "probe", "cursor": "", "acked_n": entry[0] - 1, "device_ms": 0}
    request |= {"mutations": [named(entry)], "page_bytes": 1}
    return json.dumps(request).encode()


@pytest.mark.parametrize("media", [MSGPACK, JSON])
async def test_mutants_of_a_valid_push_are_refused_alone(phone: Device, media: str, caplog: pytest.LogCaptureFixture) -> None:
    """P-323, P-706. Whatever one mutation holds, no 5xx, no exception in the log, and what was taken a phone can take in."""
    dice, honest, mutants = random.Random(11), Honest(phone), MUTANTS[phone.database.dialect]
    await honest.enter()
    counted: dict[str, int] = {}
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with caplog.at_level(logging.WARNING):
        for _ in range(mutants):
            entry = mutated(dice, honest.any(dice))
            told = await phone.send(packed(media, entry), media)
            assert told.status_code < 500, (entry, told.text)
            word = str(told.status_code) if told.status_code != 200 else _result(told, media)
            counted[word] = counted.get(word, 0) + 1
            phone.next_n += told.status_code == 200 and word != "none"
    assert [record.getMessage() for record in caplog.records if record.name.startswith("outrider")] == []
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib < MEMORY_KIB_MAX
    assert counted.get("rejected", 0) > mutants // 5, counted
    assert counted.get("applied", 0) > mutants // 50, "mutants that are still honest are taken"
    assert await phone.database.read(undecodable) == []
    assert await phone.database.read(differences, phone.org_id) == {}


def _result(told: httpx.Response, media: str) -> str:
    """What became of the one mutation."""
    if media == MSGPACK:
        outcomes = [OUTCOME_DECODER.decode(one).result.name for one in ANSWER_DECODER.decode(told.content).outcomes]
    else:
        names = {1: "applied", 2: "merged", 3: "parked", 4: "rejected", 5: "duplicate", 6: "forked"}
        outcomes = [names[one["result"]] for one in told.json()["outcomes"]]
    return outcomes[0] if outcomes else "none"


async def test_no_deletion_leaves_a_quote_that_no_phone_can_read(phone: Device) -> None:
    """A negative line of an older version held the total within its bound; without it every phone would stop at the quote. D-305."""
    customer_id = await phone.create("customer", name="Corner Shop")
    of = {"customer_id": customer_id, "quote_id": await phone.create("quote", customer_id=customer_id, currency="CNY")}
    line = {**of, "product_id": bytes(16), "unit": "box", "quantity_thousandths": 1_000}
    lines = [await phone.create("quote_line", **line, price_minor=price) for price in (9 * 10**13, 0)]
    table = RECORD_TABLES["quote_line"]
    below = sa.update(table).where(table.c.id == lines[1]).values(price_minor=-9 * 10**13)
    await phone.database.write(lambda conn: conn.execute(below).rowcount)
    await phone.create("quote_line", **line, price_minor=9 * 10**13)
    said = await phone.push(phone.entry(Kind.delete, "quote_line", lines[1], None, {"": 9}))
    assert [(one.result.name, one.code) for one in said] == [("parked", "rule_broken")]
    assert await phone.database.read(undecodable) == []


async def test_a_name_no_database_can_hold_is_refused_like_any_other(phone: Device) -> None:
    """The field at fault is repeated on the card: only one that exists. P-430."""
    said = await phone.push(phone.entry(Kind.patch, "standing", chance.new_id(), {"a\x00b": 1}))
    assert [(one.result.name, one.code) for one in said] == [("rejected", "server_owned")]
    assert said[0].field is None
