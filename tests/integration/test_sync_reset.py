"""Resets: floors, epochs, cursors that are not ours. Mark and sweep; queue, overlays and what the user sees stay."""

import msgspec
import pytest
import sqlalchemy as sa

from server.database import Database
from server.models import feed, org, scope
from shared_schema.wire import ENCODER
from sync import device as reference
from sync.cursor import Cursor, seal, unseal
from sync.shelf import MemoryShelf
from tests.world import KEY, START_MS, Phone, Team, team_of, words


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


async def fresh_copy(team: Team, phone: Phone) -> dict[tuple[int, bytes], bytes]:
    fresh = await team.world.phone(phone.user_id)
    await fresh.sync()
    return fresh.holds()


def purge(conn: sa.Connection) -> None:
    """Forget every removal and raise the floors, as the job does after 90 days."""
    conn.execute(sa.delete(feed).where(feed.c.gone != 0))
    conn.execute(sa.update(scope).values(floor=scope.c.head))


async def test_a_device_below_the_floor_begins_anew_and_sweeps(team: Team) -> None:
    """P-206, P-608."""
    contact_id = team.ann.create("contact", customer_id=team.customer_id, name="Ghost")
    await team.step()
    team.ann.delete("contact", contact_id)
    await team.ann.sync()
    await team.world.database.write(purge)
    assert team.bo.view("contact", contact_id) is not None
    team.bo.patch("customer", team.customer_id, note="entered before the reset")
    waiting = team.bo.ask().mutations
    team.bo.page_bytes = 1
    answer = await team.bo.answer(msgspec.structs.replace(team.bo.ask(), mutations=[]))
    assert reference.apply(team.bo.shelf, answer)
    assert any(page.begin for page in answer.pages)
    assert (team.bo.ask().mutations, team.bo.customer(team.customer_id).note) == (waiting, "entered before the reset")
    assert words(await team.bo.sync()) == [("applied", None)]
    assert team.bo.view("contact", contact_id) is None
    assert team.bo.holds() == await fresh_copy(team, team.bo)


async def test_a_device_at_the_floor_is_not_reset(team: Team) -> None:
    """P-206."""
    await team.step()
    await team.world.database.write(purge)
    for phone in (team.ann, team.bo, team.manager):
        assert not any(page.begin for answer in await phone.sync() for page in answer.pages)


async def test_a_first_sync_that_began_before_the_purge_goes_on(team: Team) -> None:
    """Its position is below the floor, its base is not: what was removed before the base it never held. P-206, P-207."""
    for _ in range(4):
        team.ann.create("contact", customer_id=team.customer_id, name="c")
    await team.ann.sync()
    phone = await team.world.phone(team.ann.user_id)
    phone.page_bytes = 1
    for _ in range(3):
        assert reference.apply(phone.shelf, await phone.answer(phone.ask()))
    await team.world.database.write(purge)
    begun = [page.scope for answer in await phone.sync() for page in answer.pages if page.begin]
    assert len(begun) == len(set(begun))
    seen = unseal(phone.shelf.seat().cursor, KEY)
    assert seen is not None
    assert phone.holds() == await fresh_copy(team, phone)


async def test_a_first_sync_overtaken_by_a_purge_begins_again(team: Team) -> None:
    """Removals above its base were forgotten before it heard of them: it may hold a ghost and must sweep."""
    made = [team.ann.create("contact", customer_id=team.customer_id, name=f"c{at}") for at in range(6)]
    await team.ann.sync()
    phone = await team.world.phone(team.ann.user_id)
    phone.page_bytes = 1
    while not all(phone.view("contact", one) for one in made[:2]):
        assert reference.apply(phone.shelf, await phone.answer(phone.ask()))
    for one in made[:2]:
        team.ann.delete("contact", one)
    await team.ann.sync()
    await team.world.database.write(purge)
    await phone.sync()
    assert [phone.view("contact", one) for one in made[:2]] == [None, None]
    assert phone.holds() == await fresh_copy(team, phone)


def restore(conn: sa.Connection) -> None:
    """What a restore does besides taking the old data back."""
    conn.execute(sa.update(org).values(epoch=org.c.epoch + 1, rev_floor=1_000))


async def test_a_new_epoch_resets_and_reissues_no_rev(team: Team) -> None:
    """P-102, P-205."""
    before = team.ann.customer(team.customer_id).rev
    await team.world.database.write(restore)
    answers = await team.ann.sync()
    assert all(page.begin for page in answers[0].pages)
    team.ann.patch("customer", team.customer_id, phone="after")
    await team.ann.sync()
    assert before < 1_000 < team.ann.customer(team.customer_id).rev
    assert team.ann.holds() == await fresh_copy(team, team.ann)


async def test_a_new_epoch_brings_older_bodies(team: Team) -> None:
    """The device holds a later rev than the restored server: the server's body stands, and the edit goes again. P-605."""
    kept = await team.world.database.read(_customer_feed, team.customer_id)
    team.ann.patch("customer", team.customer_id, phone="lost by the restore")
    await team.ann.sync()
    await team.world.database.write(_take_back, team.customer_id, kept)
    await team.world.database.write(restore)
    await team.ann.sync()
    row = team.ann.shelf.row((1, team.customer_id))
    assert row is not None
    assert b"lost by the restore" not in row


def _customer_feed(conn: sa.Connection, customer_id: bytes) -> bytes:
    return bytes(conn.execute(sa.select(feed.c.body).where(feed.c.id == customer_id, feed.c.entity == 1).limit(1)).scalar_one())


def _take_back(conn: sa.Connection, customer_id: bytes, body: bytes) -> None:
    conn.execute(sa.update(feed).where(feed.c.id == customer_id, feed.c.entity == 1).values(body=body))


async def test_a_scope_lost_beside_a_new_epoch_leaves_no_ghosts(team: Team) -> None:
    """The void cursor cannot tell the server what to drop: the device finds out by itself. P-611."""
    other = team.bo.create("customer", name="Bo's alone")
    await team.bo.sync()
    await team.manager.sync()
    assert team.manager.view("customer", other) is not None
    await team.world.database.write(_leave, team.bo.user_id)
    await team.world.database.write(restore)
    team.manager.page_bytes = 1
    await team.manager.sync()
    assert team.manager.view("customer", other) is None
    assert team.manager.holds() == await fresh_copy(team, team.manager)


def _leave(conn: sa.Connection, user_id: bytes) -> None:
    person = sa.text("UPDATE person SET department_id = NULL WHERE id = :id").bindparams(sa.bindparam("id", user_id, sa.LargeBinary))
    conn.execute(person)


async def test_a_new_line_leaves_no_ghosts_either(team: Team) -> None:
    """P-611."""
    await team.part(team.bo)
    line = await team.world.phone(team.bo.user_id)
    reference.take_new_line(team.bo.shelf, 1, team.bo.user_id, line.shelf.seat().line_no)
    assert team.bo.view("customer", team.customer_id) is not None
    await team.bo.sync()
    assert team.bo.view("customer", team.customer_id) is None


@pytest.mark.parametrize(
    "changed",
    [{"epoch": 6}, {"epoch": 8}, {"org_id": 2}, {"user_id": b"x" * 16}, {"line_no": 99}, {"format": 9}, {"places": []}],
)
async def test_a_cursor_that_is_not_this_devices_begins_anew(team: Team, changed: dict[str, object]) -> None:
    """P-205."""
    held = unseal(team.ann.shelf.seat().cursor, KEY)
    assert isinstance(held, Cursor)
    foreign = seal(msgspec.structs.replace(held, **changed), KEY)
    pulled = await team.ann.pull(foreign)
    first = await team.ann.pull(b"")
    assert [(page.scope, page.begin, bytes(page.rows)) for page in pulled.pages] == [
        (page.scope, page.begin, bytes(page.rows)) for page in first.pages
    ]
    assert all(page.begin for page in pulled.pages)
    assert pulled.cursor == first.cursor


@pytest.mark.parametrize("at", [0, 15, 16, 20, -1])
async def test_a_tampered_cursor_begins_anew(team: Team, at: int) -> None:
    """P-204."""
    raw = bytearray(team.ann.shelf.seat().cursor)
    raw[at] ^= 1
    for cursor in (
        bytes(raw),
        bytes(raw[:10]),
        ENCODER.encode("x" * 50),
        seal(msgspec.convert([1, 7, 1, 1, b"", 1, []], Cursor), b"other"),
    ):
        assert all(page.begin for page in (await team.ann.pull(cursor)).pages)


async def test_a_future_position_begins_anew(team: Team) -> None:
    """P-206."""
    held = unseal(team.ann.shelf.seat().cursor, KEY)
    assert held is not None
    ahead = [msgspec.structs.replace(place, position=place.position + 1_000) for place in held.places]
    pulled = await team.ann.pull(seal(msgspec.structs.replace(held, places=ahead), KEY))
    assert all(page.begin for page in pulled.pages)
    assert {page.scope for page in pulled.pages} == {place.scope for place in held.places}


async def test_a_scope_that_is_no_longer_held_is_dropped(team: Team) -> None:
    """P-206, P-607."""
    await team.world.database.write(_leave, team.ann.user_id)
    answers = await team.manager.sync()
    assert [len(answer.drop) for answer in answers] == [1]
    assert team.manager.holds() == await fresh_copy(team, team.manager)


async def test_a_device_from_an_old_backup_converges(team: Team) -> None:
    """Shelf and cursor of yesterday, byte for byte: the same end as everybody's."""
    old = await team.world.phone(team.bo.user_id)
    await old.sync()
    for _ in range(3):
        team.ann.create("contact_log", customer_id=team.customer_id, device_ms=START_MS)
        await team.ann.sync()
    gone = team.ann.create("contact", customer_id=team.customer_id, name="x")
    await team.ann.sync()
    await old.sync()
    team.ann.delete("contact", gone)
    await team.ann.sync()
    await old.sync()
    assert isinstance(old.shelf, MemoryShelf)
    assert old.holds() == await fresh_copy(team, old)
