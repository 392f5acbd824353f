"""The deeds of a rep: visits and contact logs. Facts: inserted if absent, never changed."""

from enum import IntEnum
from typing import Annotated, Final

from shared_schema.entity import Entity
from shared_schema.places import Datum, Mocked, Provider, Verdict
from shared_schema.policy import AUTHOR, EVIDENCE, FIXED, SEARCHED, SERVER, WHERE, Forgotten, Lane, OfFamily, Parent, Policy
from shared_schema.records.base import Record
from shared_schema.scalars import DistanceMm, EpochMs, Extra, FenceM, Id, Line, Microdegrees, RetentionDays, Text, Word


class Channel(IntEnum):
    """How a contact was made."""

    unknown = 0
    phone = 1
    mail = 2
    message = 3
    meeting = 4


class Visit(Record, frozen=True, array_like=True):
    """A visit at a customer with its evidence; verdict and distances are judged by the server, once, and stand for the corrections too.

    A check-out is a correction that says when and where the rep left (D-213).
    """

    customer_id: Annotated[Id, FIXED]
    device_ms: Annotated[EpochMs, FIXED]
    purpose: Annotated[Line, FIXED] = ""
    note: Annotated[Text, FIXED] = ""
    latitude_e6: Annotated[Microdegrees | None, FIXED, WHERE] = None
    longitude_e6: Annotated[Microdegrees | None, FIXED, WHERE] = None
    datum: Annotated[Datum, FIXED, EVIDENCE] = Datum.unknown
    accuracy_mm: Annotated[DistanceMm | None, FIXED, EVIDENCE] = None
    fix_ms: Annotated[EpochMs | None, FIXED, EVIDENCE] = None
    mock: Annotated[bool, FIXED, EVIDENCE] = False
    extra: Annotated[Extra, FIXED] = {}
    author_id: Annotated[Id | None, SERVER, AUTHOR, SEARCHED] = None
    received_ms: Annotated[EpochMs, SERVER] = 0
    occurred_ms: Annotated[EpochMs, SERVER, SEARCHED] = 0
    distance_mm: Annotated[DistanceMm | None, SERVER, EVIDENCE] = None
    verdict: Annotated[Verdict, SERVER] = Verdict.unknown
    flags: Annotated[int, SERVER] = 0
    """Bits of VisitFlag."""
    late: Annotated[bool, SERVER] = False
    amends_id: Annotated[Id | None, FIXED, Parent()] = None
    """The fact that this one corrects (D-209)."""
    withdrawn: Annotated[bool, FIXED] = False
    """The author takes the corrected fact back."""
    provider: Annotated[Provider, FIXED, EVIDENCE] = Provider.unknown
    mocked: Annotated[Mocked, FIXED, EVIDENCE] = Mocked.unknown
    """`mock` is of older apps, and False there tells nothing."""
    uptime_ms: Annotated[EpochMs | None, FIXED, EVIDENCE] = None
    """Since the device started, at check-in: nobody sets this clock."""
    boot: Annotated[Word, FIXED, EVIDENCE] = ""
    """Of this start of the device; the uptimes of two starts have nothing in common."""
    heard_ms: Annotated[EpochMs | None, FIXED, EVIDENCE] = None
    """The server's clock in its last answer before the check-in."""
    heard_uptime_ms: Annotated[EpochMs | None, FIXED, EVIDENCE] = None
    """At that answer; None if the device has started anew since."""
    left_ms: Annotated[EpochMs | None, FIXED] = None
    """By the device's clock, as all times of the check-out."""
    left_latitude_e6: Annotated[Microdegrees | None, FIXED, WHERE] = None
    left_longitude_e6: Annotated[Microdegrees | None, FIXED, WHERE] = None
    left_datum: Annotated[Datum, FIXED, EVIDENCE] = Datum.unknown
    left_accuracy_mm: Annotated[DistanceMm | None, FIXED, EVIDENCE] = None
    left_fix_ms: Annotated[EpochMs | None, FIXED, EVIDENCE] = None
    left_uptime_ms: Annotated[EpochMs | None, FIXED, EVIDENCE] = None
    """None if the device has started anew since the check-in."""
    leaving: Annotated[bool, FIXED] = False
    """The author tells when the visit ended, and corrects nothing else."""
    moved_mm: Annotated[DistanceMm | None, SERVER, EVIDENCE] = None
    """Between check-in and check-out."""
    fence_m: Annotated[FenceM | None, SERVER] = None
    """The fence by which it was judged."""
    forgotten_days: Annotated[RetentionDays | None, SERVER, Forgotten("received_ms")] = None
    """After how many days the server deleted where this was (D-474)."""


class ContactLog(Record, frozen=True, array_like=True):
    """A contact by phone, mail or message."""

    customer_id: Annotated[Id, FIXED]
    device_ms: Annotated[EpochMs, FIXED]
    channel: Annotated[Channel, FIXED] = Channel.unknown
    contact_id: Annotated[Id | None, FIXED] = None
    note: Annotated[Text, FIXED] = ""
    author_id: Annotated[Id | None, SERVER, AUTHOR, SEARCHED] = None
    received_ms: Annotated[EpochMs, SERVER] = 0
    occurred_ms: Annotated[EpochMs, SERVER, SEARCHED] = 0
    late: Annotated[bool, SERVER] = False
    amends_id: Annotated[Id | None, FIXED, Parent()] = None
    """The fact that this one corrects (D-209)."""
    withdrawn: Annotated[bool, FIXED] = False
    """The author takes the corrected fact back."""


ENTITIES: Final = (
    Entity(4, Visit, Policy.fact, Lane.history, OfFamily()),
    Entity(5, ContactLog, Policy.fact, Lane.history, OfFamily()),
)
