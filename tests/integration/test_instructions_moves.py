"""What a move does to an instruction: it goes on with its customer, or back to its author, also when two things happen at once."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from server.database import Database
from server.domain.ownership import EXPIRE
from server.jobs.escalate import hand
from server.models import RECORD_TABLES
from server.services import hand_over, tables
from server.services.act import act, turn
from server.store import partings
from shared_schema.problem import Problem
from shared_schema.records.customer import Collaborate, Collaborator, EndCollaboration, GiveToPool, HandOverRequest, Release, Transfer
from shared_schema.records.instruction import Acknowledge, DecideInstruction, Decline, Finish, Instruct, Instruction, InstructionState
from shared_schema.records.pool import Claim, PoolRequest
from shared_schema.records.reference import Role
from shared_schema.registry import BY_RECORD
from sync import overlay
from tests.tree import Tree, tree_of
from tests.world import Phone, words

NOTIFICATION = RECORD_TABLES["notification"]

NOUN = "instruction"
MOVED = InstructionState.moved
SENT = InstructionState.sent


@pytest.fixture
async def tree(database: Database) -> Tree:
    return await tree_of(database)


async def desk(tree: Tree, who: Phone, asked: Any) -> Any:
    return await tree.world.database.write(act, who.claims, asked, tree.world.now_ms)


async def asks(tree: Tree, author: Phone, **more: Any) -> list[Instruction]:
    return (await desk(tree, author, Instruct(**{"id": next(tree.world.ids), "text": "Call the mill"} | more))).items  # type: ignore[no-any-return]


async def shop(tree: Tree, phone: Phone, name: str = "Mill") -> bytes:
    shop_id = phone.create("customer", name=name)
    await phone.sync()
    return shop_id


async def pool(tree: Tree) -> bytes:
    asked = PoolRequest(id=next(tree.world.ids), name="Open sea")
    return (await tree.world.database.write(tables.save, tree.boss.claims, asked, tree.world.now_ms)).id  # type: ignore[no-any-return]


async def stands(tree: Tree) -> list[tuple[str, str]]:
    """(whose, state) of all instructions in the database."""
    table = RECORD_TABLES[NOUN]
    names = {phone.user_id: name for name, phone in tree.phones.items()}
    rows = await tree.world.database.read(lambda conn: conn.execute(sa.select(table.c.rep_id, table.c.state)).all())
    return sorted((names[bytes(row.rep_id)], InstructionState(row.state).name) for row in rows)


async def heard(tree: Tree, *kinds: str) -> list[tuple[str, str]]:
    names = {phone.user_id: name for name, phone in tree.phones.items()}
    chosen = sa.select(NOTIFICATION.c.kind, NOTIFICATION.c.user_id).where(NOTIFICATION.c.kind.in_(kinds))
    rows = await tree.world.database.read(lambda conn: conn.execute(chosen).all())
    return sorted((row.kind, names[bytes(row.user_id)]) for row in rows)


def on(phone: Phone) -> dict[bytes, Instruction]:
    found = overlay.views(phone.shelf, BY_RECORD[Instruction])
    return {one.id: one for one in found if isinstance(one, Instruction)}


async def test_it_goes_on_with_its_customer(tree: Tree) -> None:
    """D-811: the new owner has one of the same words, from the beginning. The old rep's is closed, and may still be done."""
    hal, nia, ann, bo = (tree[name] for name in ("hal", "nia", "ann", "bo"))
    shop_id = await shop(tree, ann)
    [given] = await asks(tree, hal, rep_id=ann.user_id, customer_id=shop_id)
    [answered] = await asks(tree, hal, rep_id=ann.user_id, customer_id=shop_id)
    [other] = await asks(tree, hal, rep_id=ann.user_id)
    await ann.sync()
    ann.command(NOUN, given.id, Acknowledge())
    ann.command(NOUN, answered.id, Decline("ill"))
    await ann.sync()
    await desk(tree, nia, Transfer(shop_id, bo.user_id))
    await tree.step()
    assert await stands(tree) == [("ann", "declined"), ("ann", "moved"), ("ann", "sent"), ("bo", "sent")]
    [heir] = on(bo).values()
    assert (heir.from_id, heir.batch_id, heir.text, heir.round, len(heir.steps)) == (given.id, given.batch_id, given.text, 1, 1)
    assert on(ann)[given.id].state is MOVED
    assert on(ann)[other.id] == other
    assert await heard(tree, "instruction_moved", "instructed") == [
        *[("instructed", "ann")] * 3,
        *[("instructed", "bo"), ("instruction_moved", "hal")],
    ]
    ann.command(NOUN, given.id, Finish(reply="was there before"))
    assert words(await ann.sync()) == [("applied", None)]
    await hal.sync()
    assert (on(hal)[given.id].state, on(hal)[given.id].reply, on(hal)[heir.id].state) == (MOVED, "was there before", SENT)
    with pytest.raises(Problem, match="no longer follows"):
        await desk(tree, hal, DecideInstruction(answered.id, "return", 1, "try"))
    await desk(tree, nia, Transfer(shop_id, ann.user_id))
    await tree.step()
    assert [one.from_id for one in on(ann).values() if one.state is SENT and one.customer_id] == [heir.id]


async def test_an_owner_gets_no_second_one_of_a_request(tree: Tree) -> None:
    """D-811: the owner and a collaborator were both asked; both lose the customer to one user, who is asked once."""
    hal, nia, ann, bo, cy = (tree[name] for name in ("hal", "nia", "ann", "bo", "cy"))
    shop_id = await shop(tree, ann)
    await desk(tree, nia, Collaborate(shop_id, bo.user_id))
    assert len(await asks(tree, hal, customer_id=shop_id, followers=True)) == 2
    await desk(tree, nia, EndCollaboration(shop_id, bo.user_id))
    assert await stands(tree) == [("ann", "sent"), ("bo", "moved")]
    await desk(tree, hal, Transfer(shop_id, cy.user_id))
    assert await stands(tree) == [("ann", "moved"), ("bo", "moved"), ("cy", "sent")]


async def test_in_a_pool_nobody_gets_it(tree: Tree) -> None:
    """D-811: by phone and at the desk; a user who claims the customer later gets nothing."""
    hal, nia, ann, bo = (tree[name] for name in ("hal", "nia", "ann", "bo"))
    sea_id = await pool(tree)
    await tree.step()
    mine, theirs = await shop(tree, ann), await shop(tree, ann, "Other")
    for shop_id in (mine, theirs):
        await asks(tree, hal, rep_id=ann.user_id, customer_id=shop_id)
    await ann.sync()
    await desk(tree, nia, GiveToPool(theirs, sea_id))
    assert await stands(tree) == [("ann", "moved"), ("ann", "sent")]
    ann.command("standing", mine, Release(sea_id, 1))
    assert words(await ann.sync()) == [("applied", None)]
    assert await stands(tree) == [("ann", "moved")] * 2
    assert await heard(tree, "instruction_back", "instruction_moved") == [("instruction_back", "hal")] * 2
    bo.command("pool_card", mine, Claim(2))
    assert words(await bo.sync()) == [("applied", None)]
    assert await stands(tree) == [("ann", "moved")] * 2


async def test_the_end_of_a_collaboration_moves_it_to_the_owner(tree: Tree) -> None:
    """D-811, D-108: by the clock too."""
    hal, nia, ann, bo = (tree[name] for name in ("hal", "nia", "ann", "bo"))
    shop_id, world = await shop(tree, ann), tree.world
    await desk(tree, nia, Collaborate(shop_id, bo.user_id, world.now_ms + 1_000))
    await asks(tree, hal, rep_id=bo.user_id, customer_id=shop_id)
    table = RECORD_TABLES[BY_RECORD[Collaborator].name]
    [collaboration_id] = await world.database.read(lambda conn: conn.execute(sa.select(table.c.id)).scalars().all())
    world.now_ms += 2_000
    assert await world.database.write(turn, world.org_id, EXPIRE, bytes(collaboration_id), world.now_ms) == 1
    assert await stands(tree) == [("ann", "sent"), ("bo", "moved")]


async def test_a_leaver_lets_go(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """D-811: what is about no customer goes back, a page in the transaction and the rest by the job; the others go with the customer."""
    hal, ann, bo, world = tree["hal"], tree["ann"], tree["bo"], tree.world
    shop_id = await shop(tree, ann)
    await asks(tree, hal, rep_id=ann.user_id, customer_id=shop_id)
    for _ in range(3):
        await asks(tree, hal, rep_id=ann.user_id)
    monkeypatch.setattr(partings, "RECORDS_MAX", 2)
    await tree.person("ann", Role.rep, "east", active=False)
    assert await stands(tree) == [("ann", "moved")] * 2 + [("ann", "sent")] * 2
    assert await hand(world.database) == 1
    assert await hand(world.database) == 0
    assert await stands(tree) == [("ann", "moved")] * 3 + [("ann", "sent")]
    assert await heard(tree, "instruction_back") == [("instruction_back", "hal")] * 3
    asked = HandOverRequest(to_user_id=bo.user_id, reason="left")
    await hand_over.all_of(world.database, hal.claims, ann.user_id, asked, world.now_ms)
    assert await stands(tree) == [("ann", "moved")] * 4 + [("bo", "sent")]


async def test_a_move_and_what_happens_at_the_same_moment(tree: Tree) -> None:
    """docs/architecture.md, Locks: an answer, a decision, a new instruction and the move of the customer lock the same family, so each
    sees what the one before did. An undone instruction never stays with a user who does not follow the customer up."""
    hal, nia, ann, bo = (tree[name] for name in ("hal", "nia", "ann", "bo"))
    for at in range(12):
        shop_id = await shop(tree, ann, f"Shop {at}")
        [given] = await asks(tree, hal, rep_id=ann.user_id, customer_id=shop_id)
        await ann.sync()
        ann.command(NOUN, given.id, Finish() if at % 2 else Acknowledge())

        told = await asyncio.gather(
            desk(tree, nia, Transfer(shop_id, bo.user_id)),
            ann.sync(),
            asks(tree, hal, rep_id=ann.user_id, customer_id=shop_id),
            desk(tree, hal, DecideInstruction(given.id, "cancel", 1)),
            return_exceptions=True,
        )
        assert [one for one in told if isinstance(one, BaseException) and not isinstance(one, Problem)] == []
    table = RECORD_TABLES[NOUN]
    chosen = sa.select(table.c.rep_id).where(table.c.customer_id.is_not(None), table.c.state < int(InstructionState.declined))
    assert {bytes(row.rep_id) for row in await tree.world.database.read(lambda conn: conn.execute(chosen).all())} == {bo.user_id}
