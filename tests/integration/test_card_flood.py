"""A broken app fills its user's inbox: what a push looks at does not grow with it, and nothing that waits is lost."""

from importlib import import_module

import pytest
import sqlalchemy as sa

from server.database import Database
from server.models import RECORD_TABLES, item_record, payload
from server.services import sync_load
from server.store.write import OF_RECORD_MAX
from shared_schema.records.inbox import InboxItem, ItemState
from shared_schema.wire import Kind
from sync.state import State
from tests.world import START_MS, Entry, Phone, Team, team_of

CARDS = 600
INBOX = RECORD_TABLES["inbox_item"]
MIGRATION = import_module("server.migrations.versions.0009_item_records")


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many open items each push loaded."""
    counts: list[int] = []
    honest = sync_load.load_state

    def counting(*given: object) -> State:
        state: State = honest(*given)  # type: ignore[arg-type]
        counts.append(len(state.open_items))
        return state

    monkeypatch.setattr("server.services.sync_push.load_state", counting)
    return counts


async def flood(phone: Phone, entries: list[Entry], n: int) -> int:
    """Send entries that are refused; the next number."""
    for at in range(0, len(entries), 300):
        await phone.push(*(one.raw() for one in entries[at : at + 300]))
    return n + len(entries)


def refused(team: Team, n: int, about: bytes | None = None) -> list[Entry]:
    """Patches of a field that no record has, on records of all kinds of ids or on one."""
    ids = (about or next(team.world.ids) for _ in range(CARDS))
    return [Entry(n + at, Kind.patch, "customer", one, {"nonsense": at}, {"note": 1}) for at, one in enumerate(ids)]


async def test_cards_about_other_records_are_not_looked_at(team: Team, looked_at: list[int]) -> None:
    """P-509: however many are open."""
    phone = await team.world.phone(team.ann.user_id)
    n = await flood(phone, refused(team, 1), 1)
    assert await team.world.database.read(count, INBOX) == CARDS
    looked_at.clear()
    visit = Entry(n, Kind.create, "visit", next(team.world.ids), {"customer_id": team.customer_id, "device_ms": START_MS})
    await phone.push(visit.raw(), Entry(n + 1, Kind.patch, "customer", team.customer_id, {"note": "x"}, {"note": 1}).raw())
    assert looked_at == [0]


async def test_of_one_record_the_newest_cards_are_looked_at_and_all_are_kept(team: Team, looked_at: list[int]) -> None:
    """P-509, P-501: also for whoever else works on the customer; what is no longer looked at is dismissed as ever."""
    phone = await team.world.phone(team.ann.user_id)
    await flood(phone, refused(team, 1, team.customer_id), 1)
    looked_at.clear()
    team.bo.patch("customer", team.customer_id, note="by Bo")
    await team.bo.sync()
    assert looked_at[0] == OF_RECORD_MAX
    assert await team.world.database.read(count, INBOX) == await team.world.database.read(count, payload) == CARDS
    await team.ann.sync()
    oldest, newest = (chosen(team.ann.inbox(), key=lambda item: item.members[0].n) for chosen in (min, max))
    for item in (oldest, newest):
        team.ann.dismiss(item)
    await team.ann.sync()
    states = {item.id: item.state for item in team.ann.inbox()}
    assert (states[oldest.id], states[newest.id]) == (ItemState.dismissed, ItemState.dismissed)
    assert await team.world.database.read(places_of, newest) == 0


def count(conn: sa.Connection, table: sa.Table) -> int:
    return conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def places_of(conn: sa.Connection, item: InboxItem) -> int:
    return conn.execute(sa.select(sa.func.count()).where(item_record.c.item_id == item.id)).scalar_one()


async def test_a_card_is_about_each_record_of_its_group(team: Team, looked_at: list[int]) -> None:
    """P-509, P-506: a group of two records waits; a change of the second finds it, and the card closes when both stand."""
    contact_id = team.ann.create("contact", customer_id=team.customer_id, name="Lin")
    await team.step()
    team.bo.patch("customer", team.customer_id, phone="2")
    await team.bo.sync()
    group = [
        Entry(1, Kind.patch, "customer", team.customer_id, {"phone": "3"}, {"phone": 1}, (1, 0, 2)),
        Entry(2, Kind.patch, "contact", contact_id, {"title": "Boss"}, {"person": 1}, (1, 1, 2)),
    ]
    other = await team.world.phone(team.ann.user_id)
    await other.push(*(one.raw() for one in group))
    looked_at.clear()
    team.bo.patch("contact", contact_id, title="Chief")
    await team.bo.sync()
    assert looked_at[0] == 1


async def test_a_migrated_database_finds_what_was_open_before(team: Team) -> None:
    """P-509: the rows that migration 0009 makes are those that the writers keep."""
    phone = await team.world.phone(team.ann.user_id)
    await phone.push(*(one.raw() for one in refused(team, 1)[:20]))
    group = [Entry(21 + at, Kind.patch, "customer", next(team.world.ids), {"x": 1}, {"note": 1}, (21, at, 2)) for at in range(2)]
    await phone.push(*(one.raw() for one in group))
    kept = await team.world.database.read(places)
    assert len(kept) == 22

    def again(conn: sa.Connection) -> None:
        conn.execute(sa.delete(item_record))
        MIGRATION._fill(conn)

    await team.world.database.write(again)
    assert await team.world.database.read(places) == kept


def places(conn: sa.Connection) -> list[tuple[object, ...]]:
    return [tuple(row) for row in conn.execute(sa.select(item_record).order_by(item_record.c.record_id, item_record.c.item_id))]
