"""More than one device holds: the answer says what is left out, and what is held is whole."""

from collections.abc import Iterable

import pytest
import sqlalchemy as sa

from geo.nearby import tiles_to_keep
from server.database import Database
from server.services import sync_pull
from server.store import identity
from server.store.feed import SCOPES_MAX
from shared_schema.policy import Lane
from shared_schema.records.customer import Customer
from shared_schema.records.reference import Person, Role
from shared_schema.registry import BY_NAME
from shared_schema.wire import ENCODER, Beyond, ScopePage
from sync import device
from sync.scope import Reader
from tests.integration.test_sync_pools import PLACE, TILE, card_of, pool_of, put_into
from tests.world import KEY, Phone, Team, World, team_of


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


async def pulled(phone: Phone, tiles: tuple[int, ...], cursor: bytes = b"") -> sync_pull.Pulled:
    """What a pull answers to a phone that names these tiles."""
    asked = sync_pull.Asked(cursor, 200_000, tiles=tiles)
    return await phone.world.database.read(sync_pull.pull, phone.claims, asked, KEY, phone.world.now_ms)


async def held_scopes(team: Team, pages: Iterable[ScopePage]) -> list[tuple[bytes, int]]:
    """(pool, tile) of the pages that are of tiles."""
    numbers = {page.scope for page in pages if page.lane == Lane.tile}
    return await team.world.database.read(_named, numbers)


def _named(conn: sa.Connection, numbers: set[int]) -> list[tuple[bytes, int]]:
    rows = conn.execute(sa.text("SELECT number, subject_id, tile FROM scope"))
    return sorted((bytes(row.subject_id), row.tile) for row in rows if row.number in numbers)


async def test_tiles_beyond_the_limit_are_left_out_whole_and_told(team: Team) -> None:
    """P-135: twelve pools of 24 tiles are 288 scopes; the first tiles named are served in every pool, the last are not in any."""
    pools = sorted([(await pool_of(team, f"Pool {at}")).id for at in range(12)])
    tiles = tuple(range(1000, 976, -1))
    readers = [Reader(Lane.tile, pool_id, tile) for pool_id in pools for tile in tiles]
    await team.world.database.write(identity.insert_scopes, team.world.org_id, readers)
    few = await pulled(team.ann, tiles[:20])
    assert few.beyond is None
    assert len(await held_scopes(team, few.pages)) == 240
    many = await pulled(team.ann, tiles)
    fitting = (SCOPES_MAX - 5) // 12
    assert many.beyond == Beyond(tiles=24 - fitting, reports=0)
    assert await held_scopes(team, many.pages) == sorted((pool_id, tile) for pool_id in pools for tile in tiles[:fitting])
    other = await pulled(team.ann, (*tiles[fitting:], *tiles[:2]), many.cursor)
    assert other.beyond is None
    assert len(other.drop) == 12 * (fitting - 2)


async def test_a_device_says_so_and_keeps_what_it_holds(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """P-135: from the wish of the phone to its answer; the tile that its user asked for last comes first."""
    assert tiles_to_keep([_at(31_230_400)], [7, 99]) == (99, 7, 0, TILE)
    pool = await pool_of(team)
    customer_id = team.ann.create("customer", name="Pooled", **PLACE)
    await team.ann.sync()
    await put_into(team, pool, customer_id)
    monkeypatch.setattr("server.store.feed.SCOPES_MAX", 6)
    device.keep_tiles(team.bo.shelf, (TILE, 0))
    elsewhere = team.ann.create("customer", name="Nowhere")
    await team.ann.sync()
    await put_into(team, pool, elsewhere)
    answers = await team.bo.sync()
    assert [answer.beyond for answer in answers] == [Beyond(tiles=1, reports=0)]
    assert card_of(team.bo, customer_id) is not None
    assert card_of(team.bo, elsewhere) is None


def _at(latitude_e6: int) -> Customer:
    return Customer(bytes(16), 1, "", wgs_latitude_e6=latitude_e6, wgs_longitude_e6=121_473_700)


async def test_a_manager_of_too_many_is_told(team: Team) -> None:
    """P-135, P-122: 300 reports are more than one phone holds; nothing of it is silent."""
    await team.world.database.write(_reports, team.world, 300)
    answer = await pulled(team.manager, ())
    lanes = [page for page in answer.pages if page.lane == Lane.now]
    assert answer.beyond is not None
    assert answer.beyond.tiles == 0
    assert len(lanes) + answer.beyond.reports == 1 + 302
    assert len(ENCODER.encode(answer.beyond)) <= 8


def _reports(conn: sa.Connection, world: World, count: int) -> None:
    for at in range(count):
        user_id = next(world.ids)
        world._insert(conn, Person(user_id, 1, f"rep {at}", Role.rep, world.department_id))
        identity.insert_scopes(conn, world.org_id, [Reader(lane, user_id) for lane in BY_NAME["person"].opens])
