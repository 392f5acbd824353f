"""What the desk owes the people around a pool: who hears of a release, and what becomes of those in a pool that is closed."""

import pytest
import sqlalchemy as sa

from notifications.messages import message
from server.database import Database
from server.domain.notices import NOTICES
from server.models import RECORD_TABLES
from server.services import actors, records, tables, tiles
from server.store.outbox import FACTS_DECODER
from shared_schema.notices import Language
from shared_schema.problem import Problem
from shared_schema.records.customer import Release, Standing
from shared_schema.records.pool import PoolRequest
from sync import device
from tests.integration.test_sync_pools import TILE, admin, card_of, claimed, pool_of, put_into, whole_customer
from tests.world import Phone, Team, team_of, words

NOTIFICATION = RECORD_TABLES["notification"]

ALL_NAMES = ("claim", "claimed", "release", "released")


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


def told(conn: sa.Connection, kind: str) -> dict[bytes, dict[str, str]]:
    """Who was told of this kind of happening, and with which facts."""
    rows = conn.execute(sa.select(NOTIFICATION.c.user_id, NOTIFICATION.c.facts).where(NOTIFICATION.c.kind == kind))
    return {bytes(row.user_id): FACTS_DECODER.decode(row.facts) for row in rows}


async def test_a_release_by_the_desk_is_heard_by_owner_and_collaborators(team: Team) -> None:
    """D-126: whoever followed up the customer and did not release it himself."""
    pool, customer_id = await pool_of(team), await whole_customer(team)
    await team.collaborate(team.bo, customer_id)
    await put_into(team, pool, customer_id)
    heard = await team.world.database.read(told, "released")
    facts = {"customer": "Family", "pool": "East", "reason": "idle"}
    assert heard == {team.ann.user_id: facts, team.bo.user_id: facts}
    await put_into(team, pool, await whole_customer(team))  # made in the same millisecond: news of its own
    assert await team.world.database.read(count_of, "released") == 3
    for language in Language:
        body = message(NOTICES["released"][language], facts).body
        assert all(fact in body for fact in facts.values())


async def test_the_timeline_tells_a_claim_and_a_release_once(team: Team) -> None:
    """D-124, D-125: the move, with who has the customer now; the history of the standing keeps its own line (P-450)."""
    await pool_of(team)
    customer_id = await whole_customer(team)
    team.ann.command("standing", customer_id, Release((await pool_of(team)).id, epoch=epoch_of(team.ann, customer_id), reason="idle"))
    device.keep_tiles(team.bo.shelf, (TILE,))
    await team.step()
    claimed(team.bo, customer_id)
    assert words(await team.bo.sync()) == [("applied", None)]
    told = await team.world.database.read(records.timeline, team.bo.claims, records.Since(0), team.world.now_ms)
    moves = [(one.what, one.user_id, one.values.get("owner_id")) for one in told if one.id == customer_id and one.what in ALL_NAMES]
    assert sorted(moves) == [("claimed", team.bo.user_id, team.bo.user_id), ("released", team.ann.user_id, None)]
    history = await team.world.database.read(records.changes, team.bo.claims, "standing", customer_id, team.world.now_ms)
    assert [one.decision for one in history] == ["claim", "release"]


async def test_a_release_by_phone_is_heard_by_the_others_each_time(team: Team) -> None:
    """D-126: the owner knows what he did; a second release of the same day is news again."""
    pool, customer_id = await pool_of(team), await whole_customer(team)
    for expected in (1, 2):
        await team.collaborate(team.bo, customer_id)
        await team.step()
        team.ann.command("standing", customer_id, Release(pool.id, epoch=epoch_of(team.ann, customer_id)))
        assert words(await team.ann.sync()) == [("applied", None)]
        assert set(await team.world.database.read(told, "released")) == {team.bo.user_id}
        assert await team.world.database.read(count_of, "released") == expected
        await team.move(team.ann, customer_id)
        await team.step()


async def test_a_pool_no_longer_in_use_is_emptied_by_claims(team: Team) -> None:
    """D-127: nothing enters it; what is in it is seen and claimed, then its tiles are gone."""
    pool, customer_id, other = await pool_of(team), await whole_customer(team), await whole_customer(team)
    await put_into(team, pool, customer_id)
    closed = PoolRequest(name="East", id=pool.id, active=False)
    await team.world.database.write(tables.save, await admin(team), closed, team.world.now_ms)
    device.keep_tiles(team.bo.shelf, (TILE,))
    await team.step()
    assert card_of(team.bo, customer_id) is not None
    with pytest.raises(Problem, match="no such pool"):
        await put_into(team, pool, other)
    team.ann.command("standing", other, Release(pool.id, epoch_of(team.ann, other)))
    assert words(await team.ann.sync()) == [("parked", "rule_broken")], "neither from the desk nor by phone"
    claimed(team.bo, customer_id)
    assert words(await team.bo.sync()) == [("applied", None)]
    acting = await team.world.database.read(actors.actor, team.bo.claims, team.world.now_ms)
    assert await team.world.database.read(tiles.of_member, acting) == []


def count_of(conn: sa.Connection, kind: str) -> int:
    return conn.execute(sa.select(sa.func.count()).select_from(NOTIFICATION).where(NOTIFICATION.c.kind == kind)).scalar_one()


def epoch_of(phone: Phone, customer_id: bytes) -> int:
    standing = phone.view("standing", customer_id)
    assert isinstance(standing, Standing)
    return standing.epoch
