"""The tests' own databases: empty, plainly owned, dropped afterwards, and a failure in words when there is none."""

import os
import subprocess
import sys
import time

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from bench import postgres
from bench.postgres import Lender, PostgresMissingError, Server
from tests.lent_again import LentAgain


def dead_pid() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


async def ask(url: str, statement: str) -> list[object]:
    """Run one statement in a transaction of its own; the first row, [] when it returns none."""
    engine = create_async_engine(url.replace("sqlite:", "sqlite+aiosqlite:"))
    try:
        async with engine.begin() as connection:
            result = await connection.execute(sa.text(statement))
            return list(result.one()) if result.returns_rows else []
    finally:
        await engine.dispose()


async def test_each_database_starts_empty(database_url: str) -> None:
    inside = "pg_tables WHERE schemaname = 'public'" if "postgres" in database_url else "sqlite_master"
    assert await ask(database_url, f"SELECT count(*) FROM {inside}") == [0]
    await ask(database_url, "CREATE TABLE visit (id INTEGER PRIMARY KEY)")
    assert await ask(database_url, f"SELECT count(*) FROM {inside}") == [1]


async def test_role_is_plain(postgres_url: str) -> None:
    powers = "rolsuper, rolbypassrls, rolcreatedb, rolcreaterole"
    assert await ask(postgres_url, f"SELECT {powers} FROM pg_roles WHERE rolname = current_user") == [False] * 4
    assert await ask(postgres_url, "SELECT current_database() LIKE 'outrider\\_test\\_%'") == [True]


async def test_copy_of_a_template_has_its_tables_and_is_its_own(postgres_lender: Lender, postgres_url: str) -> None:
    await ask(postgres_url, "CREATE TABLE visit (id INTEGER PRIMARY KEY)")
    copy = postgres_lender.create(template=postgres_url)
    await ask(copy, "INSERT INTO visit VALUES (7)")
    assert await ask(copy, "SELECT count(*) FROM visit") == [1]
    assert await ask(postgres_url, "SELECT count(*) FROM visit") == [0]
    postgres_lender.drop(copy)
    with pytest.raises(Exception, match="does not exist"):
        await ask(copy, "SELECT 1")


def test_leftovers_of_a_dead_run_are_dropped_and_of_a_living_one_stay(postgres_lender: Lender) -> None:
    server: Server = postgres_lender._server
    dead, living = f"{postgres.run_name(dead_pid())}_gw0", f"{postgres.run_name(os.getpid())}_stay"
    for name in (dead, living):
        server.run(f'CREATE ROLE "{name}"', f'CREATE DATABASE "{name}_1" TEMPLATE template0')
    postgres.drop_stale(server)
    made = postgres.made_names(server)
    postgres.drop_names(server, [f"{living}_1", living])
    assert {living, f"{living}_1"} <= set(made)
    assert not {dead, f"{dead}_1"} & set(made)
    assert not {living, f"{living}_1"} & set(postgres.made_names(server))


@pytest.mark.parametrize("name", ["postgres", "outrider_test_ffffff_1_gw0", "outrider_test_mine", "outrider"])
def test_names_of_others_are_never_stale(name: str) -> None:
    assert not postgres.is_stale(name)


@pytest.mark.parametrize("dsn", ["postgresql://nobody@127.0.0.1:1/postgres", "postgresql:///postgres", "not a url"])
def test_a_named_server_that_does_not_answer_fails_in_words(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(postgres.VARIABLE, dsn)
    with pytest.raises(PostgresMissingError, match=r"make test-quick"):
        postgres.find("outrider_test_none")


def test_no_server_at_all_fails_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "running", lambda: None)
    monkeypatch.setattr(postgres, "embedded", lambda run: None)
    with pytest.raises(PostgresMissingError, match=r"set OUTRIDER_TEST_POSTGRES="):
        postgres.find("outrider_test_none")


async def test_embedded_server_starts_asks_for_a_password_and_goes(postgres_lender: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(postgres_lender, Lender)  # asked for so that this test goes with the others when PostgreSQL is not chosen
    monkeypatch.setattr(postgres, "running", lambda: None)
    run = f"{postgres.run_name(os.getpid())}_embedded{time.monotonic_ns()}"
    lender = Lender.open(run, "main")
    url = lender.create()
    assert await ask(url, "SELECT 1") == [1]
    wrong = sa.make_url(url).set(password="wrong").render_as_string(hide_password=False)
    with pytest.raises(Exception, match="password authentication failed"):
        await ask(wrong, "SELECT 1")
    postgres.stop_embedded(postgres.folder(run))
    assert not postgres.folder(run).exists()
    with pytest.raises(OSError, match="Connect"):
        await ask(url, "SELECT 1")


async def test_a_database_is_lent_again_without_rows_and_with_numbers_from_one(postgres_again: LentAgain) -> None:
    url = postgres_again.lend()
    await ask(url, "INSERT INTO org (login, epoch, rev_floor, device_approval, created_ms) VALUES ('acme', 1, 0, false, 1)")
    assert await ask(url, "SELECT org_id FROM org") == [1]
    postgres_again.take_back(url)
    again = postgres_again.lend()
    assert again == url
    assert await ask(again, "SELECT count(*) FROM org") == [0]
    assert await ask(again, "SELECT nextval('org_org_id_seq')") == [1]
    assert await ask(again, "SELECT count(*) FROM alembic_version") == [1]
    postgres_again.take_back(again)


@pytest.mark.parametrize(
    "altered",
    [
        "CREATE TABLE added (id INTEGER)",
        "DROP INDEX {index}",
        "ALTER TABLE org ADD COLUMN more TEXT",
        "REVOKE INSERT ON org FROM CURRENT_USER",
        "ALTER DATABASE {database} SET default_transaction_read_only = on",
    ],
)
async def test_a_database_whose_tables_rights_or_settings_were_altered_is_not_lent_again(postgres_again: LentAgain, altered: str) -> None:
    url = postgres_again.lend()
    [index] = await ask(url, "SELECT indexname::text FROM pg_indexes WHERE schemaname = 'public' AND indexdef LIKE 'CREATE INDEX%' LIMIT 1")
    await ask(url, altered.format(index=index, database=sa.make_url(url).database))
    postgres_again.take_back(url)
    fresh = postgres_again.lend()
    assert fresh != url
    postgres_again.take_back(fresh)


async def test_whoever_is_still_connected_is_thrown_out_before_a_database_is_lent_again(postgres_again: LentAgain) -> None:
    url = postgres_again.lend()
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        await connection.execute(sa.text("LOCK TABLE org IN ACCESS EXCLUSIVE MODE"))
        postgres_again.take_back(url)
        with pytest.raises(sa.exc.DBAPIError):
            await connection.execute(sa.text("SELECT 1"))
    await engine.dispose()
    assert postgres_again.lend() == url
    postgres_again.take_back(url)
