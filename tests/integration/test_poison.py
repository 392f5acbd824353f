"""An entry is refused for its own fault only: what fails while it is loaded, whose failures count, and an ill server (P-323)."""

import errno
from collections.abc import Callable
from typing import Any

import asyncpg
import msgspec
import pytest
import sqlalchemy as sa

from mobile_api.patience import PATIENCE_MS
from mobile_api.push import Taking
from server.database import Cause, Database, open_database
from server.domain.rules import RULES
from server.models import RECORD_TABLES, payload
from server.services import sync_pull, sync_push
from server.store import device_lines
from shared_schema.entity import Entity
from shared_schema.problem import Problem
from shared_schema.records.base import Record
from shared_schema.records.inbox import ItemState
from shared_schema.wire import PROTOCOL, SyncAnswer
from sync import device
from sync.cursor import digest
from sync.state import State
from tests.world import KEY, Phone, Team, team_of, words

pytestmark = pytest.mark.anyio
GOOD = ("applied", None)
REFUSED = ("rejected", "server_error")


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


class Failing:
    """A rule of the business that fails on records of some names."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: dict[str, Callable[[], Exception]] = {}
        monkeypatch.setattr(sync_push, "RULES", msgspec.structs.replace(RULES, guard=self._guard))

    def on(self, name: str, error: Callable[[], Exception] = ZeroDivisionError) -> None:
        self.names[name] = error

    def _guard(self, state: State, entity: Entity, record: Record) -> None:
        if (name := getattr(record, "name", None)) in self.names:
            error = self.names[str(name)]()
            raise error
        RULES.guard(state, entity, record)


def full() -> Exception:
    """What a write to a full disk raises."""
    return OSError(errno.ENOSPC, "No space left on device")


def timed_out() -> Exception:
    """What PostgreSQL's driver raises when a statement took too long."""
    canceled = asyncpg.QueryCanceledError("canceling statement due to statement timeout")
    return sa.exc.OperationalError("SELECT", {}, canceled)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Failing:
    return Failing(monkeypatch)


async def ask(phone: Phone, taking: Taking) -> str | SyncAnswer:
    """One request as the main door carries it out; the code of a refusal."""
    world, request = phone.world, phone.ask()
    try:
        pushed = await taking.push(phone.claims, request)
    except Problem as problem:
        return problem.code.word
    asked = sync_pull.Asked(request.cursor, request.page_bytes)
    pulled = await world.database.read(sync_pull.pull, phone.claims, asked, KEY, world.now_ms)
    answer = SyncAnswer(
        PROTOCOL, pulled.epoch, world.now_ms, digest(request.cursor), pulled.cursor, pushed.last_n, pushed.backed_up_n,
        pushed.resend_from, [msgspec.Raw(one) for one in pushed.outcomes], pulled.drop, pulled.pages, pulled.more, not pulled.more,
    )  # fmt: skip
    assert device.apply(phone.shelf, answer)
    return answer


async def to_the_end(phone: Phone, taking: Taking, most: int = 40) -> list[Any]:
    """Requests until nothing waits: outcomes and codes of refused requests, in order."""
    told: list[Any] = []
    for _ in range(most):
        answer = await ask(phone, taking)
        told += [answer] if isinstance(answer, str) else words([answer])
        if not phone.ask().mutations:
            return told
    pytest.fail(f"the queue is stuck: {told}")


async def test_what_fails_while_it_is_loaded_is_consumed_alone(team: Team) -> None:
    """P-323: a damaged row fails whoever touches it; what waits behind goes on, and the phone can enter the same again."""
    ann, taking = team.ann, Taking(team.world.database, KEY)
    table = RECORD_TABLES["customer"]
    await team.world.database.write(lambda conn: conn.execute(sa.update(table).values(kind=99)))
    ann.create("customer", name="Before")
    ann.patch("customer", team.customer_id, phone="2")
    ann.create("customer", name="Behind")
    assert await to_the_end(ann, taking) == [GOOD, *["server_error"] * 3, REFUSED, GOOD]
    kept = await team.world.database.read(lambda conn: list(conn.execute(sa.select(payload.c.n)).scalars()))
    assert kept == [3]
    (card,) = ann.inbox()
    assert (card.code, card.members[0].mine) == ("server_error", {"phone": "2"})
    await team.world.database.write(lambda conn: conn.execute(sa.update(table).values(kind=0)))
    ann.use_mine(card)
    assert await to_the_end(ann, taking) == [GOOD]
    assert ann.customer(team.customer_id).phone == "2"
    assert [one.state for one in ann.inbox()] == [ItemState.used_mine]


async def test_one_bad_entry_of_many_is_found_at_once(team: Team, failing: Failing) -> None:
    """P-323: by halving, within one request; only the three failures of the entry itself are told to the device."""
    failing.on("Defect")
    names = [f"Shop {number}" for number in range(40)]
    names[27] = "Defect"
    for name in names:
        team.ann.create("customer", name=name)
    told = await to_the_end(team.ann, Taking(team.world.database, KEY))
    assert [one for one in told if one != "server_error"] == [*[GOOD] * 27, REFUSED, *[GOOD] * 12]
    assert told.count("server_error") == 3


async def test_failures_of_another_entry_do_not_count(team: Team, failing: Failing) -> None:
    """P-323: the whole batch fails for the second; the first fails twice of its own, and is taken."""
    taking = Taking(team.world.database, KEY)
    team.ann.create("customer", name="First")
    failing.on("First")
    assert [await ask(team.ann, taking) for _ in range(2)] == ["server_error"] * 2
    failing.names.clear()
    failing.on("Second")
    team.ann.create("customer", name="Second")
    assert await to_the_end(team.ann, taking) == [GOOD, *["server_error"] * 3, REFUSED]


async def test_the_failure_of_a_batch_counts_against_nobody(team: Team, failing: Failing) -> None:
    """P-323: at first the second entry fails the batch; then the first one fails twice alone, and is good the third time."""
    taking = Taking(team.world.database, KEY)
    team.ann.create("customer", name="First")
    team.ann.create("customer", name="Second")
    request = team.ann.ask()
    assert await team.world.database.write(sync_push.note_failure, team.ann.claims, request) is False
    failing.on("First")
    assert [await ask(team.ann, taking) for _ in range(2)] == ["server_error"] * 2
    failing.names.clear()
    assert await to_the_end(team.ann, taking) == [GOOD, GOOD]


async def test_a_count_of_long_ago_counts_no_more(team: Team) -> None:
    """P-323: what an older version left in the line's row refuses no later entry."""
    line_no = team.ann.claims.line_no
    await team.world.database.write(lambda conn: device_lines.advance(conn, team.world.org_id, line_no, failed_n=1, failed_tries=3))
    team.ann.create("customer", name="Later")
    assert await to_the_end(team.ann, Taking(team.world.database, KEY)) == [GOOD]


@pytest.mark.parametrize("error", [MemoryError, timed_out, full])
async def test_an_ill_server_counts_against_nobody(team: Team, failing: Failing, error: Any) -> None:
    """P-323: however often it happens."""
    failing.on("Good", error)
    team.ann.create("customer", name="Good")
    taking = Taking(team.world.database, KEY)
    assert [await ask(team.ann, taking) for _ in range(8)] == ["busy"] * 8
    failing.names.clear()
    assert await to_the_end(team.ann, taking) == [GOOD]


async def test_what_alone_times_out_for_long_is_consumed_after_all(team: Team, failing: Failing, monkeypatch: pytest.MonkeyPatch) -> None:
    """P-323: while the entries of others are taken; what stands behind it goes on."""
    failing.on("Endless", timed_out)
    now_ms = [team.world.now_ms]
    monkeypatch.setattr("mobile_api.push.chance.now_ms", lambda: now_ms[0])
    taking = Taking(team.world.database, KEY)
    team.ann.create("customer", name="Endless")
    team.ann.create("customer", name="Behind")
    assert [await ask(team.ann, taking) for _ in range(6)] == ["busy"] * 6
    now_ms[0] += PATIENCE_MS
    assert [await ask(team.ann, taking) for _ in range(6)] == ["busy"] * 6, "nobody else was served: the server may be ill"
    told: list[Any] = []
    while team.ann.ask().mutations:
        team.bo.create("customer", name="Of another device")
        assert await to_the_end(team.bo, taking) == [GOOD]
        answer = await ask(team.ann, taking)
        told += [answer] if isinstance(answer, str) else words([answer])
    assert told == ["busy", "busy", "busy", REFUSED, GOOD]


async def test_a_full_disk_refuses_nothing_and_heals(migrated_sqlite_url: str) -> None:
    """P-323: SQLite undoes the whole transaction; whoever is in it hears that the server is ill, and later all of it is taken."""
    database = open_database(migrated_sqlite_url)
    team = await team_of(database)
    taking = Taking(database, KEY)
    pages = await database.write(lambda conn: conn.exec_driver_sql("PRAGMA page_count").scalar_one())
    await database.write(lambda conn: conn.exec_driver_sql(f"PRAGMA max_page_count={pages + 3}").scalar_one())
    for number in range(30):
        team.ann.create("customer", name=f"Shop {number}", note="n" * 2_000)
    assert [await ask(team.ann, taking) for _ in range(6)] == ["busy"] * 6
    assert database.health.cause is Cause.disk_full
    await database.write(lambda conn: conn.exec_driver_sql("PRAGMA max_page_count=1000000").scalar_one())
    assert await to_the_end(team.ann, taking) == [GOOD] * 30
    await database.close()


async def test_what_an_ill_server_refused_is_entered_again_with_all_that_waits_for_it(team: Team, failing: Failing) -> None:
    """P-323, P-503, P-505: an older version refused a create for good; its visits joined the card, and were told why they wait."""
    ann, taking = team.ann, Taking(team.world.database, KEY)
    failing.on("Shop")
    shop = ann.create("customer", name="Shop")
    assert (await to_the_end(ann, taking))[-1] == REFUSED
    visits = [ann.create("visit", customer_id=shop, device_ms=team.world.now_ms + number, note=f"{number}") for number in range(2)]
    assert await to_the_end(ann, taking) == [("parked", "record_waits")] * 2
    failing.names.clear()
    (card,) = ann.inbox()
    ann.use_mine(card)
    assert await to_the_end(ann, taking) == [GOOD] * 3
    assert [ann.view("visit", one) is not None for one in visits] == [True, True]
    assert [one.state for one in ann.inbox()] == [ItemState.used_mine]


async def test_what_waited_for_a_record_is_no_fault_of_who_brings_it(team: Team, failing: Failing) -> None:
    """P-323, P-512: the server fails on it; the record is taken, and the card stays its author's to enter again."""
    ann, manager, taking = team.ann, team.manager, Taking(team.world.database, KEY)
    shop = ann.create("customer", name="Shop")
    contact = manager.create("contact", customer_id=shop, name="Defect")
    assert await to_the_end(manager, taking) == [("rejected", "out_of_scope")]
    failing.on("Defect")
    assert await to_the_end(ann, taking) == [GOOD]
    failing.names.clear()
    await manager.sync()
    (card,) = manager.inbox()
    assert card.state == ItemState.open
    manager.use_mine(card)
    assert await to_the_end(manager, taking) == [GOOD]
    assert manager.view("contact", contact) is not None
