"""The rules of a pool about claims: each refusal by its own code, with the moment from which it no longer holds (D-128 to D-136)."""

import asyncio
from typing import Any, Final

import pytest

from geo.grid import masked
from server.database import Database
from server.domain.local_times import DAY_MS, HOUR_MS, local_day, moment_ms
from server.services import tables
from server.services.act import act
from shared_schema.places import Datum
from shared_schema.problem import Problem
from shared_schema.records.customer import LeaveAlone, Release, Standing, Transfer
from shared_schema.records.inbox import InboxItem
from shared_schema.records.pool import Claim, Pool, PoolRequest
from shared_schema.records.reference import OrganisationRequest
from shared_schema.registry import BY_NAME
from shared_schema.wire import Kind
from sync import device
from tests.integration.test_sync_pools import TILE, _leave, admin, card_of, claimed, pool_of, put_into, whole_customer
from tests.integration.test_sync_scopes import right
from tests.world import Phone, Team, said, team_of, words

ZONE: Final = "Asia/Shanghai"
PLACE: Final = {"latitude_e6": 31_230_400, "longitude_e6": 121_473_700, "datum": 1}
WON: Final = ("applied", None)


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


async def ruled(team: Team, **rules: Any) -> Pool:
    """A pool with these rules."""
    asked = PoolRequest(name="East", **rules)
    return await team.world.database.write(tables.save, await admin(team), asked, team.world.now_ms)


async def shops(team: Team, pool: Pool, count: int, **place: Any) -> list[bytes]:
    """Customers of Ann's that the manager put into the pool."""
    ids = [team.ann.create("customer", name=f"Shop {at}", **place) for at in range(count)]
    await team.ann.sync()
    for customer_id in ids:
        await put_into(team, pool, customer_id)
    return ids


async def rep(team: Team, name: str, *tiles: int) -> Phone:
    """A phone of a rep who never held a customer, which keeps these tiles."""
    return await looking(await team.world.phone(await team.world.user(name)), *tiles)


async def looking(phone: Phone, *tiles: int) -> Phone:
    device.keep_tiles(phone.shelf, tiles or (0,))
    await phone.sync()
    return phone


def newest(phone: Phone) -> InboxItem:
    return max(phone.inbox(), key=lambda item: (item.created_ms, item.members[0].n))


def midnight(now_ms: int, days: int) -> int:
    return moment_ms(local_day(now_ms, ZONE) + days, 0, ZONE)


# how many


async def test_a_quota_ends_with_the_local_day(team: Team) -> None:
    """D-129: a release gives nothing back; the next local midnight gives all."""
    pool = await ruled(team, claim_daily_limit=2)
    first, second, third = await shops(team, pool, 3)
    cleo = await rep(team, "cleo")
    claimed(cleo, first)
    cleo.command("standing", first, Release(pool.id, after=1))
    claimed(cleo, second)
    claimed(cleo, third)
    answers = await cleo.sync()
    assert words(answers) == [WON, WON, WON, ("rejected", "quota_exhausted")]
    again_ms = midnight(team.world.now_ms, 1)
    assert said(answers)[-1].retry_at_ms == newest(cleo).retry_at_ms == again_ms
    team.world.now_ms = again_ms - 2_000
    claimed(cleo, third)
    assert words(await cleo.sync()) == [("rejected", "quota_exhausted")]
    team.world.now_ms = again_ms
    claimed(cleo, third)
    assert words(await cleo.sync()) == [WON]
    await right(team)


async def test_the_day_of_an_offline_claim_is_the_one_in_which_it_arrives(team: Team) -> None:
    """D-129: entered before midnight, sent behind it."""
    pool = await ruled(team, claim_daily_limit=1)
    first, second = await shops(team, pool, 2)
    cleo = await rep(team, "cleo")
    claimed(cleo, first)
    await cleo.sync()
    claimed(cleo, second)
    team.world.now_ms = midnight(team.world.now_ms, 1)
    assert words(await cleo.sync()) == [WON]


async def test_each_pool_and_each_user_has_a_quota_of_its_own(team: Team) -> None:
    """D-129"""
    pools = [await ruled(team, claim_daily_limit=1), await ruled(team, claim_daily_limit=1)]
    ids = [customer_id for pool in pools for customer_id in await shops(team, pool, 1)]
    cleo, dora = await rep(team, "cleo"), await rep(team, "dora")
    for customer_id in ids:
        claimed(cleo, customer_id)
    assert words(await cleo.sync()) == [WON, WON]
    (more,) = await shops(team, pools[0], 1)
    await dora.sync()
    claimed(dora, more)
    assert words(await dora.sync()) == [WON]


async def test_twelve_devices_of_one_rep_win_exactly_the_quota(team: Team) -> None:
    """D-129: 60 claims at once, 20 a day."""
    pool = await ruled(team, claim_daily_limit=20)
    ids = await shops(team, pool, 60)
    user_id = await team.world.user("cleo")
    phones = [await looking(await team.world.phone(user_id)) for _ in range(12)]
    for at, phone in enumerate(phones):
        for customer_id in ids[5 * at : 5 * at + 5]:
            claimed(phone, customer_id)
    answers = await asyncio.gather(*(phone.sync() for phone in phones))
    results = [word for given in answers for word in words(given)]
    assert sorted(map(str, results)) == sorted(map(str, [WON] * 20 + [("rejected", "quota_exhausted")] * 40))


async def test_a_claim_that_is_lost_costs_nothing(team: Team) -> None:
    """D-128: of two reps each wins what the other loses, and both have all of their quota for it."""
    pool = await ruled(team, claim_daily_limit=3)
    ids = await shops(team, pool, 6)
    cleo, dora = await rep(team, "cleo"), await rep(team, "dora")
    for customer_id in ids[:3]:
        claimed(cleo, customer_id)
    await cleo.sync()
    for customer_id in ids:
        claimed(dora, customer_id)
    assert words(await dora.sync()) == [("rejected", "claimed_by_other")] * 3 + [WON] * 3


async def test_a_claim_that_fails_with_its_group_costs_nothing(team: Team) -> None:
    """D-128: the claim stood for a moment, and then something beside it could not."""
    pool = await ruled(team, claim_daily_limit=1)
    first, second = await shops(team, pool, 2)
    cleo = await rep(team, "cleo")
    wrong = device.Edit(Kind.create, BY_NAME["visit"], next(team.world.ids), {"customer_id": bytes(16), "device_ms": 1})
    claimed(cleo, first, wrong)
    claimed(cleo, second)
    assert words(await cleo.sync()) == [("parked", "out_of_scope")] * 2 + [WON]


async def test_a_user_who_owns_enough_claims_no_more(team: Team) -> None:
    """D-136: every customer counts, also those that were entered; and twelve devices at once do not go beyond it."""
    pool = await ruled(team, capacity=4)
    ids = await shops(team, pool, 12)
    user_id = await team.world.user("cleo")
    phones = [await looking(await team.world.phone(user_id)) for _ in ids]
    own = phones[0].create("customer", name="Own")
    await phones[0].sync()
    for phone, customer_id in zip(phones, ids, strict=True):
        claimed(phone, customer_id)
    answers = await asyncio.gather(*(phone.sync() for phone in phones))
    assert sorted(words(given)[0][1] or "won" for given in answers) == ["capacity_full"] * 9 + ["won"] * 3
    phones[0].command("standing", own, Release(pool.id, epoch=1))
    lost = next(customer_id for phone, customer_id in zip(phones, ids, strict=True) if card_of(phone, customer_id) is not None)
    await phones[0].sync()
    claimed(phones[0], lost)
    assert words(await phones[0].sync()) == [WON]


# from when


async def test_the_last_owner_waits_and_nobody_else_does(team: Team) -> None:
    """D-131: whoever released it; local midnights count."""
    pool = await ruled(team, cool_off_days=3)
    first, second = await shops(team, pool, 2)
    released_ms = team.world.now_ms
    cleo = await rep(team, "cleo")
    await looking(team.ann)
    claimed(team.ann, first)
    answers = await team.ann.sync()
    assert words(answers) == [("rejected", "cool_off")]
    assert said(answers)[0].retry_at_ms == newest(team.ann).retry_at_ms == midnight(released_ms, 3)
    claimed(cleo, first)
    assert words(await cleo.sync()) == [WON]
    team.world.now_ms = midnight(released_ms, 3) - 2_000
    claimed(team.ann, second)
    assert words(await team.ann.sync()) == [("rejected", "cool_off")]
    team.world.now_ms = midnight(released_ms, 3)
    claimed(team.ann, second)
    assert words(await team.ann.sync()) == [WON]


async def test_a_standing_remembers_the_last_owner(team: Team) -> None:
    """D-131: by a transfer and a release, not by a claim out of the pool."""
    pool = await ruled(team)
    (shop,) = await shops(team, pool, 1)
    until_ms = team.world.now_ms
    await looking(team.bo)
    claimed(team.bo, shop)
    await team.bo.sync()
    assert last_owner(team.bo, shop) == (team.ann.user_id, until_ms)
    await team.world.database.write(act, team.manager.claims, Transfer(shop, team.ann.user_id), team.world.now_ms)
    await team.ann.sync()
    assert last_owner(team.ann, shop)[0] == team.bo.user_id


def last_owner(phone: Phone, customer_id: bytes) -> tuple[bytes | None, int | None]:
    standing = phone.view("standing", customer_id)
    assert isinstance(standing, Standing)
    return standing.last_owner_id, standing.last_owned_until_ms


async def test_nobody_claims_a_newcomer(team: Team) -> None:
    """D-132: also behind a change of what the pool hides."""
    pool = await ruled(team, newcomer_hold_hours=2)
    (shop,) = await shops(team, pool, 1)
    over_ms = team.world.now_ms + 2 * HOUR_MS
    cleo = await rep(team, "cleo")
    claimed(cleo, shop)
    answers = await cleo.sync()
    assert words(answers) == [("rejected", "newcomer_hold")]
    assert said(answers)[0].retry_at_ms == over_ms
    team.world.now_ms = over_ms - 10_000
    asked = PoolRequest(id=pool.id, name="East", hidden=("city",), newcomer_hold_hours=2)
    await team.world.database.write(tables.save, await admin(team), asked, team.world.now_ms)
    team.world.now_ms = over_ms
    await cleo.sync()
    claimed(cleo, shop)
    assert words(await cleo.sync()) == [WON]


async def test_a_customer_that_wants_to_be_left_alone_is_claimed_by_nobody(team: Team) -> None:
    """D-133: the manager says so, also while the customer has an owner; another rep's manager may not."""
    pool = await ruled(team)
    shop = team.ann.create("customer", name="Shop")
    await team.ann.sync()
    day = local_day(team.world.now_ms, ZONE) + 5
    told = await team.world.database.write(act, team.manager.claims, LeaveAlone(shop, day), team.world.now_ms)
    assert (told.epoch, told.moved["standing"]) == (1, 1)
    await put_into(team, pool, shop)
    cleo = await rep(team, "cleo")
    claimed(cleo, shop)
    answers = await cleo.sync()
    assert words(answers) == [("rejected", "do_not_disturb")]
    assert said(answers)[0].retry_at_ms == moment_ms(day, 0, ZONE)
    await team.world.database.write(act, team.manager.claims, LeaveAlone(shop), team.world.now_ms)
    claimed(cleo, shop)
    assert words(await cleo.sync()) == [WON]
    with pytest.raises(Problem, match="forbidden"):
        await team.world.database.write(act, cleo.claims, LeaveAlone(shop, day), team.world.now_ms)


async def test_the_day_is_the_organisation_s(team: Team) -> None:
    """D-129: in another time zone another midnight."""
    asked = OrganisationRequest(name="Test", time_zone="America/Los_Angeles")
    await team.world.database.write(tables.save, await admin(team), asked, team.world.now_ms)
    pool = await ruled(team, claim_daily_limit=1)
    first, second = await shops(team, pool, 2)
    cleo = await rep(team, "cleo")
    claimed(cleo, first)
    claimed(cleo, second)
    told = said(await cleo.sync())[1]
    zone = "America/Los_Angeles"
    assert told.retry_at_ms == moment_ms(local_day(team.world.now_ms, zone) + 1, 0, zone)
    assert told.retry_at_ms != midnight(team.world.now_ms, 1)
    assert told.retry_at_ms - team.world.now_ms < DAY_MS


async def test_a_change_of_the_zone_gives_no_second_quota(team: Team) -> None:
    """D-129: the calendar is set back by a day, and the claims of the day that begins there once more are spent."""
    pool = await ruled(team, claim_daily_limit=1)
    first, second, third = await shops(team, pool, 3)
    cleo = await rep(team, "cleo")
    claimed(cleo, first)
    assert words(await cleo.sync()) == [WON]
    spent, west = local_day(team.world.now_ms, ZONE), "Pacific/Pago_Pago"
    while local_day(team.world.now_ms, west) == spent:
        team.world.now_ms += HOUR_MS
    asked = OrganisationRequest(name="Test", time_zone=west)
    await team.world.database.write(tables.save, await admin(team), asked, team.world.now_ms)
    claimed(cleo, second)
    (told,) = said(await cleo.sync())
    assert (told.code, told.retry_at_ms) == ("quota_exhausted", moment_ms(spent + 1, 0, west))
    team.world.now_ms = moment_ms(spent + 1, 0, west)
    claimed(cleo, second)
    claimed(cleo, third)
    assert words(await cleo.sync()) == [WON, ("rejected", "quota_exhausted")]


# from how far away


def claims_from(phone: Phone, customer_id: bytes, **at: Any) -> None:
    card = card_of(phone, customer_id)
    assert card is not None
    phone.command("pool_card", customer_id, Claim(epoch=card.epoch, **at))


async def test_a_claim_names_where_the_phone_is(team: Team) -> None:
    """D-135: without a position it has a code of its own; the accuracy helps by 200 m at most."""
    pool = await ruled(team, claim_radius_m=1_000)
    first, second = await shops(team, pool, 2, **PLACE)
    (nowhere,) = await shops(team, pool, 1)
    cleo = await rep(team, "cleo", TILE, 0)
    centre = masked(PLACE["latitude_e6"], PLACE["longitude_e6"])
    at: dict[str, Any] = {"longitude_e6": centre.longitude_e6, "datum": Datum.wgs84}
    claims_from(cleo, first)
    claims_from(cleo, first, latitude_e6=centre.latitude_e6, longitude_e6=centre.longitude_e6)
    claims_from(cleo, first, latitude_e6=centre.latitude_e6 + 12_000, **at)  # 1,331 m
    claims_from(cleo, first, latitude_e6=centre.latitude_e6 + 12_000, accuracy_mm=9_000_000, **at)
    claims_from(cleo, first, latitude_e6=centre.latitude_e6 + 10_000, **at)  # 1,109 m
    claims_from(cleo, first, latitude_e6=centre.latitude_e6 + 10_000, accuracy_mm=120_000, **at)
    claims_from(cleo, second, latitude_e6=centre.latitude_e6 + 8_900, **at)  # 987 m
    claims_from(cleo, nowhere)
    missing, far = ("rejected", "position_missing"), ("rejected", "too_far")
    assert words(await cleo.sync()) == [missing, missing, far, far, far, WON, WON, WON]
    told = {item.distance_mm and item.distance_mm // 1_000_000 for item in cleo.inbox() if item.code == "too_far"}
    assert told == {1}


async def test_no_claims_tell_more_than_the_square_of_the_card(team: Team) -> None:
    """D-135: of two customers at the ends of one square every claim of a walk is answered alike."""
    pool = await ruled(team, claim_radius_m=200)
    centre = masked(PLACE["latitude_e6"], PLACE["longitude_e6"])
    ends = [(centre.latitude_e6 + by, centre.longitude_e6 + by) for by in (-700, 700)]
    assert {masked(*end) for end in ends} == {centre}
    ids = [(await shops(team, pool, 1, latitude_e6=at[0], longitude_e6=at[1], datum=1))[0] for at in ends]
    cleo = await rep(team, "cleo", TILE)
    steps = [(centre.latitude_e6 + 500 * north, centre.longitude_e6 + 500 * east) for north in range(8, 3, -1) for east in range(8, 3, -1)]
    for latitude_e6, longitude_e6 in steps:
        for customer_id in ids:
            claims_from(cleo, customer_id, latitude_e6=latitude_e6, longitude_e6=longitude_e6, datum=Datum.wgs84, accuracy_mm=1)
    told = [one.code for one in said(await cleo.sync())]
    assert told[::2] == told[1::2]
    assert "too_far" in told


# who


async def test_only_the_last_owner_is_told_that_the_pool_is_others(team: Team) -> None:
    """D-136, P-424: a rep who moved to another department; to the others the customer is unknown, however much they know."""
    pool = await pool_of(team, "Ours", department_id=team.world.department_id)
    shop = await whole_customer(team)
    await put_into(team, pool, shop)
    stranger = await rep(team, "stranger", TILE)
    for phone in (team.ann, stranger):
        await team.world.database.write(_leave, phone.user_id)
        phone.command("pool_card", shop, Claim(epoch=2))
    assert words(await team.ann.sync()) == [("rejected", "not_member")]
    assert words(await stranger.sync()) == [("rejected", "out_of_scope")]
    await team.move(team.bo, shop)
    team.ann.command("pool_card", shop, Claim(epoch=3))
    assert words(await team.ann.sync()) == [("rejected", "out_of_scope")]


async def test_the_admins_of_a_pool_lead(team: Team) -> None:
    """D-134"""
    assert (await ruled(team, admin_ids=(team.manager.user_id,))).admin_ids == (team.manager.user_id,)
    for wrong in (team.ann.user_id, bytes(16)):
        with pytest.raises(Problem, match="rule_broken") as caught:
            await ruled(team, admin_ids=(wrong,))
        assert caught.value.field == "admin_ids"
