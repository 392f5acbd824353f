"""Profit of order lines by month: Σ (price − cost) × quantity − discounts − returns; what is unknown is never 0 (D-340 to D-343)."""

from datetime import date, timedelta
from typing import Final

from msgspec import Struct

from server.domain.currencies import digits
from sync.agreed.money import divided

EPOCH: Final = date(1970, 1, 1)
CENTURY: Final = 100
THOUSAND: Final = 1_000
E9: Final = 10**9


def month_of(day: int) -> int:
    """The month of a day, as yyyymm."""
    found = EPOCH + timedelta(days=day)
    return found.year * CENTURY + found.month


def first_day(month: int) -> int:
    """The first day of a month."""
    return (date(month // CENTURY, month % CENTURY, 1) - EPOCH).days


def last_day(month: int) -> int:
    """The last day of a month."""
    year, of_year = divmod(month, CENTURY)
    return first_day((year + 1) * CENTURY + 1 if of_year == 12 else month + 1) - 1


class Line(Struct, frozen=True):
    """A line of an order as money sees it. `unit_cost_minor` is in the organisation's currency; None, like `rate_e9`: unknown."""

    quantity_thousandths: int
    price_minor: int
    discount_minor: int
    is_return: bool
    unit_cost_minor: int | None
    rate_e9: int | None


class Fact(Struct, frozen=True):
    """What lines add to a month, in minor units of the organisation's currency. `unknown` counts lines, `unrated` those without a rate."""

    lines: int = 0
    revenue: int = 0
    cost: int = 0
    discounts: int = 0
    returns: int = 0
    unknown: int = 0
    unrated: int = 0

    @property
    def profit(self) -> int | None:
        """None while a line is unknown."""
        return self.revenue - self.cost - self.discounts - self.returns if self.unknown == 0 else None

    def __add__(self, other: "Fact") -> "Fact":
        return Fact(*(one + two for one, two in zip(self._sums, other._sums, strict=True)))

    def __neg__(self) -> "Fact":
        return Fact(*(-one for one in self._sums))

    @property
    def _sums(self) -> tuple[int, ...]:
        return tuple(getattr(self, name) for name in self.__struct_fields__)


NOTHING: Final = Fact()


def worth(line: Line) -> int:
    """Price × quantity in minor units of the order's currency, rounded once, halves away from zero (D-301)."""
    return divided(line.price_minor * line.quantity_thousandths, THOUSAND)


def converted(amount_minor: int, rate_e9: int, of: str, to: str) -> int:
    """An amount in another currency, rounded once: currencies of 0, 2 and 3 decimals differ in their minor unit."""
    return divided(amount_minor * rate_e9 * 10 ** digits(to), E9 * 10 ** digits(of))


def fact(line: Line, currency: str, home: str) -> Fact:
    """What a line adds: a sale to revenue, discounts and cost; a return to returns, and it takes its cost back (D-341)."""
    if line.rate_e9 is None:
        return Fact(lines=1, unknown=1, unrated=1)
    value = converted(worth(line), line.rate_e9, currency, home)
    discount = converted(line.discount_minor, line.rate_e9, currency, home)
    cost = divided(line.unit_cost_minor * line.quantity_thousandths, THOUSAND) if line.unit_cost_minor is not None else 0
    unknown = int(line.unit_cost_minor is None)
    if line.is_return:
        return Fact(lines=1, cost=-cost, returns=value - discount, unknown=unknown)
    return Fact(lines=1, revenue=value, cost=cost, discounts=discount, unknown=unknown)
