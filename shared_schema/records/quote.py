"""Quotes and their lines."""

from enum import IntEnum
from typing import Annotated

from msgspec import Meta

from shared_schema.policy import FIXED, SERVER, Given, Group, Parent
from shared_schema.records.base import Record
from shared_schema.scalars import (
    WIRE_INTEGER_MAX,
    BasisPoints,
    Currency,
    Day,
    EpochMs,
    Extra,
    Id,
    Line,
    MoneyMinor,
    Name,
    PriceMinor,
    QuantityThousandths,
    Text,
    Word,
)


class QuoteStatus(IntEnum):
    """Where a quote stands; moved only by commands."""

    unknown = 0
    draft = 1
    submitted = 2
    approved = 3
    rejected = 4
    returned = 5
    superseded = 6


class Quote(Record, frozen=True, array_like=True):
    """The header. Totals are the server's, by the rounding rule of docs/domain.md (D-301)."""

    customer_id: Annotated[Id, FIXED]
    currency: Annotated[Currency, FIXED]
    local_number: Annotated[Word, FIXED] = ""
    price_book_id: Annotated[Id | None, FIXED] = None
    title: Annotated[Line, Group("title")] = ""
    valid_until_day: Annotated[Day | None, Group("validity")] = None
    note: Annotated[Text, Group("note")] = ""
    status: Annotated[QuoteStatus, SERVER] = QuoteStatus.draft
    number: Annotated[Word, SERVER] = ""
    net_minor: Annotated[MoneyMinor, SERVER] = 0
    tax_minor: Annotated[MoneyMinor, SERVER] = 0
    gross_minor: Annotated[MoneyMinor, SERVER] = 0
    submitted_ms: Annotated[EpochMs | None, SERVER] = None
    author_id: Annotated[Id | None, SERVER] = None
    extra: Annotated[Extra, Group("extra")] = {}
    revises_id: Annotated[Id | None, SERVER] = None
    """The approved quote of which this is a revision."""
    revision: Annotated[int, Meta(ge=1, le=WIRE_INTEGER_MAX), SERVER] = 1
    decided_ms: Annotated[EpochMs | None, SERVER] = None
    decided_by_id: Annotated[Id | None, SERVER] = None
    decision_note: Annotated[Text, SERVER] = ""


class QuoteLine(Record, frozen=True, array_like=True):
    """One product of a quote: one group, because price, quantity and tax make sense only together."""

    customer_id: Annotated[Id, FIXED]
    quote_id: Annotated[Id, FIXED, Parent("quote", searched=True)]
    product_id: Annotated[Id, Group("line")]
    unit: Annotated[Name, Group("line")]
    quantity_thousandths: Annotated[QuantityThousandths, Group("line")]
    price_minor: Annotated[MoneyMinor, Group("line"), Given(PriceMinor)]
    list_price_minor: Annotated[MoneyMinor, Group("line"), Given(PriceMinor)] = 0
    discount_bps: Annotated[BasisPoints, Group("line")] = 0
    tax_bps: Annotated[BasisPoints, Group("line")] = 0
    note: Annotated[Line, Group("line")] = ""
    position: Annotated[Word, Group("position")] = ""
