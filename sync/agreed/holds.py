"""Holds of pooled customers: for whom a card is held at a moment, the same on the phone and on the server (D-192)."""

from shared_schema.records.pool import PoolCard


def held_for(card: PoolCard, now_ms: int) -> bytes | None:
    """The user for whom a card is held at a moment; None: for nobody."""
    return card.held_by_id if card.pooled and (card.held_until_ms or 0) > now_ms else None
