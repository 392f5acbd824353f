"""Reclaim rules: when a customer that its owner neglects falls into a pool (D-14x). Each change is a new version; none is ever edited."""

from enum import IntEnum
from typing import Annotated, Final

from msgspec import Meta, Struct

from shared_schema.entity import Entity
from shared_schema.policy import SERVER, Lane, OfAll, Policy
from shared_schema.records.base import Record, Told
from shared_schema.records.customer import Tier
from shared_schema.scalars import WIRE_INTEGER_MAX, Day, EpochMs, Id, Key, Name

DAYS_MAX: Final = 3_650
PAGE_MAX: Final = 1_000
HeldDays = Annotated[int, Meta(ge=0, le=DAYS_MAX)]
"""0: the rule names none for the tier; those of the tier policy count (D-675)."""
GraceDays = Annotated[int, Meta(ge=0, le=DAYS_MAX)]
WarnDays = Annotated[tuple[Annotated[int, Meta(ge=1, le=90)], ...], Meta(max_length=5)]
WarningHours = Annotated[int, Meta(ge=1, le=720)]
ContestDays = Annotated[int, Meta(ge=0, le=60)]
Contests = Annotated[int, Meta(ge=0, le=100)]
Exempt = Annotated[tuple[Key, ...], Meta(max_length=20)]
Version = Annotated[int, Meta(ge=1, le=WIRE_INTEGER_MAX)]


class ReclaimBasis(IntEnum):
    """The last thing from which the days of a customer count; without it, from when its owner got it."""

    unknown = 0
    contact = 1
    """Any visit or contact log."""
    visit = 2
    """A visit whose evidence places the rep at the customer."""
    held = 3
    """Nothing: the days count from when its owner got it."""


class ReclaimRule(Record, frozen=True, array_like=True):
    """One version of the organisation's rule. That of the highest version whose day has come is in force."""

    version: Annotated[Version, SERVER]
    effective_from_day: Annotated[Day, SERVER]
    made_by_id: Annotated[Id, SERVER]
    made_ms: Annotated[EpochMs, SERVER]
    pool_id: Annotated[Id | None, SERVER] = None
    """The pool into which a customer falls; None: by this version nobody falls."""
    basis: Annotated[ReclaimBasis, SERVER] = ReclaimBasis.contact
    unknown_days: Annotated[HeldDays, SERVER] = 90
    a_days: Annotated[HeldDays, SERVER] = 30
    b_days: Annotated[HeldDays, SERVER] = 60
    c_days: Annotated[HeldDays, SERVER] = 90
    grace_days: Annotated[GraceDays, SERVER] = 0
    """No customer falls sooner after its owner got it."""
    warn_days: Annotated[WarnDays, SERVER] = (7, 3, 1)
    min_warning_hours: Annotated[WarningHours, SERVER] = 24
    exempt: Annotated[Exempt, SERVER] = ()
    """What keeps a customer from falling, by the names of the register (`server/domain/reclaim.py`)."""
    contest_days: Annotated[ContestDays, SERVER] = 14
    """So many days after the fall a late contact of the former owner contests it; 0: never (D-171)."""
    contests_monthly: Annotated[Contests, SERVER] = 5
    """Contests that one user opens in a month."""
    pool_by_fit: Annotated[bool, SERVER] = False
    """Each customer falls into the pool that fits it, and into `pool_id` where none fits (D-196)."""


class ReclaimTerms(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a version says. `pool_id` None: nobody falls. `pool_by_fit`: into the pool that fits, and into `pool_id` where none fits."""

    effective_from_day: Day
    pool_id: Id | None = None
    basis: ReclaimBasis = ReclaimBasis.contact
    unknown_days: HeldDays = 90
    a_days: HeldDays = 30
    b_days: HeldDays = 60
    c_days: HeldDays = 90
    grace_days: GraceDays = 0
    warn_days: WarnDays = (7, 3, 1)
    min_warning_hours: WarningHours = 24
    exempt: Exempt = ("extended", "locked", "quote")
    contest_days: ContestDays = 14
    contests_monthly: Contests = 5
    pool_by_fit: bool = False


class NewReclaimRule(ReclaimTerms, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Put a new version of the reclaim rule into force from a day on (D-141). `id`: made by the desk."""

    id: Id


class ReclaimPreview(ReclaimTerms, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Ask who would fall, and when, under a draft (D-149). A page at a time, by the ids of the customers after `after`."""

    after: Id | None = None


class WouldFall(Struct, frozen=True, kw_only=True):
    """A customer that would fall into this pool on this day if nobody touched it. `exempt`: what keeps it meanwhile, empty: nothing."""

    customer_id: Id
    name: Name
    owner_id: Id
    tier: Tier
    due_day: Day
    pool_id: Id
    exempt: str = ""


class ReclaimPreviewed(Told, frozen=True, kw_only=True):
    """The customers of a page that would fall. `next`: ask again with it as `after`; None: that was all."""

    items: list[WouldFall]
    next: Id | None = None


ENTITIES: Final = (Entity(31, ReclaimRule, Policy.server, Lane.reference, OfAll()),)
