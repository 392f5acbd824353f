"""A job goes on past a piece that fails, says so in the log, and tries it again at its next turn."""

import logging

import pytest
import sqlalchemy as sa

from server.database import Database
from server.domain.ownership import EXPIRE
from server.jobs import turn as turning
from server.jobs.compact import purge
from server.jobs.escalate import hand
from server.jobs.turn import due, organisations, run
from server.models import feed
from server.services.act import act, turn
from server.store import compact, escalation
from shared_schema.records.customer import Collaborate
from tests.world import Team, World, team_of


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


class Once:
    """A unit that fails on chosen subjects until it is cured; as a bad row or a lock would make it."""

    def __init__(self, honest: object, at: int, bad: set[bytes] | set[int]) -> None:
        self.honest, self.at, self.bad = honest, at, bad

    def __call__(self, conn: sa.Connection, *given: object) -> int:
        if given[self.at] in self.bad:
            raise RuntimeError("a bad row")
        done: int = self.honest(conn, *given)  # type: ignore[operator]
        return done


async def ending(team: Team, count: int) -> list[bytes]:
    """Customers of Ann's on which Bo's collaboration ends soon, the oldest end first."""
    ids = [team.ann.create("customer", name=f"Shop {at}") for at in range(count)]
    await team.ann.sync()
    for at, customer_id in enumerate(ids):
        asked = Collaborate(customer_id, team.bo.user_id, team.world.now_ms + 1_000 + at // 2)
        await team.world.database.write(act, team.manager.claims, asked, team.world.now_ms)
    team.world.now_ms += 60_000
    return ids


async def test_a_turn_asks_only_organisations_with_something_due(team: Team, database: Database) -> None:
    """D-108: by one index over all of them, however many there are."""
    other = await World(database, 2).open()
    assert await database.read(organisations, EXPIRE, team.world.now_ms) == []
    await ending(team, 1)
    assert await database.read(organisations, EXPIRE, team.world.now_ms) == [team.world.org_id] != [other.org_id]


async def test_collaborations_end_past_one_that_fails(
    team: Team, database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """D-108: also when more fail than one batch holds; the next turn takes what is left."""
    await ending(team, 5)
    monkeypatch.setattr("server.chance.now_ms", lambda: team.world.now_ms)
    soon = [one.id for one in await database.read(due, team.world.org_id, EXPIRE, team.world.now_ms)]
    monkeypatch.setattr(turning, "BATCH_MAX", 2)
    broken = Once(turn, 2, set(soon[:3]))
    monkeypatch.setattr(turning, "turn", broken)
    with caplog.at_level(logging.ERROR, "outrider.jobs"):
        assert await run(database, EXPIRE) == 2
    told = [record.facts["subject"] for record in caplog.records]  # type: ignore[attr-defined]
    assert sorted(told) == sorted(one.hex() for one in soon[:3])
    broken.bad.clear()
    assert await run(database, EXPIRE) == 3
    assert await database.read(due, team.world.org_id, EXPIRE, team.world.now_ms) == []


async def test_of_collaborations_that_end_in_one_moment_none_is_passed_over(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """D-108: a page ends in the middle of a moment; and what ends in another organisation is not looked at."""
    await ending(team, 4)
    everything = await team.world.database.read(due, team.world.org_id, EXPIRE, team.world.now_ms)
    monkeypatch.setattr(turning, "BATCH_MAX", 1)
    found = [await team.world.database.read(due, team.world.org_id, EXPIRE, team.world.now_ms)]
    while found[-1]:
        found.append(await team.world.database.read(due, team.world.org_id, EXPIRE, team.world.now_ms, found[-1][-1]))
    assert [one for page in found for one in page] == everything
    assert [one.at_ms for one in everything] == sorted(2 * sorted({one.at_ms for one in everything}))
    assert await team.world.database.read(due, team.world.org_id + 1, EXPIRE, team.world.now_ms) == []


async def test_removals_are_forgotten_past_a_scope_that_fails(team: Team, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await team.part(team.bo)
    await team.move(team.bo)
    monkeypatch.setattr("server.chance.now_ms", lambda: team.world.now_ms + 91 * 86_400_000)
    removals = sa.select(feed.c.scope_no).where(feed.c.gone > 0).order_by(feed.c.scope_no)
    scopes = await database.read(lambda conn: list(conn.execute(removals).scalars()))
    broken = Once(compact.purge, 1, {scopes[0]})
    monkeypatch.setattr(compact, "purge", broken)
    some = await purge(database, 90)
    broken.bad.clear()
    again = await purge(database, 90)
    assert 0 < some < len(scopes) == some + again


async def test_items_go_up_past_a_leaver_and_a_page_that_fail(team: Team, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """P-533: after a page that fails comes the next one of the same leaver."""
    done: list[tuple[bytes, escalation.Place | None]] = []
    pages = {None: [(1, b"a")], (1, b"a"): [(2, b"b")], (2, b"b"): []}

    def hands(_: sa.Connection, __: int, user_id: bytes, ___: int, after: escalation.Place | None) -> int:
        if user_id == b"bad" and after is None:
            raise RuntimeError("a bad row")
        done.append((user_id, after))
        return 1

    monkeypatch.setattr(escalation, "leavers", lambda *_: [b"bad", b"good"])
    monkeypatch.setattr(escalation, "open_of", lambda _, __, ___, after: pages[after])
    monkeypatch.setattr("server.jobs.escalate.hand_items", hands)
    assert await hand(database) == 3
    assert done == [(b"bad", (1, b"a")), (b"good", None), (b"good", (1, b"a"))]
