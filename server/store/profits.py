"""What customers brought: sums of the months that are kept as orders change (D-340); nothing here reads a line of an order."""

from collections.abc import Collection
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from msgspec.structs import replace

from server.domain.books import CANCELLED, ORDER
from server.domain.profit import first_day, last_day
from server.models import RECORD_TABLES, profit_month
from server.store.hot import pieces


class Months(Struct, frozen=True):
    """A span of months as yyyymm, both within it. In money an order counts in the month of its day."""

    first: int
    last: int


class Brought(Struct, frozen=True):
    """What a customer brought in a span, in minor units of the organisation's currency.

    `profit_minor`: None while a cost or an exchange rate in the span is unknown. `revenue_minor`: less discounts and returns, None while an
    exchange rate is unknown. `order_count`: orders of the span that were not cancelled. `last_order_day`: of all times, None without any.
    `unknown_lines`: lines of the span of which the cost or the rate is missing.
    """

    profit_minor: int | None = 0
    revenue_minor: int | None = 0
    order_count: int = 0
    last_order_day: int | None = None
    unknown_lines: int = 0

    @property
    def is_unknown(self) -> bool:
        """Whether anything of it is unknown."""
        return self.unknown_lines > 0


NOTHING: Final = Brought()


def brought(conn: sa.Connection, org_id: int, customer_ids: Collection[bytes], span: Months) -> dict[bytes, Brought]:
    """What each of these customers brought in the span; of one without orders nothing."""
    found: dict[bytes, Brought] = dict.fromkeys(customer_ids, NOTHING)
    for piece in pieces(customer_ids):
        for row in conn.execute(_sums(org_id, piece, span)):
            known = row.unknown == 0
            found[bytes(row.customer_id)] = Brought(
                profit_minor=int(row.profit or 0) if known else None,
                revenue_minor=int(row.revenue) if row.unrated == 0 else None,
                unknown_lines=int(row.unknown),
            )
        for row in conn.execute(_orders(org_id, piece, span)):
            customer_id = bytes(row.customer_id)
            found[customer_id] = replace(found[customer_id], order_count=int(row.orders), last_order_day=row.last_day)
    return found


def _sums(org_id: int, customer_ids: list[bytes], span: Months) -> sa.Select[Any]:
    """One row a customer: sums of whole months.

    The month is no plain column here, so that no database walks the months of the whole organisation where the customers are few.
    """
    kept = profit_month.c
    sums = {
        "profit": kept.profit, "revenue": kept.revenue - kept.discounts - kept.returns, "unknown": kept.unknown, "unrated": kept.unrated,
    }  # fmt: skip
    chosen = sa.select(kept.customer_id, *(sa.func.sum(sum_).label(name) for name, sum_ in sums.items()))
    mine = (kept.org_id == org_id, kept.customer_id.in_(customer_ids), (kept.month + 0).between(span.first, span.last))
    return chosen.where(*mine).group_by(kept.customer_id)


def _orders(org_id: int, customer_ids: list[bytes], span: Months) -> sa.Select[Any]:
    """One row a customer: how many orders of the span, and the day of the last of all."""
    order = RECORD_TABLES[ORDER.name].c
    within = order.day.between(first_day(span.first), last_day(span.last))
    orders = sa.func.sum(sa.case((within, 1), else_=0)).label("orders")
    mine = (order.org_id == org_id, order.customer_id.in_(customer_ids), order.state != CANCELLED)
    return sa.select(order.customer_id, orders, sa.func.max(order.day).label("last_day")).where(*mine).group_by(order.customer_id)
