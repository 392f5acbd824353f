"""Sweeps beside touches and claims: day after day customers fall due, while their owners visit them and other reps claim what falls.

Some owners hear each warning in time, one hears it when the customer is due already, one is online and never hears. Nobody's word is taken:
the history of ownership, the receipts and the visits say afterwards who lost a customer unwarned, or in spite of a visit.
"""

import asyncio
import random
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from server import chance
from server.domain.local_times import DAY_MS, HOUR_MS
from server.jobs import remind
from server.models import RECORD_TABLES
from server.services.act import act
from shared_schema.records.pool import Pool
from shared_schema.records.reclaim import NewReclaimRule
from shared_schema.registry import BY_NAME
from sync import receipts
from tests.integration.test_sync_pools import card_of
from tests.prove.claims_found import Found, Size
from tests.prove.claims_judge import events
from tests.prove.claims_race import claim
from tests.prove.claims_scene import OFFSET_MS, Scene, Server, WebPhone
from tests.prove.replayed import GIVEN, Line
from tests.world import said

LISTENING: Final = 4
HUNTERS: Final = 2
DAYS: Final = 3
"""After so many days without a touch a customer is due."""
WARNED_HOURS: Final = 24
MIDNIGHT: Final = 0.003
TURNS: Final = 2
"""Sweeps of one server beside each other."""
SHARE: Final = 0.5
"""Of the customers that are due are visited."""
WARNING: Final = "reclaim_warning"
NOTICE, VISIT = RECORD_TABLES["notification"], RECORD_TABLES["visit"]


class Touch(NamedTuple):
    """A visit that was entered and sent in a race. `begun_ms`: of the race, `answered_ms`: when the server had answered it."""

    customer_id: bytes
    visit_id: bytes
    begun_ms: int
    answered_ms: int


class Cast(NamedTuple):
    """The owners, by how they hear of warnings, and the others."""

    listening: list[WebPhone]
    tardy: WebPhone
    deaf: WebPhone
    hunters: list[WebPhone]

    @property
    def owners(self) -> list[WebPhone]:
        return [*self.listening, self.tardy, self.deaf]


class Heard(NamedTuple):
    """A warning. `heard_ms`: when a device of its reader said that it had it."""

    user_id: bytes
    made_ms: int
    heard_ms: int | None


async def swept(scene: Scene, found: Found, size: Size, dice: random.Random) -> None:
    """At each midnight the customers of three days ago are due; sweeps, visits and claims meet."""
    pool = await scene.pool("Fallen")
    await ruled(scene, pool)
    names = [*(f"owner {number}" for number in range(LISTENING)), "tardy", "deaf", *(f"hunter {number}" for number in range(HUNTERS))]
    reps = [await scene.rep(name) for name in names]
    cast = Cast(reps[:LISTENING], reps[LISTENING], reps[LISTENING + 1], reps[LISTENING + 2 :])
    await asyncio.gather(*(rep.sync() for rep in reps))
    waves: list[dict[bytes, list[bytes]]] = []
    touches: list[Touch] = []
    for day in range(size.waves + DAYS + 1):
        if day >= DAYS:
            scene.place.clock.set(day, MIDNIGHT)
            wave = waves[day - DAYS] if day - DAYS < len(waves) else {}
            touches += await _met(scene, cast, wave, found, dice)
        scene.place.clock.set(day, 12)
        if day < size.waves:
            waves.append({one.user_id: [one.create("customer", name=f"Mill {day}") for _ in range(size.each)] for one in cast.owners})
        await _noon(scene, cast)
    found.customers += sum(len(ids) for wave in waves for ids in wave.values())
    await _judge(scene, touches, found)


async def ruled(scene: Scene, pool: Pool, **terms: int) -> None:
    """A customer falls on the third day, its owner warned two days before."""
    days: dict[str, Any] = {**dict.fromkeys(("unknown_days", "a_days", "b_days", "c_days"), DAYS), **terms}
    today = (chance.now_ms() + OFFSET_MS) // DAY_MS
    asked = NewReclaimRule(
        id=chance.new_id(), effective_from_day=today, pool_id=pool.id, warn_days=(2,), min_warning_hours=WARNED_HOURS, exempt=(), **days
    )
    await scene.world.database.write(act, scene.desk, asked, chance.now_ms())


async def _noon(scene: Scene, cast: Cast) -> None:
    """What is due is told; the owners' phones fetch it, and those who listen say so."""
    await asyncio.gather(*(one.sync() for one in cast.owners))
    for _ in range(2):
        await remind.run(scene.world.database)
    await asyncio.gather(*(hears(one) for one in cast.listening), cast.tardy.sync(), cast.deaf.sync())


async def hears(phone: WebPhone) -> None:
    """The phone fetches its notices, and says that it has them."""
    await phone.sync()
    for receipt in receipts.due(phone.shelf):
        phone.enter(receipt)
    await phone.sync()


# the race of a midnight


async def _met(scene: Scene, cast: Cast, wave: dict[bytes, list[bytes]], found: Found, dice: random.Random) -> list[Touch]:
    """Sweeps begin at one end, half of the owners with their visits at the other; who hears late hears now; hunters claim what they see."""
    await remind.run(scene.world.database)
    over = asyncio.Event()
    begun_ms = chance.now_ms()
    sweeping = [asyncio.create_task(_sweeping(server, over)) for server in scene.place.servers]
    hunting = [asyncio.create_task(_hunted(hunter, over)) for hunter in cast.hunters]
    chosen = {
        one: [each for each in wave.get(one.user_id, [])[:: 1 if number % 2 else -1] if dice.random() < SHARE]
        for number, one in enumerate(cast.listening)
    }
    met = await asyncio.gather(*(_touched(one, ids, begun_ms) for one, ids in chosen.items()), _nothing(hears(cast.tardy)))
    over.set()
    found.sweeps += sum(await asyncio.gather(*sweeping))
    found.claims_of_fallen += sum(await asyncio.gather(*hunting))
    return [one for each in met for one in each]


async def _nothing(work: Any) -> list[Touch]:
    await work
    return []


async def _sweeping(server: Server, over: asyncio.Event) -> int:
    """Sweeps until all is over, and once more; at how many customers they looked."""
    looks = 0
    while True:
        last = over.is_set()
        looks += await server.sweep(TURNS)
        if last:
            return looks


async def _touched(phone: WebPhone, ids: Iterable[bytes], begun_ms: int) -> list[Touch]:
    """A visit each, and each is sent before the next is made."""
    touches = []
    for customer_id in ids:
        visit_id = phone.create("visit", customer_id=customer_id, device_ms=chance.now_ms(), note="just in time")
        await phone.sync()
        touches.append(Touch(customer_id, visit_id, begun_ms, chance.now_ms()))
    return touches


async def _hunted(phone: WebPhone, over: asyncio.Event) -> int:
    """Claims each card that comes into sight; how many were won."""
    won, tried = 0, set[bytes]()
    while True:
        last = over.is_set()
        heard = said(await phone.sync())
        won += sum(one.code is None for one in heard)
        seen = {record_id for record_id, _ in phone.shelf.rows(BY_NAME["pool_card"].number)} - tried
        for customer_id in sorted(seen)[:2]:
            card = card_of(phone, customer_id)
            tried.add(customer_id)
            if card is not None:
                claim(phone, customer_id, card.epoch)
        if last and not seen:
            return won


# the judgement


async def _judge(scene: Scene, touches: list[Touch], found: Found) -> None:
    told = await events(scene)
    warned, taken = await scene.world.database.read(_facts, scene.world.org_id)
    in_time: dict[bytes, list[int]] = {}
    for one in touches:
        fell_ms = [
            each.at_ms for each in told[one.customer_id] if each.kind == "reclaimed" and 0 <= each.at_ms - one.begun_ms < DAY_MS // 2
        ]
        late = taken.get(one.visit_id)
        found.touches += 1
        found.touches_in_time += late is False
        in_time.setdefault(one.customer_id, []).extend([one.answered_ms] if late is False else [])
        answered_before = any(one.answered_ms < at_ms for at_ms in fell_ms)
        found.touches_lost_to_reclaim += late is None or late is not bool(fell_ms) or answered_before
    for customer_id, history in told.items():
        for number, event in enumerate(history):
            if event.kind == "reclaimed":
                found.reclaims += 1
                found.unwarned_reclaims += not _was_warned(
                    history[:number], event, warned.get(customer_id, []), in_time.get(customer_id, [])
                )


def _was_warned(before: list[Line], fall: Line, warnings: list[Heard], touched_ms: list[int]) -> bool:
    """Whether a device of the owner had a warning long enough, made since the owner got the customer and since the last visit."""
    given = max((one for one in before if one.kind in GIVEN), key=lambda one: one.epoch, default=None)
    if given is None:
        return False
    since_ms = max([given.at_ms, *(at_ms for at_ms in touched_ms if at_ms < fall.at_ms)])
    mine = (one for one in warnings if one.user_id == given.user_id and one.made_ms >= since_ms and one.heard_ms is not None)
    return any(one.heard_ms is not None and one.heard_ms + WARNED_HOURS * HOUR_MS <= fall.at_ms for one in mine)


def _facts(conn: sa.Connection, org_id: int) -> tuple[dict[bytes, list[Heard]], dict[bytes, bool]]:
    """Customer → its warnings; visit → whether it came when its author had the customer no more."""
    warned: dict[bytes, list[Heard]] = {}
    for row in conn.execute(sa.select(NOTICE).where(NOTICE.c.org_id == org_id, NOTICE.c.kind == WARNING)):
        moments = [at for at in (row.delivered_ms, row.seen_ms, row.opened_ms) if at is not None]
        warned.setdefault(bytes(row.subject_id), []).append(Heard(bytes(row.user_id), row.made_ms, min(moments, default=None)))
    taken = conn.execute(sa.select(VISIT.c.id, VISIT.c.late).where(VISIT.c.org_id == org_id))
    return warned, {bytes(row.id): bool(row.late) for row in taken}
