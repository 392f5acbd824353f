"""A preview is what activation does, on generated organisations with a real database and the real jobs (D-141 to D-149).

The admin previews a draft, all pages, and puts exactly it into force. Then the clock goes on, by the moments of the due index alone; who
falls and when must be what the preview told. Besides, nobody falls unwarned, nobody loses a customer by six silent days, and the ownership
events lead to each standing.
"""

import random
from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

import pytest
import sqlalchemy as sa

from server.database import Database
from server.domain import reclaims
from server.domain.local_times import DAY_MS, HOUR_MS
from server.jobs import remind, sweep
from server.models import RECORD_TABLES, due, ownership_event
from server.services.act import act
from server.store.convert import from_row
from shared_schema.records.customer import Standing
from shared_schema.records.notification import NotificationState
from shared_schema.records.reclaim import NewReclaimRule, ReclaimPreview, ReclaimPreviewed, WouldFall
from shared_schema.registry import BY_RECORD
from tests.property.organisations import (
    AWAKE,
    BEGIN_MS,
    DRAFT_MS,
    FADING,
    NOBODY_HERE,
    Generated,
    as_devices_speak,
    generated,
    midnight_ms,
    owned,
    touch,
)
from tests.prove.replayed import Line, replayed, stand

SHARES: Final = 4
ORGANISATIONS: Final = {"sqlite": 35, "postgresql": 15}
"""Of a share: 200 in all."""
HORIZON_MS: Final = DRAFT_MS + 32 * DAY_MS
STEP_MS: Final = 4 * HOUR_MS
"""The clock stops at every fourth hour: each midnight and each morning of the zones is one."""
SILENT_MS: Final = 7 * DAY_MS
NOTICE, STANDING, COLLABORATOR = (RECORD_TABLES[name] for name in ("notification", "standing", "collaborator"))
RULES: Final = ("reclaim", "reclaim_fall", "all reclaim")
LEAST: Final = {"falls": 20, "falls by the earlier version": 1, "kept by a quote": 1, AWAKE: 15, NOBODY_HERE: 1, FADING: 1}
"""What must have happened in a share; less proves nothing."""


class Fall(NamedTuple):
    """A reclaim, as the history of ownership tells it."""

    customer_id: bytes
    at_ms: int


class Warned(NamedTuple):
    """A warning of the table. `heard_ms`: when a device of its reader had it."""

    kind: str
    user_id: bytes
    made_ms: int
    heard_ms: int | None


@pytest.mark.parametrize("share", range(SHARES))
async def test_a_preview_is_what_activation_does(database: Database, monkeypatch: pytest.MonkeyPatch, share: int) -> None:
    """D-143 to D-149: customer by customer, by each day."""
    monkeypatch.setattr(reclaims, "PAGE_MAX", 3)
    clock = [BEGIN_MS]
    monkeypatch.setattr("server.chance.now_ms", lambda: clock[0])
    dice = random.Random(f"{database.dialect} {share}")
    found = [await generated(database, org_id, dice) for org_id in range(1, ORGANISATIONS[database.dialect] + 1)]
    await run_on(database, found, clock, DRAFT_MS)
    told = {}
    for one in found:
        await late_touches(one, dice)
        told[one.world.org_id] = await previewed(database, one)
        asked = NewReclaimRule(id=next(one.world.ids), **one.draft)
        await database.write(act, one.desk, asked, DRAFT_MS)
    await run_on(database, found, clock, HORIZON_MS)
    counts: Counter[str] = Counter()
    for one in found:
        falls, warnings = await database.read(_falls, one.world.org_id), await database.read(_warnings, one.world.org_id)
        compare(one, told[one.world.org_id], [each for each in falls if each.at_ms > DRAFT_MS], warnings, counts)
        assert not await database.read(_replayed_otherwise, one.world.org_id)
    seldom = {name: counts[name] for name, least in LEAST.items() if counts[name] < least}
    assert not seldom, f"happened too seldom to prove anything: {seldom}"


async def late_touches(one: Generated, dice: random.Random) -> None:
    """What owners did in the last days, and long ago, arrives just before the preview."""
    one.world.now_ms = DRAFT_MS - HOUR_MS
    for owner in [each for each in one.owners.values() if each.kind == AWAKE]:
        for customer_id in owned(owner.phone):
            touch(owner.phone, customer_id, dice, dice.choice((8, 60)), dice.choice((0, 0, 1)))
        await owner.phone.sync()


async def previewed(database: Database, one: Generated) -> dict[bytes, WouldFall]:
    """All pages of the draft's preview."""
    told: dict[bytes, WouldFall] = {}
    after: bytes | None = None
    while True:
        page: ReclaimPreviewed = await database.write(act, one.desk, ReclaimPreview(after=after, **one.draft), DRAFT_MS)
        told.update({each.customer_id: each for each in page.items})
        if page.next is None:
            return told
        after = page.next


# the clock


async def run_on(database: Database, found: list[Generated], clock: list[int], until_ms: int) -> None:
    """The scheduler and the sweep at each moment that the due index names; the devices of awake owners take each warning at once."""
    spoken_ms = 0
    while clock[0] <= until_ms:
        if clock[0] - spoken_ms >= DAY_MS:
            spoken_ms = clock[0]
            await database.write(as_devices_speak, found, spoken_ms)
        await remind.run(database)
        await database.write(_delivered, found, clock[0])
        await sweep.run(database)
        next_ms = await database.read(_next_ms)
        clock[0] = max(-(-next_ms // STEP_MS) * STEP_MS, clock[0] + STEP_MS)
    clock[0] = until_ms
    await database.write(as_devices_speak, found, until_ms)


def _next_ms(conn: sa.Connection) -> int:
    first = conn.execute(sa.select(sa.func.min(due.c.at_ms)).where(due.c.rule.in_(RULES))).scalar()
    return first if first is not None else HORIZON_MS + 1


def _delivered(conn: sa.Connection, found: list[Generated], now_ms: int) -> None:
    """As the receipts of devices do that were on the network."""
    made = NOTICE.c.state == int(NotificationState.made), NOTICE.c.kind == "reclaim_warning"
    for row in conn.execute(sa.select(NOTICE.c.org_id, NOTICE.c.id, NOTICE.c.user_id).where(*made)).all():
        owner = found[row.org_id - 1].owners.get(bytes(row.user_id))
        if owner is not None and (owner.kind == AWAKE or (owner.kind == FADING and now_ms <= owner.seen_ms)):
            heard = {"state": int(NotificationState.delivered), "delivered_ms": now_ms}
            conn.execute(sa.update(NOTICE).where(NOTICE.c.org_id == row.org_id, NOTICE.c.id == row.id).values(heard))


# the judgement


def compare(
    one: Generated, told: dict[bytes, WouldFall], falls: list[Fall], warnings: dict[bytes, list[Warned]], counts: Counter[str]
) -> None:
    """Each customer against its line of the preview."""
    fell = {each.customer_id: each.at_ms for each in falls}
    assert len(fell) == len(falls), "a customer fell twice"
    assert fell.keys() <= told.keys(), "a customer fell that the preview did not name"
    begins_ms = midnight_ms(one, one.draft["effective_from_day"])
    for customer_id, line in told.items():
        owner, at_ms, day_ms = one.owners[line.owner_id], fell.get(customer_id), midnight_ms(one, line.due_day)
        counts["kept by a quote"] += line.exempt == "quote"
        counts["falls by the earlier version"] += at_ms is not None and at_ms < begins_ms
        counts["falls"] += at_ms is not None
        counts[owner.kind] += at_ms is not None
        own = warnings.get(customer_id, [])
        if line.exempt:
            assert at_ms is None, "a customer fell that waited for a decision"
        elif owner.kind == FADING:
            faded(one, line, at_ms, own)
        elif day_ms <= HORIZON_MS:
            assert at_ms == day_ms, f"told {line}, fell {at_ms}: {((at_ms or 0) - day_ms) / HOUR_MS} h later"
        else:
            assert at_ms is None, f"told {line}, fell {at_ms}"
        if at_ms is not None:
            least_ms = one.draft["min_warning_hours"] * HOUR_MS if at_ms >= begins_ms else HOUR_MS
            heard = [each for each in own if owner.kind == AWAKE and each.user_id == line.owner_id and each.heard_ms is not None]
            told_above = [each for each in own if owner.kind != AWAKE and each.kind == "reclaim_warning_below"]
            moments = [each.heard_ms or 0 for each in heard] + [each.made_ms for each in told_above if owner.kind != AWAKE]
            fading = [each.heard_ms for each in own if owner.kind == FADING and each.heard_ms is not None]
            assert min([*moments, *fading], default=at_ms) + least_ms <= at_ms, f"fell unwarned: {line}"


def faded(one: Generated, line: WouldFall, at_ms: int | None, own: Iterable[Warned]) -> None:
    """Of an owner who falls silent: six days of silence take nothing; on the eighth somebody above was warned, and it goes on."""
    owner = one.owners[line.owner_id]
    silent_ms = owner.seen_ms + SILENT_MS
    above = [each.made_ms for each in own if each.kind == "reclaim_warning_below"]
    heard = [each for each in own if each.kind == "reclaim_warning" and each.heard_ms is not None]
    assert not [each for each in above if each < silent_ms], "somebody above was warned before the owner was silent"
    if at_ms is not None and not heard:
        assert above, "a silent owner's customer fell, and nobody above was warned"
        assert at_ms >= silent_ms
        assert at_ms >= midnight_ms(one, line.due_day)
    if not heard and midnight_ms(one, line.due_day) < silent_ms < HORIZON_MS - 3 * DAY_MS:
        assert above, f"on the eighth day nobody above was warned: {line}"
        assert min(above) <= silent_ms + DAY_MS
        assert at_ms is not None


def _falls(conn: sa.Connection, org_id: int) -> list[Fall]:
    chosen = sa.select(ownership_event.c.customer_id, ownership_event.c.at_ms)
    mine = ownership_event.c.org_id == org_id, ownership_event.c.kind == "reclaimed"
    return [Fall(bytes(row.customer_id), row.at_ms) for row in conn.execute(chosen.where(*mine))]


def _warnings(conn: sa.Connection, org_id: int) -> dict[bytes, list[Warned]]:
    told: dict[bytes, list[Warned]] = {}
    for row in conn.execute(sa.select(NOTICE).where(NOTICE.c.org_id == org_id, NOTICE.c.kind.like("reclaim_warning%"))):
        told.setdefault(bytes(row.subject_id), []).append(Warned(row.kind, bytes(row.user_id), row.made_ms, row.delivered_ms))
    return told


def _replayed_otherwise(conn: sa.Connection, org_id: int) -> list[bytes]:
    """Customers whose ownership events lead to another standing than theirs."""
    table, lines = ownership_event, dict[bytes, list[Line]]()
    for row in conn.execute(sa.select(table).where(table.c.org_id == org_id).order_by(table.c.customer_id, table.c.epoch)):
        lines.setdefault(row.customer_id, []).append(Line(row.customer_id, row.epoch, row.kind, row.owner_id, row.pool_id, row.at_ms))
    entity = BY_RECORD[Standing]
    stored = conn.execute(sa.select(*(STANDING.c[slot] for slot in entity.slots)).where(STANDING.c.org_id == org_id))
    stands = [one for row in stored if isinstance(one := from_row(entity, tuple(row)), Standing)]
    return [one.id for one in stands if replayed(lines.get(one.id, ())) != stand(one, ())]
