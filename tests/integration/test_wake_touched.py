"""Every committed write announces the scopes whose heads it moved, and no other; the bell between processes comes back."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
import sqlalchemy as sa

from server.database import Database, Touched, bell, open_database
from server.database.bell import PAIRS_MAX, told, understood
from server.models import scope
from server.services import tables
from server.services.act import act
from server.store.feed import FeedRow, publish
from shared_schema.records.customer import CUSTOMER, NewCustomer
from shared_schema.records.reference import DepartmentRequest, Role
from tests.world import START_MS, Team, World, team_of

HEARD_S = 5.0
Write = Callable[[Team], Awaitable[object]]


async def pushed(team: Team) -> None:
    team.ann.patch("customer", team.customer_id, phone="2")
    team.ann.create("follow_up", customer_id=team.customer_id, text="call again", due_ms=START_MS)
    await team.ann.sync()


async def conflicting(team: Team) -> None:
    team.bo.patch("customer", team.customer_id, phone="3")
    await team.bo.sync()
    team.ann.patch("customer", team.customer_id, phone="4")
    await team.ann.sync()


async def entered(team: Team) -> None:
    world = team.world
    boss = await world.phone(await world.user("boss", Role.admin))
    asked = NewCustomer(next(world.ids), CUSTOMER.create_type(name="Harbour Books"), team.bo.user_id)
    await world.database.write(act, boss.claims, asked, world.now_ms)


async def at_the_desk(team: Team) -> None:
    world = team.world
    boss = await world.phone(await world.user("boss", Role.admin))
    await world.database.write(tables.save, boss.claims, DepartmentRequest(name="West"), world.now_ms)


async def moved(team: Team) -> None:
    await team.move(team.bo)


async def parted(team: Team) -> None:
    await team.part(team.bo)


WRITES: list[tuple[Write, int]] = [(pushed, 2), (conflicting, 2), (moved, 2), (parted, 1), (entered, 2), (at_the_desk, 1)]


def heads(conn: sa.Connection) -> dict[tuple[int, int], int]:
    rows = conn.execute(sa.select(scope.c.org_id, scope.c.number, scope.c.head))
    return {(row.org_id, row.number): row.head for row in rows}


@pytest.mark.parametrize(("write", "least"), WRITES, ids=lambda each: getattr(each, "__name__", ""))
async def test_what_is_announced_is_what_moved(database: Database, write: Write, least: int) -> None:
    """P-802."""
    team = await team_of(database)
    heard: set[tuple[int, int]] = set()
    before = await database.read(heads)
    async with database.listening(heard.update):
        await write(team)
    after = await database.read(heads)
    assert heard == {place for place, head in after.items() if head != before.get(place, 0)}
    assert len(heard) >= least


async def test_an_undone_write_announces_nothing_and_leaves_nothing_behind(database: Database) -> None:
    world = await World(database).open()
    heard: list[Touched] = []

    def broken(conn: sa.Connection) -> None:
        publish(conn, 1, [FeedRow(number, 1, b"x" * 16, 0, b"") for number in sorted(place[1] for place in heads(conn))], START_MS)
        raise LookupError

    async with database.listening(heard.append):
        with pytest.raises(LookupError):
            await database.write(broken)
        await database.write(lambda _: None)
        assert heard == []
        user_id = await world.user("ann")
        assert len(heard) == 1
        await database.read(heads)
    await world.phone(user_id)
    assert len(heard) == 1


async def test_a_bell_whose_line_was_cut_rings_again(migrated_postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bell, "RETRY_S", 0.05)
    here, there = open_database(migrated_postgres_url), open_database(migrated_postgres_url)
    world = await World(here).open()
    rung = asyncio.Event()

    async def heard() -> None:
        """Hints are lost while the line is down: write until one comes through."""
        rung.clear()
        async with asyncio.timeout(HEARD_S):
            while not rung.is_set():
                await world.user(f"user{next(world.lines)}")
                with suppress(TimeoutError):
                    await asyncio.wait_for(rung.wait(), 0.1)

    async with here.listening(lambda _: None), there.listening(lambda _: rung.set()):
        await heard()
        cut = await here.write(cut_lines)
        assert cut == 2
        await heard()
    await here.close()
    await there.close()


def cut_lines(conn: sa.Connection) -> int:
    """End the connections that listen; how many there were."""
    listening = "query LIKE '%pg_notify%' OR query LIKE '%LISTEN%'"
    others = f"datname = current_database() AND pid <> pg_backend_pid() AND ({listening})"
    return len(conn.exec_driver_sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}").all())


def test_messages_between_processes_are_bounded_and_nonsense_is_nothing() -> None:
    many = {(2**63 - 1, 2**63 - 1 - number) for number in range(2 * PAIRS_MAX + 1)}
    messages = list(told(many))
    assert len(messages) == 3
    assert all(len(message) < 8_000 for message in messages)
    assert frozenset().union(*map(understood, messages)) == many
    for nonsense in ("", "1", "1.", ".2", "1.2.3", "a.b", "-1.2", "1.2x", "١.٢", "9" * 5_000 + ".1"):
        assert understood(nonsense) == frozenset()
    assert understood("x 1.2 1.2.3 3.4") == {(1, 2), (3, 4)}
