"""Evaluation of customers by profit: the versions of the point model, its preview, and why a customer has its tier (D-650 to D-664).

Nothing of this reaches a phone: what a phone holds of it are slots of the standing.
"""

from enum import IntEnum
from typing import Annotated, Final

from msgspec import Meta

from shared_schema.bands import Lifecycle
from shared_schema.records.base import Asked, Told
from shared_schema.records.customer import Tier
from shared_schema.scalars import WIRE_INTEGER_MAX, Day, EpochMs, Id, Line, Name

BANDS_MAX: Final = 12
INDUSTRIES_MAX: Final = 60
PAGE_MAX: Final = 1_000
Points = Annotated[int, Meta(ge=0, le=100)]
Value = Annotated[int, Meta(ge=-WIRE_INTEGER_MAX, le=WIRE_INTEGER_MAX)]
Share = Annotated[int, Meta(ge=1, le=100)]


class Factor(IntEnum):
    """What a customer is judged by. The number orders the explanation."""

    profit = 1
    """Profit of the last twelve months, in minor units of the organisation's currency."""
    orders = 2
    """Orders of the last twelve months."""
    on_time = 3
    """Share of what was due that was paid on time, in basis points."""
    recency = 4
    """Days since the last order."""
    size = 5
    industry = 6
    listed = 7
    contact = 8
    """Seniority of the best contact."""
    earnings = 9
    """Whether the customer itself makes a profit."""
    rating = 10
    """The owner's own judgement."""


class Band(Told, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From this value on a factor gives these points."""

    from_value: Value
    points: Points


class IndustryPoints(Told, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A customer of this industry gets these points; of one that is not listed, none."""

    industry: Annotated[str, Meta(min_length=1, max_length=40)]
    points: Points


class FactorTerms(Told, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One factor: its weight, and its bands by rising value. Of the industry the list of industries takes the place of bands."""

    factor: Factor
    weight: Points
    bands: Annotated[tuple[Band, ...], Meta(max_length=BANDS_MAX)] = ()
    industries: Annotated[tuple[IndustryPoints, ...], Meta(max_length=INDUSTRIES_MAX)] = ()


def _bands(*pairs: int) -> tuple[Band, ...]:
    """Bands from values and points in turn."""
    return tuple(Band(from_value=pairs[at], points=pairs[at + 1]) for at in range(0, len(pairs), 2))


STANDARD: Final = (
    FactorTerms(factor=Factor.profit, weight=50, bands=_bands(1, 10, 1_000_000, 20, 5_000_000, 30, 20_000_000, 40, 50_000_000, 50)),
    FactorTerms(factor=Factor.orders, weight=10, bands=_bands(1, 3, 4, 6, 12, 10)),
    FactorTerms(factor=Factor.on_time, weight=15, bands=_bands(5_000, 5, 8_000, 10, 9_500, 15)),
    FactorTerms(factor=Factor.recency, weight=5, bands=_bands(0, 5, 31, 3, 91, 1, 181, 0)),
    FactorTerms(factor=Factor.size, weight=5, bands=_bands(2, 1, 3, 3, 4, 5)),
    FactorTerms(factor=Factor.industry, weight=4),
    FactorTerms(factor=Factor.listed, weight=2, bands=_bands(2, 2)),
    FactorTerms(factor=Factor.contact, weight=2, bands=_bands(2, 1, 3, 2)),
    FactorTerms(factor=Factor.earnings, weight=2, bands=_bands(3, 2)),
    FactorTerms(factor=Factor.rating, weight=5, bands=_bands(1, 1, 2, 2, 3, 3, 4, 4, 5, 5)),
)
"""The model with which an organisation begins: profit is half of all."""


class ModelTerms(Asked, frozen=True, kw_only=True):
    """What a version of the model says.

    `margin`: a customer loses its tier only so many points below the tier's threshold. `known_min`: a customer of whom factors of less
    weight are known is judged provisionally. `active_days`: without an order for longer, a customer is silent. `period_days`: the length
    of a scheduled period.
    """

    effective_from_day: Day
    a_from: Share = 70
    b_from: Share = 40
    margin: Annotated[int, Meta(ge=0, le=50)] = 5
    known_min: Points = 65
    active_days: Annotated[int, Meta(ge=1, le=3_650)] = 180
    period_days: Annotated[int, Meta(ge=1, le=92)] = 1
    factors: Annotated[tuple[FactorTerms, ...], Meta(min_length=1, max_length=len(Factor))] = STANDARD


class NewEvaluationModel(ModelTerms, frozen=True, kw_only=True):
    """POST /v1/desk/evaluation-models: put a new version into force from a day on (D-651). `id`: made by the desk."""

    id: Id


class EvaluationModel(Told, frozen=True, kw_only=True):
    """One version. That of the highest number whose day has come is in force; none is ever edited."""

    id: Id
    version: Annotated[int, Meta(ge=1, le=WIRE_INTEGER_MAX)]
    made_by_id: Id
    made_ms: EpochMs
    terms: ModelTerms


class EvaluationModels(Told, frozen=True, kw_only=True):
    """GET /v1/desk/evaluation-models: the versions, the newest first. `standard`: the factors with which an organisation begins."""

    items: list[EvaluationModel]
    standard: tuple[FactorTerms, ...]
    after: None = None


class PreviewRequest(ModelTerms, frozen=True, kw_only=True):
    """POST /v1/desk/evaluation/preview: who would move under a draft (D-660). A page at a time, by the ids of the customers after
    `after`."""

    after: Id | None = None


class Move(Told, frozen=True, kw_only=True):
    """How many customers of the page stand in one tier and would stand in the other."""

    before: Tier
    after: Tier
    customers: int


class Mover(Told, frozen=True, kw_only=True):
    """A customer that would stand in another tier. `points`: None where nothing is known of it."""

    customer_id: Id
    name: Name
    owner_id: Id | None
    before: Tier
    after: Tier
    points: Points | None
    provisional: bool


class Previewed(Told, frozen=True, kw_only=True):
    """The moves of a page and the customers that move. `next`: ask again with it as `after`; None: that was all."""

    moves: list[Move]
    items: list[Mover]
    next: Id | None = None


class Part(Told, frozen=True, kw_only=True, array_like=True):
    """One factor of an evaluation. `value`: as it was known then, None: unknown, so it was left out; of the last order the day. `points`:
    what it adds to the sum; `scale`: the most that it could have added."""

    factor: Factor
    value: Value | None
    points: Points
    scale: Points
    text: Annotated[str, Meta(max_length=40)] = ""
    """The industry."""


class Evaluation(Told, frozen=True, kw_only=True, array_like=True):
    """One evaluation as it was made; it never changes. `tier`: what the customer earned by it, whatever a manager set by hand."""

    at_ms: EpochMs
    version: Annotated[int, Meta(ge=1, le=WIRE_INTEGER_MAX)]
    points: Points | None
    tier: Tier
    provisional: bool
    lifecycle: Lifecycle
    parts: tuple[Part, ...]


class EvaluationShown(Told, frozen=True, kw_only=True):
    """GET /v1/desk/customers/{customer_id}/evaluation: why the customer has its tier (D-661); `history`: the evaluations, the newest
    first, fifty at most.

    `tier`: the one in which it stands; `set_until_ms`: until when a manager set it by hand, None: it was earned. `next_points`: what it
    lacks to the next tier. `low_periods`: scheduled periods in which it was too low for its tier. `may_be_a`: False while the tier is
    provisional.
    """

    customer_id: Id
    tier: Tier
    earned_tier: Tier
    set_until_ms: EpochMs | None
    set_reason: Line
    next_points: Points | None
    low_periods: int
    history: list[Evaluation]
