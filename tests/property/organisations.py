"""Generated organisations on one clock: users in a tree, a pool, owned customers with tiers, touches, locks, extensions, waiting quotes."""

import random
from collections.abc import Iterable
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct

from server.database import Database
from server.domain.local_times import DAY_MS, HOUR_MS, local_day, moment_ms
from server.domain.tokens import Claims
from server.models import RECORD_TABLES, device
from shared_schema.records.customer import Tier
from shared_schema.records.pool import Pool
from shared_schema.records.quote import QuoteStatus
from shared_schema.records.reclaim import ReclaimBasis, ReclaimRule
from shared_schema.records.reference import Department, Role
from tests.world import START_MS, Phone, World, put

ZONES: Final = ("Asia/Shanghai", "UTC", "America/New_York", "Pacific/Auckland")
"""Their midnights and mornings are at every fourth hour of UTC."""
BEGIN_MS: Final = START_MS // DAY_MS * DAY_MS
"""The set-up ends, and the earlier rule begins to take customers."""
DRAFT_MS: Final = BEGIN_MS + 9 * DAY_MS + 4 * HOUR_MS
"""The draft is previewed, and put into force."""
OLDEST_DAYS: Final = 60
PLACE: Final[dict[str, int]] = {"latitude_e6": 31_230_400, "longitude_e6": 121_473_700, "datum": 1}
STANDING, ORGANISATION, QUOTE = (RECORD_TABLES[name] for name in ("standing", "organisation", "quote"))
NOBODY_HERE, FADING, AWAKE = "no device", "fading", "awake"


class Owner(Struct):
    """`seen_ms`: when a device of a fading owner spoke to the server last."""

    phone: Phone
    kind: str
    seen_ms: int


class Generated(Struct):
    """One organisation. `draft`: the terms of the version that its admin previews and then activates."""

    world: World
    zone: str
    desk: Claims
    pool: Pool
    owners: dict[bytes, Owner]
    draft: dict[str, Any]


async def generated(database: Database, org_id: int, dice: random.Random) -> Generated:
    """An organisation as it stands at BEGIN_MS."""
    world = World(database, org_id)
    world.now_ms = BEGIN_MS - (OLDEST_DAYS + 1) * DAY_MS
    world.lines = iter(range(org_id * 1_000, org_id * 1_000 + 1_000))  # type: ignore[assignment]
    await world.open()
    zone = dice.choice(ZONES)
    pool = Pool(next(world.ids), 1, "Fallen")
    await database.write(_settled, world, zone, pool)
    users = await _people(world, dice)
    desk = (await world.phone(await world.user("boss", Role.admin))).claims
    owners = {}
    for user_id in users:
        kind = dice.choices((AWAKE, NOBODY_HERE, FADING), (6, 2, 2))[0]
        seen_ms = DRAFT_MS - dice.randint(0, 6) * DAY_MS - dice.randint(1, 20) * HOUR_MS
        owners[user_id] = Owner(await world.phone(user_id), kind, seen_ms)
    for owner in owners.values():
        await _customers(owner.phone, dice)
    waiting = [one for owner in owners.values() for one in await _past(owner.phone, dice)]
    await database.write(_marked, org_id, waiting, dice)
    if dice.random() < 0.7:
        today = local_day(BEGIN_MS, zone)
        earlier = ReclaimRule(next(world.ids), 0, 1, today, desk.user_id, BEGIN_MS, **_terms(pool, dice, range(25, 61)))
        await database.write(put, org_id, earlier, BEGIN_MS)
    draft = {"effective_from_day": local_day(DRAFT_MS, zone) + dice.choice((0, 0, 6, 20)), **_terms(pool, dice, range(5, 31))}
    return Generated(world, zone, desk, pool, owners, draft)


def _settled(conn: sa.Connection, world: World, zone: str, pool: Pool) -> None:
    quiet = {"time_zone": zone, "cadence_days": 3_650}
    conn.execute(sa.update(ORGANISATION).where(ORGANISATION.c.org_id == world.org_id).values(quiet))
    put(conn, world.org_id, pool, world.now_ms)


async def _people(world: World, dice: random.Random) -> list[bytes]:
    """The owners: reps in the departments of a tree, and managers, who stand above them."""
    departments = [world.department_id]
    for _ in range(dice.randint(0, 2)):
        below = Department(next(world.ids), 1, "Below", dice.choice(departments))
        await world.database.write(put, world.org_id, below, world.now_ms)
        departments.append(below.id)
    users: list[bytes] = []
    for _ in range(dice.randint(0, 2)):
        world.department_id = dice.choice(departments)
        users.append(await world.user(f"manager {len(users)}", Role.manager))
    owning = users[: dice.randint(0, 1)]
    for _ in range(dice.randint(1, 2)):
        world.department_id = dice.choice(departments)
        owning.append(await world.user(f"rep {len(owning)}", Role.rep))
    return owning


async def _customers(phone: Phone, dice: random.Random) -> None:
    """Customers whom the owner has since different days."""
    for age in sorted((dice.randint(0, OLDEST_DAYS) for _ in range(2)), reverse=True):
        phone.world.now_ms = max(phone.world.now_ms, BEGIN_MS - age * DAY_MS - dice.randint(0, DAY_MS))
        for _ in range(dice.randint(1, 2)):
            phone.create("customer", name="Shop", **PLACE)
        await phone.sync()


def owned(phone: Phone) -> list[bytes]:
    """The customers on a phone."""
    return [record_id for record_id, _ in phone.shelf.rows(1)]


async def _past(phone: Phone, dice: random.Random) -> list[bytes]:
    """Visits and contacts of the weeks before, in any order, and quotes of which some wait; the customers of those."""
    waiting = []
    phone.world.now_ms = max(phone.world.now_ms, BEGIN_MS - HOUR_MS)
    for customer_id in owned(phone):
        touch(phone, customer_id, dice, OLDEST_DAYS, dice.randint(0, 2))
        if dice.random() < 0.3:
            phone.create("quote", customer_id=customer_id, currency="CNY")
            waiting += [customer_id] if dice.random() < 0.7 else []
    await phone.sync()
    return waiting


def touch(phone: Phone, customer_id: bytes, dice: random.Random, days: int, count: int) -> None:
    """So many touches of the last days; of visits some can be verified."""
    for _ in range(count):
        at_ms = phone.world.now_ms - dice.randint(0, days * DAY_MS)
        evidence = {**PLACE, "accuracy_mm": 5_000, "fix_ms": at_ms} if dice.random() < 0.5 else {}
        kind = dice.choice(("visit", "contact_log"))
        phone.create(kind, customer_id=customer_id, device_ms=at_ms, **(evidence if kind == "visit" else {}))


def _marked(conn: sa.Connection, org_id: int, waiting: Iterable[bytes], dice: random.Random) -> None:
    """Tiers, locks and extensions; and the quotes that wait for a decision."""
    mine = STANDING.c.org_id == org_id
    for customer_id in conn.execute(sa.select(STANDING.c.id).where(mine).order_by(STANDING.c.id)).scalars().all():
        marks: dict[str, int] = {"tier": int(dice.choice(list(Tier)))}
        for slot in ("locked_until_ms", "extended_until_ms"):
            if dice.random() < 0.2:
                marks[slot] = DRAFT_MS + dice.randint(-10, 40) * DAY_MS + dice.choice((0, HOUR_MS))
        alone = random.Random(bytes(customer_id))
        if alone.random() < 0.1:
            marks["undisturbed_until_day"] = DRAFT_MS // DAY_MS + alone.randint(-10, 5)
        conn.execute(sa.update(STANDING).where(mine, STANDING.c.id == customer_id).values(marks))
    submitted = QUOTE.c.org_id == org_id, QUOTE.c.customer_id.in_(list(waiting))
    conn.execute(sa.update(QUOTE).where(*submitted).values(status=int(QuoteStatus.submitted)))


def _terms(pool: Pool, dice: random.Random, days: range) -> dict[str, Any]:
    warn_days, min_warning_hours = dice.choice((((7, 3, 1), 24), ((5,), 48), ((14, 7), 24), ((3, 2), 1)))
    return {
        "pool_id": pool.id,
        "basis": dice.choice((ReclaimBasis.contact, ReclaimBasis.visit, ReclaimBasis.held)),
        **{name: dice.choice(days) for name in ("unknown_days", "a_days", "b_days", "c_days")},
        "grace_days": dice.choice((0, 0, 20, 60)),
        "warn_days": warn_days,
        "min_warning_hours": min_warning_hours,
        "exempt": dice.choice(((), ("locked",), ("extended", "locked", "quote"), ("quote",))),
    }


def as_devices_speak(conn: sa.Connection, organisations: list[Generated], now_ms: int) -> None:
    """Awake owners' devices spoke just now, those of fading ones before their silence; some owners have no device any more."""
    for one in organisations:
        for user_id, owner in one.owners.items():
            values: dict[str, Any] = {"seen_ms": now_ms if owner.kind == AWAKE else min(now_ms, owner.seen_ms)}
            if owner.kind == NOBODY_HERE:
                values = {"state": "revoked"}
            conn.execute(sa.update(device).where(device.c.org_id == one.world.org_id, device.c.user_id == user_id).values(values))


def midnight_ms(one: Generated, day: int) -> int:
    """When a day of the organisation begins."""
    return moment_ms(day, 0, one.zone)
