"""Orders from a file, a row for each line: the cells about the order itself stand on each, and an empty one says nothing (D-331)."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from server.domain import orders
from server.domain.books import OrderLine, home
from server.domain.imports import cells
from server.domain.imports.customers import customer_id
from server.domain.imports.frame import Asking, Column, Import, Named, Need, Row, imported_id, unless
from server.domain.imports.products import product_of
from server.domain.imports.reach import require_within
from server.domain.imports.sheet import FlawError
from shared_schema.external import ExternalId
from shared_schema.records.order import OrderState, SalesOrder
from shared_schema.records.reference import Product
from shared_schema.scalars import Word

T = TypeVar("T")
NAME: Final = "order_lines"
HEADER: Final = ("day", "promised_day", "delivered_day", "state", "number")
QUANTITY_MAX: Final = 10**10
ORDERS: Final = "orders"
STATES: Final[dict[int, str]] = {OrderState.open: "未完成", OrderState.delivered: "已送达", OrderState.cancelled: "已取消"}
NUMBER_LETTERS: Final = 40


def order_id(org_id: int, external_id: str) -> bytes:
    """The id of an order, imported or sent by REST, under an external id."""
    return imported_id(org_id, ORDERS, external_id)


def wants(asking: Asking, rows: Sequence[Row]) -> Iterable[Need]:
    """The customers and orders that the rows name, and the products by their codes."""
    yield Named(Product, "code", frozenset(row.values["product"] for row in rows))
    yield from orders.to_order(_ordered(asking, rows))


def beside(asking: Asking, rows: Sequence[Row]) -> Iterable[Need]:
    """The lines of these orders, and by what they count."""
    yield from orders.to_count(asking, _ordered(asking, rows))


def _ordered(asking: Asking, rows: Sequence[Row]) -> orders.Ordered:
    return orders.Ordered(
        frozenset(customer_id(asking, row.values["customer"]) for row in rows),
        frozenset(order_id(asking.actor.org_id, row.key[0]) for row in rows),
        frozenset(one.id for one in asking.all(Product)),
        frozenset(row.values["currency"] for row in rows if "currency" in row.values),
    )


def enter(asking: Asking, row: Row) -> str:
    """The line and its order. Raises FlawError and Problem."""
    named, product = row.values["customer"], product_of(asking, row.values["product"], "product")
    customer = customer_id(asking, named)
    unless(asking.state.standing(customer) is not None, "no_customer", "customer", text=named)
    require_within(asking, asking.state.standing(customer), "customer")
    unless(product is not None, "no_product", "product", text=row.values["product"])
    assert product is not None  # noqa: S101 - said above
    record_id = order_id(asking.actor.org_id, row.key[0])
    known = asking.state.find(SalesOrder, record_id)
    first = SalesOrder(record_id, 0, customer, row.key[0][:NUMBER_LETTERS], row.values["day"], home(asking.state))
    order = _order(known or first, customer, row)
    line = _line(order, product.id, row)
    return orders.enter(asking.state, order, [_with_cost(asking, line, row)], row.get("due_day"))


def _order(known: SalesOrder, customer: bytes, row: Row) -> SalesOrder:
    told: dict[str, Any] = {name: row.values[name] for name in HEADER if name in row.values}
    if "delivered_day" in told and "state" not in told and known.state != OrderState.cancelled:
        told["state"] = OrderState.delivered
    return replace(known, customer_id=customer, currency=row.get("currency", known.currency), external_id=row.key[0], **told)


def _line(order: SalesOrder, product_id: bytes, row: Row) -> OrderLine:
    quantity = at("quantity", lambda: cells.scaled(row.values["quantity"], 3))
    unless(quantity <= QUANTITY_MAX, "number_range", "quantity", least=0, most=QUANTITY_MAX // 1_000)
    return OrderLine(
        orders.line_id(order.id, row.key[1]),
        order.id,
        order.customer_id,
        product_id,
        order.day,
        order.currency,
        quantity,
        money(row, "price", order.currency) or 0,
        money(row, "discount", order.currency) or 0,
        money(row, "tax", order.currency) or 0,
        row.get("return", False),
    )


def _with_cost(asking: Asking, line: OrderLine, row: Row) -> OrderLine:
    """What the line says that a unit cost; a later file that does not say it leaves it."""
    known, cost = asking.state.beside.find(OrderLine, line.id), money(row, "cost", home(asking.state))
    return replace(line, cost_minor=cost if cost is not None or known is None else known.cost_minor)


def at(column: str, read: Callable[[], T]) -> T:
    """What a cell becomes; a flaw names its column."""
    try:
        return read()
    except FlawError as error:
        raise FlawError(error.flaw.name, column, **error.flaw.facts) from None


def money(row: Row, column: str, currency: str) -> int | None:
    """A cell of money in minor units of a currency; None: it is empty."""
    return at(column, lambda: cells.minor(row.values[column], currency)) if column in row.values else None


ORDER_LINES: Final = Import(
    name=NAME,
    zh="订单",
    en="Orders",
    record=SalesOrder,
    key=("order", "line"),
    wants=wants,
    beside=beside,
    enter=enter,
    columns=(
        Column("order", "订单号", "Order", cells.word(ExternalId), "SO-1001", required=True, also=("order no", "订单编号")),
        Column("line", "行号", "Line", cells.word(Word), "1", required=True, also=("line no",)),
        Column("customer", "客户外部编号", "Customer id", cells.word(ExternalId), "C-1001", required=True, also=("客户编号", "customer")),
        Column("day", "订单日期", "Order date", cells.day, "2026-01-05", required=True, also=("日期", "date")),
        Column("product", "产品代码", "Product code", cells.word(Word), "TEA-500", required=True, also=("产品编号", "product")),
        Column("quantity", "数量", "Quantity", cells.above_zero, "12", required=True),
        Column("price", "单价（不含税）", "Price without tax", cells.number, "49.80", required=True, also=("单价", "price")),
        Column("discount", "折扣金额", "Discount amount", cells.number, "0", also=("折扣", "discount")),
        Column("tax", "税额", "Tax amount", cells.number, "77.69", also=("tax",)),
        Column("return", "退货", "Return", cells.flag, "否", also=("是否退货",)),
        Column("cost", "单位成本（本位币）", "Unit cost", cells.number, "31.00", also=("成本", "单位成本", "cost")),
        Column("currency", "币种", "Currency", cells.traded, "CNY"),
        Column("state", "状态", "State", cells.member(OrderState, STATES), "未完成"),
        Column("promised_day", "承诺交期", "Promised date", cells.day, "2026-01-20", also=("交期",)),
        Column("delivered_day", "交货日期", "Delivered date", cells.day, "", also=("发货日期",)),
        Column("due_day", "到期日", "Due date", cells.day, "2026-02-20", also=("应收到期日",)),
        Column("number", "显示编号", "Shown number", cells.word(Word), ""),
    ),
)
