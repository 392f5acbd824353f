"""Requests that speak of another history of the server: after a restore, under another key, after a reset that the operator ordered."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from server.database import Database
from server.models import RECORD_TABLES, answered, device, org
from server.services import sync_pull
from server.services.reset_devices import reset_devices
from shared_schema.problem import Problem
from shared_schema.registry import BY_NAME
from shared_schema.wire import SCHEMA_MIN
from sync import device as reference
from sync.admission import Line, Told, confirmed, forgotten
from sync.shelf import Shelf
from tests import world
from tests.world import Phone, Team, team_of, words


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


def forget(conn: sa.Connection, line_no: int, last_n: int, record_ids: list[bytes]) -> None:
    """What a restore does to one line: its newest entries were never here, and the epoch is another."""
    conn.execute(sa.update(org).values(epoch=org.c.epoch + 1, rev_floor=1_000_000))
    conn.execute(sa.update(device).where(device.c.line_no == line_no).values(last_n=last_n))
    conn.execute(sa.delete(answered).where(answered.c.line_no == line_no, answered.c.last_n > last_n))
    table = RECORD_TABLES["contact_log"]
    conn.execute(sa.delete(table).where(table.c.id.in_(record_ids)))


def notes(conn: sa.Connection) -> list[str]:
    table = RECORD_TABLES["contact_log"]
    return sorted(conn.execute(sa.select(table.c.note)).scalars())


def log(phone: Phone, team: Team, note: str) -> bytes:
    return phone.create("contact_log", customer_id=team.customer_id, device_ms=world.START_MS, note=note)


async def settle(phone: Phone, fork_to: Callable[[], Any]) -> None:
    """Sync; a fork goes on as a new line."""
    await phone.sync()
    if phone.shelf.seat().forked:
        line = await fork_to()
        reference.take_new_line(phone.shelf, 1, phone.user_id, line.shelf.seat().line_no)
        await phone.sync()


async def test_an_old_request_after_a_restore_takes_no_numbers_from_what_was_acknowledged(team: Team) -> None:
    """P-317; the history of simulator seed 218003.

    The phone sent "on its way", was set back to a copy, entered "acknowledged" under the same number and heard of it. The server was set
    back too, and the first request arrived only then: the server has that number, with other content.
    """
    bo = team.bo
    last_n = bo.shelf.seat().next_n - 1
    copy = bo.shelf.seat(), bo.shelf.scopes(), [msgspec.structs.replace(one) for one in bo.shelf.pendings()]
    log(bo, team, "on its way")
    late = bo.ask()
    bo.shelf.drop_pending(last_n + 1)
    bo.shelf.put_seat(copy[0])
    lost = log(bo, team, "acknowledged")
    assert words(await bo.sync()) == [("applied", None)]
    await team.world.database.write(forget, bo.shelf.seat().line_no, last_n, [lost])
    assert words([await bo.answer(late)]) == [("applied", None)]
    await settle(bo, lambda: team.world.phone(bo.user_id))
    assert await team.world.database.read(notes) == ["acknowledged", "on its way"]


async def test_what_was_acknowledged_after_the_backup_is_asked_for_again(team: Team) -> None:
    """P-317: also where the restored server has taken nothing since, and where the device told it of its outcomes before."""
    lost = [log(team.ann, team, f"note {at}") for at in range(3)]
    await team.ann.sync()
    await team.ann.sync()
    line_no, last_n = team.ann.shelf.seat().line_no, team.ann.shelf.seat().next_n - 1
    await team.world.database.write(forget, line_no, last_n - 2, lost[1:])
    await team.ann.sync()
    assert await team.world.database.read(notes) == ["note 0", "note 1", "note 2"]
    assert not team.ann.shelf.seat().forked


async def test_what_a_newer_backup_released_needs_a_new_line_after_an_older_restore(team: Team) -> None:
    """P-318: the server asks for numbers that the phone no longer keeps; what came later is not stuck behind them."""
    ann = team.ann
    first = ann.shelf.seat().next_n
    gone = [log(ann, team, f"released {at}") for at in range(2)]
    await ann.sync()
    line_no = ann.shelf.seat().line_no
    await team.world.database.write(_backed_up, line_no, first + 1)
    await ann.sync()
    assert ann.shelf.pendings() == []
    kept = log(ann, team, "kept")
    await ann.sync()
    await team.world.database.write(forget, line_no, first - 1, [*gone, kept])
    await settle(ann, lambda: team.world.phone(ann.user_id))
    assert ann.shelf.seat().line_no != line_no
    assert await team.world.database.read(notes) == ["kept"]
    log(ann, team, "and on")
    assert words(await ann.sync()) == [("applied", None)]


def _backed_up(conn: sa.Connection, line_no: int, n: int) -> None:
    conn.execute(sa.update(device).where(device.c.line_no == line_no).values(backed_up_n=n))


@pytest.mark.parametrize(
    ("line", "told", "wanted"),
    [
        (Line(5, 3), Told(4, True), (None, 4)),
        (Line(5, 3), Told(2, True), (None, 3)),
        (Line(5, 3), Told(7, True), (6, 5)),
        (Line(5, 3), Told(4, False), (4, 3)),
        (Line(5, 3), Told(7, False), (4, 3)),
        (Line(5, 3), Told(3, False), (None, 3)),
    ],
)
def test_what_a_request_confirms(line: Line, told: Told, wanted: tuple[int | None, int]) -> None:
    """P-314, P-316, P-317."""
    assert (forgotten(line, told), confirmed(line, told)) == wanted


async def test_another_key_leaves_no_ghosts_and_loses_nothing(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """P-204, P-611: a scope that was lost beside the change of the key is let go of, though the epoch is the same."""
    log(team.bo, team, "under the old key")
    await team.bo.sync()
    await team.manager.sync()
    held = team.manager.view("customer", team.customer_id)
    assert held is not None
    await team.world.database.write(_leave, team.ann.user_id)
    await team.world.database.write(_leave, team.bo.user_id)
    monkeypatch.setattr(world, "KEY", b"n" * 32)
    team.bo.patch("customer", team.customer_id, note="waiting")
    team.manager.page_bytes = 1
    for phone in (team.manager, team.bo):
        answers = await phone.sync()
        assert [answer.anew for answer in answers] == [True, *[False] * (len(answers) - 1)]
        fresh = await team.world.phone(phone.user_id)
        await fresh.sync()
        assert phone.holds() == fresh.holds()
    assert team.manager.view("customer", team.customer_id) is None
    assert (await team.world.database.read(notes), team.bo.customer(team.customer_id).note) == (["under the old key"], "waiting")


def _leave(conn: sa.Connection, user_id: bytes) -> None:
    person = RECORD_TABLES["person"]
    conn.execute(sa.update(person).where(person.c.id == user_id).values(department_id=None))


async def test_devices_begin_anew_when_the_operator_says_so_and_keep_their_queue(team: Team) -> None:
    """P-215; a queue outlives it, an answer that was on its way changes nothing, and who was not named goes on."""
    team.ann.patch("customer", team.customer_id, note="waiting")
    team.bo.patch("customer", team.customer_id, phone="not yet sent")
    late = await team.ann.answer(msgspec.structs.replace(team.ann.ask(), mutations=[]))
    _damage(team.ann.shelf)
    assert await team.world.database.write(reset_devices, "ORG1", "ann") == 1
    waiting = team.ann.ask().mutations
    assert reference.apply(team.ann.shelf, late)
    assert team.ann.ask().mutations == waiting
    answers = await team.ann.sync()
    assert [answer.anew for answer in answers] == [True, *[False] * (len(answers) - 1)]
    assert [words_ for words_ in words(answers) if words_[0] != "applied"] == []
    assert not any(answer.anew for answer in await team.bo.sync())
    await team.ann.sync()
    fresh = await team.world.phone(team.ann.user_id)
    await fresh.sync()
    assert team.ann.holds() == fresh.holds()
    assert (team.ann.customer(team.customer_id).note, team.ann.customer(team.customer_id).phone) == ("waiting", "not yet sent")
    assert await team.world.database.write(reset_devices, "org1", None) == 4
    assert (await team.bo.sync())[0].anew


def _damage(shelf: Shelf) -> None:
    """A row that no feed knows, and one that is gone: what only a fresh start can mend."""
    customer = BY_NAME["customer"].number
    shelf.put_row((customer, b"ghost".ljust(16)), next(iter(shelf.rows(customer)))[1])
    shelf.hold(next(iter(shelf.scopes())), (customer, b"ghost".ljust(16)), 0)


async def test_a_reset_names_whom_it_cannot_find(team: Team) -> None:
    for organisation, account in (("org1", "nobody"), ("elsewhere", None), ("elsewhere", "ann")):
        with pytest.raises(Problem, match="no such organisation or account"):
            await team.world.database.write(reset_devices, organisation, account)


async def test_an_app_too_old_to_pull_is_not_held_up_by_a_new_epoch(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """P-213: it gets a cursor of the new epoch that stands nowhere, so that what it confirms counts, and begins anew once it may pull."""
    await team.world.database.write(forget, team.ann.shelf.seat().line_no, team.ann.shelf.seat().next_n - 1, [])
    monkeypatch.setattr(sync_pull, "SCHEMA_MIN", SCHEMA_MIN + 1)
    void = team.ann.shelf.seat().cursor
    told = await team.ann.pull(void)
    assert (told.problem, told.anew, told.pages) == ("schema_unknown", True, [])
    again = await team.ann.pull(told.cursor)
    assert (again.cursor, again.anew) == (told.cursor, False)
    monkeypatch.undo()
    assert all(page.begin for page in (await team.ann.pull(told.cursor)).pages)
