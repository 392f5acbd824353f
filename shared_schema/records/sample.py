"""The ledger of samples: entries of samples left with a customer or taken back, and the total that derives from them."""

from typing import Annotated, Final

from msgspec import Meta

from shared_schema.entity import Entity
from shared_schema.policy import AUTHOR, FIXED, SERVER, Lane, OfFamily, Policy
from shared_schema.records.base import Record
from shared_schema.scalars import EpochMs, Id, Line

TOTAL_MAX: Final = 10**12
Samples = Annotated[int, Meta(ge=-1_000_000, le=1_000_000)]
"""Pieces left with the customer; negative: taken back."""
Total = Annotated[int, Meta(ge=-TOTAL_MAX, le=TOTAL_MAX)]


class SampleEntry(Record, frozen=True, array_like=True):
    """One row of the ledger. A fact: it is never changed, a correction is another entry."""

    customer_id: Annotated[Id, FIXED]
    product_id: Annotated[Id, FIXED]
    quantity: Annotated[Samples, FIXED]
    device_ms: Annotated[EpochMs, FIXED]
    note: Annotated[Line, FIXED] = ""
    author_id: Annotated[Id | None, SERVER, AUTHOR] = None
    received_ms: Annotated[EpochMs, SERVER] = 0
    occurred_ms: Annotated[EpochMs, SERVER] = 0
    late: Annotated[bool, SERVER] = False


class SampleCount(Record, frozen=True, array_like=True):
    """How many samples of one product are with one customer: the sum of the entries. Its id derives from the two ids."""

    customer_id: Annotated[Id, SERVER]
    product_id: Annotated[Id, SERVER]
    quantity: Annotated[Total, SERVER] = 0


ENTITIES: Final = (
    Entity(15, SampleEntry, Policy.fact, Lane.history, OfFamily()),
    Entity(16, SampleCount, Policy.server, Lane.now, OfFamily()),
)
