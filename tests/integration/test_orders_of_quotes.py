"""An order of an approved quote, made in one request, on both databases (D-338)."""

from typing import Any

import pytest

from server.database import Database
from server.services.act import act
from server.store import profits
from server.store.profits import Months
from shared_schema.problem import Code, Problem
from shared_schema.records.inbox import Value
from shared_schema.records.order import OrderFromQuote, Receivable, SalesOrder
from shared_schema.records.quote import DecideQuote, Quote, Submit
from shared_schema.registry import BY_NAME
from shared_schema.wire import Kind
from sync.device import Edit
from tests.features.books import lines_of as order_lines
from tests.integration.test_orders import disagreements
from tests.integration.test_quote_decisions import hash_on, quote_on
from tests.prove.crash_rows import every
from tests.world import Team, team_of

DAY = 20_454


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


async def submitted(team: Team, lines: list[dict[str, Value]]) -> bytes:
    """A quote of Ann's with these lines, submitted."""
    quote_id = next(team.world.ids)
    edits = [Edit(Kind.create, BY_NAME["quote"], quote_id, {"customer_id": team.customer_id, "currency": "CNY"})]
    for line in lines:
        values: dict[str, Any] = {"customer_id": team.customer_id, "quote_id": quote_id, "product_id": bytes(16), "unit": "box", **line}
        edits.append(Edit(Kind.create, BY_NAME["quote_line"], next(team.world.ids), values))
    team.ann.enter(*edits)
    await team.step()
    team.ann.command("quote", quote_id, Submit(hash_on(team.ann, quote_id)))
    await team.step()
    return quote_id


async def test_an_approved_quote_becomes_one_order(team: Team) -> None:
    """D-338: odd quantities, discounts and taxes keep net and tax to the last fen; what it costs is unknown."""
    amounts = [(1_000, 19_999, 0, 1_300), (333, 1_001, 1_250, 1_300), (1, 7, 0, 600), (7_777, 12_345, 10_000, 1_300), (2_500, 3, 5, 900)]
    names = ("quantity_thousandths", "price_minor", "discount_bps", "tax_bps")
    quote_id = await submitted(team, [dict(zip(names, one, strict=True)) for one in amounts])
    world, asked = team.world, OrderFromQuote(quote_id=quote_id, day=DAY, promised_day=DAY + 7, due_day=DAY + 30)
    with pytest.raises(Problem) as refused:
        await world.database.write(act, team.manager.claims, asked, world.now_ms)
    assert refused.value.code is Code.state_wrong
    decided = DecideQuote(quote_id, "approve", hash_on(team.ann, quote_id))
    await world.database.write(act, team.manager.claims, decided, world.now_ms)
    order = await world.database.write(act, team.manager.claims, asked, world.now_ms)
    await team.step()
    quote = quote_on(team.ann, quote_id)
    assert isinstance(quote, Quote)
    assert (order.total_minor, order.number, order.quote_id) == (quote.gross_minor, quote.number, quote_id)
    lines = await world.database.read(order_lines, world.org_id)
    assert sum(one.tax_minor for one in lines) == quote.tax_minor
    assert all(one.discount_minor >= 0 for one in lines)
    assert await world.database.write(act, team.manager.claims, asked, world.now_ms) == order
    assert len(await world.database.read(every, world.org_id, SalesOrder)) == 1
    (owed,) = await world.database.read(every, world.org_id, Receivable)
    assert (owed.amount_minor, owed.due_day, owed.order_id) == (order.total_minor, DAY + 30, order.id)
    assert team.ann.view("sales_order", order.id) == order
    found = await world.database.read(profits.brought, world.org_id, [team.customer_id], Months(202601, 202601))
    assert (found[team.customer_id].revenue_minor, found[team.customer_id].profit_minor) == (quote.net_minor, None)
    assert await world.database.read(disagreements, world.org_id) == []
