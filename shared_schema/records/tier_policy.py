"""Tier policies: what each tier of customers gets (D-67x). Each change is a new version; none is ever edited."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from shared_schema.entity import Entity
from shared_schema.policy import SERVER, Lane, OfAll, Policy
from shared_schema.records.base import Record, Told
from shared_schema.records.customer import Tier
from shared_schema.records.reclaim import Version
from shared_schema.scalars import Currency, Day, EpochMs, Id, Name

DAYS_MAX: Final = 3_650
PAGE_MAX: Final = 1_000
_KEPT: Final = Meta(max_length=8)
_EACH: Final = Meta(min_length=4, max_length=4)
"""A number without a tier, then of A, B and C."""

DiscountBps = Annotated[int, Meta(ge=0, le=10_000)]
PaymentDays = Annotated[int, Meta(ge=0, le=DAYS_MAX)]
CreditMinor = Annotated[int, Meta(ge=0, le=10**14)]
Rank = Annotated[int, Meta(ge=1, le=9)]
SpanDays = Annotated[int, Meta(ge=1, le=DAYS_MAX)]
TicketHours = Annotated[int, Meta(ge=1, le=720)]


class TierPolicy(Record, frozen=True, array_like=True):
    """One version. That of the highest version whose day has come is in force.

    Each benefit has a number for every tier, in the order of `Tier`: without a tier, A, B, C.
    """

    version: Annotated[Version, SERVER]
    effective_from_day: Annotated[Day, SERVER]
    made_by_id: Annotated[Id, SERVER]
    made_ms: Annotated[EpochMs, SERVER]
    currency: Annotated[Currency, SERVER] = "CNY"
    """Of the credit limits."""
    discounts_bps: Annotated[tuple[DiscountBps, ...], _KEPT, SERVER] = (300, 1_500, 800, 300)
    """The highest discount of a quote's line; a lower one that the price names holds (D-673)."""
    payment_days: Annotated[tuple[PaymentDays, ...], _KEPT, SERVER] = (0, 60, 30, 0)
    credit_limits_minor: Annotated[tuple[CreditMinor, ...], _KEPT, SERVER] = (0, 0, 0, 0)
    """0: no limit is agreed."""
    delivery_priorities: Annotated[tuple[Rank, ...], _KEPT, SERVER] = (3, 1, 2, 3)
    """1: first."""
    contact_days: Annotated[tuple[SpanDays, ...], _KEPT, SERVER] = (90, 14, 30, 90)
    """The cadence: days between contacts (D-674)."""
    held_days: Annotated[tuple[SpanDays, ...], _KEPT, SERVER] = (90, 30, 60, 90)
    """Days until a customer that nobody touches falls, where the reclaim rule names none for the tier (D-675)."""
    ticket_hours: Annotated[tuple[TicketHours, ...], _KEPT, SERVER] = (72, 4, 24, 72)
    call_priorities: Annotated[tuple[Rank, ...], _KEPT, SERVER] = (3, 1, 2, 3)
    """1: first."""


class TierTerms(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a version says: of each benefit a number without a tier, then of A, B and C."""

    effective_from_day: Day
    discounts_bps: Annotated[tuple[DiscountBps, ...], _EACH] = (300, 1_500, 800, 300)
    payment_days: Annotated[tuple[PaymentDays, ...], _EACH] = (0, 60, 30, 0)
    credit_limits_minor: Annotated[tuple[CreditMinor, ...], _EACH] = (0, 0, 0, 0)
    delivery_priorities: Annotated[tuple[Rank, ...], _EACH] = (3, 1, 2, 3)
    contact_days: Annotated[tuple[SpanDays, ...], _EACH] = (90, 14, 30, 90)
    held_days: Annotated[tuple[SpanDays, ...], _EACH] = (90, 30, 60, 90)
    ticket_hours: Annotated[tuple[TicketHours, ...], _EACH] = (72, 4, 24, 72)
    call_priorities: Annotated[tuple[Rank, ...], _EACH] = (3, 1, 2, 3)


class NewTierPolicy(TierTerms, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Put a new version of the tier policy into force from a day on (D-670). `id`: made by the desk."""

    id: Id


class TierPolicyPreview(TierTerms, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Ask whom a draft concerns (D-676). A page at a time, by the ids of the customers after `after`."""

    after: Id | None = None


class Concerned(Struct, frozen=True, kw_only=True):
    """A customer whose tier gets something else by the draft. The days on which it would fall if nobody touched it; None: it does not."""

    customer_id: Id
    name: Name
    owner_id: Id | None
    tier: Tier
    falls_day: Day | None = None
    fell_day: Day | None = None
    """By the versions that stand."""


class TierPolicyPreviewed(Told, frozen=True, kw_only=True):
    """The customers of a page that the draft concerns. `next`: ask again with it as `after`; None: that was all."""

    items: list[Concerned]
    next: Id | None = None


ENTITIES: Final = (Entity(43, TierPolicy, Policy.server, Lane.reference, OfAll()),)
