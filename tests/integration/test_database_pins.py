"""Pins of the facts the database door stands on: each shows the failure without the cure, and its absence with it."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from server.database import Database, async_url, durability, open_database
from server.database.failures import is_race, lost
from server.database.sqlite import Sqlite, prepare_sqlite
from shared_schema.problem import Code, Problem


@pytest.fixture
async def notes(database_url: str) -> AsyncIterator[Database]:
    """Give a database with one table: `note(id, text)`, and `tag(note_id)` whose parent is looked for at commit."""
    database = open_database(database_url)
    await database.write(make_tables)
    yield database
    await database.close()


def make_tables(conn: sa.Connection) -> None:
    conn.exec_driver_sql("CREATE TABLE note (id BIGINT PRIMARY KEY, text TEXT NOT NULL)")
    conn.exec_driver_sql("CREATE TABLE tag (note_id BIGINT REFERENCES note (id) DEFERRABLE INITIALLY DEFERRED)")


def add(conn: sa.Connection, number: int) -> int:
    conn.exec_driver_sql(f"INSERT INTO note VALUES ({number}, 'n')")
    return number


def add_then_fail(conn: sa.Connection, number: int, error: BaseException) -> None:
    add(conn, number)
    raise error


def add_orphan(conn: sa.Connection, number: int) -> int:
    """Add a row and what makes the COMMIT, not the statement, fail."""
    conn.exec_driver_sql("INSERT INTO tag VALUES (-1)")
    return add(conn, number)


def numbers(conn: sa.Connection) -> list[int]:
    return [row[0] for row in conn.exec_driver_sql("SELECT id FROM note ORDER BY id")]


async def together(database: Database, *units: Callable[[sa.Connection], Any]) -> list[Any]:
    """Run units that wait at the same time: on SQLite they share one commit, for the writer is held until all are queued."""
    running, release = threading.Event(), threading.Event()

    def hold(_: sa.Connection) -> None:
        running.set()
        release.wait(10)

    if database.dialect == "postgresql":
        return await asyncio.gather(*(database.write(unit) for unit in units), return_exceptions=True)
    held = asyncio.create_task(database.write(hold))
    await asyncio.to_thread(running.wait, 10)
    waiting = [asyncio.create_task(database.write(unit)) for unit in units]
    await asyncio.sleep(0)  # each puts its unit into the queue
    release.set()
    await held
    return await asyncio.gather(*waiting, return_exceptions=True)


# Savepoints


async def released_then_rolled_back(engine: AsyncEngine) -> list[int]:
    """Add a note under a savepoint, release it, roll the outer transaction back: what is left?"""
    async with engine.connect() as conn:
        outer = await conn.begin()
        async with conn.begin_nested():
            await conn.run_sync(add, 1)
        await outer.rollback()
    async with engine.connect() as conn:
        return await conn.run_sync(numbers)


async def test_a_released_savepoint_dies_with_its_transaction(notes: Database, database_url: str) -> None:
    engine = create_async_engine(async_url(database_url))
    if notes.dialect == "sqlite":
        prepare_sqlite(engine.sync_engine, "BEGIN IMMEDIATE")
    assert await released_then_rolled_back(engine) == []
    await engine.dispose()


async def test_without_the_cure_a_released_savepoint_survives(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    await database.write(make_tables)
    naive = create_async_engine(async_url(sqlite_url))
    assert await released_then_rolled_back(naive) == [1]
    await naive.dispose()
    await database.close()


# BEGIN IMMEDIATE


def two_writers(path: str, begin: str) -> list[str]:
    """Two connections read, then write, one after the other: the second one's fate. Both are told to wait for a second."""
    first, second = (sqlite3.connect(path, isolation_level=None, timeout=1, check_same_thread=False) for _ in range(2))
    answers = []
    first.execute(begin)
    first.execute("SELECT count(*) FROM note").fetchone()
    releaser = threading.Thread(target=lambda: (first.execute("INSERT INTO note VALUES (1, 'n')"), first.execute("COMMIT")))
    try:
        if begin == "BEGIN":
            second.execute(begin)
            second.execute("SELECT count(*) FROM note").fetchone()
            releaser.start()
            releaser.join()
        else:
            releaser.start()
            second.execute(begin)  # waits for the first, then sees what it wrote
            second.execute("SELECT count(*) FROM note").fetchone()
        second.execute("INSERT INTO note VALUES (2, 'n')")
        second.execute("COMMIT")
        answers.append("committed")
    except sqlite3.OperationalError as error:
        answers.append(error.sqlite_errorname)
    finally:
        releaser.join()
        first.close()
        second.close()
    return answers


async def test_a_deferred_reader_may_not_become_a_writer(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    await database.write(make_tables)
    path = sa.make_url(sqlite_url).database or ""
    assert two_writers(path, "BEGIN") == ["SQLITE_BUSY_SNAPSHOT"]
    await database.write(lambda conn: conn.exec_driver_sql("DELETE FROM note").rowcount)
    assert two_writers(path, "BEGIN IMMEDIATE") == ["committed"]
    await database.close()


async def test_a_unit_that_has_read_has_the_file_to_itself(sqlite_url: str) -> None:
    """Nobody writes between what a unit reads and what it writes: who tries meanwhile is told that the file is locked."""
    database = open_database(sqlite_url)
    await database.write(make_tables)
    other = sqlite3.connect(sa.make_url(sqlite_url).database or "", isolation_level=None, timeout=0, check_same_thread=False)

    def read_then_add(conn: sa.Connection) -> int:
        known = len(numbers(conn))
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("INSERT INTO note VALUES (1, 'n')")
        return add(conn, known + 1)

    assert await database.write(read_then_add) == 1
    other.close()
    await database.close()


async def test_processes_that_read_then_write_wait_for_each_other(notes: Database, database_url: str) -> None:
    """Two doors on one database, as two server processes have: every increment counts."""

    def increment(conn: sa.Connection) -> None:
        lock = " FOR UPDATE" if conn.dialect.name == "postgresql" else ""
        text = conn.exec_driver_sql(f"SELECT text FROM note WHERE id = 1{lock}").scalar_one()
        conn.execute(sa.text("UPDATE note SET text = :text WHERE id = 1"), {"text": f"{text}n"})

    other = open_database(database_url)
    await notes.write(add, 1)
    await asyncio.gather(*(door.write(increment) for door in (notes, other) for _ in range(20)))
    assert await notes.read(lambda conn: len(conn.exec_driver_sql("SELECT text FROM note").scalar_one())) == 41
    await other.close()


# Units that share a commit


async def test_a_failing_unit_undoes_only_itself(notes: Database) -> None:
    commits: list[sa.Connection] = []
    if isinstance(notes, Sqlite):
        sa.event.listen(notes._writer, "commit", commits.append)
    refusal = Problem(Code.gone, "not here")
    answers = await together(notes, lambda c: add(c, 1), lambda c: add_then_fail(c, 2, refusal), lambda c: add(c, 3))
    assert answers == [1, refusal, 3]
    assert await notes.read(numbers) == [1, 3]
    assert notes.dialect == "postgresql" or len(commits) == 2  # the holder's, and one for all three


async def test_a_failed_commit_acknowledges_nobody(notes: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        await notes.write(add_orphan, 1)
    assert await notes.read(numbers) == []
    assert await notes.write(add, 2) == 2
    assert await notes.read(numbers) == [2]


async def test_a_commit_failed_by_one_is_taken_up_for_the_others(notes: Database) -> None:
    runs: list[int] = []

    def counted(conn: sa.Connection, number: int) -> int:
        runs.append(number)
        return add(conn, number)

    answers = await together(notes, lambda c: counted(c, 1), lambda c: add_orphan(c, 2), lambda c: counted(c, 3))
    assert (answers[0], type(answers[1]), answers[2]) == (1, sa.exc.IntegrityError, 3)
    assert await notes.read(numbers) == [1, 3]
    assert sorted(runs) == ([1, 1, 3, 3] if notes.dialect == "sqlite" else [1, 3])


@pytest.mark.parametrize("error", [SystemExit(1), KeyboardInterrupt(), StopIteration(), GeneratorExit(), asyncio.CancelledError()])
async def test_no_unit_ends_the_writer(sqlite_url: str, error: BaseException) -> None:
    database = open_database(sqlite_url)
    await database.write(make_tables)
    with pytest.raises(RuntimeError, match=type(error).__name__):
        async with asyncio.timeout(5):  # a dead writer answers nobody
            await database.write(add_then_fail, 1, error)
    assert await database.write(add, 2) == 2
    assert await database.read(numbers) == [2]
    await database.close()


async def test_a_caller_who_leaves_stops_nobody(notes: Database) -> None:
    leaver = asyncio.create_task(notes.write(add, 1))
    await asyncio.sleep(0)
    leaver.cancel()
    assert await notes.write(add, 2) == 2
    assert 2 in await notes.read(numbers)


async def test_close_finishes_what_waits_and_refuses_the_rest(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    await database.write(make_tables)
    waiting = [asyncio.create_task(database.write(add, number)) for number in range(100)]
    await asyncio.sleep(0)
    await database.close()
    assert await asyncio.gather(*waiting) == list(range(100))
    assert "sqlite-writer" not in {thread.name for thread in threading.enumerate()}
    with pytest.raises(Problem, match="busy"):
        await database.write(add, 100)
    raw = sqlite3.connect(sa.make_url(sqlite_url).database or "")
    assert raw.execute("SELECT count(*) FROM note").fetchone() == (100,)
    raw.close()


# Races


async def test_a_lost_race_is_run_again(notes: Database) -> None:
    """Sixteen units find no such id and insert it: one is first, the others find it when run again."""

    def find_or_add(conn: sa.Connection) -> str:
        if conn.exec_driver_sql("SELECT id FROM note WHERE id = 1").first():
            return "known"
        add(conn, 1)
        return "new"

    answers = await asyncio.gather(*(notes.write(find_or_add) for _ in range(16)))
    assert sorted(answers) == ["known"] * 15 + ["new"]


async def test_a_key_taken_four_times_is_a_fault(notes: Database) -> None:
    """P-323: not `busy`, of which a phone would send the same for ever."""
    runs: list[int] = []

    def hopeless(conn: sa.Connection) -> None:
        runs.append(1)
        add(conn, 1)

    await notes.write(add, 1)
    with pytest.raises(sa.exc.IntegrityError):
        await notes.write(hopeless)
    assert len(runs) == 4


async def test_another_race_lost_four_times_is_busy() -> None:
    """A deadlock or a serialization failure may go well at the next request."""
    raced = sqlite3.OperationalError("database is locked")
    raced.sqlite_errorname = "SQLITE_BUSY_SNAPSHOT"
    told = lost(sa.exc.OperationalError("UPDATE", {}, raced))
    assert isinstance(told, Problem)
    assert told.code is Code.busy


@pytest.mark.parametrize(
    ("state", "raced"), [("23505", True), ("40001", True), ("40P01", True), ("23502", False), ("57014", False), ("55P03", False)]
)
def test_what_is_run_again(state: str, raced: bool) -> None:
    """A key that was taken, a serialization failure, a deadlock: with the next try another unit is through."""
    raised = asyncpg.PostgresError.new({"S": "ERROR", "C": state, "M": "words"})
    assert is_race(sa.exc.DBAPIError("UPDATE", {}, raised)) is raced


async def test_a_fault_is_not_run_again(notes: Database) -> None:
    runs: list[int] = []

    def faulty(conn: sa.Connection) -> None:
        runs.append(1)
        conn.exec_driver_sql("INSERT INTO note VALUES (1, NULL)")

    with pytest.raises(sa.exc.IntegrityError):
        await notes.write(faulty)
    assert len(runs) == 1


async def test_a_deadlock_is_run_again(postgres_url: str) -> None:
    database, runs = open_database(postgres_url), []
    await database.write(make_tables)
    await database.write(lambda conn: [add(conn, number) for number in (1, 2)])

    def cross(conn: sa.Connection, first: int, second: int) -> None:
        runs.append(first)
        conn.exec_driver_sql(f"UPDATE note SET text = text || 'a' WHERE id = {first}")
        conn.exec_driver_sql("SELECT pg_sleep(0.2)")  # until the other one holds its first row
        conn.exec_driver_sql(f"UPDATE note SET text = text || 'b' WHERE id = {second}")

    await asyncio.gather(database.write(cross, 1, 2), database.write(cross, 2, 1))
    again = len(runs) - 2  # on a busy machine the two may meet again
    found = await database.read(lambda conn: sorted(len(row[0]) for row in conn.exec_driver_sql("SELECT text FROM note")))
    await database.close()
    assert again >= 1
    assert found == [3, 3]


# Nobody there


async def test_a_writer_elsewhere_that_never_ends_is_busy(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    await database.write(make_tables)
    await database.write(lambda conn: conn.exec_driver_sql("PRAGMA busy_timeout=50").first())
    other = sqlite3.connect(sa.make_url(sqlite_url).database or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answers = await asyncio.gather(*(database.write(add, number) for number in (1, 2)), return_exceptions=True)
    assert [getattr(answer, "code", answer) for answer in answers] == [Code.busy] * 2
    assert await database.read(numbers) == []
    other.execute("ROLLBACK")
    assert await database.write(add, 3) == 3
    other.close()
    await database.close()


async def test_a_broken_connection_is_busy_and_replaced(postgres_url: str) -> None:
    database, other = open_database(postgres_url), open_database(postgres_url)
    await database.write(make_tables)
    mine = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
    await other.write(lambda conn: conn.exec_driver_sql(mine).all())
    with pytest.raises(Problem, match="busy"):
        await database.write(add, 1)
    assert await database.write(add, 1) == 1
    await database.close()
    await other.close()


async def test_nobody_listens() -> None:
    database = open_database("postgresql://nobody@127.0.0.1:1/nothing")
    for door in (database.read, database.write):
        with pytest.raises(Problem, match="busy"):
            await door(numbers)
    await database.close()


# Readers, durability, addresses


async def test_a_reader_may_not_write(notes: Database) -> None:
    with pytest.raises(sa.exc.DBAPIError, match=r"read-?only"):
        await notes.read(add, 1)
    assert await notes.read(numbers) == []


async def test_a_reader_on_postgresql_has_one_snapshot(postgres_url: str) -> None:
    database = open_database(postgres_url)
    assert await database.read(lambda conn: conn.exec_driver_sql("SHOW transaction_isolation").scalar()) == "repeatable read"
    assert await database.write(lambda conn: conn.exec_driver_sql("SHOW transaction_isolation").scalar()) == "read committed"
    await database.close()


async def test_durability_is_on(notes: Database) -> None:
    assert await notes.write(durability) == []


async def test_durability_off_is_seen(notes: Database, tmp_path: Path) -> None:
    def lax(conn: sa.Connection) -> list[str]:
        conn.exec_driver_sql("SET LOCAL synchronous_commit = off")
        return durability(conn)

    if notes.dialect == "postgresql":
        assert await notes.write(lax) == ["synchronous_commit is off"]
        return
    plain = sa.create_engine(f"sqlite:///{tmp_path}/plain.db")
    with plain.connect() as conn:
        assert durability(conn) == ["journal_mode is delete"]
    plain.dispose()


@pytest.mark.parametrize("url", ["mysql://host/name", "sqlite://", "sqlite:///:memory:"])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="a database URL is"):
        open_database(url)
