"""Visits that are told after the reclaim, and owners who fall silent: a manager decides, nobody is overwritten, nobody falls unwarned.

One late owner proves the time of verified visits (D-175): what is still pooled is this owner's again at once, and what the hunter claimed
first waits for the manager.

The visits of former owners arrive while other reps claim what fell, and the manager decides while they go on. The devices of one more owner
are silent from the first day: six days take nothing; on the eighth the manager above has been warned, and a day later the customers fall.
"""

import asyncio
import random
from typing import Final

import sqlalchemy as sa

from geo.grid import masked, tile
from server import chance
from server.domain.local_times import HOUR_MS
from server.jobs import remind
from server.models import RECORD_TABLES
from shared_schema.places import Datum
from shared_schema.records.contest import ContestState
from shared_schema.records.customer import CustomerKind
from shared_schema.records.inbox import Value
from shared_schema.twin import id_text
from sync import device
from tests.integration.test_sync_pools import card_of
from tests.prove.claims_found import Found, Size
from tests.prove.claims_judge import events, owners
from tests.prove.claims_race import claim
from tests.prove.claims_scene import NOWHERE, Scene, WebPhone, token
from tests.prove.claims_sweeps import DAYS, WARNED_HOURS, hears, ruled
from tests.prove.replayed import Line
from tests.world import START_MS, said

CONTEST, NOTICE = RECORD_TABLES["contest"], RECORD_TABLES["notification"]
BELOW: Final = "reclaim_warning_below"
LATE: Final = 2
"""Owners whose visits prove nothing; one more proves them."""
OTHERS: Final = ("proving", "silent", "hunter")
PLACE: Final = 31_230_400, 121_473_700
HERE: Final[dict[str, Value]] = {"latitude_e6": PLACE[0], "longitude_e6": PLACE[1], "datum": int(Datum.wgs84)}
FIRST: Final = 2
"""Customers of the owner who proves the visits that the hunter claims before any visit is told."""
MILL: Final[dict[str, Value]] = {"name": "Mill", "kind": int(CustomerKind.shop), **HERE}
SILENT_DAY, WARNED_DAY, FALLEN_DAY = 6, 8, 9


async def contested(scene: Scene, found: Found, size: Size, dice: random.Random) -> None:
    """Late owners, one silent owner, and a rep who claims what falls."""
    await ruled(scene, await scene.pool("Fallen"), contests_monthly=100)
    *late, proving, silent, hunter = [await scene.rep(name) for name in (*(f"late {number}" for number in range(LATE)), *OTHERS)]
    late.append(proving)
    proving.boot = "b1"
    device.keep_tiles(hunter.shelf, (NOWHERE, tile(*masked(*PLACE))))
    await asyncio.gather(*(one.sync() for one in (*late, silent, hunter, scene.manager)))
    mine = {one: [one.create("customer", **MILL) for _ in range(size.each)] for one in (*late, silent)}
    await asyncio.gather(*(one.sync() for one in mine))
    await _day(scene, 1, 12, *late)
    scene.place.clock.set(2, 12)
    told = {_visited(one, each): each for one in late for each in mine[one]}
    await _day(scene, DAYS, 1)
    fallen = sorted(told.values())
    found.customers += sum(len(ids) for ids in mine.values())
    found.reclaims += sum(owner_id is None for customer_id, owner_id in (await owners(scene)).items() if customer_id in fallen)
    await hunter.sync()
    await _claims(hunter, mine[proving][:FIRST])
    await asyncio.gather(*(one.sync() for one in late), _claims(hunter, fallen[::3]))
    contests = await scene.world.database.read(_contests, scene.world.org_id)
    found.contests += len(contests)
    found.contests_lost += len(fallen) - len(contests)
    back = await _given_back(scene, found, mine[proving])
    asked = {customer_id: dice.choice(("restored", "kept")) for customer_id in sorted(contests.keys() - back)}
    done, _ = await asyncio.gather(_decided(scene, contests, asked), _claims(hunter, fallen[1::3]))
    found.contests_decided += done
    await _judge(scene, found, asked, {each: one.user_id for one in late for each in mine[one]}, hunter.user_id)
    await _falls_silent(scene, found, mine[silent])


def _visited(phone: WebPhone, customer_id: bytes) -> bytes:
    """A visit at the customer, without a network; a device with a name for its start tells how long that has run."""
    now_ms = chance.now_ms()
    ran: dict[str, Value] = {"uptime_ms": now_ms - START_MS, "boot": phone.boot, "fix_ms": now_ms - 2_000, "accuracy_mm": 12_000}
    return phone.create("visit", customer_id=customer_id, device_ms=now_ms, note="was there", **(HERE | ran if phone.boot else {}))


async def _day(scene: Scene, day: int, hour: float, *hearing: WebPhone) -> None:
    """It is this hour of that day: what is due is told, some devices take it, and the sweep looks."""
    scene.place.clock.set(day, hour)
    for _ in range(2):
        await remind.run(scene.world.database)
    await asyncio.gather(*(hears(one) for one in hearing))
    await asyncio.gather(*(server.sweep(1) for server in scene.place.servers))


async def _claims(hunter: WebPhone, ids: list[bytes]) -> int:
    """Claims by the cards of before, one after the other; how many were won."""
    won = 0
    for customer_id in ids:
        card = card_of(hunter, customer_id)
        if card is not None:
            claim(hunter, customer_id, card.epoch)
            won += all(one.code is None for one in said(await hunter.sync()))
    return won


async def _decided(scene: Scene, contests: dict[bytes, bytes], asked: dict[bytes, str]) -> int:
    """The manager decides each contest over HTTP; how many were decided."""
    headers = {"authorization": f"Bearer {token(scene.manager.claims)}"}
    done = 0
    for customer_id, verdict in asked.items():
        body = {"customer_id": id_text(customer_id), "verdict": verdict, "reason": "proof"}
        path = f"{scene.manager.url}/v1/desk/contests/{id_text(contests[customer_id])}/decision"
        done += (await scene.http.post(path, json=body, headers=headers)).status_code == 200
    return done


# the judgement


async def _judge(scene: Scene, found: Found, asked: dict[bytes, str], former: dict[bytes, bytes], hunter_id: bytes) -> None:
    """By the history of ownership: behind its fall a customer is claimed, or given back by a decision, and nothing else happens to it."""
    told, states = await events(scene), await scene.world.database.read(_states, scene.world.org_id)
    for customer_id, verdict in asked.items():
        fell = next((number for number, one in enumerate(told[customer_id]) if one.kind == "reclaimed"), None)
        since = told[customer_id][fell + 1 :] if fell is not None else []
        back = [one for one in since if one.kind == "transferred"]
        given = [one.user_id for one in back] == [former[customer_id]]
        decided = states.get(customer_id) == ContestState[verdict]
        right = given if verdict == "restored" else not back
        found.overwritten_by_contest += not (decided and right and _only_claims(since, hunter_id))


async def _given_back(scene: Scene, found: Found, ids: list[bytes]) -> set[bytes]:
    """The customers that came back by rule. Nobody is overwritten, and what was not claimed before the visit came is back."""
    told, states = await events(scene), await scene.world.database.read(_states, scene.world.org_id)
    back = set()
    for customer_id in ids:
        kinds = [one.kind for one in told[customer_id]]
        since = kinds[kinds.index("reclaimed") + 1 :] if "reclaimed" in kinds else []
        if states.get(customer_id) == ContestState.restored:
            back.add(customer_id)
            found.given_back += 1
            found.given_back_wrongly += since != ["given_back"]
        else:
            found.given_back_wrongly += since[:1] != ["claimed"] or "given_back" in since
    return back


def _only_claims(since: list[Line], hunter_id: bytes) -> bool:
    kinds = {one.kind for one in since}
    return kinds <= {"claimed", "transferred"} and all(one.user_id == hunter_id for one in since if one.kind == "claimed")


async def _falls_silent(scene: Scene, found: Found, ids: list[bytes]) -> None:
    """Day by day: whose customers they are, and whether the manager above was warned."""
    for day in (DAYS + 1, SILENT_DAY):
        await _day(scene, day, 13)
        found.silent_taken_too_soon += await _fallen(scene, ids) + len(await scene.world.database.read(_warned, scene.world.org_id))
    await _day(scene, WARNED_DAY, 12)
    warned = await scene.world.database.read(_warned, scene.world.org_id)
    found.silent_warned += len(warned.keys() & set(ids))
    found.silent_taken_too_soon += await _fallen(scene, ids)
    await _day(scene, FALLEN_DAY, 13)
    for customer_id in ids:
        for one in (await events(scene))[customer_id]:
            if one.kind == "reclaimed":
                found.silent_reclaims += 1
                found.unwarned_reclaims += warned.get(customer_id, one.at_ms) + WARNED_HOURS * HOUR_MS > one.at_ms


async def _fallen(scene: Scene, ids: list[bytes]) -> int:
    now = await owners(scene)
    return sum(now[customer_id] is None for customer_id in ids)


def _contests(conn: sa.Connection, org_id: int) -> dict[bytes, bytes]:
    """Customer → its contest."""
    rows = conn.execute(sa.select(CONTEST.c.customer_id, CONTEST.c.id).where(CONTEST.c.org_id == org_id))
    return {bytes(row.customer_id): bytes(row.id) for row in rows}


def _states(conn: sa.Connection, org_id: int) -> dict[bytes, ContestState]:
    rows = conn.execute(sa.select(CONTEST.c.customer_id, CONTEST.c.state).where(CONTEST.c.org_id == org_id))
    return {bytes(row.customer_id): ContestState(row.state) for row in rows}


def _warned(conn: sa.Connection, org_id: int) -> dict[bytes, int]:
    """Customer → when the manager above its silent owner was warned first."""
    chosen = sa.select(NOTICE.c.subject_id, sa.func.min(NOTICE.c.made_ms).label("at_ms")).where(NOTICE.c.org_id == org_id)
    rows = conn.execute(chosen.where(NOTICE.c.kind == BELOW).group_by(NOTICE.c.subject_id))
    return {bytes(row.subject_id): row.at_ms for row in rows}
