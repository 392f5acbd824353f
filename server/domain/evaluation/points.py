"""The points of a customer: each known factor by its bands, rescaled for what is unknown, and adding up to the last one (D-650, D-653)."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple

from msgspec import Struct

from shared_schema.bands import Lifecycle
from shared_schema.rest_evaluation import Factor, FactorTerms, ModelTerms, Part

FULL: Final = 100
NEVER: Final = -1
"""In place of the day of the last order: there never was one."""
NEVER_DAYS: Final = 200_000
"""Since the last order of such a customer."""


class Facts(Struct, frozen=True):
    """What is known of a customer; None, 0 for a choice and an empty text: unknown.

    `profit_minor`: of twelve months in minor units of the organisation's currency. `on_time_bps`: of what was due, the share paid on time.
    `orders`: of twelve months; None: nobody tells the server of orders. `last_order_day`: of any time.
    """

    profit_minor: int | None = None
    orders: int | None = None
    on_time_bps: int | None = None
    last_order_day: int | None = None
    size: int = 0
    industry: str = ""
    listed: int = 0
    contact: int = 0
    earnings: int = 0
    rating: int = 0


class Score(NamedTuple):
    """The sum, None: nothing but the rating is known; whether it is provisional; and what each factor adds."""

    points: int | None
    provisional: bool
    parts: tuple[Part, ...]


class _Known(NamedTuple):
    """A factor of which the value is known: the points by its bands, out of its weight."""

    terms: FactorTerms
    value: int
    text: str
    points: int


def score(terms: ModelTerms, facts: Facts, today: int) -> Score:
    """The points of a customer on a day. What is unknown is left out, and the others count for it, but never the owner's rating: that one
    never gives more than its own weight (D-653)."""
    ordered = sorted(terms.factors, key=_place)
    known = [found for one in ordered if (found := _known(one, facts, today)) is not None]
    rated = known[-1] if known and known[-1].terms.factor is Factor.rating else None
    others = known if rated is None else known[:-1]
    weight = sum([one.terms.weight for one in others])
    if weight == 0:
        return Score(None, True, tuple([_unknown(one.factor) for one in ordered]))
    own = rated.terms.weight if rated is not None else 0
    given = _shared([one.points for one in others], weight, FULL - own)
    scales = _shared([one.terms.weight for one in others], weight, FULL - own)
    parts = {one.terms.factor: _part(one, points, scale) for one, points, scale in zip(others, given, scales, strict=True)}
    if rated is not None:
        parts[Factor.rating] = _part(rated, rated.points, own)
    told = tuple([parts.get(one.factor) or _unknown(one.factor) for one in ordered])
    is_provisional = facts.profit_minor is None or weight + own < terms.known_min
    return Score(sum([one.points for one in told]), is_provisional, told)


def _place(one: FactorTerms) -> int:
    """The rating last (its number is the highest): it counts by itself."""
    return one.factor


def _shared(points: Sequence[int], weight: int, goal: int) -> list[int]:
    """Points out of `weight`, as whole points out of `goal`: their sum is rounded down once, and what the parts lose by their own rounding
    goes to those that lose most."""
    if weight == goal:
        return list(points)
    whole = [each * goal // weight for each in points]
    left = sum(points) * goal // weight - sum(whole)
    most = sorted(range(len(points)), key=lambda at: (-(points[at] * goal % weight), at))
    for at in most[:left]:
        whole[at] += 1
    return whole


def _known(one: FactorTerms, facts: Facts, today: int) -> _Known | None:
    """The factor as it counts; None: its value is unknown, or the model says nothing about values."""
    factor = one.factor
    if factor is Factor.industry:
        if not facts.industry or not one.industries:
            return None
        points = next((each.points for each in one.industries if each.industry == facts.industry), 0)
        return _Known(one, 0, facts.industry, points)
    value = VALUES[factor](facts)
    if value is None or not one.bands:
        return None
    counted = value
    if factor is Factor.recency:
        counted = NEVER_DAYS if value == NEVER else max(0, today - value)
    points = 0
    for band in one.bands:
        if band.from_value > counted:
            break
        points = band.points
    return _Known(one, value, "", points)


def _last_order(facts: Facts) -> int | None:
    if facts.last_order_day is not None:
        return facts.last_order_day
    return NEVER if facts.orders == 0 else None


VALUES: Final[Mapping[Factor, Callable[[Facts], int | None]]] = {
    Factor.profit: lambda facts: facts.profit_minor,
    Factor.orders: lambda facts: facts.orders,
    Factor.on_time: lambda facts: facts.on_time_bps,
    Factor.recency: _last_order,
    Factor.size: lambda facts: facts.size or None,
    Factor.listed: lambda facts: facts.listed or None,
    Factor.contact: lambda facts: facts.contact or None,
    Factor.earnings: lambda facts: facts.earnings or None,
    Factor.rating: lambda facts: facts.rating or None,
}
"""Factor → its value as it is known."""


def _part(one: _Known, points: int, scale: int) -> Part:
    return Part(factor=one.terms.factor, value=one.value, points=points, scale=scale, text=one.text)


@cache
def _unknown(factor: Factor) -> Part:
    return Part(factor=factor, value=None, points=0, scale=0)


def lifecycle(terms: ModelTerms, facts: Facts, today: int) -> Lifecycle:
    """Potential: no order ever; buying: one within `active_days`; silent: none since (D-657)."""
    if facts.last_order_day is not None:
        return Lifecycle.buying if today - facts.last_order_day <= terms.active_days else Lifecycle.silent
    return Lifecycle.unknown if facts.orders is None else Lifecycle.potential
