"""SQL of the tables that no device holds: rows by one of their columns, rows that were written, and sums to which something is added."""

from collections.abc import Iterable
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct, structs

from server.domain.books import ORDER, RECEIVABLE, Allocation, Collection, ExchangeRate, OrderLine, ProductCost
from server.domain.needs import Beside
from server.models import allocation, collection, exchange_rate, order_line, product_cost, profit_month
from server.store.hot import pieces
from sync.state import State

TABLES: Final[dict[type[Struct], sa.Table]] = {
    OrderLine: order_line,
    Collection: collection,
    Allocation: allocation,
    ProductCost: product_cost,
    ExchangeRate: exchange_rate,
}


def load(conn: sa.Connection, state: State, org_id: int, need: Beside) -> None:
    """Load the rows that a decision asks for."""
    table = TABLES[need.kind]
    names = need.kind.__struct_fields__
    for piece in pieces(need.keys):
        chosen = sa.select(*(table.c[name] for name in names)).where(table.c.org_id == org_id, table.c[need.by].in_(piece))
        if need.since_day:
            chosen = chosen.where(table.c.day >= need.since_day)
        if need.open:
            chosen = chosen.where(table.c[need.open] != 0)
        for row in conn.execute(chosen):
            state.beside.load(need.kind(*(bytes(one) if isinstance(one, memoryview) else one for one in row)))


def save(conn: sa.Connection, org_id: int, state: State) -> set[bytes]:
    """Write what was decided: rows anew or over those that stand, then the sums. Returns the customers whose orders or payments changed."""
    for kind, table in TABLES.items():
        rows = [{"org_id": org_id, **structs.asdict(one)} for one in state.beside.written(kind)]
        if rows:
            conn.execute(_over(table), rows)
    moved = [(key, more) for key, more in sorted(state.beside.sums.items()) if any(structs.astuple(more))]
    if moved:
        conn.execute(ADD, [_sums(org_id, key, more) for key, more in moved])
    about = (state.held[key].record for key in state.touched if key[0] in (ORDER.number, RECEIVABLE.number))
    return {key[0] for key, _ in moved} | {getattr(one, str(ORDER.about)) for one in about}


@cache
def _over(table: sa.Table) -> sa.TextClause:
    """A row in place of the one that stands."""
    names = [column.name for column in table.columns]
    keys = [column.name for column in table.primary_key]
    values = ", ".join(f"{name} = excluded.{name}" for name in names if name not in keys)
    places = ", ".join(f":{name}" for name in names)
    text = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({places}) ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {values}"  # noqa: S608
    return sa.text(text).bindparams(*(sa.bindparam(column.name, type_=column.type) for column in table.columns))


SUMS: Final = ("lines", "revenue", "cost", "discounts", "returns", "unknown", "unrated")
KEY: Final = ("org_id", "customer_id", "product_id", "month")


def _sums(org_id: int, key: Iterable[Any], more: Any) -> dict[str, Any]:
    return {**dict(zip(KEY, (org_id, *key), strict=True)), **structs.asdict(more), "profit": more.profit}


def _added(name: str) -> str:
    return f"{profit_month.name}.{name} + excluded.{name}"


def _adding() -> sa.TextClause:
    """Add to the sums of a month; its profit is known once nothing in it is unknown."""
    names = (*KEY, *SUMS, "profit")
    profit = f"({_added('revenue')}) - ({_added('cost')}) - ({_added('discounts')}) - ({_added('returns')})"
    values = [f"{name} = {_added(name)}" for name in SUMS]
    values.append(f"profit = CASE WHEN {_added('unknown')} = 0 THEN {profit} END")
    places = ", ".join(f":{name}" for name in names)
    text = (
        f"INSERT INTO {profit_month.name} ({', '.join(names)}) VALUES ({places}) "  # noqa: S608 - our own names
        f"ON CONFLICT ({', '.join(KEY)}) DO UPDATE SET {', '.join(values)}"
    )
    return sa.text(text).bindparams(*(sa.bindparam(name, type_=profit_month.c[name].type) for name in names))


ADD: Final = _adding()
