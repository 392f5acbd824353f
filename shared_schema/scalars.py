"""Bounded scalar types of every record and envelope; a value that does not fit is refused at the door."""

from typing import Annotated, Final

from msgspec import Meta

WIRE_INTEGER_MAX: Final = 2**53 - 1
"""Largest integer on the wire: exact in JSON readers and in both databases."""

Id = Annotated[bytes, Meta(min_length=16, max_length=16)]
"""UUIDv7 as 16 raw bytes, made where the thing is made."""
Revision = Annotated[int, Meta(ge=0, le=WIRE_INTEGER_MAX)]
"""Counts the accepted changes of one record; 0 = never seen."""
Sequence = Annotated[int, Meta(ge=0, le=WIRE_INTEGER_MAX)]
"""Position within one scope, or the number `n` of a mutation within one device line."""
EpochMs = Annotated[int, Meta(ge=0, le=WIRE_INTEGER_MAX)]
"""Milliseconds since 1970-01-01T00:00Z."""
Day = Annotated[int, Meta(ge=0, le=200_000)]
"""Calendar day as days since 1970-01-01, in the organisation's time zone."""
Minute = Annotated[int, Meta(ge=0, le=1_439)]
"""A minute of the local day, from 0 at midnight."""
MoneyMinor = Annotated[int, Meta(ge=-(10**14), le=10**14)]
"""Money in minor units of the record's currency (fen, cents)."""
PriceMinor = Annotated[int, Meta(ge=0, le=10**14)]
"""The price of one unit: never below zero."""
QuantityThousandths = Annotated[int, Meta(ge=1, le=10**10)]
BasisPoints = Annotated[int, Meta(ge=0, le=10_000)]
Microdegrees = Annotated[int, Meta(ge=-180_000_000, le=180_000_000)]
DistanceMm = Annotated[int, Meta(ge=0, le=10**11)]
FenceM = Annotated[int, Meta(ge=20, le=5_000)]
"""How far from a customer a check-in still counts, in metres."""
RetentionDays = Annotated[int, Meta(ge=0, le=730)]
"""After how many days a place was deleted; 0: because somebody wanted it."""
Key = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9_]*$(?!\n)")]
"""Name of a custom field."""
Choice = Annotated[str, Meta(min_length=1, max_length=40)]
"""One of the values of a custom field, as the organisation words it."""
Currency = Annotated[str, Meta(min_length=3, max_length=3)]
Word = Annotated[str, Meta(max_length=40)]
Name = Annotated[str, Meta(min_length=1, max_length=120)]
Line = Annotated[str, Meta(max_length=200)]
Text = Annotated[str, Meta(max_length=4_000)]
EXTRA_KEYS_MAX: Final = 64
ExtraValue = Annotated[str, Meta(max_length=1_000)] | Annotated[int, Meta(ge=-WIRE_INTEGER_MAX, le=WIRE_INTEGER_MAX)]
Extra = Annotated[dict[Key, ExtraValue], Meta(max_length=EXTRA_KEYS_MAX)]
"""Custom fields of a record: key → text, number, choice or day, as the organisation's definitions say."""
