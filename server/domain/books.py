"""The rows of orders and money that no device holds, and the kinds of record beside which they stand (D-330)."""

from typing import Any, Final

from msgspec import Struct

from server.domain.profit import Fact, Line, fact, month_of
from shared_schema.records.order import OrderState, Receivable, SalesOrder
from shared_schema.registry import BY_RECORD
from shared_schema.scalars import Currency, Day, Id, MoneyMinor, QuantityThousandths
from sync.state import State

ORDER: Final = BY_RECORD[SalesOrder]
RECEIVABLE: Final = BY_RECORD[Receivable]
CANCELLED: Final = OrderState.cancelled
TURN: Final = "books"
"""All who write books wait for one another: a cost counts for the lines that stand, a line for the costs."""


class OrderLine(Struct, frozen=True):
    """One product of an order, as `order_line` holds it. Prices are without tax; costs in the organisation's currency."""

    id: Id
    order_id: Id
    customer_id: Id
    product_id: Id
    day: Day
    currency: Currency
    quantity_thousandths: QuantityThousandths
    price_minor: MoneyMinor
    discount_minor: MoneyMinor = 0
    tax_minor: MoneyMinor = 0
    is_return: bool = False
    cost_minor: MoneyMinor | None = None
    counts: bool = True
    unit_cost_minor: MoneyMinor | None = None
    rate_e9: int | None = None

    @property
    def key(self) -> tuple[bytes]:
        """Its id."""
        return (self.id,)

    @property
    def month(self) -> tuple[bytes, bytes, int]:
        """The row of sums in which it counts."""
        return self.customer_id, self.product_id, month_of(self.day)

    def fact(self, home: str) -> Fact:
        """What it adds there."""
        line = Line(self.quantity_thousandths, self.price_minor, self.discount_minor, self.is_return, self.unit_cost_minor, self.rate_e9)
        return fact(line, self.currency, home)


class Collection(Struct, frozen=True):
    """Money that came from a customer. `method`: a number of `CollectionMethod`; `unapplied_minor`: what no receivable took."""

    id: Id
    customer_id: Id
    external_id: str
    currency: Currency
    amount_minor: MoneyMinor
    unapplied_minor: MoneyMinor
    day: Day
    method: int
    reference: str = ""

    @property
    def key(self) -> tuple[bytes]:
        """Its id."""
        return (self.id,)


class Allocation(Struct, frozen=True):
    """How much of a collection a receivable took; 0: nothing any more."""

    collection_id: Id
    receivable_id: Id
    customer_id: Id
    amount_minor: MoneyMinor

    @property
    def key(self) -> tuple[bytes, bytes]:
        """Both ends."""
        return self.collection_id, self.receivable_id


class ProductCost(Struct, frozen=True):
    """What one unit costs from a day on."""

    product_id: Id
    from_day: Day
    cost_minor: MoneyMinor

    @property
    def key(self) -> tuple[bytes, int]:
        """Product and day."""
        return self.product_id, self.from_day


class ExchangeRate(Struct, frozen=True):
    """How much of the organisation's currency one of another is from a day on, in billionths."""

    currency: Currency
    from_day: Day
    rate_e9: int

    @property
    def key(self) -> tuple[str, int]:
        """Currency and day."""
        return self.currency, self.from_day


def home(state: State) -> str:
    """The organisation's currency; the organisation is loaded."""
    assert state.organisation is not None  # noqa: S101 - each need of books names it
    return state.organisation.currency


def write_line(state: State, line: OrderLine) -> bool:
    """Write a line and move the sums of its months: taken out as it was counted, put in as it counts now. Whether anything changed."""
    known = state.beside.find(OrderLine, line.id)
    if not state.beside.put(line):
        return False
    currency = home(state)
    if known is not None and known.counts:
        state.beside.add(known.month, -known.fact(currency))
    if line.counts:
        state.beside.add(line.month, line.fact(currency))
    return True


def dated(rows: list[Any], day: int) -> Any:
    """The row in force on a day, of rows by their first day; None: there is none yet."""
    return max((one for one in rows if one.from_day <= day), key=lambda one: one.from_day, default=None)
