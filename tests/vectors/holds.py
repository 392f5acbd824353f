"""Vectors of `sync/agreed/holds.py`: for whom a card is held before, at and behind the end."""

import random
from typing import Final

from shared_schema.records.pool import PoolCard
from sync.agreed import holds
from tests.vectors.cases import Cases, played
from tests.vectors.values import an_id

NOW_MS: Final = 1_780_000_000_000


def cases() -> Cases:
    """The only rule of the room."""
    dice = random.Random(192)
    cards = [
        PoolCard(an_id(dice), 1, an_id(dice), pooled=pooled, held_by_id=user_id, held_until_ms=until_ms)
        for pooled in (True, False)
        for user_id in (None, an_id(dice))
        for until_ms in (None, 0, NOW_MS - 1, NOW_MS, NOW_MS + 1, NOW_MS + 86_400_000)
    ]
    return {"sync.agreed.holds:held_for": played(holds.held_for, ({"card": card, "now_ms": NOW_MS} for card in cards))}
