"""What must agree in the tables of orders and money, computed anew by brute force."""

from collections.abc import Iterator

import sqlalchemy as sa

from server.domain.books import Allocation, Collection, OrderLine
from server.domain.orders import amount
from server.domain.profit import NOTHING, Fact
from server.models import allocation, collection, order_line, profit_month
from shared_schema.records.order import OrderState, Receivable, SalesOrder
from shared_schema.records.reference import Organisation
from tests.prove.crash_rows import every


def lines_of(conn: sa.Connection, org_id: int) -> list[OrderLine]:
    """Every line of an organisation."""
    chosen = sa.select(*(order_line.c[name] for name in OrderLine.__struct_fields__)).where(order_line.c.org_id == org_id)
    return [OrderLine(*row) for row in conn.execute(chosen)]


def agree(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """What disagrees: totals, months, what is open, what is unapplied."""
    home, lines = next(one.currency for one in every(conn, org_id, Organisation)), lines_of(conn, org_id)
    orders = {one.id: one for one in every(conn, org_id, SalesOrder)}
    yield from _totals(orders, lines)
    months: dict[tuple[bytes, bytes, int], Fact] = {}
    for line in lines:
        if orders[line.order_id].state != OrderState.cancelled:
            months[line.month] = months.get(line.month, NOTHING) + line.fact(home)
    names = Fact.__struct_fields__
    found = {}
    for row in conn.execute(sa.select(profit_month).where(profit_month.c.org_id == org_id)):
        kept = Fact(*(getattr(row, name) for name in names))
        if row.profit != kept.profit:
            yield f"a month says a profit of {row.profit}, not {kept.profit}"
        if kept != NOTHING:
            found[row.customer_id, row.product_id, row.month] = kept
    if found != {key: one for key, one in months.items() if one != NOTHING}:
        yield "months are not the sums of their lines"
    yield from _paid(conn, org_id)


def _totals(orders: dict[bytes, SalesOrder], lines: list[OrderLine]) -> Iterator[str]:
    for order in orders.values():
        mine = [one for one in lines if one.order_id == order.id]
        if order.total_minor != sum(map(amount, mine)):
            yield "the total of an order is not the sum of its lines"
        if any((one.customer_id, one.day, one.currency) != (order.customer_id, order.day, order.currency) for one in mine):
            yield "a line stands otherwise than its order"


def _paid(conn: sa.Connection, org_id: int) -> Iterator[str]:
    owed = {one.id: one for one in every(conn, org_id, Receivable)}
    chosen = sa.select(*(collection.c[name] for name in Collection.__struct_fields__)).where(collection.c.org_id == org_id)
    money = {row.id: Collection(*row) for row in conn.execute(chosen)}
    chosen = sa.select(*(allocation.c[name] for name in Allocation.__struct_fields__)).where(allocation.c.org_id == org_id)
    paid = [Allocation(*row) for row in conn.execute(chosen)]
    for one in owed.values():
        took = sum(each.amount_minor for each in paid if each.receivable_id == one.id)
        if one.open_minor != one.amount_minor - took or not (took == 0 or 0 <= took <= one.amount_minor):
            yield "what is open of a receivable is not its amount less what was paid"
    for each in money.values():
        gave = sum(one.amount_minor for one in paid if one.collection_id == each.id)
        if each.unapplied_minor != each.amount_minor - gave or each.unapplied_minor < 0:
            yield "what a collection did not pay is not its amount less what it paid"
        debts = [one for one in owed.values() if (one.customer_id, one.currency) == (each.customer_id, each.currency)]
        if each.unapplied_minor and any(one.open_minor > 0 for one in debts):
            yield "money that nothing took stands beside a debt"
