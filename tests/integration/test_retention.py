"""Where people were is deleted after the days that the organisation set, wherever it stands (D-474 to D-479, P-136)."""

from pathlib import Path
from typing import Any, Final

import pytest
import sqlalchemy as sa
from msgspec import Raw

from server.database import Database, Sqlite
from server.jobs import forget
from server.models import metadata
from server.services import tables
from server.store import devices
from server.store.retained import GONE_MS
from shared_schema.records.inbox import SendUp
from shared_schema.records.pool import Claim
from shared_schema.records.reference import OrganisationRequest, Role
from shared_schema.registry import BY_NAME
from shared_schema.wire import ENCODER, GroupPlace, Kind, Mutation
from sync import device
from sync.device import Edit
from sync.rules import Actor
from tests.integration.test_sync_pools import TILE, card_of, pool_of, put_into
from tests.integration.test_visits import seen
from tests.world import Phone, Team, team_of

DAY_MS: Final = 24 * 3_600_000
CANARY: Final[dict[str, Any]] = {"latitude_e6": 31_417_926, "longitude_e6": 121_653_589, "datum": 1, "accuracy_mm": 17_171}
LEFT: Final[dict[str, Any]] = {f"left_{slot}": value + 7 * (slot != "datum") for slot, value in CANARY.items()}
SHOP: Final[dict[str, Any]] = {"latitude_e6": 31_230_400, "longitude_e6": 121_473_700, "datum": 1}
DIGITS: Final = [at[slot] for at in (CANARY, LEFT) for slot in at if "datum" not in slot and "accuracy" not in slot]
APPLIED: Final = ("applied", None)
Place = tuple[str, str]
"""(table, column); a file stands as (file, "")."""


@pytest.fixture
async def team(database: Database, monkeypatch: pytest.MonkeyPatch) -> Team:
    team = await team_of(database)
    monkeypatch.setattr("server.chance.now_ms", lambda: team.world.now_ms)
    return team


def tells(value: object) -> bool:
    """Whether a value of a column bears the canary's digits: as a number, in packed bytes, or in a text."""
    if isinstance(value, (bytes, memoryview)):
        raw = bytes(value)
        return any(one.to_bytes(4, "big") in raw or str(one).encode() in raw for one in DIGITS)
    return any(str(one) in str(value) for one in DIGITS)


def columns_that_tell(conn: sa.Connection) -> set[Place]:
    """All columns of all tables, also those that no model names."""
    there = sa.MetaData()
    there.reflect(conn)
    assert set(metadata.tables) <= set(there.tables)
    return {
        (table.name, column.name)
        for table in there.sorted_tables
        for row in conn.execute(sa.select(table))
        for column, value in zip(table.c, row, strict=True)
        if tells(value)
    }


def files_that_tell(database: Database) -> set[Place]:
    """The bytes of the database's file and of what lies beside it; of PostgreSQL none is ours to read."""
    if not isinstance(database, Sqlite):
        return set()
    path = Path(str(database._writer.url.database))
    return {(one.name.removeprefix(path.name) or "file", "") for one in path.parent.glob(f"{path.name}*") if tells(one.read_bytes())}


async def telling(team: Team) -> set[Place]:
    found = await team.world.database.read(columns_that_tell)
    return found | files_that_tell(team.world.database)


def contents(conn: sa.Connection) -> dict[str, list[tuple[Any, ...]]]:
    return {table.name: sorted(map(tuple, conn.execute(sa.select(table))), key=repr) for table in metadata.sorted_tables}


def check_in(phone: Phone, customer_id: bytes, **more: Any) -> bytes:
    now_ms = phone.world.now_ms
    evidence = {"boot": "b17", "uptime_ms": 500_000, "heard_ms": now_ms - 9_000, "provider": 3, "fix_ms": now_ms - 2_000}
    return phone.create("visit", customer_id=customer_id, **{"device_ms": now_ms, **evidence, **CANARY, **more})


async def pass_days(team: Team, days: int) -> None:
    """Time passes, and the job has its turn."""
    team.world.now_ms += days * DAY_MS
    await forget.run(team.world.database)


async def wanted(team: Team, days: int) -> None:
    """As an admin sets it at the desk."""
    asked = OrganisationRequest(name="Test", time_zone="Asia/Shanghai", visit_days=days)
    boss = Actor(team.world.org_id, team.manager.user_id, 0, Role.admin)
    await team.world.database.write(tables.put, boss, asked, team.world.now_ms)


async def by_all_roads(team: Team) -> dict[str, bytes]:
    """The canary's digits come in by every road that keeps something. The ids of the visits that were taken."""
    ann, bo, world = team.ann, team.bo, team.world
    ids = {"visit": check_in(ann, team.customer_id)}
    await ann.sync()
    ids["correction"] = check_in(ann, team.customer_id, amends_id=ids["visit"], leaving=True, left_ms=world.now_ms + 900_000, **LEFT)
    bare_id = bo.create("customer", name="Nowhere yet")
    for _ in range(3):  # a place is proposed
        world.now_ms += DAY_MS
        check_in(bo, bare_id)
        await bo.sync()
    check_in(ann, team.customer_id, amends_id=next(world.ids))  # waits on a card, which goes up
    check_in(ann, next(world.ids))  # refused: nobody's customer
    ann.enter(Edit(Kind.create, BY_NAME["visit"], next(world.ids), {"customer_id": team.customer_id, "device_ms": "no", **CANARY}))
    await ann.sync()
    item = next(one for one in ann.inbox() if one.code == "rule_broken")
    ann.command("inbox_item", item.id, SendUp())
    await claims_twice(team)
    unknown = {"latitude_e6": CANARY["latitude_e6"], "text": str(CANARY["longitude_e6"])}
    unread = Mutation(1, GroupPlace(1, 0, 1), Kind.create, 240, next(world.ids), {}, Raw(ENCODER.encode(unknown)), world.now_ms)
    newer = await world.phone(ann.user_id)  # of an app that knows a kind of record more
    await newer.push(ENCODER.encode(unread))
    await world.database.write(devices.keep_upload, world.org_id, 1, world.now_ms, b"upload" + ENCODER.encode(CANARY))
    await team.step()
    return ids


async def claims_twice(team: Team) -> None:
    """Two claim a customer from where they stand; what the second enters there is offered to the first."""
    pool, shop_id = await pool_of(team), team.ann.create("customer", name="Won by one", **SHOP)
    await team.step()
    first, second = [await team.world.phone(await team.world.user(name)) for name in ("cleo", "dora")]
    await put_into(team, pool, shop_id)
    for phone in (first, second):
        device.keep_tiles(phone.shelf, (TILE,))
        await phone.sync()
        card = card_of(phone, shop_id)
        assert card is not None
        phone.command("pool_card", shop_id, Claim(epoch=card.epoch, **{slot: CANARY[slot] for slot in SHOP}))
    check_in(second, shop_id)
    for phone in (first, second, first):
        await phone.sync()
    await team.step()


async def test_no_column_and_no_byte_tells_where_anybody_was(team: Team) -> None:
    """D-474, D-475, D-476, D-479, P-136: the verdict and the fact stay; the phones hear it; a second run changes nothing."""
    ids = await by_all_roads(team)
    before = await team.world.database.read(columns_that_tell)
    tables_before = {table for table, _ in before}
    assert tables_before >= {"visit", "placing", "inbox_item", "contribution", "feed", "payload", "quarantine"}, tables_before
    judged = {one: seen(team.ann, ids[one]) for one in ids}
    await pass_days(team, 181)
    assert await telling(team) == set()
    stands = await team.world.database.read(contents)
    assert [row for row in stands["retained"] if row[-1] != GONE_MS] == []
    assert await forget.run(team.world.database) == 0
    assert await team.world.database.read(contents) == stands
    await team.step()
    for phone in (team.ann, team.bo, team.manager):
        assert not [key for key, body in phone.holds().items() if tells(body)]
    for name, visit_id in ids.items():
        after = seen(team.ann, visit_id)
        kept = ("verdict", "flags", "fence_m", "occurred_ms", "received_ms", "device_ms", "left_ms", "author_id", "customer_id", "leaving")
        assert [getattr(after, slot) for slot in kept] == [getattr(judged[name], slot) for slot in kept]
        assert (after.forgotten_days, after.distance_mm, after.boot, after.accuracy_mm) == (180, None, "", None)
