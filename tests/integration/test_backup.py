"""Backup and restore on each database and across them: one moment's state, all of it or nothing, and phones that may forget."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from server.database import Database, open_database
from server.models import device, metadata, org
from server.services import backup
from server.services.backup import Saved
from server.services.restore import Into, restore
from server.store import archive, dump, schema
from server.store.archive import ArchiveError, Header
from tests import world
from tests.world import Team, team_of

NOW_MS = world.START_MS + 10**9
BRANCHED = {"org", "counter"}
"""Tables in which a restored database differs on purpose."""


def quiet(_more: int, _total: int) -> None:
    """Nobody watches."""


async def saved(database: Database, path: Path, tell: Callable[[int, int], None] = quiet) -> Saved:
    with archive.created(path, replace=False) as file:
        return await database.read(backup.save, file, "test", NOW_MS, tell)


async def restored(url: str, path: Path, *, replace: bool = False, now_ms: int = NOW_MS) -> int:
    return (await schema.alone(url, restore, path, archive.verified(path, quiet), quiet, now_ms, Into(replace))).organisations


async def at(url: str, work: Callable[[Database], Awaitable[Any]]) -> Any:
    database = open_database(url)
    try:
        return await work(database)
    finally:
        await database.close()


def content(conn: sa.Connection) -> dict[str, list[tuple[Any, ...]]]:
    return {table.name: sorted(map(tuple, conn.execute(sa.select(table))), key=repr) for table in metadata.sorted_tables}


def unlike(left: dict[str, Any], right: dict[str, Any]) -> set[str]:
    return {name for name in left if left[name] != right[name]}


async def filled(database: Database) -> Team:
    """A team that wrote, deleted, met a conflict, was refused, and moved a customer."""
    team = await team_of(database)
    contact = team.ann.create("contact", customer_id=team.customer_id, name="Lin 林")
    team.ann.patch("customer", team.customer_id, phone="of ann")
    team.bo.patch("customer", team.customer_id, phone="of bo", note="")
    await team.step()
    team.ann.delete("contact", contact)
    quote = team.ann.create("quote", customer_id=team.customer_id, currency="CNY")
    team.ann.create(
        "quote_line",
        customer_id=team.customer_id,
        quote_id=quote,
        product_id=bytes(16),
        unit="box",
        quantity_thousandths=1_000,
        price_minor=5,
    )
    await team.step()
    await team.move(team.bo)
    await team.ann.sync()
    team.bo.create("contact_log", customer_id=team.customer_id, device_ms=world.START_MS, note="unconfirmed")
    await team.bo.answer(team.bo.ask())
    return team


async def round_trip(source: str, target: str, folder: Path) -> None:
    before = await at(source, _fill_and_save(folder / "a.backup"))
    assert await restored(target, folder / "a.backup") == 1
    after = await at(target, lambda database: database.read(content))
    assert {name for name, rows in before.items() if rows} >= {
        "customer",
        "quote_line",
        "inbox_item",
        "tombstone",
        "change",
        "feed",
        "answered",
    }
    assert unlike(before, after) == BRANCHED
    assert await schema.current(target) == schema.head()


def _fill_and_save(path: Path) -> Callable[[Database], Awaitable[dict[str, Any]]]:
    async def work(database: Database) -> dict[str, Any]:
        await filled(database)
        await saved(database, path)
        return await database.read(content)

    return work


async def test_sqlite_to_postgres(migrated_sqlite_url: str, postgres_url: str, tmp_path: Path) -> None:
    """P-901: how a newcomer grows."""
    await round_trip(migrated_sqlite_url, postgres_url, tmp_path)


async def test_postgres_to_sqlite(migrated_postgres_url: str, sqlite_url: str, tmp_path: Path) -> None:
    """P-901."""
    await round_trip(migrated_postgres_url, sqlite_url, tmp_path)


async def test_over_what_is_there(migrated_url: str, tmp_path: Path) -> None:
    """P-901, P-902, P-903: only when it is said, and beyond the numbers of what was replaced."""
    before = await at(migrated_url, _fill_and_save(tmp_path / "a.backup"))
    now = await at(migrated_url, lambda database: database.read(content))
    with pytest.raises(ArchiveError, match="not empty"):
        await restored(migrated_url, tmp_path / "a.backup")
    assert await at(migrated_url, lambda database: database.read(content)) == now
    stands = []
    for _ in range(2):
        await restored(migrated_url, tmp_path / "a.backup", replace=True, now_ms=5)
        assert unlike(before, await at(migrated_url, lambda database: database.read(content))) == BRANCHED
        stands.append(await at(migrated_url, lambda database: database.read(dump.floors)))
    first, second = stands[0][1], stands[1][1]
    assert 7 < first.epoch < second.epoch
    assert 10**9 < first.rev < second.rev
    assert first.counters["scope"] < second.counters["scope"]


async def test_migrated_tables_without_an_organisation_are_empty(migrated_url: str, tmp_path: Path) -> None:
    await at(migrated_url, _save_nothing(tmp_path / "a.backup"))
    assert await restored(migrated_url, tmp_path / "a.backup") == 0


def _save_nothing(path: Path) -> Callable[[Database], Awaitable[Saved]]:
    async def work(database: Database) -> Saved:
        return await saved(database, path)

    return work


async def test_a_backup_is_one_moment_though_pushes_go_on(database: Database, migrated_url: str, tmp_path: Path) -> None:
    """P-901: what is committed while it is written is not in it, in no table."""
    team = await filled(database)
    before = await database.read(content)
    pushed: list[int] = []

    def tell(_more: int, _total: int) -> None:
        if not pushed:  # after the first table, in a thread with a loop and a connection of its own
            pushed.append(1)
            thread = threading.Thread(target=lambda: asyncio.run(at(migrated_url, _more_work(team))))
            thread.start()
            thread.join()

    done = await saved(database, tmp_path / "a.backup", tell)
    now = await database.read(content)
    assert unlike(before, now) >= {"contact_log", "answered", "feed", "device", "scope"}
    found: dict[str, list[tuple[object, ...]]] = {}
    for table, _, rows in archive.blocks(tmp_path / "a.backup"):
        found.setdefault(table, []).extend(rows)
    assert {name: sorted(rows, key=repr) for name, rows in found.items()} == {name: rows for name, rows in before.items() if rows}
    assert {one.line_no: one.last_n for one in done.lines} == {row[1]: row[6] for row in before["device"]}


def _more_work(team: Team) -> Callable[[Database], Awaitable[None]]:
    async def work(database: Database) -> None:
        own, team.world.database = team.world.database, database
        team.bo.create("contact_log", customer_id=team.customer_id, device_ms=world.START_MS)
        await team.bo.sync()
        team.world.database = own

    return work


def backed_up(conn: sa.Connection) -> dict[int, int]:
    return {row.line_no: row.backed_up_n for row in conn.execute(sa.select(device))}


async def test_phones_forget_what_a_backup_holds_and_nothing_else(database: Database, tmp_path: Path) -> None:
    """P-609, P-904."""
    team = await filled(database)
    done = await saved(database, tmp_path / "a.backup")
    for phone in (team.ann, team.bo):
        phone.create("contact_log", customer_id=team.customer_id, device_ms=world.START_MS, note="after the backup")
        await phone.sync()
    assert len(team.bo.shelf.pendings()) > 1
    await backup.mark(database, done.lines)
    for phone in (team.ann, team.bo):
        await phone.sync()
        await phone.sync()
        assert [one.n for one in phone.shelf.pendings()] == [phone.shelf.seat().next_n - 1]
    assert await database.read(backed_up) == {one.line_no: one.last_n for one in done.lines}


async def test_a_mark_never_lowers_and_never_speaks_of_another_history(database: Database, tmp_path: Path) -> None:
    """P-904."""
    await filled(database)
    older = await saved(database, tmp_path / "a.backup")
    newer = [dump.LineStands(one.org_id, one.epoch, one.line_no, one.last_n + 3) for one in older.lines]
    await backup.mark(database, newer)
    await backup.mark(database, older.lines)
    marked = await database.read(backed_up)
    assert marked == {one.line_no: one.last_n for one in newer}
    await database.write(lambda conn: conn.execute(sa.update(org).values(epoch=org.c.epoch + 1)))
    await backup.mark(database, [dump.LineStands(one.org_id, one.epoch, one.line_no, 900) for one in older.lines])
    assert await database.read(backed_up) == marked


@pytest.mark.parametrize("wrong", ["revision", "table", "column", "count"])
async def test_an_archive_that_does_not_fit_changes_nothing(wrong: str, migrated_url: str, tmp_path: Path) -> None:
    """P-901."""
    before = await at(migrated_url, _fill_and_save(tmp_path / "a.backup"))
    header = Header(1, "9.9", "9999" if wrong == "revision" else schema.head(), NOW_MS, {"attempt": 2 if wrong == "count" else 1})
    with archive.created(tmp_path / "b.backup", replace=False) as file:
        writer = archive.Writer(file, header)
        columns = ["key", "count", "window" if wrong == "column" else "window_ms", "forgiven"]
        writer.add('attempt"; DROP TABLE org; --' if wrong == "table" else "attempt", columns, [("k", 1, 2, 0)])
        writer.finish()
    with pytest.raises(ArchiveError):
        await restored(migrated_url, tmp_path / "b.backup", replace=True)
    assert await at(migrated_url, lambda database: database.read(content)) == before


async def test_tables_of_another_version_are_not_backed_up(sqlite_url: str, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="migrate"):
        await at(sqlite_url, _save_nothing(tmp_path / "a.backup"))
