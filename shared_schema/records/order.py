"""Orders and receivables as the devices of a family hold them: totals, days and states, and nothing of what anything cost (D-330)."""

from enum import IntEnum
from typing import Annotated, Final

from msgspec import Meta, Struct

from shared_schema.entity import Entity
from shared_schema.external import ExternalId
from shared_schema.policy import SEARCHED, SERVER, Lane, OfFamily, Policy
from shared_schema.records.base import Record
from shared_schema.scalars import Currency, Day, Id, MoneyMinor, PriceMinor, QuantityThousandths, Word

LINES_MAX: Final = 200
"""Of one request."""


class OrderState(IntEnum):
    """Where an order stands."""

    unknown = 0
    open = 1
    delivered = 2
    cancelled = 3


class CollectionMethod(IntEnum):
    """How money came; `credit`: a credit note that is set off like money."""

    unknown = 0
    transfer = 1
    cash = 2
    cheque = 3
    bill = 4
    card = 5
    credit = 6


class SalesOrder(Record, frozen=True, array_like=True):
    """The header of an order. `total_minor`: of its lines with tax, less returns; the lines themselves stay with the server."""

    customer_id: Annotated[Id, SERVER]
    number: Annotated[Word, SERVER]
    day: Annotated[Day, SERVER]
    currency: Annotated[Currency, SERVER]
    total_minor: Annotated[MoneyMinor, SERVER] = 0
    state: Annotated[OrderState, SERVER] = OrderState.open
    promised_day: Annotated[Day | None, SERVER] = None
    delivered_day: Annotated[Day | None, SERVER] = None
    external_id: Annotated[ExternalId | None, SERVER] = None
    quote_id: Annotated[Id | None, SERVER, SEARCHED] = None
    """The quote of which it was made."""


class Receivable(Record, frozen=True, array_like=True):
    """What a customer owes by a document, an invoice as a rule; a credit note is one below zero. `open_minor`: what is still owed of it."""

    customer_id: Annotated[Id, SERVER]
    number: Annotated[Word, SERVER]
    currency: Annotated[Currency, SERVER]
    amount_minor: Annotated[MoneyMinor, SERVER]
    open_minor: Annotated[MoneyMinor, SERVER]
    day: Annotated[Day, SERVER]
    due_day: Annotated[Day, SERVER]
    order_id: Annotated[Id | None, SERVER] = None
    paid_day: Annotated[Day | None, SERVER] = None
    """The day of the latest payment; None: nothing was paid."""


class NewLine(Struct, frozen=True, forbid_unknown_fields=True):
    """A line of an order. `line`: its number in the order. Money is in the order's currency; price and discount are without tax."""

    line: Annotated[str, Meta(min_length=1, max_length=40)]
    product_id: Id
    quantity_thousandths: QuantityThousandths
    price_minor: PriceMinor
    discount_minor: PriceMinor = 0
    tax_minor: PriceMinor = 0
    is_return: bool = False


class EnterOrder(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Enter an order with lines, or change one: the same again changes nothing (D-331). One of `id` and `external_id` says which it is.

    `currency`: None is the organisation's. `due_day`: on which its total is owed; None: as known, or other documents say what is owed.
    Lines that are not named stay.
    """

    id: Id | None = None
    external_id: ExternalId | None = None
    customer_id: Id
    number: Annotated[str, Meta(min_length=1, max_length=40)]
    day: Day
    currency: Currency | None = None
    state: OrderState = OrderState.open
    promised_day: Day | None = None
    delivered_day: Day | None = None
    due_day: Day | None = None
    lines: Annotated[tuple[NewLine, ...], Meta(max_length=LINES_MAX)] = ()


class OrderFromQuote(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Make an order of an approved quote with all its lines; of one quote there is one order (D-338)."""

    quote_id: Id
    day: Day
    number: Word = ""
    promised_day: Day | None = None
    due_day: Day | None = None


class EnterReceivable(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Enter what a customer owes by a document, or change it; a credit note is below zero (D-333). `id` or `external_id` says which."""

    id: Id | None = None
    external_id: ExternalId | None = None
    customer_id: Id
    number: Annotated[str, Meta(min_length=1, max_length=40)]
    currency: Currency | None = None
    amount_minor: MoneyMinor
    day: Day
    due_day: Day


class EnterCollection(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Enter money that came, or change it: it pays the receivable whose number is the `reference`, then the oldest (D-334). An amount of 0
    takes it back. One of `id` and `external_id` says which it is."""

    id: Id | None = None
    external_id: ExternalId | None = None
    customer_id: Id
    currency: Currency | None = None
    amount_minor: PriceMinor
    day: Day
    method: CollectionMethod = CollectionMethod.transfer
    reference: Word = ""


class Paid(Struct, frozen=True, kw_only=True):
    """What a collection paid of one receivable."""

    receivable_id: Id
    amount_minor: MoneyMinor


class CollectionTold(Struct, frozen=True, kw_only=True):
    """A collection and what it paid; `unapplied_minor`: what no receivable took."""

    id: Id
    customer_id: Id
    currency: Currency
    amount_minor: MoneyMinor
    unapplied_minor: MoneyMinor
    paid: list[Paid]


ENTITIES: Final = (
    Entity(41, SalesOrder, Policy.server, Lane.work, OfFamily()),
    Entity(42, Receivable, Policy.server, Lane.work, OfFamily()),
)
