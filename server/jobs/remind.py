"""The scheduler: what is due of all organisations, by one index; each piece in a transaction of its own. One that fails holds up none."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from server import chance, clock
from server.database import Database
from server.domain.outages import Outage
from server.jobs.pieces import attempt
from server.services.remind import remind
from server.store import uptime
from server.store.dues import BEGIN, PASSES, Due, Subject, go_on, waiting

PIECE_MAX: Final = 100
"""Records judged in one transaction: their families are locked for so long."""


async def run(database: Database) -> int:
    """Judge all records whose time may have come; how many there were."""
    done = 0
    now_ms = chance.now_ms()
    await go_through(database, now_ms)
    outages = await database.read(uptime.outages, clock.ran_ms())
    after = BEGIN
    while page := await database.read(waiting, now_ms, after):
        for org_id, subjects in pieces(page):
            done += await _judge(database, org_id, subjects, now_ms, outages)
        after = page[-1]
    return done


async def go_through(database: Database, now_ms: int) -> None:
    """Let all records of a rule be due whose settings changed: a page is a transaction, so that no writer waits for all of them."""
    moved = 1
    while moved and (page := await database.read(waiting, now_ms, BEGIN, tuple(PASSES))):
        each = [
            await attempt(database.write(go_on, one.org_id, (one.rule, one.subject_id)), one.rule, one.org_id, one.subject_id)
            for one in page
        ]
        moved = sum(each)


def pieces(page: Iterable[Due]) -> Iterable[tuple[int, list[Subject]]]:
    """(organisation, records), PIECE_MAX of them at most."""
    for org_id, of in groupby(sorted(page, key=lambda one: one.org_id), key=lambda one: one.org_id):
        subjects = list(dict.fromkeys((one.rule, one.subject_id) for one in of))
        for at in range(0, len(subjects), PIECE_MAX):
            yield org_id, subjects[at : at + PIECE_MAX]


async def _judge(database: Database, org_id: int, subjects: Sequence[Subject], now_ms: int, outages: tuple[Outage, ...]) -> int:
    """One piece. If it fails, each of its records by itself: only the one at fault waits for the next turn."""
    done = await attempt(database.write(remind, org_id, subjects, now_ms, outages), "remind", org_id, subjects[0][1])
    if done or len(subjects) == 1:
        return done
    each = [await attempt(database.write(remind, org_id, [one], now_ms, outages), "remind", org_id, one[1]) for one in subjects]
    return sum(each)
