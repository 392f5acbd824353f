"""Planted bugs of pools: who wins a claim, what a card says, and what waits when a customer is gone. `plants.py` lists them."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from server.domain import pools
from server.domain.rules import RULES
from shared_schema.problem import Code
from shared_schema.records.customer import Customer, Standing
from shared_schema.records.pool import Claim, Pool, PoolCard
from shared_schema.wire import Reason
from sync import awaited, fold, news, rejudge
from sync.rules import Actor, Entered
from sync.state import State
from tests.prove import server

Put = Callable[[Any, str, Any], None]


def last_claim_wins(put: Put) -> None:
    """Whoever claims later has the customer, whoever has it."""

    def claim(actor: Actor, state: State, known: PoolCard, _: Claim, entered: Entered) -> tuple[Standing, PoolCard]:
        standing = state.standing(known.id)
        assert standing is not None
        owned = msgspec.structs.replace(standing, owner_id=actor.user_id, pool_id=None, epoch=standing.epoch + 1)
        pools.happened(state, actor, owned, "claimed", entered)
        return owned, pools.withdrawn(known, owned)

    put(server, "RULES", msgspec.structs.replace(RULES, answers={**RULES.answers, (PoolCard, Claim): claim}))


def claim_of_any_epoch(put: Put) -> None:
    """A claim counts whatever standing its author saw."""
    put(pools, "_require_epoch", lambda *_: None)


def card_unmasked(put: Put) -> None:
    """A card shows what its pool hides."""
    card = pools.card

    def shown(customer: Customer, standing: Standing, pool: Pool, pooled_ms: int) -> PoolCard:
        return card(customer, standing, msgspec.structs.replace(pool, hidden=()), pooled_ms)

    put(pools, "card", shown)


def card_of_the_exact_place(put: Put) -> None:
    """A card tells where the customer is to a metre."""
    card = pools.card

    def placed(customer: Customer, *rest: Any) -> PoolCard:
        place = {"latitude_e6": customer.wgs_latitude_e6, "longitude_e6": customer.wgs_longitude_e6}
        return msgspec.structs.replace(card(customer, *rest), **place)

    put(pools, "card", placed)


def mask_of_new_cards_alone(put: Put) -> None:
    """What a pool hides from now on stays on the cards that are there."""
    put(pools, "_masked_anew", lambda *_: ())


def card_stays(put: Put) -> None:
    """A customer that was claimed stays in its tile."""
    put(pools, "withdrawn", lambda known, _standing: known)


def everybody_is_member(put: Put) -> None:
    """Every pool is everybody's."""
    put(pools, "is_member", lambda *_: True)


def tile_tells_why(put: Put) -> None:
    """A tile tells that a customer moved, and so that somebody took it."""
    put(news, "_why", lambda _reader, *, deleted: Reason.deleted if deleted else Reason.moved)


def late_edits_dropped(put: Put) -> None:
    """What was entered after the loss stands on its author's card alone."""
    put(fold, "mirror", lambda *_, **__: None)


def returned_in_vain(put: Put) -> None:
    """A customer comes back, and what waited for it goes on waiting."""
    put(rejudge, "waiting", lambda *_: [])


def unknown_for_ever(put: Put) -> None:
    """What names a record that is not there yet is refused once and for all: after a restore the order of devices decides."""
    honest = awaited.awaited
    moved = Code.moved.word
    for where in (rejudge, awaited):
        put(where, "awaited", lambda item: honest(item) if item.code == moved else frozenset())


def card_tells_that_it_came(put: Put) -> None:
    """A card is judged anew as soon as all that it names is there, also for a stranger."""
    put(rejudge, "may_enter", lambda *_, **__: True)


ALL: Final[tuple[Callable[[Put], None], ...]] = (
    *(last_claim_wins, claim_of_any_epoch, card_unmasked, card_of_the_exact_place, mask_of_new_cards_alone),
    *(card_stays, everybody_is_member, tile_tells_why, late_edits_dropped, returned_in_vain),
    *(unknown_for_ever, card_tells_that_it_came),
)
