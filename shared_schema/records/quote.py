"""Quotes and their lines, and the requests about a quote."""

from enum import IntEnum
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from shared_schema.entity import Entity
from shared_schema.policy import FIXED, SERVER, Given, Group, Lane, OfFamily, Parent, Policy
from shared_schema.records.base import Command, Record
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


ContentHash = Annotated[bytes, Meta(min_length=32, max_length=32)]
"""SHA-256 of the quote that was on screen (D-310)."""


class Submit(Command, frozen=True, tag="submit"):
    """Submit a draft or returned quote. `expected`: its status on screen."""

    content_hash: ContentHash
    expected: QuoteStatus = QuoteStatus.draft


class Approve(Command, frozen=True, tag="approve"):
    """A manager approves a submitted quote. `note`: the manager's words to its author."""

    content_hash: ContentHash
    note: Text = ""
    expected: QuoteStatus = QuoteStatus.submitted


class Reject(Command, frozen=True, tag="reject"):
    """A manager rejects a submitted quote for good."""

    content_hash: ContentHash
    note: Text = ""
    expected: QuoteStatus = QuoteStatus.submitted


class ReturnQuote(Command, frozen=True, tag="return_quote"):
    """A manager gives a submitted quote back: it can be edited and submitted again."""

    content_hash: ContentHash
    note: Text = ""
    expected: QuoteStatus = QuoteStatus.submitted


class Revise(Command, frozen=True, tag="revise"):
    """Fork an approved quote: a new draft with the id `new_id` and copies of its lines (D-324)."""

    new_id: Id
    content_hash: ContentHash
    expected: QuoteStatus = QuoteStatus.approved


Decision = Approve | Reject | ReturnQuote


class DecideQuote(Struct, frozen=True, forbid_unknown_fields=True):
    """Approve, reject or return a submitted quote (D-321). `expected`: the quote's status on the manager's screen."""

    quote_id: Id
    decision: Literal["approve", "reject", "return_quote"]
    content_hash: ContentHash
    note: Text = ""
    expected: QuoteStatus = QuoteStatus.submitted


class QuoteShown(Struct, frozen=True, kw_only=True):
    """GET /v1/quotes/{id}, and the answer to a decision: a quote with its lines by position, and the hash of just that content (D-310)."""

    quote: Quote
    lines: list[QuoteLine]
    content_hash: bytes


ENTITIES: Final = (
    Entity(6, Quote, Policy.register, Lane.work, OfFamily(), commands=(Submit, Approve, Reject, ReturnQuote, Revise)),
    Entity(7, QuoteLine, Policy.register, Lane.work, OfFamily()),
)
