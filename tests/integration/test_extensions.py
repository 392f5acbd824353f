"""A manager locks a customer for its owner; the owner asks for more time, and a manager decides (D-160 to D-163)."""

import asyncio
from typing import Any, Final

import msgspec
import pytest
import sqlalchemy as sa

from server.database import Database
from server.domain.desk import LISTS
from server.domain.extensions import DAYS_MAX
from server.domain.local_times import local_day, moment_ms
from server.domain.locks import DAYS_MAX as LOCK_DAYS_MAX
from server.domain.tokens import Claims
from server.models import RECORD_TABLES
from server.services.act import act
from server.services.records import customers_of, desk_list
from server.store.convert import from_row
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Collaborate, EndCollaboration, GiveToPool, LockCustomer, Release, Standing, Transfer
from shared_schema.records.extension import DecideExtension, Extension, ExtensionState
from shared_schema.records.notification import Notification
from shared_schema.registry import BY_NAME
from tests.integration.test_duplicates import stranger
from tests.integration.test_reclaim import Scene, at
from tests.integration.test_reclaim import scene as scene  # noqa: PLC0414 - the fixture
from tests.integration.test_sync_pools import admin, pool_of
from tests.world import Phone, Team, team_of, words

ZONE: Final = "Asia/Shanghai"
APPLIED: Final = ("applied", None)
ROUNDS: Final = 6


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


def today(team: Team) -> int:
    return local_day(team.world.now_ms, ZONE)


async def desk(team: Team, asked: msgspec.Struct, claims: Claims | None = None) -> Any:
    return await team.world.database.write(act, claims or team.manager.claims, asked, team.world.now_ms)


async def refused(team: Team, asked: msgspec.Struct, claims: Claims | None = None) -> tuple[Code, str | None]:
    with pytest.raises(Problem) as found:
        await desk(team, asked, claims)
    return found.value.code, found.value.field


async def standing(team: Team) -> Standing:
    table, entity = RECORD_TABLES["standing"], BY_NAME["standing"]
    one = sa.select(*(table.c[slot] for slot in entity.slots)).where(table.c.id == team.customer_id)
    found = await team.world.database.read(lambda conn: from_row(entity, tuple(conn.execute(one).one())))
    assert isinstance(found, Standing)
    return found


async def asks(team: Team, rep: Phone, days: int = 30, reason: str = "harvest") -> tuple[bytes, list[tuple[str, str | None]]]:
    made = rep.create("extension", customer_id=team.customer_id, until_day=today(team) + days, reason=reason)
    return made, words(await rep.sync())


async def request(team: Team) -> Extension:
    """Ann's request, which waits."""
    made, told = await asks(team, team.ann)
    assert told == [APPLIED]
    return await stored(team, made)


async def stored(team: Team, record_id: bytes) -> Extension:
    table, entity = RECORD_TABLES["extension"], BY_NAME["extension"]
    one = sa.select(*(table.c[slot] for slot in entity.slots)).where(table.c.id == record_id)
    found = await team.world.database.read(lambda conn: from_row(entity, tuple(conn.execute(one).one())))
    assert isinstance(found, Extension)
    return found


def granted(one: Extension, day: int | None = None, reply: str = "go on") -> DecideExtension:
    return DecideExtension(one.id, one.customer_id, "granted", day, reply)


def denied(one: Extension, reply: str = "too long") -> DecideExtension:
    return DecideExtension(one.id, one.customer_id, "refused", None, reply)


async def heard(phone: Phone, kind: str) -> list[dict[str, str]]:
    await phone.sync()
    rows = (phone.view("notification", record_id) for record_id, _ in phone.shelf.rows(BY_NAME["notification"].number))
    return [one.facts for one in rows if isinstance(one, Notification) and one.kind == kind]


# the lock


async def test_a_locked_customer_is_the_owners_until_the_day(team: Team) -> None:
    """D-160: by the organisation's midnight, with the reason; the owner hears of it, and hears when it is unlocked."""
    day = today(team) + 30
    epoch = (await standing(team)).epoch
    assert (await desk(team, LockCustomer(team.customer_id, day, "a tender"))).epoch == epoch
    now = await standing(team)
    assert (now.locked_until_ms, now.lock_reason, now.epoch) == (moment_ms(day, 0, ZONE), "a tender", epoch)
    [told] = await heard(team.ann, "customer_locked")
    assert (told["actor"], told["reason"], told["customer"]) == ("manager", "a tender", "Corner Shop")
    assert moment_ms(day, 0, ZONE) == now.locked_until_ms
    assert (await desk(team, LockCustomer(team.customer_id, day, "a tender"))).moved == {}
    await desk(team, LockCustomer(team.customer_id, None, "lost it"))
    now = await standing(team)
    assert (now.locked_until_ms, now.lock_reason) == (None, "")
    assert [one["reason"] for one in await heard(team.ann, "customer_unlocked")] == ["lost it"]
    assert (await desk(team, LockCustomer(team.customer_id, None))).moved == {}


async def test_a_lock_has_an_end_ahead_and_capped(team: Team) -> None:
    """D-160"""
    for day in (today(team), today(team) - 1, today(team) + LOCK_DAYS_MAX + 1):
        assert await refused(team, LockCustomer(team.customer_id, day)) == (Code.rule_broken, "until_day")
    await desk(team, LockCustomer(team.customer_id, today(team) + LOCK_DAYS_MAX))
    assert await refused(team, LockCustomer(team.customer_id, today(team) + 1), await stranger(team)) == (Code.out_of_scope, None)
    assert (await refused(team, LockCustomer(team.customer_id, today(team) + 1), team.ann.claims))[0] is Code.forbidden


async def test_a_rep_releases_no_locked_customer_and_a_manager_does(team: Team) -> None:
    """D-160, D-125: owned, not locked; the release by the manager ends the lock, and one in a pool cannot be locked."""
    pool = await pool_of(team)
    await team.ann.sync()
    await desk(team, LockCustomer(team.customer_id, today(team) + 30))
    team.ann.command("standing", team.customer_id, Release(pool.id, epoch=(await standing(team)).epoch))
    assert words(await team.ann.sync()) == [("parked", "state_wrong")]
    assert (await standing(team)).owner_id == team.ann.user_id
    await desk(team, GiveToPool(team.customer_id, pool.id))
    now = await standing(team)
    assert (now.owner_id, now.locked_until_ms, now.lock_reason) == (None, None, "")
    assert await refused(team, LockCustomer(team.customer_id, today(team) + 30)) == (Code.state_wrong, None)
    assert (await desk(team, LockCustomer(team.customer_id, None))).moved == {}


async def test_a_lock_that_is_over_hinders_no_release(team: Team) -> None:
    """D-160"""
    pool = await pool_of(team)
    day = today(team) + 2
    await desk(team, LockCustomer(team.customer_id, day))
    await team.ann.sync()
    team.world.now_ms = moment_ms(day, 0, ZONE) - 2_000
    for told in (("parked", "state_wrong"), APPLIED):
        team.ann.command("standing", team.customer_id, Release(pool.id, epoch=(await standing(team)).epoch))
        assert words(await team.ann.sync()) == [told]
        team.world.now_ms = moment_ms(day, 0, ZONE)


async def test_a_lock_and_an_extension_end_with_the_ownership(team: Team) -> None:
    """D-160, D-163: a transfer ends both; a collaboration touches neither."""
    one = await request(team)
    await desk(team, granted(one))
    await desk(team, LockCustomer(team.customer_id, today(team) + 30, "a tender"))
    await desk(team, EndCollaboration(team.customer_id, team.bo.user_id))
    await desk(team, Collaborate(team.customer_id, team.bo.user_id))
    now = await standing(team)
    assert (now.locked_until_ms, now.extended_until_ms) == (moment_ms(one.until_day, 0, ZONE),) * 2
    await desk(team, Transfer(team.customer_id, team.bo.user_id))
    now = await standing(team)
    assert (now.owner_id, now.locked_until_ms, now.lock_reason, now.extended_until_ms) == (team.bo.user_id, None, "", None)
    await desk(team, Transfer(team.customer_id, team.ann.user_id))
    assert (await standing(team)).extended_until_ms is None, "no way back brings it back"


# more time


async def test_the_owner_asks_offline_and_the_manager_grants(team: Team) -> None:
    """D-161, D-162: the decision and the extension are one; both sides hear."""
    one = await request(team)
    assert (one.state, one.author_id, one.asked_ms) == (ExtensionState.asked, team.ann.user_id, team.world.now_ms)
    [told] = await heard(team.manager, "extension_asked")
    assert (told["rep"], told["customer"], told["due"]) == ("ann", "Corner Shop", "–")
    assert (await standing(team)).extended_until_ms is None, "a request that waits keeps nothing"
    decided = await desk(team, granted(one, one.until_day - 10, "ten days less"))
    assert (decided.state, decided.granted_until_day, decided.reply) == (ExtensionState.granted, one.until_day - 10, "ten days less")
    assert (await standing(team)).extended_until_ms == moment_ms(one.until_day - 10, 0, ZONE)
    [told] = await heard(team.ann, "extension_granted")
    assert told["reply"] == "ten days less"
    shown = team.ann.view("extension", one.id)
    assert isinstance(shown, Extension)
    assert shown.state is ExtensionState.granted
    assert (await desk(team, granted(one, one.until_day - 10))).rev == decided.rev
    assert await refused(team, denied(one)) == (Code.state_wrong, None)
    assert await refused(team, granted(one)) == (Code.state_wrong, None)


async def test_a_refusal_says_why_and_extends_nothing(team: Team) -> None:
    """D-162: after it the owner may ask again."""
    one = await request(team)
    assert await refused(team, denied(one, " ")) == (Code.rule_broken, "reply")
    assert (await desk(team, denied(one))).state is ExtensionState.refused
    assert (await standing(team)).extended_until_ms is None
    assert [told["reply"] for told in await heard(team.ann, "extension_refused")] == ["too long"]
    assert (await asks(team, team.ann))[1] == [APPLIED]


async def test_an_extension_only_becomes_longer(team: Team) -> None:
    """D-162: a shorter one granted later takes nothing back."""
    await desk(team, granted(await request(team)))
    first = (await standing(team)).extended_until_ms
    made, _ = await asks(team, team.ann, 3)
    await desk(team, granted(await stored(team, made)))
    assert (await standing(team)).extended_until_ms == first


@pytest.mark.parametrize("days", [0, -1, DAYS_MAX + 1])
async def test_a_request_names_a_day_ahead_and_capped(team: Team, days: int) -> None:
    """D-161, D-162: the one asked for, and the one granted."""
    assert (await asks(team, team.ann, days))[1] == [("parked", "rule_broken")]
    one = await request(team)
    assert await refused(team, granted(one, today(team) + days)) == (Code.rule_broken, "until_day")


async def test_only_the_owner_asks_and_only_once_at_a_time(team: Team) -> None:
    """D-161: a collaborator does not; two in one push are one."""
    assert (await asks(team, team.bo))[1] == [("rejected", "forbidden")]
    team.ann.create("extension", customer_id=team.customer_id, until_day=today(team) + 3, reason="first")
    assert (await asks(team, team.ann))[1] == [APPLIED, ("parked", "state_wrong")]


async def test_a_stranger_decides_nothing(team: Team) -> None:
    """D-162: not a manager elsewhere, and not about another customer's request."""
    one = await request(team)
    assert await refused(team, granted(one), await stranger(team)) == (Code.out_of_scope, None)
    other_id = team.ann.create("customer", name="Other")
    await team.ann.sync()
    assert await refused(team, msgspec.structs.replace(granted(one), customer_id=other_id)) == (Code.not_found, None)
    assert (await desk(team, granted(one), await admin(team))).state is ExtensionState.granted


async def test_a_request_lapses_when_the_customer_goes(team: Team) -> None:
    """D-163: to another owner or into a pool; a late decision is refused, and the manager's notice ends."""
    one = await request(team)
    await desk(team, Transfer(team.customer_id, team.bo.user_id))
    assert (await stored(team, one.id)).state is ExtensionState.lapsed
    assert await refused(team, granted(one)) == (Code.state_wrong, None)
    made, told = await asks(team, team.bo)
    assert told == [APPLIED]
    await desk(team, GiveToPool(team.customer_id, (await pool_of(team)).id))
    assert (await stored(team, made)).state is ExtensionState.lapsed


async def test_a_request_that_waited_for_its_customer_reaches_the_manager(team: Team) -> None:
    """D-161, P-511: asked while the customer was somebody else's, it is carried out when the customer comes back, and the manager hears."""
    await team.move(team.bo)
    _, told = await asks(team, team.ann)
    assert told == [("parked", "moved")]
    await team.move(team.ann)
    await team.manager.sync()
    assert [one["rep"] for one in await heard(team.manager, "extension_asked")] == ["ann"]


async def test_the_desk_lists_what_waits(team: Team) -> None:
    """D-162: a manager sees those of the reports, an admin all, a stranger none."""
    one = await request(team)
    listing = next(listing for listing in LISTS if listing.record is Extension)

    async def listed(claims: Claims, **filters: Any) -> list[bytes]:
        items, _ = await team.world.database.read(desk_list, claims, listing, filters, None, team.world.now_ms)
        return [found.id for found in items]

    assert await listed(team.manager.claims, state=int(ExtensionState.asked)) == [one.id]
    assert await listed(team.manager.claims, state=int(ExtensionState.refused)) == []
    chief, nobody = await admin(team), await stranger(team)
    assert await listed(chief, author_id=team.ann.user_id) == [one.id]
    assert await listed(nobody) == []

    async def named(claims: Claims) -> list[tuple[str, bytes | None]]:
        found = await team.world.database.read(customers_of, claims, listing, [one], team.world.now_ms)
        return [(each.name, each.standing.owner_id if each.standing is not None else None) for each in found]

    assert await named(chief) == await named(team.manager.claims) == [("Corner Shop", team.ann.user_id)]
    assert await named(nobody) == []


async def test_a_decision_and_a_move_at_once_leave_no_extension_behind(team: Team) -> None:
    """D-163: whichever comes first, the new owner has none."""
    for _ in range(ROUNDS):
        one = await request(team)
        both = (desk(team, granted(one)), desk(team, Transfer(team.customer_id, team.bo.user_id)))
        await asyncio.gather(*both, return_exceptions=True)
        now, stands = await standing(team), await stored(team, one.id)
        assert (now.owner_id, now.extended_until_ms) == (team.bo.user_id, None)
        assert stands.state in (ExtensionState.granted, ExtensionState.lapsed)
        await desk(team, Transfer(team.customer_id, team.ann.user_id))
        await team.ann.sync()


async def test_an_extension_and_a_lock_keep_a_customer_from_falling(scene: Scene) -> None:
    """D-143, D-160 to D-162: the day moves with the decision; the manager's notice names the day without it."""
    team = scene.team
    await scene.rule(exempt=("extended", "locked"))
    await scene.tick(at(13), team.ann)
    one = await request(team)
    [told] = await heard(team.manager, "extension_asked")
    assert told["due"] != "–"
    await desk(team, granted(one))
    await scene.tick(at(25), team.ann)
    assert await scene.is_owned()
    await desk(team, LockCustomer(team.customer_id, today(team) + 40))
    await scene.tick(at(50), team.ann)
    assert await scene.is_owned(), "locked"
    await desk(team, LockCustomer(team.customer_id, None))
    for day in (51, 55, 60):
        await scene.tick(at(day), team.ann)
    assert not await scene.is_owned()


async def test_a_request_that_waits_keeps_nothing(scene: Scene) -> None:
    """D-161, D-163: the customer falls on its day, and the request lapses."""
    await scene.rule(exempt=("extended", "locked"))
    await scene.tick(at(13), scene.team.ann)
    one = await request(scene.team)
    for day in (17, 19, 20, 21):
        await scene.tick(at(day), scene.team.ann)
    assert not await scene.is_owned()
    assert (await stored(scene.team, one.id)).state is ExtensionState.lapsed
