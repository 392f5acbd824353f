"""What customers owe: open and overdue sums by currency, how old they are, and the share that was paid on time (D-336)."""

from collections.abc import Collection
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from msgspec.structs import replace

from server.domain.aging import EDGES
from server.domain.books import RECEIVABLE
from server.models import RECORD_TABLES, collection
from server.store.hot import pieces
from shared_schema.scalars import BasisPoints

BUCKETS: Final = len(EDGES) + 1


class Owed(Struct, frozen=True):
    """What a customer owes in one currency on a day, in minor units.

    `buckets`: what is open, by its age (`aging.NAMES`); `open_minor`: their sum; `overdue_minor`: of that all that is a day or more over.
    `credit_minor`: credit notes, and money that no receivable took; it is taken off none of the others.
    """

    currency: str
    open_minor: int = 0
    overdue_minor: int = 0
    credit_minor: int = 0
    buckets: tuple[int, ...] = (0,) * BUCKETS


class Debts(Struct, frozen=True):
    """What a customer owes, a row for each currency by its code, and how it paid. `due_count`: receivables that fell due in the span;
    `on_time_count`: of these the ones of which all was paid on the due day or before."""

    owed: tuple[Owed, ...] = ()
    due_count: int = 0
    on_time_count: int = 0

    @property
    def on_time_bps(self) -> BasisPoints | None:
        """The share that was paid on time; None while nothing fell due."""
        return self.on_time_count * 10_000 // self.due_count if self.due_count else None


class Days(Struct, frozen=True):
    """`as_of`: the day on which the sums stand. `since`: from which day on receivables that fell due tell how the customer pays."""

    as_of: int
    since: int


NOTHING: Final = Debts()
OWED: Final = RECORD_TABLES[RECEIVABLE.name].c


def debts(conn: sa.Connection, org_id: int, customer_ids: Collection[bytes], days: Days) -> dict[bytes, Debts]:
    """What each of these customers owes, and how each paid; of one without receivables nothing."""
    owed: dict[bytes, dict[str, Owed]] = {customer_id: {} for customer_id in customer_ids}
    paid: dict[bytes, tuple[int, int]] = {}
    for piece in pieces(customer_ids):
        for row in conn.execute(_open(org_id, piece, days.as_of)):
            buckets = tuple(int(one) for one in row[2 : 2 + BUCKETS])
            sums = Owed(row.currency, sum(buckets), sum(buckets[1:]), int(row.credit), buckets)
            owed[bytes(row.customer_id)][row.currency] = sums
        for row in conn.execute(_unapplied(org_id, piece)):
            mine = owed[bytes(row.customer_id)]
            known = mine.get(row.currency, Owed(row.currency))
            mine[row.currency] = replace(known, credit_minor=known.credit_minor + int(row.unapplied))
        paid.update({bytes(row.customer_id): (int(row.due), int(row.on_time)) for row in conn.execute(_paid(org_id, piece, days))})
    return {one: Debts(tuple(owed[one][code] for code in sorted(owed[one])), *paid.get(one, (0, 0))) for one in owed}


def _open(org_id: int, customer_ids: list[bytes], as_of: int) -> sa.Select[Any]:
    """One row a customer and currency: what is open in each bucket, then what is credit."""
    age, is_owed = as_of - OWED.due_day, OWED.open_minor > 0
    bounds = [(least, most) for least, most in zip((None, *(edge + 1 for edge in EDGES)), (*EDGES, None), strict=True)]
    sums = []
    for least, most in bounds:
        within = [is_owed, *([age >= least] if least is not None else []), *([age <= most] if most is not None else [])]
        sums.append(sa.func.sum(sa.case((sa.and_(*within), OWED.open_minor), else_=0)))
    credit = sa.func.sum(sa.case((OWED.open_minor < 0, -OWED.open_minor), else_=0)).label("credit")
    mine = (OWED.org_id == org_id, OWED.customer_id.in_(customer_ids), OWED.open_minor != 0)
    return sa.select(OWED.customer_id, OWED.currency, *sums, credit).where(*mine).group_by(OWED.customer_id, OWED.currency)


def _unapplied(org_id: int, customer_ids: list[bytes]) -> sa.Select[Any]:
    """One row a customer and currency: money that no receivable took."""
    kept = collection.c
    mine = (kept.org_id == org_id, kept.customer_id.in_(customer_ids), kept.unapplied_minor > 0)
    unapplied = sa.func.sum(kept.unapplied_minor).label("unapplied")
    return sa.select(kept.customer_id, kept.currency, unapplied).where(*mine).group_by(kept.customer_id, kept.currency)


def _paid(org_id: int, customer_ids: list[bytes], days: Days) -> sa.Select[Any]:
    """One row a customer: how many receivables fell due in the span, and of these were paid by then."""
    on_time = sa.and_(OWED.open_minor == 0, OWED.paid_day <= OWED.due_day)
    mine = (OWED.org_id == org_id, OWED.customer_id.in_(customer_ids), OWED.amount_minor > 0)
    due = OWED.due_day.between(days.since, days.as_of - 1)
    counts = (sa.func.count().label("due"), sa.func.sum(sa.case((on_time, 1), else_=0)).label("on_time"))
    return sa.select(OWED.customer_id, *counts).where(*mine, due).group_by(OWED.customer_id)
