"""Holds over HTTP: reps take them at once, from two phones each, then all claim all; a customer that is held comes to its holder.

Each rep asks for more customers than the five that a user holds, all requests beside each other. The claims were entered before any hold
was taken, those of the holders as of all others. Some holds are over by then: their customers have one winner, whoever that is.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Coroutine
from typing import Final, NamedTuple

from server import chance
from server.domain.holds import HOLDS_MAX
from shared_schema.twin import id_text
from tests.integration.test_sync_pools import card_of
from tests.prove.claims_found import Found, Size
from tests.prove.claims_judge import owners
from tests.prove.claims_race import claim
from tests.prove.claims_scene import BUSY, BUSY_S, Scene, WebPhone, token
from tests.world import said

EACH: Final = 7
"""Customers for each rep: more than the five that one holds."""
LIMIT: Final = 3
"""Of the pool in which holds meet the daily limit."""
ASKED_MAX: Final = 32
"""Requests on their way at once."""
REFUSALS: Final = frozenset({"held", "holds_full", "claimed_by_other"})
LONG_H, SHORT_H = 8, 1
LATER: Final = 14.0
"""Two hours later than the holds."""


class Rep(NamedTuple):
    """A rep with two phones; the second only asks for holds."""

    phone: WebPhone
    other: WebPhone


async def held(scene: Scene, found: Found, size: Size, dice: random.Random) -> None:
    """Long holds and short ones; two hours later all claim all."""
    pool = await scene.pool("Held")
    ids = await scene.pooled(pool, size.reps * EACH, "Quay")
    reps = [await _rep(scene, f"holder {number}") for number in range(size.reps)]
    epochs = {customer_id: _epoch(reps[0].phone, customer_id) for customer_id in ids}
    for rep in reps:
        for customer_id in dice.sample(ids, len(ids)):
            claim(rep.phone, customer_id, epochs[customer_id])
    hours = {customer_id: dice.choice((LONG_H, LONG_H, SHORT_H)) for customer_id in ids}
    asked = [(rep, customer_id) for customer_id in dice.sample(ids, len(ids)) for rep in dice.sample(reps, len(reps))]
    room = asyncio.Semaphore(ASKED_MAX)
    told = await asyncio.gather(*(_within(room, _holds(scene, rep, each, epochs[each], hours[each])) for rep, each in asked))
    holders = _judge_holds(asked, told, found)
    scene.place.clock.set(0, LATER)
    outcomes = await asyncio.gather(*(rep.phone.sync() for rep in reps))
    won = await owners(scene)
    found.customers += len(ids)
    found.unclaimed += sum(won.get(customer_id) is None for customer_id in ids)
    for customer_id, user_id in holders.items():
        if hours[customer_id] == LONG_H:
            found.claims_under_holds += 1
            found.holds_broken += won.get(customer_id) != user_id
    wins = sum(one.code is None for each in outcomes for one in said(each))
    found.double_winners += abs(wins - sum(owner is not None for customer_id, owner in won.items() if customer_id in epochs))
    await _limited(scene, found)


async def _rep(scene: Scene, name: str) -> Rep:
    phone = await scene.rep(name)
    await phone.sync()
    return Rep(phone, await scene.phone(phone.user_id))


async def _within(room: asyncio.Semaphore, asking: Coroutine[None, None, str]) -> str:
    async with room:
        return await asking


def _epoch(phone: WebPhone, customer_id: bytes) -> int:
    card = card_of(phone, customer_id)
    assert card is not None
    return card.epoch


async def _holds(scene: Scene, rep: Rep, customer_id: bytes, epoch: int, hours: int) -> str:
    """Ask for a hold; the code of the refusal, or nothing."""
    phone = rep.phone if customer_id[-1] % 2 else rep.other
    headers = {"authorization": f"Bearer {token(phone.claims)}"}
    body = {"hold_id": id_text(chance.new_id()), "epoch": epoch, "hours": hours}
    until_s = time.monotonic() + BUSY_S
    while True:
        reply = await scene.http.post(f"{phone.url}/v1/pool-cards/{id_text(customer_id)}/hold", json=body, headers=headers)
        if reply.status_code not in BUSY or time.monotonic() > until_s:
            return "" if reply.status_code == 200 else str(reply.json().get("code", reply.status_code))
        await asyncio.sleep(0.1)


def _judge_holds(asked: list[tuple[Rep, bytes]], told: list[str], found: Found) -> dict[bytes, bytes]:
    """Customer → holder. Two holders of one customer, a sixth hold, and a refusal for another reason are faults."""
    holders: dict[bytes, bytes] = {}
    taken: Counter[bytes] = Counter()
    for (rep, customer_id), code in zip(asked, told, strict=True):
        if code:
            found.holds_refused += 1
            found.holds_broken += code not in REFUSALS
            continue
        found.holds += 1
        found.holds_broken += customer_id in holders
        holders[customer_id] = rep.phone.user_id
        taken[rep.phone.user_id] += 1
    found.holds_broken += sum(max(0, count - HOLDS_MAX) for count in taken.values())
    return holders


async def _limited(scene: Scene, found: Found) -> None:
    """At a daily limit of three a rep takes three holds of six at once; the claims under them are won on that day, and no further one."""
    pool = await scene.pool("Held and limited", claim_daily_limit=LIMIT)
    ids = await scene.pooled(pool, 2 * LIMIT, "Pier")
    rep = await _rep(scene, "eager holder")
    epochs = {customer_id: _epoch(rep.phone, customer_id) for customer_id in ids}
    told = await asyncio.gather(*(_holds(scene, rep, each, epochs[each], LONG_H) for each in ids))
    holding = {each for each, code in zip(ids, told, strict=True) if not code}
    found.holds += len(holding)
    found.holds_broken += len(holding) != LIMIT
    for each in ids:
        claim(rep.phone, each, epochs[each])
    await rep.phone.sync()
    won = {customer_id for customer_id, owner_id in (await owners(scene)).items() if owner_id == rep.phone.user_id}
    found.claims_under_holds += len(holding)
    found.holds_broken += len(won ^ holding)
    found.customers += len(ids)
