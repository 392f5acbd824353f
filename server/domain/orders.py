"""Orders: lines change the total of their header, what is owed for it and the profit of their month, in one transaction (D-331, D-332)."""

import hashlib
from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from server.domain.books import CANCELLED, ExchangeRate, OrderLine, ProductCost, dated, home, write_line
from server.domain.needs import Beside, Rows
from server.domain.profit import E9, Line, worth
from server.domain.receivables import Beyond, Loaded, Needs, owe, to_lock, to_settle
from shared_schema.problem import Code, Problem
from shared_schema.records.order import OrderState, Receivable, SalesOrder
from sync.agreed.money import MONEY_MINOR_MAX
from sync.state import State


def owed_for(order_id: bytes) -> bytes:
    """The id of what is owed for an order."""
    return hashlib.sha256(b"receivable:" + order_id).digest()[:16]


def line_id(order_id: bytes, number: str) -> bytes:
    """The id of a line by its number in the order: the same line again is the same (D-331)."""
    return hashlib.sha256(b"order_line:" + order_id + number.encode()).digest()[:16]


class Ordered(Struct, frozen=True):
    """What orders are about, as far as a request or a file names it: customers, orders, products of their lines, currencies."""

    customer_ids: frozenset[bytes]
    order_ids: frozenset[bytes]
    product_ids: frozenset[bytes] = frozenset()
    currencies: frozenset[str] = frozenset()


def to_order(ordered: Ordered) -> Iterable[Needs]:
    """What is locked and known first."""
    yield from to_lock(ordered.customer_ids, frozenset(map(owed_for, ordered.order_ids)))
    yield Rows(SalesOrder, ordered.order_ids)


def to_count(asking: Loaded, ordered: Ordered) -> Iterable[Beyond]:
    """The lines of the orders, the costs and rates by which lines count, and what is open of the customers."""
    known = asking.state.beside.every(OrderLine)
    yield Beside(OrderLine, "order_id", ordered.order_ids)
    yield Beside(ProductCost, "product_id", ordered.product_ids.union(one.product_id for one in known))
    yield Beside(ExchangeRate, "currency", ordered.currencies.union(one.currency for one in known))
    yield from to_settle(asking, ordered.customer_ids, frozenset(map(owed_for, ordered.order_ids)))


def amount(line: OrderLine) -> int:
    """What a line adds to its order, with tax; a return takes it off."""
    sold = worth(priced(line)) - line.discount_minor + line.tax_minor
    return -sold if line.is_return else sold


def priced(line: OrderLine) -> Line:
    """A line as money sees it, but for what it cost."""
    return Line(line.quantity_thousandths, line.price_minor, line.discount_minor, line.is_return, None, None)


def enter(state: State, wanted: SalesOrder, lines: Sequence[OrderLine], due_day: int | None) -> str:
    """The header as it shall stand, with lines that are new or stand otherwise; other lines stay. `due_day`: when its total is owed; None:
    as known, or other documents say what is owed.

    Returns taken, changed or same. Raises Problem(rule_broken).
    """
    known = state.find(SalesOrder, wanted.id)
    if known is not None and known.customer_id != wanted.customer_id:
        raise Problem(Code.rule_broken, "the order belongs to another customer", field="customer")
    if known is not None and known.currency != wanted.currency:
        raise Problem(Code.rule_broken, f"the order is in {known.currency}, and keeps its currency", field="currency")
    standing = (
        {one.id: one for one in state.beside.every(OrderLine, lambda one: one.order_id == wanted.id)} if _moves(known, wanted) else {}
    )
    fresh = {**standing, **{one.id: one for one in lines}}
    counted = [_counted(state, wanted, one) for one in fresh.values()]
    _judge(counted)
    before = {line.id: one for line in counted if (one := state.beside.find(OrderLine, line.id)) is not None}
    total = (known.total_minor if known is not None else 0) + sum(map(amount, counted)) - sum(map(amount, before.values()))
    if abs(total) > MONEY_MINOR_MAX:
        raise Problem(Code.rule_broken, f"an order amounts to at most {MONEY_MINOR_MAX} minor units", field="price")
    moved = [write_line(state, line) for line in counted]
    order = replace(wanted, total_minor=total, rev=known.rev if known is not None else 0)
    if order != known:
        state.write(order)
    _owe(state, order, due_day)
    is_new = any(one.id not in before for one in lines)
    return "taken" if known is None or is_new else "changed" if any(moved) or order != known else "same"


def _moves(known: SalesOrder | None, wanted: SalesOrder) -> bool:
    """Whether the header changes how its lines count."""
    return known is not None and (known.day, known.state == CANCELLED) != (wanted.day, wanted.state == CANCELLED)


def _judge(lines: Iterable[OrderLine]) -> None:
    for line in lines:
        if line.discount_minor > worth(priced(line)):
            raise Problem(Code.rule_broken, "the discount is more than the line", field="discount")
        if abs(amount(line)) > MONEY_MINOR_MAX:
            raise Problem(Code.rule_broken, f"a line amounts to at most {MONEY_MINOR_MAX} minor units", field="price")


def _counted(state: State, order: SalesOrder, line: OrderLine) -> OrderLine:
    """The line as it counts: in the month of its order, by the cost that it names or that holds that day, by the rate of that day."""
    placed = replace(
        line,
        order_id=order.id,
        customer_id=order.customer_id,
        day=order.day,
        currency=order.currency,
        counts=order.state != CANCELLED,
    )
    return by_dates(state, placed)


def by_dates(state: State, line: OrderLine) -> OrderLine:
    """The line with the cost and the rate that hold on its day; what is missing is unknown (D-342)."""
    cost = dated(state.beside.every(ProductCost, lambda one: one.product_id == line.product_id), line.day)
    rate = dated(state.beside.every(ExchangeRate, lambda one: one.currency == line.currency), line.day)
    unit_cost = line.cost_minor if line.cost_minor is not None else cost.cost_minor if cost is not None else None
    rate_e9 = E9 if line.currency == home(state) else rate.rate_e9 if rate is not None else None
    return replace(line, unit_cost_minor=unit_cost, rate_e9=rate_e9)


def _owe(state: State, order: SalesOrder, due_day: int | None) -> None:
    """What is owed for the order follows its total; of a cancelled one nothing is."""
    known = state.find(Receivable, owed_for(order.id))
    due = due_day if due_day is not None else known.due_day if known is not None else None
    if due is not None:
        total = 0 if order.state == OrderState.cancelled else order.total_minor
        day, number = order.day, order.number
        owe(state, Receivable(owed_for(order.id), 0, order.customer_id, number, order.currency, total, 0, day, due, order.id))
