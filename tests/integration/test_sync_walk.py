"""Two phones, one customer, real databases: the main promises of the protocol, one by one."""

import pytest

from server.database import Database
from server.domain.tokens import Claims
from server.services.act import act
from shared_schema.problem import Problem
from shared_schema.records.activity import Visit
from shared_schema.records.customer import Collaborate, Transfer
from shared_schema.records.inbox import ItemState
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME
from shared_schema.wire import OUTCOME_DECODER, Kind, Outcome, Result, SyncAnswer
from sync.device import Edit
from tests.world import Phone, World


def outcomes(answers: list[SyncAnswer]) -> list[Outcome]:
    return [OUTCOME_DECODER.decode(raw) for answer in answers for raw in answer.outcomes]


@pytest.fixture
async def world(database: Database) -> World:
    return await World(database).open()


async def team(world: World) -> tuple[Phone, Phone, Phone]:
    """A manager's phone and two reps' phones."""
    manager = await world.phone(await world.user("manager", Role.manager))
    return manager, await world.phone(await world.user("ann")), await world.phone(await world.user("bo"))


async def shared(world: World, owner: Phone, other: Phone, manager: Phone) -> bytes:
    """A customer which both reps hold."""
    customer_id = owner.create("customer", name="Corner Shop", phone="1")
    await owner.sync()
    asked = Collaborate(customer_id, other.user_id)
    await world.database.write(act, manager.claims, asked, world.now_ms)
    await other.sync()
    await owner.sync()
    return customer_id


async def test_an_entry_reaches_the_server_and_every_holder(world: World) -> None:
    """P-121, P-122, P-132."""
    manager, ann, bo = await team(world)
    customer_id = await shared(world, ann, bo, manager)
    await manager.sync()
    assert bo.customer(customer_id) == ann.customer(customer_id) == manager.customer(customer_id)
    assert not ann.shelf.pendings() or all(not one.overlay for one in ann.shelf.pendings())


async def test_different_groups_both_survive(world: World) -> None:
    """P-405."""
    manager, ann, bo = await team(world)
    customer_id = await shared(world, ann, bo, manager)
    ann.patch("customer", customer_id, phone="2")
    bo.patch("customer", customer_id, note="knock twice")
    await ann.sync()
    merged = outcomes(await bo.sync())
    await ann.sync()
    assert [one.result for one in merged] == [Result.merged]
    assert (ann.customer(customer_id).phone, ann.customer(customer_id).note) == ("2", "knock twice")
    assert ann.customer(customer_id) == bo.customer(customer_id)


async def test_the_same_group_is_parked_and_decided(world: World) -> None:
    """P-401, P-404, P-501, P-503, P-504, P-506."""
    manager, ann, bo = await team(world)
    customer_id = await shared(world, ann, bo, manager)
    ann.patch("customer", customer_id, phone="ann's")
    bo.patch("customer", customer_id, phone="bo's")
    await ann.sync()
    parked = outcomes(await bo.sync())
    assert [one.result for one in parked] == [Result.parked]
    (item,) = bo.inbox()
    assert (item.members[0].before, item.members[0].mine, item.members[0].theirs) == ({"phone": "1"}, {"phone": "bo's"}, {"phone": "ann's"})
    assert item.members[0].their_user_id == ann.user_id
    assert bo.customer(customer_id).phone == "ann's"
    bo.use_mine(item)
    assert [one.result for one in outcomes(await bo.sync())] == [Result.applied]
    await ann.sync()
    assert ann.customer(customer_id).phone == bo.customer(customer_id).phone == "bo's"
    assert bo.inbox()[0].state == ItemState.used_mine


async def test_a_moved_customer_leaves_and_a_late_visit_stays(world: World) -> None:
    """P-123, P-424."""
    manager, ann, bo = await team(world)
    customer_id = ann.create("customer", name="Moved Shop")
    ann.create("contact", customer_id=customer_id, name="Ms Lin")
    await ann.sync()
    visit_id = ann.create("visit", customer_id=customer_id, device_ms=world.now_ms, note="late")
    ann.patch("customer", customer_id, phone="late phone")
    move = Transfer(customer_id, bo.user_id, 1, "nearer")
    moved = await world.database.write(act, manager.claims, move, world.now_ms)
    assert moved.moved == {"customer": 1, "standing": 1, "contact": 1}
    assert [one.result for one in outcomes(await ann.sync())] == [Result.applied, Result.parked]
    assert ann.view("customer", customer_id) is None
    await bo.sync()
    visit = bo.view("visit", visit_id)
    assert isinstance(visit, Visit)
    assert (visit.late, visit.author_id) == (True, ann.user_id)
    assert [item.members[0].mine for item in ann.inbox()] == [{"phone": "late phone"}]


async def test_poison_between_two_good_ones_is_consumed_alone(world: World) -> None:
    """P-324."""
    _, ann, _ = await team(world)
    customer_id = ann.create("customer", name="Shop")
    ann.patch("customer", customer_id, {"extra.unknown": "x"})
    ann.patch("customer", customer_id, note="good")
    found = outcomes(await ann.sync())
    assert [(one.result, one.code) for one in found] == [
        (Result.applied, None),
        (Result.rejected, "custom_field_unknown"),
        (Result.applied, None),
    ]
    assert ann.customer(customer_id).note == "good"
    assert ann.inbox()[0].code == "custom_field_unknown"


async def test_a_foreign_customer_is_unknown(world: World, database: Database) -> None:
    """P-424."""
    _, ann, bo = await team(world)
    customer_id = ann.create("customer", name="Ann's")
    await ann.sync()
    bo.patch("customer", customer_id, note="x")
    bo.patch("customer", next(world.ids), note="x")
    found = outcomes(await bo.sync())
    assert [(one.result, one.code) for one in found] == [(Result.rejected, "out_of_scope")] * 2
    other = await World(database, 2).open()
    stranger = await other.phone(await other.user("eve", Role.manager))
    with pytest.raises(Problem):
        await database.write(act, stranger.claims, Transfer(customer_id, stranger.user_id), world.now_ms)
    assert Claims(2, stranger.user_id, 1) == stranger.claims


async def test_a_foreign_deleted_record_is_unknown_too(world: World) -> None:
    """P-424."""
    manager, ann, bo = await team(world)
    customer_id = ann.create("customer", name="Ann's")
    contact_id = ann.create("contact", customer_id=customer_id, name="Ms Lin")
    bos_id = bo.create("customer", name="Bo's")
    await ann.sync()
    ann.delete("contact", contact_id)
    await ann.sync()
    unknown_id = next(world.ids)
    for record_id in (contact_id, unknown_id):
        bo.patch("contact", record_id, note="x")
        bo.delete("contact", record_id)
    bo.enter(Edit(Kind.create, BY_NAME["contact"], contact_id, {"customer_id": bos_id, "name": "again"}))
    found = outcomes(await bo.sync())
    assert [(one.result, one.code) for one in found[1:]] == [(Result.rejected, "out_of_scope")] * 5
    await manager.sync()
    manager.delete("contact", contact_id)
    assert [one.result for one in outcomes(await manager.sync())] == [Result.duplicate]


async def test_a_fact_never_changes(world: World) -> None:
    """P-333."""
    _, ann, _ = await team(world)
    customer_id = ann.create("customer", name="Shop")
    visit_id = ann.create("visit", customer_id=customer_id, device_ms=1, note="seen")
    ann.delete("visit", visit_id)
    ann.patch("visit", visit_id, note="not seen")
    found = outcomes(await ann.sync())
    assert [(one.result, one.code) for one in found[2:]] == [(Result.rejected, "immutable")] * 2


async def test_an_edit_repeated_on_a_moved_customer_stays_one_card(world: World) -> None:
    """P-502: a record which the author no longer holds has one open card of his line, whatever he enters."""
    manager, ann, bo = await team(world)
    customer_id = ann.create("customer", name="Moved Shop")
    await ann.sync()
    ann.patch("customer", customer_id, phone="late phone")
    await world.database.write(act, manager.claims, Transfer(customer_id, bo.user_id), world.now_ms)
    await ann.sync()
    ann.use_mine(ann.inbox()[0])
    await ann.sync()
    ann.patch("customer", customer_id, note="late note")
    await ann.sync()
    (item,) = ann.inbox()
    assert item.members[0].mine == {"phone": "late phone", "note": "late note"}
    assert [one.mine for one in item.earlier] == [{"phone": "late phone"}] * 2
