"""The ledger of samples: totals equal the sum of their rows, whoever pushes when, however often and in whatever pieces."""

import asyncio
import random
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from server.database import Database
from server.domain.samples import count_id, totals
from server.models import RECORD_TABLES
from server.store import write
from server.store.convert import columns, from_row
from shared_schema.records.sample import TOTAL_MAX, SampleCount, SampleEntry
from shared_schema.registry import BY_NAME
from shared_schema.wire import Kind
from tests.world import START_MS, Entry, Phone, Team, team_of, words

APPLIED = ("applied", None)
TEA, ICE = b"t" * 16, b"i" * 16


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


def sample(phone: Phone, customer_id: bytes, product_id: bytes, quantity: int) -> bytes:
    return phone.create("sample_entry", customer_id=customer_id, product_id=product_id, quantity=quantity, device_ms=START_MS)


def stored(conn: sa.Connection, name: str) -> list[object]:
    entity = BY_NAME[name]
    table = RECORD_TABLES[name]
    rows = conn.execute(sa.select(*(table.c[column] for column in columns(entity)[1:])))
    return [from_row(entity, tuple(row)) for row in rows]


async def sums(team: Team) -> dict[tuple[bytes, bytes], int]:
    """The totals that stand, after they were found equal to the sums of the rows (D-601)."""
    counts = [one for one in await team.world.database.read(stored, "sample_count") if isinstance(one, SampleCount)]
    entries = [one for one in await team.world.database.read(stored, "sample_entry") if isinstance(one, SampleEntry)]
    found = {(one.customer_id, one.product_id): one.quantity for one in counts}
    assert found == totals(entries)
    assert all(one.id == count_id(one.customer_id, one.product_id) for one in counts)
    return found


def count(phone: Phone, customer_id: bytes, product_id: bytes) -> int:
    found = phone.view("sample_count", count_id(customer_id, product_id))
    assert isinstance(found, SampleCount)
    return found.quantity


async def test_the_total_moves_with_each_entry_and_everybody_sees_it(team: Team) -> None:
    """D-601, D-602, D-604."""
    for phone, quantity in ((team.ann, 5), (team.bo, -2), (team.ann, 4)):
        sample(phone, team.customer_id, TEA, quantity)
        sample(phone, team.customer_id, ICE, 1)
    assert words(await team.ann.sync()) + words(await team.bo.sync()) == [APPLIED] * 6
    await team.step()
    assert {count(phone, team.customer_id, TEA) for phone in (team.ann, team.bo, team.manager)} == {7}
    assert await sums(team) == {(team.customer_id, TEA): 7, (team.customer_id, ICE): 3}
    (entry, *_) = [one for one in await team.world.database.read(stored, "sample_entry") if isinstance(one, SampleEntry)]
    assert (entry.author_id, entry.occurred_ms <= entry.received_ms, entry.late) == (team.ann.user_id, True, False)


async def test_phones_at_once_replays_and_cuts_lose_no_row(team: Team) -> None:
    """D-601, D-602, invariant 34: nine phones push the same two totals at once, in pieces, each piece twice."""
    dice = random.Random(34)
    phones = [await team.world.phone(user) for user in (team.ann.user_id, team.bo.user_id, team.manager.user_id) for _ in range(3)]
    wanted = 0

    async def play(phone: Phone, pieces: list[list[bytes]]) -> None:
        for piece in pieces:
            await phone.push(*piece)
            await phone.push(*piece)

    plays = []
    for phone in phones:
        quantities = [dice.randrange(-9, 10) for _ in range(6)]
        wanted += sum(quantities)
        values = [{"customer_id": team.customer_id, "product_id": TEA, "quantity": one, "device_ms": START_MS} for one in quantities]
        raws = [Entry(n, Kind.create, "sample_entry", next(team.world.ids), one).raw() for n, one in enumerate(values, 1)]
        cut = dice.randrange(1, 6)
        plays.append(play(phone, [raws[:cut], raws[cut:]]))
    await asyncio.gather(*plays)
    assert await sums(team) == {(team.customer_id, TEA): wanted}


@pytest.mark.parametrize("plant", ["last write wins", "not in the family's transaction"])
async def test_the_oracle_sees_a_total_that_is_no_sum(team: Team, plant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A harness that cannot fail is a defect: each plant makes the sums differ."""
    saving: Callable[..., None] = write.save_records
    sample(team.ann, team.customer_id, TEA, 5)
    await team.ann.sync()

    def spoiled(conn: sa.Connection, actor: object, state: object, now_ms: int) -> None:
        saving(conn, actor, state, now_ms)
        table = RECORD_TABLES["sample_count"]
        conn.execute(sa.update(table).values(quantity=3 if plant == "last write wins" else 5))

    monkeypatch.setattr("server.services.sync_push.save_records", spoiled)
    sample(team.bo, team.customer_id, TEA, 3)
    await team.bo.sync()
    with pytest.raises(AssertionError):
        await sums(team)


async def test_a_total_moves_with_its_customer_and_counts_late_rows(team: Team) -> None:
    """D-601, D-604, P-123: ann loses the customer with its ledger; what she entered offline still counts, as late."""
    sample(team.ann, team.customer_id, TEA, 5)
    await team.step()
    sample(team.ann, team.customer_id, TEA, 2)
    await team.move(team.bo)
    assert words(await team.ann.sync()) == [APPLIED]
    await team.bo.sync()
    assert count(team.bo, team.customer_id, TEA) == 7
    assert not [key for key in team.ann.holds() if key[0] in (15, 16)]
    assert await sums(team) == {(team.customer_id, TEA): 7}


async def test_bounds_and_owners_of_a_ledger(team: Team) -> None:
    """D-603, P-333, P-430: a quantity and a total have bounds, an entry is never changed, a total is the server's."""
    entry = sample(team.ann, team.customer_id, TEA, 1_000_001)
    assert words(await team.ann.sync()) == [("rejected", "field_wrong")]
    entry = sample(team.ann, team.customer_id, TEA, -3)
    assert words(await team.ann.sync()) == [APPLIED]
    assert count(team.ann, team.customer_id, TEA) == -3
    team.ann.patch("sample_entry", entry, quantity=4)
    team.ann.patch("sample_count", count_id(team.customer_id, TEA), quantity=4)
    assert words(await team.ann.sync()) == [("rejected", "immutable"), ("rejected", "server_owned")]
    for total, more in ((TOTAL_MAX, 1), (-TOTAL_MAX, -1)):
        await team.world.database.write(fill, total)
        sample(team.ann, team.customer_id, TEA, more)
        assert words(await team.ann.sync()) == [("parked", "rule_broken")]


def fill(conn: sa.Connection, total: int) -> None:
    conn.execute(sa.update(RECORD_TABLES["sample_count"]).values(quantity=total))


async def test_an_atomic_group_moves_its_totals_once(team: Team) -> None:
    """D-601, P-322: parked as a whole, it moves none."""
    entries = [Entry(team.ann.shelf.seat().next_n + at, Kind.create, "sample_entry", next(team.world.ids),
                     {"customer_id": team.customer_id, "product_id": TEA, "quantity": 1, "device_ms": START_MS},
                     group=(team.ann.shelf.seat().next_n, at, 2)) for at in range(2)]  # fmt: skip
    await team.ann.push(*(one.raw() for one in entries))
    assert await sums(team) == {(team.customer_id, TEA): 2}
