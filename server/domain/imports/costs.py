"""Costs of products and exchange rates by day, from files: they reach no device (D-342, D-345)."""

from collections.abc import Iterable, Sequence
from typing import Final

from server.domain import costs
from server.domain.books import TURN, ExchangeRate, OrderLine, ProductCost, home
from server.domain.imports import cells
from server.domain.imports.frame import Asking, Column, Import, Named, Need, Row, unless
from server.domain.imports.order_lines import money
from server.domain.imports.products import product_of
from server.domain.needs import Beside, Every, InTurn
from shared_schema.records.reference import Organisation, Product
from shared_schema.scalars import Word


def _first_days(rows: Sequence[Row], column: str) -> dict[str, int]:
    """From which day on each product or currency of the rows may count otherwise."""
    found: dict[str, int] = {}
    for row in rows:
        found[row.values[column]] = min(row.values["from_day"], found.get(row.values[column], row.values["from_day"]))
    return found


def wants_costs(_asking: Asking, rows: Sequence[Row]) -> Iterable[Need]:
    """The products by their codes, and the turn of the books."""
    yield from (InTurn(TURN), Every(Organisation), Named(Product, "code", frozenset(row.values["product"] for row in rows)))


def beside_costs(asking: Asking, rows: Sequence[Row]) -> Iterable[Need]:
    """The costs known of these products, and the lines that may count otherwise, with the rates by which they count."""
    first = _first_days(rows, "product")
    products = asking.all(Product)
    yield Beside(ProductCost, "product_id", frozenset(one.id for one in products))
    for one in products:
        yield Beside(OrderLine, "product_id", frozenset({one.id}), since_day=first[one.code])
    yield Beside(ExchangeRate, "currency", frozenset(one.currency for one in asking.state.beside.every(OrderLine)))


def enter_cost(asking: Asking, row: Row) -> str:
    """The cost. Raises FlawError."""
    product = product_of(asking, row.values["product"], "product")
    unless(product is not None, "no_product", "product", text=row.values["product"])
    assert product is not None  # noqa: S101 - said above
    amount = money(row, "cost", home(asking.state))
    assert amount is not None  # noqa: S101 - the column is required
    return costs.price_out(asking.state, ProductCost(product.id, row.values["from_day"], amount))


def wants_rates(_asking: Asking, _rows: Sequence[Row]) -> Iterable[Need]:
    """The turn of the books, and the organisation for its currency."""
    yield from (InTurn(TURN), Every(Organisation))


def beside_rates(asking: Asking, rows: Sequence[Row]) -> Iterable[Need]:
    """The rates known of these currencies, and the lines that may count otherwise, with the costs by which they count."""
    first = _first_days(rows, "currency")
    yield Beside(ExchangeRate, "currency", frozenset(first))
    for code, day in first.items():
        yield Beside(OrderLine, "currency", frozenset({code}), since_day=day)
    yield Beside(ProductCost, "product_id", frozenset(one.product_id for one in asking.state.beside.every(OrderLine)))


def enter_rate(asking: Asking, row: Row) -> str:
    """The rate. Raises Problem."""
    return costs.rate(asking.state, ExchangeRate(row.values["currency"], row.values["from_day"], row.values["rate"]))


_FROM: Final = Column("from_day", "生效日期", "Valid from", cells.day, "2026-01-01", required=True, also=("日期",))
COSTS: Final = Import(
    name="costs",
    zh="产品成本",
    en="Costs",
    record=Product,
    key=("product", "from_day"),
    wants=wants_costs,
    beside=beside_costs,
    enter=enter_cost,
    columns=(
        Column("product", "产品代码", "Product code", cells.word(Word), "TEA-500", required=True, also=("产品编号",)),
        _FROM,
        Column("cost", "单位成本（本位币）", "Unit cost", cells.number, "31.00", required=True, also=("成本", "单位成本", "cost")),
    ),
)
EXCHANGE_RATES: Final = Import(
    name="exchange_rates",
    zh="汇率",
    en="Exchange rates",
    record=Organisation,
    key=("currency", "from_day"),
    wants=wants_rates,
    beside=beside_rates,
    enter=enter_rate,
    columns=(
        Column("currency", "币种", "Currency", cells.traded, "USD", required=True),
        _FROM,
        Column("rate", "汇率（1 外币 = 本位币）", "Rate", cells.rate, "7.10", required=True, also=("汇率",)),
    ),
)
