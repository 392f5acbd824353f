"""Tables of orders and money that no device holds: lines with their cost, collections, costs, exchange rates, and the profit of them."""

from typing import Final

import sqlalchemy as sa

from server.models.base import given, key, maybe, metadata, org_key

order_line: Final = sa.Table(
    "order_line",
    metadata,
    org_key(),
    key("id", sa.LargeBinary),
    given("order_id", sa.LargeBinary),
    given("customer_id", sa.LargeBinary),
    given("product_id", sa.LargeBinary),
    given("day", sa.BigInteger),
    given("currency", sa.Text),
    given("quantity_thousandths", sa.BigInteger),
    given("price_minor", sa.BigInteger),
    given("discount_minor", sa.BigInteger),
    given("tax_minor", sa.BigInteger),
    given("is_return", sa.Boolean),
    maybe("cost_minor", sa.BigInteger),
    given("counts", sa.Boolean),
    maybe("unit_cost_minor", sa.BigInteger),
    maybe("rate_e9", sa.BigInteger),
    sa.Index(None, "org_id", "order_id"),
    sa.Index(None, "org_id", "product_id", "day"),
    sa.Index(None, "org_id", "currency", "day"),
)
"""One product of an order. Prices are in the order's currency and without tax. `cost_minor`: what one unit cost, as the line itself says,
in the organisation's currency. `counts`: whether profit counts the line; of a cancelled order it does not. `unit_cost_minor`, `rate_e9`:
with which it is counted, None: unknown; so that it is taken out again as it went in."""

collection: Final = sa.Table(
    "collection",
    metadata,
    org_key(),
    key("id", sa.LargeBinary),
    given("customer_id", sa.LargeBinary),
    given("external_id", sa.Text),
    given("currency", sa.Text),
    given("amount_minor", sa.BigInteger),
    given("unapplied_minor", sa.BigInteger),
    given("day", sa.BigInteger),
    given("method", sa.BigInteger),
    given("reference", sa.Text),
    sa.Index(None, "org_id", "customer_id", "day"),
)
"""Money that came from a customer. `unapplied_minor`: how much of it no receivable took."""

allocation: Final = sa.Table(
    "allocation",
    metadata,
    org_key(),
    key("collection_id", sa.LargeBinary),
    key("receivable_id", sa.LargeBinary),
    given("customer_id", sa.LargeBinary),
    given("amount_minor", sa.BigInteger),
    sa.Index(None, "org_id", "receivable_id"),
)
"""How much of a collection a receivable took."""

product_cost: Final = sa.Table(
    "product_cost",
    metadata,
    org_key(),
    key("product_id", sa.LargeBinary),
    key("from_day", sa.BigInteger),
    given("cost_minor", sa.BigInteger),
)
"""What one unit of a product costs from a day on, in the organisation's currency and without tax."""

exchange_rate: Final = sa.Table(
    "exchange_rate",
    metadata,
    org_key(),
    key("currency", sa.Text),
    key("from_day", sa.BigInteger),
    given("rate_e9", sa.BigInteger),
)
"""How much of the organisation's currency one of another currency is from a day on, in billionths."""

profit_month: Final = sa.Table(
    "profit_month",
    metadata,
    org_key(),
    key("customer_id", sa.LargeBinary),
    key("product_id", sa.LargeBinary),
    key("month", sa.BigInteger),
    given("lines", sa.BigInteger),
    given("revenue", sa.BigInteger),
    given("cost", sa.BigInteger),
    given("discounts", sa.BigInteger),
    given("returns", sa.BigInteger),
    maybe("profit", sa.BigInteger),
    given("unknown", sa.BigInteger),
    given("unrated", sa.BigInteger),
    sa.Index(None, "org_id", "month"),
)
"""The sums of a customer's lines of a product in a month (yyyymm), in minor units of the organisation's currency. `unknown`: lines of which
the cost or the exchange rate is missing; of these `unrated` lack the rate and stand in no sum. `profit` is None while one is unknown."""
