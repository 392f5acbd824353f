"""The tier that a customer earns by its points: up at once, down only after two scheduled periods too low (D-654 to D-656, D-659)."""

from typing import Final

from msgspec import Struct

from server.domain.evaluation.points import Score
from shared_schema.records.customer import Tier
from shared_schema.rest_evaluation import ModelTerms

LOW_PERIODS: Final = 2
"""Scheduled periods too low for the tier, one after the other, after which a customer loses it."""


class Earned(Struct, frozen=True):
    """What a customer has earned so far. `version`: of the model by which it was judged last, 0: never. `low_periods`: scheduled periods
    too low for the tier, up to now; `low_period`: the last of them."""

    tier: Tier = Tier.unknown
    version: int = 0
    low_periods: int = 0
    low_period: int = 0


class Turn(Struct, frozen=True):
    """By which version a customer is judged, and in which scheduled period; None: because something about the customer changed."""

    version: int
    terms: ModelTerms
    period: int | None = None


def straight(terms: ModelTerms, score: Score) -> Tier:
    """The tier of the points alone; a provisional one is never above B (D-655)."""
    if score.points is None:
        return Tier.unknown
    if score.points >= terms.a_from and not score.provisional:
        return Tier.a
    return Tier.b if score.points >= terms.b_from else Tier.c


def earned(turn: Turn, known: Earned, score: Score) -> Earned:
    """What the customer has earned by now. A version that judges it for the first time sets the tier of the points, both ways: so did its
    preview (D-659)."""
    now = straight(turn.terms, score)
    if known.version != turn.version or Tier.unknown in (known.tier, now) or score.points is None:
        return Earned(now, turn.version)
    if known.tier is Tier.a and score.provisional:
        known = Earned(Tier.b, turn.version)
    if now < known.tier:
        return Earned(now, turn.version)
    if turn.period is None or turn.period == known.low_period:
        return known
    if now is known.tier or score.points >= threshold(turn.terms, known.tier) - turn.terms.margin:
        return Earned(known.tier, turn.version)
    if known.low_periods + 1 >= LOW_PERIODS:
        return Earned(now, turn.version)
    return Earned(known.tier, turn.version, known.low_periods + 1, turn.period)


def threshold(terms: ModelTerms, tier: Tier) -> int:
    """The points from which on a customer earns the tier."""
    return {Tier.a: terms.a_from, Tier.b: terms.b_from}.get(tier, 0)


def to_next(terms: ModelTerms, tier: Tier, points: int | None) -> int | None:
    """What the customer lacks to the tier above; None: it has the highest, or more points alone do not help (D-658)."""
    above = {Tier.b: Tier.a, Tier.c: Tier.b}.get(tier)
    if above is None or points is None:
        return None
    lacks = threshold(terms, above) - points
    return lacks if lacks > 0 else None
