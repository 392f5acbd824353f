"""Visits that are told after the reclaim, and owners who fall silent: a manager decides, nobody is overwritten, nobody falls unwarned.

The visits of former owners arrive while other reps claim what fell, and the manager decides while they go on. The devices of one more owner
are silent from the first day: six days take nothing; on the eighth the manager above has been warned, and a day later the customers fall.
"""

import asyncio
import random
from typing import Final

import sqlalchemy as sa

from server import chance
from server.domain.local_times import HOUR_MS
from server.jobs import remind
from server.models import RECORD_TABLES
from shared_schema.records.contest import ContestState
from shared_schema.twin import id_text
from tests.integration.test_sync_pools import card_of
from tests.prove.claims_found import Found, Size
from tests.prove.claims_judge import events, owners
from tests.prove.claims_race import claim
from tests.prove.claims_scene import Scene, WebPhone, token
from tests.prove.claims_sweeps import DAYS, WARNED_HOURS, hears, ruled
from tests.prove.replayed import Line
from tests.world import said

CONTEST, NOTICE = RECORD_TABLES["contest"], RECORD_TABLES["notification"]
BELOW: Final = "reclaim_warning_below"
LATE: Final = 2
SILENT_DAY, WARNED_DAY, FALLEN_DAY = 6, 8, 9


async def contested(scene: Scene, found: Found, size: Size, dice: random.Random) -> None:
    """Late owners, one silent owner, and a rep who claims what falls."""
    await ruled(scene, await scene.pool("Fallen"), contests_monthly=100)
    *late, silent, hunter = [await scene.rep(name) for name in (*(f"late {number}" for number in range(LATE)), "silent", "hunter")]
    await asyncio.gather(*(one.sync() for one in (*late, silent, hunter, scene.manager)))
    mine = {one: [one.create("customer", name="Mill") for _ in range(size.each)] for one in (*late, silent)}
    await asyncio.gather(*(one.sync() for one in mine))
    await _day(scene, 1, 12, *late)
    scene.place.clock.set(2, 12)
    told = {one.create("visit", customer_id=each, device_ms=chance.now_ms(), note="was there"): each for one in late for each in mine[one]}
    await _day(scene, DAYS, 1)
    fallen = sorted(told.values())
    found.customers += sum(len(ids) for ids in mine.values())
    found.reclaims += sum(owner_id is None for customer_id, owner_id in (await owners(scene)).items() if customer_id in fallen)
    await hunter.sync()
    await asyncio.gather(*(one.sync() for one in late), _claims(hunter, fallen[::3]))
    contests = await scene.world.database.read(_contests, scene.world.org_id)
    found.contests += len(contests)
    found.contests_lost += len(fallen) - len(contests)
    asked = {customer_id: dice.choice(("restored", "kept")) for customer_id in sorted(contests)}
    done, _ = await asyncio.gather(_decided(scene, contests, asked), _claims(hunter, fallen[1::3]))
    found.contests_decided += done
    await _judge(scene, found, asked, {each: one.user_id for one in late for each in mine[one]}, hunter.user_id)
    await _falls_silent(scene, found, mine[silent])


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
