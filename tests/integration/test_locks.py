"""Who comes second waits at the right row: one transaction is held open with a lock or a write in it, and another one comes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any, TypeVar

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from notifications.push import ChannelName
from server.database import Database, async_url, open_database, postgres
from server.domain.imports.frame import Row
from server.domain.ownership import EXPIRE
from server.domain.tokens import Signer
from server.jobs.turn import due
from server.models import RECORD_TABLES, device, push, refresh_token, scope
from server.services import device_lines, hand_over, imports, login, push_plan, sessions, sync_push, tables
from server.services.act import act, turn
from server.services.escalation import hand_items
from server.services.imports import Chunk
from server.store import compact, families, identity, load, outbox, reference, schema
from server.store.feed import FeedRow, publish
from shared_schema.problem import Code, Problem
from shared_schema.records.assignment import AssignmentRuleRequest
from shared_schema.records.customer import CUSTOMER, Collaborate, GiveToPool, NewCustomer, Standing, Transfer
from shared_schema.records.inbox import InboxItem
from shared_schema.records.pool import PoolCard, PoolRequest
from shared_schema.records.reference import DepartmentRequest, ProductRequest
from shared_schema.records.region import CityRequest
from shared_schema.records.team import GiveReceipt, ReceiptLevel
from shared_schema.registry import BY_RECORD
from shared_schema.rest import SignedIn
from sync.state import State
from tests.integration.site import SECRET, found
from tests.integration.test_leavers import waiting
from tests.integration.test_sync_pools import admin, pool_of
from tests.tree import tree_of
from tests.world import KEY, START_MS, Phone, World, team_of, words

T = TypeVar("T")
DEPARTMENT, POOL, STANDING = RECORD_TABLES["department"], RECORD_TABLES["pool"], RECORD_TABLES["standing"]
SIGNER = Signer(SECRET)
HANDSET = device_lines.Phone(b"i" * 16, "phone", "test")


class Two(msgspec.Struct):
    """A database, and an engine whose transactions the test holds open."""

    database: Database
    engine: AsyncEngine

    async def behind(self, second: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """The second one, once it waits for a lock: of what is held, for nobody else is there."""
        task = asyncio.create_task(second)
        while not await self.database.read(waiting):
            assert not task.done(), "it did not wait"
        return task


@pytest.fixture
async def two(migrated_postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Two]:
    """Nobody is run again: what a lock spares its second comer would else be mended by a key that the first has taken."""
    monkeypatch.setattr(postgres, "AGAIN_MAX", 0)
    made = Two(open_database(migrated_postgres_url), create_async_engine(async_url(migrated_postgres_url)))
    yield made
    await made.engine.dispose()
    await made.database.close()


async def unlocked(held: AsyncConnection, column: sa.Column[Any], among: list[Any]) -> list[Any]:
    """Which of these rows nobody but this transaction has locked; from now on it has."""
    free = sa.select(column).where(column.in_(among)).order_by(column).with_for_update(skip_locked=True)
    return list((await held.execute(free)).scalars())


async def pushed(held: AsyncConnection, phone: Phone) -> sync_push.Pushed:
    """A push under way: everything is written, nothing committed."""
    return await held.run_sync(sync_push.push, phone.claims, phone.ask(), KEY, phone.world.now_ms)


async def test_families_are_locked_in_the_order_of_ids(two: Two) -> None:
    """Architecture, locks: while it waits for the second, the first is locked and the third is free."""
    team = await team_of(two.database)
    ids = sorted(team.ann.create("customer", name=f"Shop {at}") for at in range(3))
    await team.ann.sync()
    async with two.engine.begin() as held:
        assert await unlocked(held, STANDING.c.id, ids[1:2]) == ids[1:2]
        coming = await two.behind(two.database.write(families.lock, team.world.org_id, [ids[2], ids[0], ids[1]]))
        assert await unlocked(held, STANDING.c.id, ids) == ids[1:]
    await coming


async def test_scopes_are_locked_in_the_order_of_their_numbers(two: Two) -> None:
    """Architecture, locks: heads move in scope order, whatever the order of the rows."""
    team = await team_of(two.database)
    numbers = (await two.database.read(lambda conn: list(conn.execute(sa.select(scope.c.number).order_by(scope.c.number)).scalars())))[:3]
    rows = [FeedRow(number, 1, b"x" * 16, 0, b"") for number in reversed(numbers)]
    async with two.engine.begin() as held:
        assert await unlocked(held, scope.c.number, numbers[1:2]) == numbers[1:2]
        coming = await two.behind(two.database.write(publish, team.world.org_id, rows, START_MS))
        assert await unlocked(held, scope.c.number, numbers) == numbers[1:]
    assert len(await coming) == 3


async def test_a_push_waits_for_its_line_before_all_else(two: Two) -> None:
    """Architecture, locks: the line first; meanwhile the customer is free for whoever asks."""
    team = await team_of(two.database)
    team.ann.patch("customer", team.customer_id, phone="2")
    mine = team.ann.shelf.seat().line_no
    async with two.engine.begin() as held:
        assert await unlocked(held, device.c.line_no, [mine]) == [mine]
        pushing = await two.behind(team.ann.sync())
        assert await unlocked(held, STANDING.c.id, [team.customer_id]) == [team.customer_id]
    assert words(await pushing) == [("applied", None)]


async def test_a_release_at_the_desk_waits_for_the_pool_before_the_family(two: Two) -> None:
    """D-123: as by a phone."""
    team = await team_of(two.database)
    pool = await pool_of(team)
    async with two.engine.begin() as held:
        assert await unlocked(held, POOL.c.id, [pool.id]) == [pool.id]
        asked = GiveToPool(team.customer_id, pool.id, reason="idle")
        releasing = await two.behind(two.database.write(act, team.manager.claims, asked, team.world.now_ms))
        assert await unlocked(held, STANDING.c.id, [team.customer_id]) == [team.customer_id]
    assert (await releasing).moved


async def test_a_hand_over_into_a_pool_waits_for_the_pool_before_the_family(two: Two) -> None:
    """D-109: as any other move into a pool; meanwhile the customer is free for whoever asks."""
    team = await team_of(two.database)
    pool, boss = await pool_of(team), await admin(team)
    async with two.engine.begin() as held:
        assert await unlocked(held, POOL.c.id, [pool.id]) == [pool.id]
        move = GiveToPool(team.customer_id, pool.id, reason="left")
        giving = await two.behind(two.database.write(hand_over.give, boss, move, team.ann.user_id, team.world.now_ms))
        assert await unlocked(held, STANDING.c.id, [team.customer_id]) == [team.customer_id]
    assert await giving is not None


async def test_a_customer_that_a_rule_sends_to_a_pool_waits_for_the_pool(two: Two) -> None:
    """D-123, D-182: what the pool hides from now on is hidden on the new card too."""
    tree = await tree_of(two.database)
    claims, now_ms = tree.boss.claims, tree.world.now_ms
    pool = await two.database.write(tables.save, claims, PoolRequest(name="Open"), now_ms)
    await two.database.write(tables.save, claims, AssignmentRuleRequest(name="All", pool_id=pool.id), now_ms)
    asked = NewCustomer(next(tree.world.ids), CUSTOMER.create_type(name="Secret"))
    async with two.engine.begin() as held:
        await held.run_sync(tables.save, claims, PoolRequest(id=pool.id, name="Open", hidden=("name",)), now_ms)
        entering = await two.behind(two.database.write(act, claims, asked, now_ms))
    await entering
    card = await two.database.read(reference.find, tree.world.org_id, PoolCard, asked.id)
    assert card is not None
    assert card.name is None


async def test_two_customers_at_once_go_to_two_users(two: Two) -> None:
    """D-183: the second counts what the first one under way has given."""
    team = await team_of(two.database)
    boss, now_ms = await admin(team), team.world.now_ms
    pair = (team.bo.user_id, team.manager.user_id)
    await two.database.write(tables.save, boss, AssignmentRuleRequest(name="All", user_ids=pair), now_ms)
    first, second = (NewCustomer(next(team.world.ids), CUSTOMER.create_type(name=name)) for name in "ab")
    async with two.engine.begin() as held:
        await held.run_sync(act, boss, first, now_ms)
        entering = await two.behind(two.database.write(act, boss, second, now_ms))
    await entering
    found = [await two.database.read(reference.find, team.world.org_id, Standing, one.id) for one in (first, second)]
    assert {one.owner_id for one in found if one is not None} == set(pair)


async def test_a_file_that_a_rule_leads_counts_what_another_one_has_given(two: Two) -> None:
    """D-184: the second file waits for the counters of the users, and counts behind them."""
    team = await team_of(two.database)
    boss, now_ms = await admin(team), team.world.now_ms
    pair = (team.bo.user_id, team.manager.user_id)
    await two.database.write(tables.save, boss, AssignmentRuleRequest(name="All", user_ids=pair), now_ms)
    first, second = (Chunk("customers", (Row(2, (name,), {"external_id": name, "name": name}),), now_ms) for name in "ab")
    async with two.engine.begin() as held:
        await held.run_sync(imports.take, boss, first)
        importing = await two.behind(two.database.write(imports.take, boss, second))
    (goal,) = (one.goal for one in (await importing).settled.values())
    assert goal is not None
    found = await two.database.read(load.counts, team.world.org_id, BY_RECORD[Standing], "owner_id", pair)
    assert found == dict.fromkeys(pair, 1)


async def test_a_move_from_a_screen_of_before_the_move_under_way_is_refused(two: Two) -> None:
    """D-107: the second manager's epoch is compared with the one that the first has left, not with the one on both their screens."""
    team = await team_of(two.database)
    epoch = (await team.move(team.bo)).epoch
    async with two.engine.begin() as held:
        first, second = (Transfer(team.customer_id, to.user_id, epoch) for to in (team.ann, team.manager))
        await held.run_sync(act, team.manager.claims, first, team.world.now_ms)
        moving = await two.behind(two.database.write(act, team.manager.claims, second, team.world.now_ms))
    with pytest.raises(Problem) as refused:
        await moving
    assert refused.value.code is Code.stale_epoch


async def test_a_collaboration_that_is_being_ended_is_not_ended_again(two: Two) -> None:
    """D-108: the second turn found it due, waited for the family, and finds it gone."""
    team = await team_of(two.database)
    until_ms = team.world.now_ms + 60_000
    shop_id = team.ann.create("customer", name="Shop")
    await team.ann.sync()
    await two.database.write(act, team.manager.claims, Collaborate(shop_id, team.bo.user_id, until_ms), team.world.now_ms)
    (over,) = await two.database.read(due, team.world.org_id, EXPIRE, until_ms)
    async with two.engine.begin() as held:
        assert await held.run_sync(turn, team.world.org_id, EXPIRE, over.id, until_ms) == 1
        second = await two.behind(two.database.write(turn, team.world.org_id, EXPIRE, over.id, until_ms))
    assert await second == 0
    await team.ann.sync()
    standing = team.ann.view("standing", shop_id)
    assert isinstance(standing, Standing)
    assert standing.epoch == 3, "begun and ended once"


async def card_of_nothing(phone: Phone) -> InboxItem:
    """A card without a customer, and so without a family: what its holder entered about a record that is none of his."""
    phone.patch("customer", next(phone.world.ids), phone="2")
    assert words(await phone.sync()) == [("rejected", "out_of_scope")]
    (item,) = phone.inbox()
    assert item.customer_id is None
    return item


async def test_a_second_decision_on_a_card_sees_the_first_one_under_way(two: Two) -> None:
    """P-507: two phones of one holder, at once."""
    team = await team_of(two.database)
    item, other = await card_of_nothing(team.ann), await team.world.phone(team.ann.user_id)
    await other.sync()
    team.ann.keep_theirs(item)
    other.dismiss(item)
    async with two.engine.begin() as held:
        await pushed(held, team.ann)
        deciding = await two.behind(other.sync())
    assert words(await deciding) == [("parked", "state_wrong")]


async def test_a_card_that_is_being_decided_does_not_go_up(two: Two) -> None:
    """P-533: the job waits for the holder's last decision and finds the card closed."""
    tree = await tree_of(two.database)
    ann = tree["ann"]
    ann.dismiss(await card_of_nothing(ann))
    async with two.engine.begin() as held:
        await pushed(held, ann)
        handing = await two.behind(two.database.write(hand_items, tree.world.org_id, ann.user_id, tree.world.now_ms))
    assert await handing == 0


async def test_a_receipt_under_way_is_not_lowered(two: Two) -> None:
    """P-530: the lower one comes second from the reader's other phone."""
    tree = await tree_of(two.database)
    ann, other = tree["ann"], await tree.world.phone(tree["ann"].user_id)
    note_id = await tree.told("nia", "east", "read me")
    ann.command("team_note", note_id, GiveReceipt(ReceiptLevel.delivered))
    await ann.sync()
    await other.sync()
    for phone, level in ((ann, ReceiptLevel.done), (other, ReceiptLevel.read)):
        phone.command("team_note", note_id, GiveReceipt(level))
    async with two.engine.begin() as held:
        await pushed(held, ann)
        giving = await two.behind(other.sync())
    assert words(await giving) == [("duplicate", None)]


def quote_number(conn: sa.Connection, org_id: int) -> int:
    """The next number of a counter, taken as a decision about a quote takes it: locked and read, and written back at the end."""
    state = State()
    load.lock_counter(conn, state, org_id, "quote:2026")
    state.counters["quote:2026"] += 1
    load.save_counter(conn, org_id, "quote:2026", state.counters["quote:2026"])
    return state.counters["quote:2026"]


async def test_two_quotes_that_are_approved_at_once_have_two_numbers(two: Two) -> None:
    """Architecture, locks: a counter is locked before it is read."""
    before = await two.database.write(quote_number, 1)
    async with two.engine.begin() as held:
        assert await held.run_sync(quote_number, 1) == before + 1
        second = await two.behind(two.database.write(quote_number, 1))
    assert await second == before + 2


async def test_two_departments_do_not_become_each_other_s_parent(two: Two) -> None:
    """One tree, one lock: the second move sees what the first one under way has made of the tree."""
    tree = await tree_of(two.database)
    claims, now_ms = tree.boss.claims, tree.world.now_ms

    def below(name: str, parent: str) -> DepartmentRequest:
        return DepartmentRequest(id=tree.departments[name], name=name, parent_id=tree.departments[parent])

    async with two.engine.begin() as held:
        await held.run_sync(tables.save, claims, below("north", "south"), now_ms)
        moving = await two.behind(two.database.write(tables.save, claims, below("south", "north"), now_ms))
    with pytest.raises(Problem) as refused:
        await moving
    assert refused.value.code is Code.rule_broken


async def test_one_city_that_is_made_twice_at_once_stands_once(two: Two) -> None:
    """D-180: the second maker sees the city of the first, which is under way."""
    tree = await tree_of(two.database)
    claims, now_ms = tree.boss.claims, tree.world.now_ms
    async with two.engine.begin() as held:
        await held.run_sync(tables.save, claims, CityRequest(name="成都", region="East"), now_ms)
        making = await two.behind(two.database.write(tables.save, claims, CityRequest(name="成都市", region="West"), now_ms))
    with pytest.raises(Problem) as refused:
        await making
    assert (refused.value.code, refused.value.field) == (Code.rule_broken, "name")


async def test_two_changes_of_one_product_make_two_revs(two: Two) -> None:
    """Architecture, locks: a record of every device is locked before it is read; the second change sees the first."""
    tree = await tree_of(two.database)
    claims, now_ms = tree.boss.claims, tree.world.now_ms
    tea = (await two.database.write(tables.save, claims, ProductRequest(code="P", name="Tea"), now_ms)).id

    def called(name: str) -> ProductRequest:
        return ProductRequest(id=tea, code="P", name=name)

    async with two.engine.begin() as held:
        assert (await held.run_sync(tables.save, claims, called("Silk"), now_ms)).rev == 2
        changing = await two.behind(two.database.write(tables.save, claims, called("Wool"), now_ms))
    assert (await changing).rev == 3


async def test_an_import_waits_for_its_turn_before_it_locks_a_department(two: Two) -> None:
    """Architecture, locks: the desk that has the turn gets the department that the import is about to change."""
    tree = await tree_of(two.database)
    rows = (Row(2, ("D-1",), {"external_id": "D-1", "name": "West"}),)
    chunk = (tree.boss.claims, imports.Chunk("departments", rows, tree.world.now_ms))
    await two.database.write(imports.take, *chunk)
    async with two.engine.begin() as held:
        await held.run_sync(identity.next_number, 1, "departments")
        importing = await two.behind(two.database.write(imports.take, *chunk))
        ids = list((await held.execute(sa.select(DEPARTMENT.c.id))).scalars())
        assert sorted(await unlocked(held, DEPARTMENT.c.id, ids)) == sorted(ids)
    assert (await importing).faults == ()


async def test_two_log_ins_of_one_phone_open_one_line(two: Two) -> None:
    """P-011: the second finds the line that the first has opened and not committed."""
    await found(two.database)
    credential = await two.database.write(login.admit, "alpha", "boss", "10.0.0.1", START_MS)
    begin = (SIGNER, credential, HANDSET, True, START_MS)
    async with two.engine.begin() as held:
        first = await held.run_sync(login.finish, *begin)
        beginning = await two.behind(two.database.write(login.finish, *begin))
    second = await beginning
    assert isinstance(first, SignedIn)
    assert isinstance(second, SignedIn)
    assert first.line_no == second.line_no


async def test_a_refresh_behind_a_log_out_is_signed_out(two: Two) -> None:
    """P-010: the log-out has ended the session and not committed; no token comes after it."""
    await found(two.database)
    credential = await two.database.write(login.admit, "alpha", "boss", "10.0.0.1", START_MS)
    begun = await two.database.write(login.finish, SIGNER, credential, HANDSET, True, START_MS)
    assert isinstance(begun, SignedIn)
    async with two.engine.begin() as held:
        await held.run_sync(sessions.end, begun.refresh_token)
        renewing = await two.behind(two.database.write(sessions.renew, SIGNER, begun.refresh_token, START_MS + 1))
    with pytest.raises(Problem) as refused:
        await renewing
    assert refused.value.code is Code.signed_out
    assert await two.database.read(lambda conn: conn.execute(sa.select(refresh_token.c.hash)).all()) == []


async def test_a_notice_that_one_worker_takes_is_passed_over_by_the_next(two: Two) -> None:
    """No worker waits for another one, and none sends what another one sends."""
    team = await team_of(two.database)
    await team.move(team.bo)
    org_id, now_ms = team.world.org_id, team.world.now_ms
    readers, lease = (org_id, 10, now_ms), (org_id, 10, now_ms, outbox.Skipped())
    async with two.engine.begin() as held:
        assert len(await held.run_sync(outbox.readers, *readers)) == 2
        assert await _passes(two, outbox.readers, *readers) == []
    assert await two.database.write(push_plan.plan, org_id, 10, now_ms, frozenset(ChannelName)) == 2
    async with two.engine.begin() as held:
        assert len(await held.run_sync(outbox.lease, *lease)) == 2
        assert await _passes(two, outbox.lease, *lease) == []


async def test_two_workers_that_give_up_the_last_ways_at_once_leave_a_notice_another(two: Two) -> None:
    """D-944: each of the two devices of a reader is given up by another worker, and the second one sees what the first did."""
    team = await team_of(two.database)
    await team.move(team.bo)
    org_id, now_ms = team.world.org_id, team.world.now_ms
    key = await two.database.write(_gone_on, org_id, team.bo.user_id, (8, 9))
    async with two.engine.begin() as held:
        await held.run_sync(_given_up, org_id, (key, 8), now_ms)
        second = await two.behind(two.database.write(_given_up, org_id, (key, 9), now_ms))
    await second
    rows = await two.database.read(outbox.rows_of, org_id, key)
    assert {row.line_no: row.state for row in rows} == {outbox.READER: "due", 8: "dead_gone", 9: "dead_gone"}


def _gone_on(conn: sa.Connection, org_id: int, user_id: bytes, lines: Sequence[int]) -> bytes:
    """Let the user's notice have gone on to these lines; its id."""
    mine = (push.c.org_id == org_id, push.c.user_id == user_id)
    key = bytes(conn.execute(sa.select(push.c.notification_id).where(*mine)).scalar_one())
    conn.execute(sa.update(push).where(*mine).values(state="planned", due_ms=None, sent_ms=1))
    row = {"notification_id": key, "user_id": user_id, "channel": "fcm", "due_ms": 1, "made_ms": 1}
    outbox.insert(conn, org_id, [{**row, "line_no": one} for one in lines])
    return key


def _given_up(conn: sa.Connection, org_id: int, place: outbox.Place, now_ms: int) -> None:
    outbox.settle(conn, org_id, [{"place": place, "tries": 0, "state": "dead_gone", "due_ms": None, "fails": 1, "sent_ms": None}])
    outbox.plan_again(conn, org_id, [place[0]], now_ms)


async def _passes(two: Two, unit: Callable[..., list[Any]], *asked: Any) -> list[Any]:
    """What another worker takes meanwhile, without waiting."""
    second = asyncio.create_task(two.database.write(unit, *asked))
    while not second.done():
        assert not await two.database.read(waiting), "it waits for the first"
    return await second


async def test_who_forgets_removals_waits_for_who_publishes(two: Two) -> None:
    """Architecture, locks: the scope before its rows, whatever there is to forget."""
    world = await World(two.database).open()
    async with two.engine.begin() as held:
        (number,) = await unlocked(held, scope.c.number, [1])
        forgetting = await two.behind(two.database.write(compact.purge, world.org_id, number, START_MS))
    assert await forgetting == 0


async def test_a_process_that_migrates_waits_for_the_one_that_does(two: Two, migrated_postgres_url: str) -> None:
    """One process at a time, also where nothing is left to do."""
    async with two.engine.begin() as held:
        await held.run_sync(schema._take_turn)
        migrating = await two.behind(schema.migrate(migrated_postgres_url))
    assert await migrating == schema.head()
