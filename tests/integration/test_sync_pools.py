"""Pools: a customer leaves its holders whole and masked, comes back to one winner, and nothing of it lies about in between."""

import asyncio
from typing import Final

import pytest
import sqlalchemy as sa

from geo.grid import tile
from server.database import Database
from server.domain.tokens import Claims
from server.models import RECORD_TABLES, feed, ownership_event
from server.services import tables
from server.services.act import act
from shared_schema.problem import Problem
from shared_schema.records.customer import GiveToPool, Release, Standing
from shared_schema.records.pool import Claim, Pool, PoolCard, PoolRequest
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME
from shared_schema.wire import ENCODER, OUTCOME_DECODER, ROWS_DECODER, Kind, Reason
from sync import device
from sync.device import Edit
from tests.integration.test_sync_scopes import WHOLE_FAMILY, family, held, right
from tests.world import START_MS, Phone, Team, said, team_of, words

CANARIES: Final = (b"canary-phone", b"canary-street", b"canary-note", b"Ms Lin")
PLACE: Final = {"latitude_e6": 31_230_400, "longitude_e6": 121_473_700, "datum": 1}
TILE: Final = tile(31_230_400, 121_473_700)
CARD: Final = BY_NAME["pool_card"]


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


async def pool_of(team: Team, name: str = "East", *hidden: str, department_id: bytes | None = None, pool_id: bytes | None = None) -> Pool:
    """A pool made by the desk."""
    asked = PoolRequest(name=name, id=pool_id, department_id=department_id, hidden=hidden)
    return await team.world.database.write(tables.save, await admin(team), asked, team.world.now_ms)


async def admin(team: Team) -> Claims:
    desk = await team.world.phone(await team.world.user(f"admin{team.world.now_ms}{next(team.world.lines)}", Role.admin))
    return desk.claims


async def whole_customer(team: Team) -> bytes:
    """A customer of Ann's with a record of every kind, and words that no card may show."""
    customer_id = await family(team, team.ann)
    team.ann.patch(
        "customer", customer_id, {**PLACE, "phone": "canary-phone", "address": "canary-street", "city": "", "note": "canary-note"}
    )
    await team.ann.sync()
    return customer_id


async def put_into(team: Team, pool: Pool, customer_id: bytes) -> None:
    """The manager releases it at the desk."""
    await team.world.database.write(act, team.manager.claims, GiveToPool(customer_id, pool.id, reason="idle"), team.world.now_ms)


def card_of(phone: Phone, customer_id: bytes) -> PoolCard | None:
    found = phone.view("pool_card", customer_id)
    assert found is None or isinstance(found, PoolCard)
    return found


def claimed(phone: Phone, customer_id: bytes, *more: Edit) -> None:
    """What the card on screen allows: a claim, and what depends on it, as one group."""
    card = card_of(phone, customer_id)
    assert card is not None
    claim = Edit(Kind.command, CARD, customer_id, command=ENCODER.encode(Claim(epoch=card.epoch)))
    phone.enter(claim, *more)


def unmasked(conn: sa.Connection, org_id: int) -> list[bytes]:
    """Canaries in any row of the feed."""
    bodies = conn.execute(sa.select(feed.c.body).where(feed.c.org_id == org_id)).scalars()
    return [canary for body in bodies for canary in CANARIES if canary in bytes(body)]


async def test_a_released_customer_leaves_whole_and_stands_masked_in_its_tile(team: Team) -> None:
    """P-129, P-128, D-122, D-125: not one unmasked byte is left in any scope."""
    pool, customer_id = await pool_of(team, "East", "industry"), await whole_customer(team)
    device.keep_tiles(team.bo.shelf, (TILE,))
    await team.collaborate(team.bo, customer_id)
    await team.step()
    assert held(team.ann, customer_id) == held(team.bo, customer_id) == WHOLE_FAMILY
    await put_into(team, pool, customer_id)
    await team.step()
    for phone in (team.ann, team.bo, team.manager):
        assert held(phone, customer_id) == {}
    card = card_of(team.bo, customer_id)
    assert card is not None
    assert (card.name, card.industry, card.tile) == ("Family", None, TILE)
    assert card.latitude_e6 is not None
    assert card.latitude_e6 != PLACE["latitude_e6"]
    assert abs(card.latitude_e6 - PLACE["latitude_e6"]) < 2_000
    assert card_of(team.ann, customer_id) is None
    assert await team.world.database.read(unmasked, team.world.org_id) == []
    await right(team)


async def test_a_claim_brings_everything_and_takes_the_card_away(team: Team) -> None:
    """P-133, P-127, P-341, D-124: the loser is told, and a visit that depends on the claim goes with it."""
    pool, customer_id = await pool_of(team), await whole_customer(team)
    for phone in (team.ann, team.bo):
        device.keep_tiles(phone.shelf, (TILE,))
    await put_into(team, pool, customer_id)
    await team.step()
    visit = Edit(Kind.create, BY_NAME["visit"], next(team.world.ids), {"customer_id": customer_id, "device_ms": START_MS})
    claimed(team.bo, customer_id, visit)
    claimed(team.ann, customer_id)
    won = said(await team.bo.sync())
    assert [one.result.name for one in won] == ["applied", "applied"]
    assert all(one.shows is not None for one in won)
    assert held(team.bo, customer_id) == {**WHOLE_FAMILY, "visit": 2}
    answers = await team.ann.sync()
    assert words(answers) == [("rejected", "claimed_by_other")]
    [lost] = team.ann.inbox()
    assert [(one.theirs, one.their_user_id) for one in lost.members] == [({}, team.bo.user_id)]
    rows = [row for answer in answers for page in answer.pages for row in ROWS_DECODER.decode(page.rows) if row.entity == CARD.number]
    assert [row.reason for row in rows] == [Reason.left]
    assert card_of(team.ann, customer_id) is card_of(team.bo, customer_id) is None
    standing = team.bo.view("standing", customer_id)
    assert isinstance(standing, Standing)
    assert (standing.owner_id, standing.pool_id, standing.epoch) == (team.bo.user_id, None, 3)
    await right(team)


async def test_an_owner_has_a_customer_since_the_move_that_made_him_the_owner(team: Team) -> None:
    """D-104, D-124, D-125: entered, released, claimed, transferred; a collaborator changes nothing."""
    pool, customer_id = await pool_of(team), team.ann.create("customer", name="Shop")
    device.keep_tiles(team.bo.shelf, (0,))
    entered_ms = team.world.now_ms + 1_000
    await team.ann.sync()
    await team.collaborate(team.bo, customer_id)
    await team.step()
    assert owned_since(team.ann, customer_id) == (team.ann.user_id, entered_ms)
    await put_into(team, pool, customer_id)
    await team.bo.sync()
    claimed(team.bo, customer_id)
    claimed_ms = team.world.now_ms + 1_000
    await team.bo.sync()
    assert owned_since(team.bo, customer_id) == (team.bo.user_id, claimed_ms)
    team.world.now_ms = moved_ms = claimed_ms + 5
    await team.move(team.ann, customer_id)
    await team.ann.sync()
    assert owned_since(team.ann, customer_id) == (team.ann.user_id, moved_ms)


def owned_since(phone: Phone, customer_id: bytes) -> tuple[bytes | None, int]:
    standing = phone.view("standing", customer_id)
    assert isinstance(standing, Standing)
    return standing.owner_id, standing.owned_since_ms


async def test_of_claims_at_once_one_wins(team: Team) -> None:
    """D-124, P-341: the planted last-writer claim makes two of them say applied."""
    pool, customer_id = await pool_of(team), await whole_customer(team)
    reps = [await team.world.phone(await team.world.user(f"rep{at}")) for at in range(6)]
    await put_into(team, pool, customer_id)
    for rep in reps:
        device.keep_tiles(rep.shelf, (TILE,))
        await rep.sync()
        claimed(rep, customer_id)
    answers = await asyncio.gather(*(rep.sync() for rep in reps))
    results = [one.code or one.result.name for given in answers for one in said(given)]
    assert sorted(results) == ["applied", *["claimed_by_other"] * 5]
    await right(team)


async def test_commands_chain_offline(team: Team) -> None:
    """P-341: claimed and given back without a network, then claimed again by another."""
    pool, customer_id = await pool_of(team), await whole_customer(team)
    device.keep_tiles(team.bo.shelf, (TILE,))
    await put_into(team, pool, customer_id)
    await team.step()
    claimed(team.bo, customer_id)
    team.bo.command("standing", customer_id, Release(pool.id, after=1, reason="too far"))
    team.bo.command("pool_card", customer_id, Claim(after=2))
    team.bo.command("pool_card", customer_id, Claim(after=2))
    assert words(await team.bo.sync()) == [*[("applied", None)] * 3, ("duplicate", None)]
    team.bo.command("standing", customer_id, Release(pool.id, epoch=2))
    assert words(await team.bo.sync()) == [("rejected", "stale_epoch")]
    team.bo.command("standing", customer_id, Release(pool.id, after=3))
    assert words(await team.bo.sync()) == [("applied", None)]
    kinds = await team.world.database.read(events, customer_id)
    assert kinds == ["created", "released", "claimed", "released", "claimed", "released"]
    await right(team)


async def test_a_command_follows_one_of_its_own_phone_alone(team: Team) -> None:
    """P-341: `after` is a number of one's own device line; another phone of the same user may have used it too."""
    pool, customer_id = await pool_of(team), await whole_customer(team)
    device.keep_tiles(team.bo.shelf, (TILE,))
    other = await team.world.phone(team.bo.user_id)
    await put_into(team, pool, customer_id)
    await team.step()
    claimed(team.bo, customer_id)
    assert words(await team.bo.sync()) == [("applied", None)]
    await other.sync()
    other.command("standing", customer_id, Release(pool.id, after=1))
    assert words(await other.sync()) == [("rejected", "stale_epoch")]


def events(conn: sa.Connection, customer_id: bytes) -> list[str]:
    table = ownership_event
    return list(conn.execute(sa.select(table.c.kind).where(table.c.customer_id == customer_id).order_by(table.c.epoch)).scalars())


async def test_a_tile_is_held_by_members_who_name_it(team: Team) -> None:
    """P-126, D-121: dropped when it is no longer named, and never had by who is no member."""
    department_id = next(team.world.ids)
    pool, customer_id = await pool_of(team, "Elsewhere", department_id=team.world.department_id), await whole_customer(team)
    with pytest.raises(Problem, match="no such department"):
        await pool_of(team, "Nowhere", department_id=department_id)
    stranger = await team.world.phone(await team.world.user("stranger"))
    await team.world.database.write(_leave, stranger.user_id)
    await put_into(team, pool, customer_id)
    for phone in (team.bo, stranger):
        device.keep_tiles(phone.shelf, (TILE, TILE + 1))
        await phone.sync()
    assert card_of(team.bo, customer_id) is not None
    assert card_of(stranger, customer_id) is None
    raw = Edit(Kind.command, CARD, customer_id, command=ENCODER.encode(Claim(epoch=2)))
    stranger.enter(raw)
    assert words(await stranger.sync()) == [("rejected", "out_of_scope")]
    device.keep_tiles(team.bo.shelf, ())
    dropped = await team.bo.sync()
    assert sum(len(answer.drop) for answer in dropped) == 1
    assert card_of(team.bo, customer_id) is None


def _leave(conn: sa.Connection, user_id: bytes) -> None:
    conn.execute(sa.update(RECORD_TABLES["person"]).where(RECORD_TABLES["person"].c.id == user_id).values(department_id=None))


async def test_what_a_pool_hides_goes_from_every_card(team: Team) -> None:
    """D-123: also from the bytes in the feed; and it comes back when it is shown again."""
    pool, customer_id = await pool_of(team), await whole_customer(team)
    device.keep_tiles(team.bo.shelf, (TILE,))
    await put_into(team, pool, customer_id)
    await team.step()
    await pool_of(team, "East", "name", "city", pool_id=pool.id)
    await team.bo.sync()
    card = card_of(team.bo, customer_id)
    assert card is not None
    assert card.name is None
    named = await team.world.database.read(_rows_with, b"Family")
    assert named == 0
    await pool_of(team, "East", pool_id=pool.id)
    await team.bo.sync()
    card = card_of(team.bo, customer_id)
    assert card is not None
    assert card.name == "Family"


def _rows_with(conn: sa.Connection, text: bytes) -> int:
    bodies = conn.execute(sa.select(feed.c.body).where(feed.c.entity.in_([CARD.number, 1]))).scalars()
    return sum(text in bytes(body) for body in bodies)


async def test_who_may_release_and_who_may_assign(team: Team) -> None:
    """D-107, D-125: the owner and his manager; a collaborator not; out of the pool the manager assigns."""
    pool, customer_id = await pool_of(team), await whole_customer(team)
    await team.collaborate(team.bo, customer_id)
    await team.step()
    standing = team.bo.view("standing", customer_id)
    assert isinstance(standing, Standing)
    team.bo.command("standing", customer_id, Release(pool.id, epoch=standing.epoch))
    assert words(await team.bo.sync()) == [("rejected", "forbidden")]
    team.ann.command("standing", customer_id, Release(pool.id, epoch=standing.epoch))
    assert words(await team.ann.sync()) == [("applied", None)]
    with pytest.raises(Problem, match="in a pool already"):
        await put_into(team, pool, customer_id)
    await team.move(team.bo, customer_id)
    await team.step()
    assert held(team.bo, customer_id) == WHOLE_FAMILY
    assert card_of(team.bo, customer_id) is None
    await right(team)


def test_outcomes_of_commands_say_no_more_than_any_other() -> None:
    """P-325: a refused claim carries the code alone."""
    assert OUTCOME_DECODER.type.__struct_fields__ == ("n", "result", "code", "remedy", "field", "rev", "shows", "item_id", "retry_at_ms")
