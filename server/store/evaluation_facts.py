"""What is known of customers when they are evaluated: a few statements for many customers."""

from collections.abc import Collection
from typing import Final, NamedTuple

import sqlalchemy as sa
from msgspec.structs import replace

from server.domain.books import ORDER
from server.domain.evaluation.points import Facts
from server.domain.profit import month_of
from server.models import RECORD_TABLES
from server.store import profits, receivables
from server.store.hot import ByKey, Row
from server.store.profits import Months
from server.store.receivables import Days
from shared_schema.records.customer import Contact
from shared_schema.registry import BY_RECORD

OF_CUSTOMER: Final = ByKey(RECORD_TABLES["customer"], ("id",), ("id", "name", "industry", "size", "stock_listing", "earnings"))
OF_STANDING: Final = ByKey(
    RECORD_TABLES["standing"],
    ("id",),
    ("id", "owner_id", "tier", "points", "next_points", "lifecycle", "provisional", "earned_tier", "tier_set_until_ms", "tier_set_reason",
     "rating"),
)  # fmt: skip
OF_CONTACT: Final = ByKey(RECORD_TABLES[BY_RECORD[Contact].name], ("customer_id",), ("customer_id", "seniority"), when="kept.seniority > 0")
YEAR_DAYS: Final = 365
UNKNOWN: Final = Facts()


class Stands(NamedTuple):
    """How a customer stands before it is evaluated, by the slots of its standing."""

    owner_id: bytes | None
    tier: int
    points: int | None
    next_points: int | None
    lifecycle: int
    provisional: bool
    earned_tier: int
    tier_set_until_ms: int | None
    tier_set_reason: str
    rating: int


class Known(NamedTuple):
    """What is known of one customer."""

    name: str
    stands: Stands
    facts: Facts


def known(conn: sa.Connection, org_id: int, customer_ids: Collection[bytes], today: int) -> dict[bytes, Known]:
    """What is known of these customers on a day; one that is not there is left out."""
    stands = {bytes(row[0]): _stands(row) for row in OF_STANDING.run(conn, org_id, customer_ids)}
    best: dict[bytes, int] = {}
    for row in OF_CONTACT.run(conn, org_id, customer_ids):
        customer_id = bytes(row[0])
        best[customer_id] = max(best.get(customer_id, 0), row[1])
    bought = _bought(conn, org_id, stands, today)
    found = {}
    for row in OF_CUSTOMER.run(conn, org_id, customer_ids):
        customer_id = bytes(row[0])
        at = stands.get(customer_id)
        if at is not None:
            facts = replace(
                bought.get(customer_id, UNKNOWN),
                industry=row[2],
                size=row[3],
                listed=row[4],
                earnings=row[5],
                contact=best.get(customer_id, 0),
                rating=at.rating,
            )
            found[customer_id] = Known(row[1], at, facts)
    return found


def _bought(conn: sa.Connection, org_id: int, customer_ids: Collection[bytes], today: int) -> dict[bytes, Facts]:
    """What customers brought in the last twelve months, this one among them, and how they paid what fell due in a year. Nothing is known
    in an organisation that tells the server of no order."""
    order = RECORD_TABLES[ORDER.name].c
    if conn.execute(sa.select(order.id).where(order.org_id == org_id).limit(1)).scalar_one_or_none() is None:
        return {}
    brought = profits.brought(conn, org_id, customer_ids, months_until(today))
    debts = receivables.debts(conn, org_id, customer_ids, Days(as_of=today, since=today - YEAR_DAYS))
    return {
        customer_id: Facts(
            profit_minor=one.profit_minor,
            orders=one.order_count,
            on_time_bps=debts[customer_id].on_time_bps,
            last_order_day=one.last_order_day,
        )
        for customer_id, one in brought.items()
    }


def months_until(today: int) -> Months:
    """The month of a day, and the eleven before it."""
    last = month_of(today)
    return Months(last - 99 if last % 100 < 12 else last - 11, last)


def _stands(row: Row) -> Stands:
    """A row of `OF_STANDING`; a Boolean is 0 or 1 on SQLite."""
    owner_id = bytes(row.owner_id) if row.owner_id is not None else None
    return Stands(
        owner_id, row.tier, row.points, row.next_points, row.lifecycle, bool(row.provisional), row.earned_tier, row.tier_set_until_ms,
        row.tier_set_reason, row.rating,
    )  # fmt: skip
