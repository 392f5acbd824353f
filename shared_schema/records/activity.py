"""The deeds of a rep: visits and contact logs. Facts: inserted if absent, never changed."""

from enum import IntEnum
from typing import Annotated, Final

from shared_schema.entity import Entity
from shared_schema.places import Datum, Verdict
from shared_schema.policy import AUTHOR, FIXED, SERVER, Lane, OfFamily, Parent, Policy
from shared_schema.records.base import Record
from shared_schema.scalars import DistanceMm, EpochMs, Extra, Id, Line, Microdegrees, Text


class Channel(IntEnum):
    """How a contact was made."""

    unknown = 0
    phone = 1
    mail = 2
    message = 3
    meeting = 4


class Visit(Record, frozen=True, array_like=True):
    """A visit at a customer with its check-in evidence; distance and verdict are judged by the server."""

    customer_id: Annotated[Id, FIXED]
    device_ms: Annotated[EpochMs, FIXED]
    purpose: Annotated[Line, FIXED] = ""
    note: Annotated[Text, FIXED] = ""
    latitude_e6: Annotated[Microdegrees | None, FIXED] = None
    longitude_e6: Annotated[Microdegrees | None, FIXED] = None
    datum: Annotated[Datum, FIXED] = Datum.unknown
    accuracy_mm: Annotated[DistanceMm | None, FIXED] = None
    fix_ms: Annotated[EpochMs | None, FIXED] = None
    mock: Annotated[bool, FIXED] = False
    extra: Annotated[Extra, FIXED] = {}
    author_id: Annotated[Id | None, SERVER, AUTHOR] = None
    received_ms: Annotated[EpochMs, SERVER] = 0
    occurred_ms: Annotated[EpochMs, SERVER] = 0
    distance_mm: Annotated[DistanceMm | None, SERVER] = None
    verdict: Annotated[Verdict, SERVER] = Verdict.unknown
    flags: Annotated[int, SERVER] = 0
    """Bits of VisitFlag."""
    late: Annotated[bool, SERVER] = False
    amends_id: Annotated[Id | None, FIXED, Parent()] = None
    """The fact that this one corrects (D-209)."""
    withdrawn: Annotated[bool, FIXED] = False
    """The author takes the corrected fact back."""


class ContactLog(Record, frozen=True, array_like=True):
    """A contact by phone, mail or message."""

    customer_id: Annotated[Id, FIXED]
    device_ms: Annotated[EpochMs, FIXED]
    channel: Annotated[Channel, FIXED] = Channel.unknown
    contact_id: Annotated[Id | None, FIXED] = None
    note: Annotated[Text, FIXED] = ""
    author_id: Annotated[Id | None, SERVER, AUTHOR] = None
    received_ms: Annotated[EpochMs, SERVER] = 0
    occurred_ms: Annotated[EpochMs, SERVER] = 0
    late: Annotated[bool, SERVER] = False
    amends_id: Annotated[Id | None, FIXED, Parent()] = None
    """The fact that this one corrects (D-209)."""
    withdrawn: Annotated[bool, FIXED] = False
    """The author takes the corrected fact back."""


ENTITIES: Final = (
    Entity(4, Visit, Policy.fact, Lane.history, OfFamily()),
    Entity(5, ContactLog, Policy.fact, Lane.history, OfFamily()),
)
