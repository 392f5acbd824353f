"""A member holds a pooled customer: a later claim is certain, others wait, and what ends the hold (D-190 to D-194)."""

import asyncio
from typing import Any, Final

import pytest
import sqlalchemy as sa

from server.domain.holds import EXPIRE, HOLDS, HOLDS_MAX
from server.domain.local_times import DAY_MS, HOUR_MS, local_day, moment_ms
from server.domain.tokens import Claims
from server.jobs import turn
from server.models import RECORD_TABLES
from server.services import tables, users
from server.services.act import act
from server.services.records import desk_list
from server.store.convert import from_row
from shared_schema.problem import Code, Problem
from shared_schema.records.archival import ArchiveCustomer
from shared_schema.records.customer import LeaveAlone, Transfer
from shared_schema.records.hold import EndHold, PoolHold, PoolHoldState, TakeHold
from shared_schema.records.pool import PoolRequest
from shared_schema.records.reference import DepartmentRequest, Role
from shared_schema.registry import BY_NAME
from shared_schema.rest import UserRequest
from tests.integration.test_claim_rules import WON, ZONE, looking, midnight, newest, rep, ruled, shops
from tests.integration.test_claim_rules import team as team  # noqa: PLC0414 - the fixture
from tests.integration.test_extensions import heard
from tests.integration.test_imports import Desk
from tests.integration.test_reminders import tick
from tests.integration.test_sync_pools import admin, card_of, claimed
from tests.integration.test_sync_scopes import right
from tests.world import Phone, Team, said, words

HELD: Final = ("rejected", "held")
ROUNDS: Final = 6


async def asks(team: Team, phone: Phone, customer_id: bytes, hours: int = 8, **more: Any) -> PoolHold:
    """A hold as the phone asks for it, by the card on its screen."""
    card = card_of(phone, customer_id)
    asked = TakeHold(customer_id, more.pop("hold_id", next(phone.world.ids)), card.epoch if card is not None else 1, hours, **more)
    given: PoolHold = await team.world.database.write(act, phone.claims, asked, team.world.now_ms)
    return given


async def refused(team: Team, phone: Phone, customer_id: bytes, **more: Any) -> Problem:
    with pytest.raises(Problem) as found:
        await asks(team, phone, customer_id, **more)
    return found.value


async def ends(team: Team, claims: Claims, hold: PoolHold) -> PoolHold:
    given: PoolHold = await team.world.database.write(act, claims, EndHold(hold.id), team.world.now_ms)
    return given


async def stored(team: Team, hold: PoolHold) -> PoolHold:
    table, entity = RECORD_TABLES["pool_hold"], BY_NAME["pool_hold"]
    one = sa.select(*(table.c[slot] for slot in entity.slots)).where(table.c.id == hold.id)
    found = await team.world.database.read(lambda conn: from_row(entity, tuple(conn.execute(one).one())))
    assert isinstance(found, PoolHold)
    return found


async def job(team: Team, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("server.chance.now_ms", lambda: team.world.now_ms)
    return await turn.run(team.world.database, EXPIRE)


def shown(phone: Phone, customer_id: bytes) -> tuple[bytes | None, int | None]:
    card = card_of(phone, customer_id)
    assert card is not None
    return card.held_by_id, card.held_until_ms


# a claim under a hold


async def test_a_claim_that_arrives_within_the_hold_wins_though_others_tried(team: Team) -> None:
    """D-190, D-191, D-192: made offline, sent hours later; the others are told by whom and until when, and their cards showed it."""
    pool = await ruled(team)
    (shop,) = await shops(team, pool, 1)
    cleo, dora = await rep(team, "cleo"), await rep(team, "dora")
    claimed(dora, shop)  # entered before the hold, sent behind it
    hold = await asks(team, cleo, shop)
    assert (hold.user_id, hold.pool_id, hold.until_ms) == (cleo.user_id, pool.id, team.world.now_ms + 8 * HOUR_MS)
    answers = await dora.sync()
    assert words(answers) == [HELD]
    item = newest(dora)
    assert said(answers)[0].retry_at_ms == item.retry_at_ms == hold.until_ms
    assert item.members[0].their_user_id == cleo.user_id
    assert shown(dora, shop) == (cleo.user_id, hold.until_ms)
    assert (await refused(team, dora, shop)).code is Code.held
    await cleo.sync()
    claimed(cleo, shop)
    team.world.now_ms = hold.until_ms - 5_000
    claimed(dora, shop)
    assert words(await dora.sync()) == [HELD]
    assert words(await cleo.sync()) == [WON]
    after = await stored(team, hold)
    assert (after.state, after.holder_id, after.ends_ms, after.ended_by_id) == (PoolHoldState.claimed, None, None, cleo.user_id)
    assert await heard(cleo, "hold_ended") == []
    await right(team)


async def test_a_claim_behind_the_end_is_judged_as_any(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """D-191, D-193: by the server's clock, whether or not the job has come."""
    pool = await ruled(team, claim_daily_limit=1)
    first, second = await shops(team, pool, 2)
    cleo, dora = await rep(team, "cleo"), await rep(team, "dora")
    hold = await asks(team, cleo, first, hours=1)
    claimed(cleo, first)
    team.world.now_ms = hold.until_ms
    answers = await cleo.sync()
    assert words(answers) == [("rejected", "quota_exhausted")]
    claimed(dora, first)
    assert words(await dora.sync()) == [WON]
    assert (await stored(team, hold)).state is PoolHoldState.expired
    assert await job(team, monkeypatch) == 0
    other = await asks(team, await rep(team, "eve"), second, hours=1)
    team.world.now_ms = other.until_ms - 1
    assert await job(team, monkeypatch) == 0
    team.world.now_ms += 1
    assert await job(team, monkeypatch) == 1
    assert (await stored(team, other)).state is PoolHoldState.expired
    await dora.sync()
    assert shown(dora, second) == (None, None)
    await right(team)


async def test_a_hold_that_is_over_counts_no_longer(team: Team) -> None:
    """D-191, D-193: by the server's clock, also before the job has come: for the capacities, and for the number of holds."""
    pool = await ruled(team, capacity=1, department_capacity=2)  # Ann owns one
    shop, other = await shops(team, pool, 2)
    cleo, dora = await rep(team, "cleo"), await rep(team, "dora")
    hold = await asks(team, cleo, shop, hours=1)
    team.world.now_ms = hold.until_ms - 1
    assert (await refused(team, dora, other)).field == "department_capacity"
    team.world.now_ms = hold.until_ms
    claimed(cleo, shop)
    assert words(await cleo.sync()) == [WON]
    free = await ruled(team)
    one, *many = await shops(team, free, HOLDS_MAX + 1)
    await looking(dora)
    until_ms = [(await asks(team, dora, customer_id, hours=1)).until_ms for customer_id in many]
    assert (await refused(team, dora, one)).code is Code.holds_full
    team.world.now_ms = until_ms[0]
    assert (await asks(team, dora, one)).state is PoolHoldState.live


async def test_a_hold_counts_at_once_and_its_claim_costs_nothing(team: Team) -> None:
    """D-191: on the local day on which it is taken; whatever ends it, nothing comes back."""
    pool = await ruled(team, claim_daily_limit=2)
    first, second, third = await shops(team, pool, 3)
    cleo = await rep(team, "cleo")
    hold = await asks(team, cleo, first, hours=24)
    await ends(team, cleo.claims, await asks(team, cleo, second))
    problem = await refused(team, cleo, third)
    assert (problem.code, problem.retry_at_ms) == (Code.quota_exhausted, midnight(team.world.now_ms, 1))
    claimed(cleo, third)
    assert words(await cleo.sync()) == [("rejected", "quota_exhausted")]
    team.world.now_ms = midnight(team.world.now_ms, 1)
    assert team.world.now_ms < hold.until_ms
    claimed(cleo, first)
    claimed(cleo, second)
    claimed(cleo, third)
    assert words(await cleo.sync()) == [WON, WON, WON], "the claim of the held one costs nothing on the second day either"
    (fourth,) = await shops(team, pool, 1)
    await cleo.sync()
    assert (await refused(team, cleo, fourth)).code is Code.quota_exhausted


async def test_the_same_request_again_takes_no_second_hold(team: Team) -> None:
    """D-190: the answer was lost; also after the hold has ended."""
    pool = await ruled(team, claim_daily_limit=1)
    shop, other = await shops(team, pool, 2)
    cleo, dora = await rep(team, "cleo"), await rep(team, "dora")
    hold = await asks(team, cleo, shop)
    again = await asks(team, cleo, shop, hold_id=hold.id, hours=3)
    assert again == await stored(team, hold)
    assert (await ends(team, cleo.claims, hold)).state is PoolHoldState.given_up
    assert (await asks(team, cleo, shop, hold_id=hold.id)).state is PoolHoldState.given_up
    assert (await ends(team, cleo.claims, hold)).state is PoolHoldState.given_up
    assert (await refused(team, dora, other, hold_id=hold.id)).code is Code.id_taken


# the rules of the pool


async def test_a_hold_is_judged_as_a_claim(team: Team) -> None:
    """D-190, D-191: the same codes, in the same order; a claim under the hold is not judged by them again."""
    day = local_day(team.world.now_ms, ZONE) + 3
    pool = await ruled(team, cool_off_days=5, newcomer_hold_hours=2)
    (shop,) = await shops(team, pool, 1)
    cleo = await rep(team, "cleo")
    card, problem = card_of(cleo, shop), await refused(team, cleo, shop)
    assert card is not None
    assert (problem.code, problem.retry_at_ms) == (Code.newcomer_hold, card.pooled_ms + 2 * HOUR_MS)
    team.world.now_ms += 2 * HOUR_MS
    await looking(team.ann)
    assert (await refused(team, team.ann, shop)).code is Code.cool_off
    hold = await asks(team, cleo, shop)
    assert (await refused(team, cleo, shop)).code is Code.state_wrong
    await team.world.database.write(act, team.manager.claims, LeaveAlone(shop, day), team.world.now_ms)
    assert (await stored(team, hold)).state is PoolHoldState.ended_by_desk
    problem = await refused(team, cleo, shop)
    assert (problem.code, problem.retry_at_ms) == (Code.do_not_disturb, moment_ms(day, 0, ZONE))
    near = await ruled(team, claim_radius_m=200)
    (far,) = await shops(team, near, 1, latitude_e6=31_230_400, longitude_e6=121_473_700, datum=1)
    assert (await refused(team, cleo, far)).code is Code.position_missing
    assert (await refused(team, cleo, far, latitude_e6=30_000_000, longitude_e6=121_000_000, datum=1)).code is Code.too_far
    assert (await refused(team, cleo, b"n" * 16)).code is Code.out_of_scope
    assert (await refused(team, team.manager, team.customer_id)).code in (Code.out_of_scope, Code.claimed_by_other)
    await right(team)


async def test_a_held_customer_counts_as_owned(team: Team) -> None:
    """D-191: with a capacity of two, two holds are all; both claims are certain."""
    pool = await ruled(team, capacity=2)
    first, second, third = await shops(team, pool, 3)
    cleo = await rep(team, "cleo")
    await asks(team, cleo, first)
    await asks(team, cleo, second)
    assert (await refused(team, cleo, third)).code is Code.capacity_full
    claimed(cleo, third)
    claimed(cleo, first)
    claimed(cleo, second)
    assert words(await cleo.sync()) == [("rejected", "capacity_full"), WON, WON]


async def test_a_user_holds_five_at_a_time(team: Team) -> None:
    """D-190: in all pools together."""
    ids = [one for _ in range(2) for one in await shops(team, await ruled(team), 3)]
    cleo = await rep(team, "cleo")
    holds = [await asks(team, cleo, one) for one in ids[:HOLDS_MAX]]
    assert (await refused(team, cleo, ids[HOLDS_MAX])).code is Code.holds_full
    await ends(team, cleo.claims, holds[0])
    await asks(team, cleo, ids[HOLDS_MAX])
    assert (await refused(team, cleo, ids[0])).code is Code.holds_full
    await cleo.sync()
    live = [record_id for record_id, _ in cleo.shelf.rows(BY_NAME["pool_hold"].number)]
    assert len(live) == HOLDS_MAX, "a phone keeps those that are live"


async def test_a_phone_cannot_hold_by_sync(team: Team) -> None:
    """D-190: nothing that a phone enters makes a hold, and a stale card takes none."""
    pool = await ruled(team)
    (shop,) = await shops(team, pool, 1)
    cleo = await rep(team, "cleo")
    cleo.create("pool_hold")
    assert words(await cleo.sync())[0][0] == "rejected"
    card = card_of(cleo, shop)
    assert card is not None
    old = TakeHold(shop, next(team.world.ids), card.epoch - 1, 8)
    with pytest.raises(Problem, match="stale_epoch"):
        await team.world.database.write(act, cleo.claims, old, team.world.now_ms)
    asked, boss = TakeHold(shop, next(team.world.ids), card.epoch, 8), await admin(team)
    with pytest.raises(Problem, match="forbidden"):
        await team.world.database.write(act, boss, asked, team.world.now_ms)


# at once


async def test_of_two_holders_at_once_one_wins(team: Team) -> None:
    """D-190, D-192: the family is the lock; the loser pays nothing."""
    pool = await ruled(team, claim_daily_limit=ROUNDS)
    ids = await shops(team, pool, ROUNDS)
    reps = [await rep(team, name) for name in ("cleo", "dora")]
    for shop in ids:
        found = await asyncio.gather(*(asks(team, one, shop) for one in reps), return_exceptions=True)
        won = [one for one in found if isinstance(one, PoolHold)]
        assert len(won) == 1
        assert [one.code for one in found if isinstance(one, Problem)] == [Code.held]
        await ends(team, reps[0].claims if won[0].user_id == reps[0].user_id else reps[1].claims, won[0])
    await right(team)


async def test_of_a_hold_and_a_claim_at_once_one_wins(team: Team) -> None:
    """D-192"""
    pool = await ruled(team)
    ids = await shops(team, pool, ROUNDS)
    cleo, dora = await rep(team, "cleo"), await rep(team, "dora")
    for shop in ids:
        claimed(dora, shop)
        taken, answers = await asyncio.gather(asks(team, cleo, shop, hours=1), dora.sync(), return_exceptions=True)
        assert not isinstance(answers, BaseException)
        if isinstance(taken, PoolHold):
            assert words(answers) == [HELD]
            await ends(team, cleo.claims, taken)
        else:
            assert isinstance(taken, Problem)
            assert (taken.code, words(answers)) == (Code.claimed_by_other, [WON])


async def test_six_holds_at_once_are_five(team: Team) -> None:
    """D-190: twice over, so that the counter of the holds is the lock, whichever customer each is about."""
    pool = await ruled(team, claim_daily_limit=7)
    ids = await shops(team, pool, 8)
    cleo = await rep(team, "cleo")
    found = await asyncio.gather(*(asks(team, cleo, shop) for shop in ids), return_exceptions=True)
    assert sum(isinstance(one, PoolHold) for one in found) == HOLDS_MAX
    assert {one.code for one in found if isinstance(one, Problem)} == {Code.holds_full}
    claimed(cleo, next(shop for shop, one in zip(ids, found, strict=True) if isinstance(one, Problem)))
    assert words(await cleo.sync()) == [WON], "a refused hold costs nothing"


# what ends a hold


async def test_the_desk_moves_a_held_customer_and_the_holder_hears(team: Team) -> None:
    """D-193: to another rep, and to the holder, who hears of that anyway."""
    pool = await ruled(team, hidden=("name",))
    first, second, third, fourth = await shops(team, pool, 4)
    cleo = await rep(team, "cleo")
    holds = [await asks(team, cleo, one) for one in (first, second, third, fourth)]
    boss = await admin(team)
    await team.world.database.write(act, boss, Transfer(first, team.ann.user_id), team.world.now_ms)
    await team.world.database.write(act, boss, Transfer(second, cleo.user_id), team.world.now_ms)
    assert [(await stored(team, one)).state.name for one in holds] == ["ended_by_desk", "claimed", "live", "live"]
    await team.world.database.write(act, boss, ArchiveCustomer(fourth, "shut down"), team.world.now_ms)
    assert (await stored(team, holds[3])).state is PoolHoldState.ended_by_desk
    await ends(team, team.manager.claims, holds[2])
    assert [one["customer"] for one in await heard(cleo, "hold_ended")] == ["East"] * 3, "no notice says more than the card"
    assert shown(cleo, third) == (None, None)
    claimed(cleo, third)
    assert words(await cleo.sync()) == [WON]
    await right(team)


async def test_a_holder_who_leaves_lets_go(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """D-193: at once for a claim of others, and the job frees the card; so does another department. A leaver hears nothing."""
    south, north = [await department(team, name) for name in ("South", "Far north")]
    pool = await ruled(team, department_id=south)
    first, second, third = await shops(team, pool, 3)
    cleo, dora, eve = [await member(team, name, south) for name in ("cleo", "dora", "eve")]
    gone, moved = await asks(team, cleo, first), await asks(team, dora, second)
    further = await asks(team, cleo, third)
    assert await job(team, monkeypatch) == 0, "they are members"
    await users_put(team, cleo, "cleo", active=False, department_id=south)
    await users_put(team, dora, "dora", department_id=north)
    claimed(eve, third)
    assert words(await eve.sync()) == [WON], "nobody waits for a user who has left"
    assert (await stored(team, further)).state is PoolHoldState.lapsed
    assert await job(team, monkeypatch) == 2
    assert {(await stored(team, one)).state for one in (gone, moved)} == {PoolHoldState.lapsed}
    await eve.sync()
    assert shown(eve, first) == shown(eve, second) == (None, None)
    assert [len(await heard(one, "hold_lapsed")) for one in (dora, eve)] == [1, 0]
    told = RECORD_TABLES["notification"].c
    count = sa.select(sa.func.count()).where(told.user_id == cleo.user_id, told.kind == "hold_lapsed")
    assert await team.world.database.read(lambda conn: conn.execute(count).scalar_one()) == 0


async def test_a_holder_whom_a_file_moves_lets_go(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """D-193: another role or department by an import is one; the same again is none."""
    pool = await ruled(team)
    first, second = await shops(team, pool, 2)
    cleo, dora = await rep(team, "cleo"), await rep(team, "dora")
    moved, stays = await asks(team, cleo, first), await asks(team, dora, second)
    report = await Desk(team.world, await admin(team)).take("users", "账号,姓名,角色\ncleo,cleo,财务\ndora,Dora,业务员\n")
    assert report.changed == 2, report.faults
    assert await job(team, monkeypatch) == 1
    assert [(await stored(team, one)).state.name for one in (moved, stays)] == ["lapsed", "live"]
    await dora.sync()
    assert shown(dora, first) == (None, None)


async def users_put(team: Team, phone: Phone, name: str, **more: Any) -> None:
    asked = UserRequest(id=phone.user_id, login=name, name=name, role=more.pop("role", Role.rep), language="en", **more)
    await team.world.database.write(users.put, team.world.org_id, asked, None, team.world.now_ms)


async def test_a_holder_who_is_no_member_any_more_blocks_nobody(team: Team) -> None:
    """D-193: the pool is another department's now; the holder's own claim is refused."""
    far = await team.world.database.write(tables.save, await admin(team), DepartmentRequest(name="Far"), team.world.now_ms)
    pool = await ruled(team)
    (shop,) = await shops(team, pool, 1)
    cleo, dora = await rep(team, "cleo"), await rep(team, "dora")
    hold = await asks(team, cleo, shop)
    claimed(cleo, shop)
    claimed(dora, shop)
    await users_put(team, dora, "dora", department_id=far.id)
    changed = PoolRequest(id=pool.id, name="East", department_id=far.id)
    await team.world.database.write(tables.save, await admin(team), changed, team.world.now_ms)
    assert words(await cleo.sync()) == [("rejected", "out_of_scope")]
    assert words(await dora.sync()) == [WON]
    assert (await stored(team, hold)).state is PoolHoldState.lapsed
    assert [one["customer"] for one in await heard(cleo, "hold_lapsed")] == ["Shop 0"], "the claim ends it, and the job has nothing to tell"


@pytest.mark.parametrize("change", ["the pool", "the tree", "the admins"])
async def test_a_hold_lapses_whoever_made_its_holder_no_member(team: Team, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    """D-193: within a turn of the job the card is free on the phones of the members, and the holder has been told."""
    south, deep = await department(team, "South"), await department(team, "Deep south")
    await department(team, "Deep south", id=deep, parent_id=south)
    away = await team.world.phone(await team.world.user("max", Role.manager))
    pool = await ruled(team, department_id=south, admin_ids=(away.user_id,), hidden=("name",))
    first, second = await shops(team, pool, 2)
    cleo, dora = await member(team, "cleo", deep), await member(team, "dora", south)
    await looking(away)
    holder = away if change == "the admins" else cleo
    hold, stays = await asks(team, holder, first), await asks(team, dora, second)
    assert await job(team, monkeypatch) == 0
    if change == "the tree":
        await department(team, "Deep south", id=deep)
    else:
        admins = () if change == "the admins" else (away.user_id,)
        asked = PoolRequest(id=pool.id, name="East", department_id=south, admin_ids=admins, hidden=("name",))
        if change == "the pool":
            asked = PoolRequest(id=pool.id, name="East", department_id=deep)
            holder, hold, stays = dora, stays, hold
        await team.world.database.write(tables.save, await admin(team), asked, team.world.now_ms)
    assert await job(team, monkeypatch) == 1
    after = await stored(team, hold)
    assert (after.state, after.holder_id, after.ends_ms, after.ended_by_id) == (PoolHoldState.lapsed, None, None, None)
    assert (await stored(team, stays)).state is PoolHoldState.live
    assert len(await heard(holder, "hold_lapsed")) == 1
    other = dora if holder is not dora else cleo
    await other.sync()
    assert shown(other, hold.customer_id) == (None, None)
    assert shown(other, stays.customer_id) == (stays.user_id, stays.until_ms)
    assert await job(team, monkeypatch) == 0, "once"
    await right(team)


async def department(team: Team, name: str, **more: Any) -> bytes:
    made = await team.world.database.write(tables.save, await admin(team), DepartmentRequest(name=name, **more), team.world.now_ms)
    found: bytes = made.id
    return found


async def member(team: Team, name: str, department_id: bytes) -> Phone:
    """A rep of the department, whose phone has the cards of its pools."""
    phone = await team.world.phone(await team.world.user(name))
    await users_put(team, phone, name, department_id=department_id)
    await looking(phone)
    return phone


async def test_the_holder_hears_an_hour_before(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """D-194: once; not of a hold of an hour, and not when the hold is over."""
    monkeypatch.setattr("server.chance.now_ms", lambda: team.world.now_ms)
    pool = await ruled(team)
    first, second, third = await shops(team, pool, 3)
    cleo = await rep(team, "cleo")
    hold = await asks(team, cleo, first)
    await asks(team, cleo, second, hours=1)
    await ends(team, cleo.claims, await asks(team, cleo, third))
    await tick(team, hold.until_ms - HOUR_MS - 1)
    assert await heard(cleo, "hold_ending") == []
    await tick(team, hold.until_ms - HOUR_MS)
    assert [one["customer"] for one in await heard(cleo, "hold_ending")] == ["Shop 0"]
    await tick(team, hold.until_ms - 1)
    assert len(await heard(cleo, "hold_ending")) == 1


async def test_a_changed_card_stays_held(team: Team) -> None:
    """D-192: the pool hides the name; the hold still shows."""
    pool = await ruled(team)
    (shop,) = await shops(team, pool, 1)
    cleo = await rep(team, "cleo")
    hold = await asks(team, cleo, shop)
    changed = PoolRequest(id=pool.id, name="East", hidden=("name",))
    await team.world.database.write(tables.save, await admin(team), changed, team.world.now_ms)
    await cleo.sync()
    assert shown(cleo, shop) == (cleo.user_id, hold.until_ms)
    card = card_of(cleo, shop)
    assert card is not None
    assert card.name is None


async def test_the_desk_lists_the_holds_of_its_pools(team: Team) -> None:
    """D-194: a manager those in the pools of which the manager is a member, also of other users; an admin all; nobody else ends one."""
    far = await team.world.database.write(tables.save, await admin(team), DepartmentRequest(name="Far"), team.world.now_ms)
    near, other = await ruled(team), await ruled(team, department_id=far.id)
    (shop,) = await shops(team, near, 1)
    cleo, dora = await rep(team, "cleo"), await rep(team, "dora")
    hold = await asks(team, cleo, shop)
    assert [one.id for one in await listed(team, team.manager.claims)] == [hold.id]
    assert [one.id for one in await listed(team, await admin(team))] == [hold.id]
    await team.world.database.write(act, team.manager.claims, EndHold(hold.id), team.world.now_ms)
    assert [one.state for one in await listed(team, team.manager.claims)] == [PoolHoldState.ended_by_desk]
    later = await asks(team, cleo, shop)
    with pytest.raises(Problem, match="not_found"):
        await ends(team, dora.claims, later)
    changed = PoolRequest(id=near.id, name="East", department_id=far.id)
    await team.world.database.write(tables.save, await admin(team), changed, team.world.now_ms)
    assert other.department_id == far.id
    with pytest.raises(Problem, match="not_found"):
        await ends(team, team.manager.claims, later)
    assert hold.id not in [one.id for one in await listed(team, team.manager.claims)]
    assert (await ends(team, await admin(team), later)).state is PoolHoldState.ended_by_desk
    team.world.now_ms += DAY_MS


async def listed(team: Team, claims: Claims) -> list[Any]:
    found, _ = await team.world.database.read(desk_list, claims, HOLDS, {}, None, team.world.now_ms)
    return found
