"""An ill database is told to whoever asks: `/ready`, the metrics, the log, `outrider doctor`; and the server recovers by itself (P-323)."""

import errno
import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path

import asyncpg
import httpx
import pytest
import sqlalchemy as sa

from server.database import Cause, Health, Unavailable, health, open_database
from server.database.failures import illness
from tests.integration.site import Site, beside, code, site
from tests.operator import outrider

TERMINATE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"


def of_sqlite(name: str, words: str = "") -> Exception:
    raised = sqlite3.OperationalError(words)
    raised.sqlite_errorname = name
    return sa.exc.OperationalError("INSERT", {}, raised)


def of_postgres(state: str) -> Exception:
    return sa.exc.DBAPIError("INSERT", {}, asyncpg.PostgresError.new({"S": "ERROR", "C": state, "M": "words"}))


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (of_sqlite("SQLITE_FULL"), Cause.disk_full),
        (of_sqlite("SQLITE_IOERR_WRITE"), Cause.disk_fault),
        (of_sqlite("SQLITE_IOERR_NOMEM"), Cause.memory),
        (of_sqlite("SQLITE_READONLY_DBMOVED"), Cause.read_only),
        (of_sqlite("SQLITE_CANTOPEN"), Cause.away),
        (of_sqlite("SQLITE_BUSY"), Cause.locked),
        (of_sqlite("SQLITE_CORRUPT_INDEX"), Cause.damaged),
        (of_sqlite("SQLITE_ERROR", "no such table: visit"), Cause.setup),
        (of_sqlite("SQLITE_ERROR", "near x: syntax error"), None),
        (of_sqlite("SQLITE_CONSTRAINT_NOTNULL"), None),
        (of_sqlite("SQLITE_TOOBIG"), None),
        *((of_postgres(state), Cause.away) for state in ("08003", "08P01", "57P01", "57P02", "57P03")),
        *((of_postgres(state), Cause.disk_fault) for state in ("58000", "58030", "58P01")),
        *((of_postgres(state), Cause.overloaded) for state in ("53000", "53300", "53400")),
        *((of_postgres(state), Cause.setup) for state in ("42501", "42P01", "42703", "28P01", "3D000")),
        (of_postgres("53100"), Cause.disk_full),
        (of_postgres("53200"), Cause.memory),
        (of_postgres("25006"), Cause.read_only),
        (of_postgres("26000"), Cause.pooler),
        (of_postgres("57014"), Cause.timed_out),
        (of_postgres("55P03"), Cause.locked),
        (of_postgres("XX001"), Cause.damaged),
        *((of_postgres(state), None) for state in ("22P05", "22003", "23502", "23514", "42601", "54000")),
        (asyncpg.CannotConnectNowError("starting up"), Cause.away),
        (asyncpg.InterfaceError("connection is closed"), Cause.away),
        (asyncpg.DataError("a value out of range"), None),
        (OSError(errno.ENOSPC, "full"), Cause.disk_full),
        (OSError(errno.EMFILE, "too many open files"), Cause.overloaded),
        (ConnectionRefusedError(), Cause.away),
        (sa.exc.TimeoutError(), Cause.overloaded),
        (MemoryError(), Cause.memory),
        (RuntimeError("can't start new thread"), Cause.memory),
        (RecursionError(), None),
        (ZeroDivisionError(), None),
    ],
)
def test_whose_fault_a_failure_is(error: Exception, cause: Cause | None) -> None:
    """P-323: the server's illness, or the unit's own."""
    assert illness(error) is cause


def test_the_log_tells_once_that_the_server_is_ill_and_once_that_it_works(caplog: pytest.LogCaptureFixture) -> None:
    """While small writes still pass it is ill; only after some seconds without a failure does what works count."""
    now_s = [0.0]
    state = Health(lambda: now_s[0])
    with caplog.at_level(logging.WARNING, "outrider.database"):
        for cause in (Cause.disk_full, Cause.disk_full, Cause.away, Cause.away):
            state.failed(cause)
            state.worked()
            now_s[0] += 1
        assert {state.cause} == {Cause.away}
        now_s[0] += health.CALM_S
        state.worked()
        state.worked()
    facts = [getattr(record, "facts", {}) for record in caplog.records]
    assert [(one["cause"], one.get("ill_s")) for one in facts] == [("disk_full", None), ("away", None), ("away", 9.0)]
    assert facts[0]["remedy"] == "free some space there"
    assert {state.cause} == {None}
    assert state.counts == {Cause.disk_full: 2, Cause.away: 2}


@pytest.mark.anyio
async def test_sqlite_is_opened_anew_after_a_fault_of_the_disk(migrated_sqlite_url: str) -> None:
    database = open_database(migrated_sqlite_url)

    def connection(conn: sa.Connection) -> int:
        return id(conn.connection.driver_connection)

    def faulty(_: sa.Connection) -> None:
        raise of_sqlite("SQLITE_IOERR_FSYNC")

    first = await database.write(connection)
    with pytest.raises(Unavailable, match="the disk of the database fails"):
        await database.write(faulty)
    assert await database.write(connection) != first
    await database.close()


def standby(url: str, *, on: bool) -> None:
    """Let a PostgreSQL database be only read, as a standby is; everybody connects anew and meets it."""

    def unit(conn: sa.Connection) -> None:
        conn.exec_driver_sql("SET TRANSACTION READ WRITE")
        name = conn.exec_driver_sql("SELECT current_database()").scalar_one()
        conn.exec_driver_sql(f"ALTER DATABASE {name} SET default_transaction_read_only = {'on' if on else 'off'}")
        conn.exec_driver_sql(TERMINATE).all()

    beside(url, lambda database: database.write(unit))


def test_a_standby_is_not_ready_and_recovers(tmp_path: Path, migrated_postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """P-323."""
    monkeypatch.setattr(health, "CALM_S", 0.0)
    with site(migrated_postgres_url) as here:
        _is_told_of_a_standby(tmp_path, migrated_postgres_url, here)


def _is_told_of_a_standby(tmp_path: Path, migrated_postgres_url: str, here: Site) -> None:
    gauge = 'outrider_database_ill{cause="read_only"}'
    assert here.http.get("/ready").status_code == 200
    standby(migrated_postgres_url, on=True)
    answers = [settled(lambda: here.http.get("/ready")) for _ in range(2)]
    assert [code(one) for one in answers] == ["busy"] * 2
    assert "can only be read" in answers[1].json()["detail"]
    assert int(answers[1].headers["retry-after"]) >= 1
    assert code(here.caller().log_in()) == "busy"
    assert f"{gauge} 1.0" in here.http.get("/metrics").text
    told = outrider(tmp_path, migrated_postgres_url, "doctor").stdout
    assert "the database cannot be written: the database can only be read; make it writable" in told
    standby(migrated_postgres_url, on=False)
    assert [settled(lambda: here.http.get("/ready")).status_code for _ in range(2)][1] == 200
    assert settled(lambda: here.caller().log_in()).status_code == 200
    assert f"{gauge} 0.0" in here.http.get("/metrics").text


def settled(ask: Callable[[], httpx.Response]) -> httpx.Response:
    """Ask until no connection of before is left over: each that was cut answers once."""
    answers = (ask() for _ in range(20))
    return next(answer for answer in answers if "does not answer" not in answer.text)
