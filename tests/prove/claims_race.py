"""Reps who claim the same customers at once, with what they enter beneath each claim; and one rep's many phones at the daily limit."""

import asyncio
import random
from collections.abc import Sequence
from typing import Final, NamedTuple

from shared_schema.records.contribution import Contribution, ContributionState
from shared_schema.records.customer import Standing
from shared_schema.records.inbox import InboxItem, ItemState, Value
from shared_schema.records.pool import Claim
from shared_schema.registry import BY_NAME
from shared_schema.wire import ENCODER, Kind, Outcome
from sync.agreed.claims import SHOWN
from sync.device import Edit
from tests.integration.test_sync_pools import card_of
from tests.prove.claims_found import Found, Size
from tests.prove.claims_judge import owners
from tests.prove.claims_scene import Scene, WebPhone
from tests.world import said

PART: Final = 4
"""Customers that a rep claims between two syncs."""
KINDS: Final = ("visit", "contact_log", "contact")
OFFERED: Final = ("visit", "contact_log")
LIMIT: Final = 20
PHONES: Final = 12
TRIES: Final = 5
"""Claims of one phone at the limit: sixty in all, of which twenty are won."""


class Beneath(NamedTuple):
    """An entry of a rep beneath a claim."""

    customer_id: bytes
    entity: str
    id: bytes


class Chase(NamedTuple):
    """What one rep did and heard."""

    phone: WebPhone
    claimed: dict[bytes, int]
    """Customer → number of the claim."""
    beneath: list[Beneath]
    heard: dict[int, Outcome]


async def raced(scene: Scene, found: Found, size: Size, dice: random.Random) -> None:
    """Every rep claims every customer; each has one owner, whom all the others are told."""
    pool = await scene.pool("East")
    ids = await scene.pooled(pool, size.customers, "Shop")
    reps = [await scene.rep(f"rep {number}") for number in range(size.reps)]
    await asyncio.gather(*(rep.sync() for rep in reps))
    orders = [_order(ids, dice) for _ in reps]
    chases = await asyncio.gather(*(_chased(rep, order) for rep, order in zip(reps, orders, strict=True)))
    await asyncio.gather(*(rep.sync() for rep in reps))
    won = await owners(scene)
    found.customers += len(ids)
    found.unclaimed += sum(won.get(customer_id) is None for customer_id in ids)
    for customer_id in ids:
        found.double_winners += sum(one.heard[one.claimed[customer_id]].code is None for one in chases) > 1
    offers = {rep.user_id: _offered(rep) for rep in reps}
    for chase in chases:
        _judge(chase, won, offers, found)


def _order(ids: Sequence[bytes], dice: random.Random) -> list[bytes]:
    """All go through the customers in one order, so that they meet, and within a part in any."""
    parts = [list(ids[at : at + PART]) for at in range(0, len(ids), PART)]
    return [customer_id for part in parts for customer_id in dice.sample(part, len(part))]


def claim(phone: WebPhone, customer_id: bytes, epoch: int) -> int:
    """Enter a claim by the card that was on the screen; its number."""
    edit = Edit(Kind.command, BY_NAME["pool_card"], customer_id, command=ENCODER.encode(Claim(epoch=epoch)))
    return phone.enter(edit)[0]


async def _chased(phone: WebPhone, order: Sequence[bytes]) -> Chase:
    """Claim part after part, each claim with an entry beneath it, by the cards of before."""
    cards = {customer_id: card_of(phone, customer_id) for customer_id in order}
    chase = Chase(phone, {}, [], {})
    for at in range(0, len(order), PART):
        for number, customer_id in enumerate(order[at : at + PART]):
            card = cards[customer_id]
            assert card is not None
            chase.claimed[customer_id] = claim(phone, customer_id, card.epoch)
            entity = KINDS[(at + number) % len(KINDS)]
            chase.beneath.append(Beneath(customer_id, entity, _entered(phone, customer_id, entity)))
        chase.heard.update({one.n: one for one in said(await phone.sync())})
    return chase


def _entered(phone: WebPhone, customer_id: bytes, entity: str) -> bytes:
    more: dict[str, Value] = {"name": "Mr Gu"} if entity == "contact" else {"device_ms": phone.world.now_ms, "note": "was there"}
    return phone.create(entity, customer_id=customer_id, **more)


def _judge(chase: Chase, won: dict[bytes, bytes | None], offers: dict[bytes, dict[bytes, set[bytes]]], found: Found) -> None:
    """By what stands on the rep's phone after all: the loser's cards, the winner's records, and what was offered to the winner."""
    cards = _cards(chase.phone)
    for customer_id, n in chase.claimed.items():
        if (winner := won.get(customer_id)) == chase.phone.user_id or winner is None:
            continue
        found.losers += 1
        card = cards.get(customer_id)
        named = card is not None and any(one.their_user_id == winner for one in card.members if one.entity in SHOWN)
        found.losers_untold += not (named and chase.heard[n].code == "claimed_by_other")
    for one in chase.beneath:
        winner, card = won.get(one.customer_id), cards.get(one.customer_id)
        if winner == chase.phone.user_id or winner is None:
            found.entries_of_losers_lost += chase.phone.view(one.entity, one.id) is None
            continue
        found.entries_of_losers += 1
        waits = card is not None and any(each.id == one.id and each.mine for each in card.members)
        offered = one.entity not in OFFERED or one.id in offers[winner].get(one.customer_id, ())
        found.entries_of_losers_lost += not (waits and offered)


def _cards(phone: WebPhone) -> dict[bytes, InboxItem]:
    """The open card of each customer that was claimed in vain."""
    open_items = [one for one in phone.inbox() if one.state == ItemState.open]
    return {each.id: one for one in open_items for each in one.members if each.entity in SHOWN}


def _offered(phone: WebPhone) -> dict[bytes, set[bytes]]:
    """Customer → ids of the facts that are offered to this rep beside it."""
    found: dict[bytes, set[bytes]] = {}
    for record_id, _ in phone.shelf.rows(BY_NAME["contribution"].number):
        one = phone.view("contribution", record_id)
        if isinstance(one, Contribution) and one.state == ContributionState.open:
            found.setdefault(one.customer_id, set()).update(each.id for each in one.members)
    return found


# the daily limit


async def counted(scene: Scene, found: Found, size: Size, _dice: random.Random) -> None:
    """A rep wins as many claims as the pool allows, from however many phones at once, and no claim less."""
    pool = await scene.pool("Limited", claim_daily_limit=LIMIT)
    for number in range(size.quotas):
        ids = await scene.pooled(pool, PHONES * TRIES, f"Stall {number}")
        rep = await scene.rep(f"eager {number}")
        phones = [rep, *[await scene.phone(rep.user_id) for _ in range(PHONES - 1)]]
        await asyncio.gather(*(phone.sync() for phone in phones))
        heard = await asyncio.gather(*(_hoarded(phone, ids[at::PHONES]) for at, phone in enumerate(phones)))
        outcomes = [one for each in heard for one in each]
        won = sum(owner == rep.user_id for owner in (await owners(scene)).values())
        found.quota_claims += len(outcomes)
        found.quota_overrun += max(abs(won - LIMIT), abs(sum(one.code is None for one in outcomes) - LIMIT))


async def _hoarded(phone: WebPhone, ids: Sequence[bytes]) -> list[Outcome]:
    """Claim one after the other."""
    outcomes = []
    for customer_id in ids:
        card = card_of(phone, customer_id)
        assert card is not None
        claim(phone, customer_id, card.epoch)
        outcomes += said(await phone.sync())
    return outcomes


def standing_of(phone: WebPhone, customer_id: bytes) -> Standing | None:
    """Where the customer stands, as the phone knows it."""
    known = phone.view("standing", customer_id)
    return known if isinstance(known, Standing) else None
