"""Generated families change hands over HTTP while their owner goes on entering: nothing open stays behind, nothing is missing after."""

import asyncio
import random
from collections.abc import Iterator, Mapping
from typing import Any, Final

import sqlalchemy as sa

from server import chance
from server.domain.instruction_moves import UNDONE
from server.domain.local_times import DAY_MS
from server.jobs import remind
from server.models import RECORD_TABLES, due
from server.services.act import act
from shared_schema.records.customer import Collaborate
from shared_schema.records.inbox import Value
from shared_schema.records.instruction import Instruct
from shared_schema.records.notification import NotificationState
from shared_schema.records.quote import Submit
from shared_schema.registry import BY_NAME, BY_NUMBER, ENTITIES
from shared_schema.wire import Kind
from sync.device import Edit
from tests.integration.test_quote_decisions import hash_on
from tests.prove.claims_found import Found, Size
from tests.prove.claims_judge import events, owners
from tests.prove.claims_scene import OFFSET_MS, Scene, WebPhone
from tests.prove.replayed import GIVEN, Line
from tests.world import said

CHILDREN: Final = ("contact", "visit", "contact_log", "follow_up", "preference", "quote")
MOST: Final = 3
"""Records of one kind in a family."""
BESIDE: Final = frozenset({"inbox_item", "contribution", "notification", "instruction", "standing", "pool_card"})
"""What stands with a user, and not with the customer; the instructions are judged by whose they are."""
INSTRUCTION, NOTICE = RECORD_TABLES["instruction"], RECORD_TABLES["notification"]


async def moved(scene: Scene, found: Found, size: Size, dice: random.Random) -> None:
    """Ann's families go to Bo while she enters more, and half of them on to Cleo."""
    ann, bo, cleo = [await scene.rep(name) for name in ("ann", "bo", "cleo")]
    await asyncio.gather(*(one.sync() for one in (ann, bo, cleo, scene.manager)))
    ids = [_family(ann, dice) for _ in range(size.families)]
    refused = [one.code for one in said(await ann.sync()) if one.code is not None]
    assert not refused, refused
    await _hangs_on(scene, ann, bo, ids, dice)
    await _reminded(scene)
    await asyncio.gather(ann.sync(), bo.sync())
    for to, some in ((bo, ids), (cleo, ids[::2])):
        done, _ = await asyncio.gather(_given(scene, some, to), _goes_on(ann, some, dice))
        found.transfers += done
    found.customers += len(ids)
    scene.place.clock.set(1, 9)
    await _reminded(scene)
    await _judge(scene, [one.user_id for one in (ann, bo, cleo)], found)


def _family(ann: WebPhone, dice: random.Random) -> bytes:
    """A customer with up to three records of each kind beneath it."""
    customer_id = ann.create("customer", name=f"Family {dice.random()}")
    for entity in CHILDREN:
        for _ in range(dice.randint(0, MOST)):
            _child(ann, customer_id, entity)
    return customer_id


def _child(ann: WebPhone, customer_id: bytes, entity: str) -> bytes:
    today = (chance.now_ms() + OFFSET_MS) // DAY_MS
    fields: Mapping[str, dict[str, Value]] = {
        "contact": {"name": "Ms Lin"},
        "follow_up": {"due_day": today, "purpose": "call"},
        "preference": {"subject": "tea"},
    }
    if entity != "quote":
        return ann.create(entity, customer_id=customer_id, **fields.get(entity, {"device_ms": chance.now_ms()}))
    quote_id, line_id = [next(ann.world.ids) for _ in range(2)]
    line: dict[str, Value] = {"quote_id": quote_id, "product_id": bytes(16), "unit": "box", "quantity_thousandths": 1000, "price_minor": 5}
    ann.enter(
        Edit(Kind.create, BY_NAME["quote"], quote_id, {"customer_id": customer_id, "currency": "CNY"}),
        Edit(Kind.create, BY_NAME["quote_line"], line_id, {"customer_id": customer_id, **line}),
    )
    return quote_id


async def _hangs_on(scene: Scene, ann: WebPhone, bo: WebPhone, ids: list[bytes], dice: random.Random) -> None:
    """Half of the quotes are submitted; the manager gives instructions, and lets Bo follow some customers up already."""
    for quote_id, _ in list(ann.shelf.rows(BY_NAME["quote"].number)):
        if dice.random() < 0.5:
            ann.command("quote", quote_id, Submit(hash_on(ann, quote_id)))
    await ann.sync()
    for customer_id in ids:
        if dice.random() < 0.5:
            await _asked(scene, Instruct(id=chance.new_id(), rep_id=ann.user_id, text="Call them", customer_id=customer_id))
        if dice.random() < 0.5:
            await _asked(scene, Collaborate(customer_id, bo.user_id))


async def _asked(scene: Scene, asked: Any) -> None:
    await scene.world.database.write(act, scene.manager.claims, asked, chance.now_ms())


async def _reminded(scene: Scene) -> None:
    """What is due by now is judged; the index of what is due may name a reader of before until then."""
    for _ in range(2):
        await remind.run(scene.world.database)


async def _given(scene: Scene, ids: list[bytes], to: WebPhone) -> int:
    """The manager gives one customer after the other; how many."""
    return sum([await scene.move(customer_id, to.user_id) for customer_id in ids])


async def _goes_on(ann: WebPhone, ids: list[bytes], dice: random.Random) -> None:
    """She enters more in the middle of it, from the other end."""
    for customer_id in reversed(ids):
        _child(ann, customer_id, dice.choice(CHILDREN))
        await ann.sync()


# the judgement


async def _judge(scene: Scene, user_ids: list[bytes], found: Found) -> None:
    """By the tables, and by what a new phone of each user gets."""
    owner, told = await owners(scene), await events(scene)
    former = {customer_id: _former(history, owner[customer_id]) for customer_id, history in told.items()}
    living = await scene.world.database.read(_living, scene.world.org_id)
    for user_id in user_ids:
        fresh = await scene.phone(user_id)
        await fresh.sync()
        held = dict(_held(fresh))
        found.left_behind_in_transfer += sum(user_id in former.get(customer_id, ()) for customer_id in held.values())
        mine = {key for key, customer_id in living.items() if owner.get(customer_id) == user_id}
        found.left_behind_in_transfer += len(mine - held.keys())
    found.left_behind_in_transfer += await scene.world.database.read(_open, scene.world.org_id, former, living)


def _former(history: list[Line], owner_id: bytes | None) -> frozenset[bytes]:
    """Who had the customer, as owner or beside the owner, and has it no more."""
    named = {one.user_id for one in history if one.user_id is not None and one.kind in (*GIVEN, "collaborator")}
    return frozenset(named - {owner_id})


def _held(phone: WebPhone) -> Iterator[tuple[tuple[int, bytes], bytes]]:
    """Key → customer, of all records about a customer on the phone."""
    for (number, record_id), body in phone.holds().items():
        entity = BY_NUMBER[number]
        if entity.name not in BESIDE and entity.in_family:
            yield (number, record_id), getattr(entity.body_decoder.decode(body), "customer_id", record_id)


def _living(conn: sa.Connection, org_id: int) -> dict[tuple[int, bytes], bytes]:
    """Key → customer, of all records about customers that there are."""
    found = {}
    for entity in ENTITIES:
        if entity.in_family and entity.name not in BESIDE:
            table = RECORD_TABLES[entity.name]
            about = table.c.get("customer_id", table.c.id)
            for row in conn.execute(sa.select(table.c.id, about.label("about")).where(table.c.org_id == org_id)):
                found[entity.number, bytes(row.id)] = bytes(row.about)
    return found


def _open(
    conn: sa.Connection, org_id: int, former: Mapping[bytes, frozenset[bytes]], living: Mapping[tuple[int, bytes], bytes]
) -> int:  # fmt: skip
    """Undone instructions, reminders to come and notices that still ask for something, with users who had the customer once."""
    of = {record_id: customer_id for (_, record_id), customer_id in living.items()}
    left = 0
    for row in conn.execute(sa.select(INSTRUCTION).where(INSTRUCTION.c.org_id == org_id, INSTRUCTION.c.customer_id.is_not(None))):
        of[bytes(row.id)] = bytes(row.customer_id)
        left += row.state in UNDONE and bytes(row.rep_id) in former[bytes(row.customer_id)]
    pairs = [(row.subject_id, row.reader_id) for row in conn.execute(sa.select(due).where(due.c.org_id == org_id))]
    asking = NOTICE.c.org_id == org_id, NOTICE.c.state != NotificationState.done, NOTICE.c.subject_id.is_not(None)
    pairs += [(row.subject_id, row.user_id) for row in conn.execute(sa.select(NOTICE).where(*asking))]
    return left + sum(bytes(user_id) in former.get(of.get(bytes(subject_id), b""), ()) for subject_id, user_id in pairs)
