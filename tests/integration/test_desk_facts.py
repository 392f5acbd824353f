"""The manager reads the team's visits, contacts and quotes at the desk: the newest first, by author and by customer."""

import msgspec
import pytest

from server.database import Database
from server.domain.desk import LISTS
from server.services import records
from server.services.records import Between
from shared_schema.records.activity import ContactLog, Visit
from shared_schema.records.base import Record
from shared_schema.records.quote import Quote, QuoteStatus
from shared_schema.registry import BY_RECORD
from tests.tree import Tree, tree_of
from tests.world import START_MS, Phone

HOUR_MS = 3_600_000


class Desk(msgspec.Struct, frozen=True):
    """A tree in which ann and cy each have a customer."""

    tree: Tree
    shops: dict[str, bytes]

    async def listed(self, who: Phone, record: type[Record], **chosen: object) -> list[bytes]:
        listing = next(one for one in LISTS if one.entity is BY_RECORD[record])
        found, _ = await self.tree.world.database.read(records.desk_list, who.claims, listing, chosen, None, self.tree.world.now_ms)
        return [one.id for one in found]


@pytest.fixture
async def desk(database: Database) -> Desk:
    tree = await tree_of(database)
    shops = {name: tree[name].create("customer", name=f"{name}'s shop") for name in ("ann", "cy")}
    await tree.step()
    return Desk(tree, shops)


async def test_the_newest_facts_of_the_reports_come_first(desk: Desk) -> None:
    """P-712, D-204: by the moment when they happened, whatever order they arrived in."""
    tree, shops = desk.tree, desk.shops
    for name, record in (("visit", Visit), ("contact_log", ContactLog)):
        late = tree["ann"].create(name, customer_id=shops["ann"], device_ms=START_MS - HOUR_MS, note="late")
        early = tree["ann"].create(name, customer_id=shops["ann"], device_ms=START_MS - 3 * HOUR_MS, note="early")
        other = tree["cy"].create(name, customer_id=shops["cy"], device_ms=START_MS - 2 * HOUR_MS, note="other")
        await tree.step()
        assert await desk.listed(tree["hal"], record) == [late, other, early]
        assert await desk.listed(tree["nia"], record) == [late, early]
        assert await desk.listed(tree["hal"], record, author_id=tree["cy"].user_id) == [other]
        assert await desk.listed(tree["hal"], record, customer_id=shops["ann"]) == [late, early]
        assert await desk.listed(tree["bo"], record) == []


async def test_quotes_by_their_state(desk: Desk) -> None:
    """P-712."""
    tree = desk.tree
    quotes = {name: tree[name].create("quote", customer_id=shop, title=name, currency="CNY") for name, shop in desk.shops.items()}
    await tree.step()
    assert sorted(await desk.listed(tree["hal"], Quote)) == sorted(quotes.values())
    assert await desk.listed(tree["nia"], Quote, status=QuoteStatus.draft) == [quotes["ann"]]
    assert await desk.listed(tree["hal"], Quote, status=QuoteStatus.submitted) == []


async def test_a_day_long_ago_is_asked_for_alone(desk: Desk) -> None:
    """P-712: from the first moment on, and before the other; with a filter beside it."""
    tree, shops = desk.tree, desk.shops
    days = {back: tree["ann"].create("visit", customer_id=shops["ann"], device_ms=START_MS - back * HOUR_MS) for back in (3, 2, 1)}
    await tree.step()

    await tree.step()
    occurred = {back: tree["ann"].view("visit", visit).occurred_ms for back, visit in days.items()}  # type: ignore[union-attr]

    def between(first: int | None, end: int | None) -> Between:
        return Between(*(None if back is None else occurred[back] for back in (first, end)))

    assert await desk.listed(tree["nia"], Visit, occurred_ms=between(2, 1)) == [days[2]]
    assert await desk.listed(tree["nia"], Visit, occurred_ms=between(2, None)) == [days[1], days[2]]
    assert await desk.listed(tree["nia"], Visit, occurred_ms=between(None, 1), author_id=tree["ann"].user_id) == [days[2], days[3]]
    assert await desk.listed(tree["nia"], Visit, occurred_ms=between(2, 1), author_id=tree["cy"].user_id) == []
