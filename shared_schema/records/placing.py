"""A place that visits propose for a customer, and what a manager decides about it."""

from enum import IntEnum
from typing import Annotated, Final

from msgspec import Struct

from shared_schema.entity import Entity
from shared_schema.places import Datum
from shared_schema.policy import EVIDENCE, SEARCHED, SERVER, WHERE, Forgotten, Lane, OfFamily, Policy
from shared_schema.records.base import Record
from shared_schema.records.customer import Bases
from shared_schema.scalars import DistanceMm, EpochMs, Id, Microdegrees, RetentionDays


class PlacingKind(IntEnum):
    """What is proposed: a place for a customer that has none, or another datum for the pair that somebody entered (D-216, D-217)."""

    unknown = 0
    learned = 1
    other_datum = 2


class PlacingState(IntEnum):
    """Where the proposal stands (D-218)."""

    unknown = 0
    proposed = 1
    confirmed = 2
    declined = 3
    outdated = 4
    """The visits no longer say so, or the customer got its place otherwise."""


class Placing(Record, frozen=True, array_like=True):
    """The one proposal for a customer's place; its id derives from the customer's.

    `latitude_e6`, `longitude_e6`, `datum`: as the customer's slots of that name would be. `wgs_latitude_e6`, `wgs_longitude_e6`: where the
    visits lie. Visits up to `decided_ms` propose nothing more.
    """

    customer_id: Annotated[Id, SERVER, SEARCHED]
    placing: Annotated[PlacingKind, SERVER]
    state: Annotated[PlacingState, SERVER]
    latitude_e6: Annotated[Microdegrees, SERVER, WHERE]
    longitude_e6: Annotated[Microdegrees, SERVER, WHERE]
    datum: Annotated[Datum, SERVER]
    wgs_latitude_e6: Annotated[Microdegrees, SERVER, WHERE]
    wgs_longitude_e6: Annotated[Microdegrees, SERVER, WHERE]
    visits: Annotated[int, SERVER]
    days: Annotated[int, SERVER]
    spread_mm: Annotated[DistanceMm, SERVER, EVIDENCE]
    proposed_ms: Annotated[EpochMs, SERVER]
    decided_by: Annotated[Id | None, SERVER] = None
    decided_ms: Annotated[EpochMs | None, SERVER] = None
    forgotten_days: Annotated[RetentionDays | None, SERVER, Forgotten("proposed_ms")] = None
    """After how many days the server deleted the place: it is 0, 0 (D-478)."""


class PlaceValues(Struct, frozen=True, forbid_unknown_fields=True):
    """The place as it was proposed on the screen."""

    latitude_e6: Microdegrees
    longitude_e6: Microdegrees
    datum: Datum


class ConfirmPlacing(Struct, frozen=True, forbid_unknown_fields=True):
    """Give a customer the place that visits propose (D-218). `bases`: the rev of the customer's `position` on the screen."""

    customer_id: Id
    values: PlaceValues
    bases: Bases = {}


class DeclinePlacing(Struct, frozen=True, forbid_unknown_fields=True):
    """Leave a customer's place as it is (D-218). `values`: the proposal on the screen."""

    customer_id: Id
    values: PlaceValues


ENTITIES: Final = (Entity(38, Placing, Policy.server, Lane.history, OfFamily()),)
