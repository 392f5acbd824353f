"""Orders and receivables as the devices of a family hold them: totals, days and states, and nothing of what anything cost (D-330)."""

from enum import IntEnum
from typing import Annotated, Final

from shared_schema.entity import Entity
from shared_schema.external import ExternalId
from shared_schema.policy import SEARCHED, SERVER, Lane, OfFamily, Policy
from shared_schema.records.base import Record
from shared_schema.scalars import Currency, Day, Id, MoneyMinor, Word


class OrderState(IntEnum):
    """Where an order stands."""

    unknown = 0
    open = 1
    delivered = 2
    cancelled = 3


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
    """When the last of it was paid; None: something is open."""


ENTITIES: Final = (
    Entity(41, SalesOrder, Policy.server, Lane.work, OfFamily()),
    Entity(42, Receivable, Policy.server, Lane.work, OfFamily()),
)
