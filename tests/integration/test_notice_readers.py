"""A manager who no longer stands above those concerned loses the notice at once, and the manager who does hears it (D-908)."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

import msgspec
import pytest
import sqlalchemy as sa

from server.database import Database
from server.domain.notice_kinds import FOLLOWER, KINDS
from server.domain.notice_readers import ABOVE, NAMED
from server.jobs.remind import run
from server.models import due as due_table
from server.services import tables
from server.services.act import act
from shared_schema.records.base import Record
from shared_schema.records.customer import Collaborate, FollowUp, GiveToPool, Standing, Transfer
from shared_schema.records.extension import Extension
from shared_schema.records.instruction import Instruction, InstructionState
from shared_schema.records.notification import Notification, NotificationState
from shared_schema.records.pool import Claim, PoolRequest
from shared_schema.records.quote import Quote, QuoteStatus
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME, BY_RECORD
from tests.tree import Tree, tree_of
from tests.world import START_MS, Phone, put, words

NUMBER: Final = BY_NAME["notification"].number
DAY_MS: Final = 86_400_000
TODAY: Final = START_MS // DAY_MS
DONE: Final = NotificationState.done
SECRET: Final = "Corner Shop"


@pytest.fixture
async def tree(database: Database, monkeypatch: pytest.MonkeyPatch) -> Tree:
    """South has a manager too: ann of east may come there."""
    made = await tree_of(database)
    await made.joins("sue", Role.manager, "south")
    monkeypatch.setattr("server.chance.now_ms", lambda: made.world.now_ms)
    return made


def notices(phone: Phone, kind: str) -> list[Notification]:
    found = [phone.view("notification", record_id) for record_id, _ in phone.shelf.rows(NUMBER)]
    return [one for one in found if isinstance(one, Notification) and one.kind == kind]


async def stand(tree: Tree, name: str, kind: str) -> list[str]:
    """How the notices of a kind stand with a user: `open` with the customer's name in it, else `open` or `done`."""
    await tree[name].sync()
    return [
        ("done" if one.state is DONE else "open") + (" named" if SECRET in one.facts.values() else "") for one in notices(tree[name], kind)
    ]


async def customer(tree: Tree) -> bytes:
    made = tree["ann"].create("customer", name=SECRET)
    await tree["ann"].sync()
    return made


# each kind, about a record that concerns ann


class Case(msgspec.Struct, frozen=True):
    """The record that a notice is about, and who hears once ann works below sue; `anew`: by a reminder, of what it reminds."""

    record: Callable[[bytes, bytes, Tree], Record]
    hear: tuple[str, ...] = ("sue",)
    anew: bool = False


def _standing(_id: bytes, customer_id: bytes, tree: Tree) -> Record:
    return Standing(customer_id, 0, owner_id=tree["ann"].user_id)


def _instruction(record_id: bytes, author_id: bytes, tree: Tree) -> Instruction:
    return Instruction(record_id, 0, tree["ann"].user_id, author_id, SECRET, state=InstructionState.sent, sent_ms=START_MS)


def _of_leaver(record_id: bytes, _customer_id: bytes, tree: Tree) -> Record:
    """Its author has left: those above ann hear."""
    return _instruction(record_id, tree["gil"].user_id, tree)


def _overdue(record_id: bytes, customer_id: bytes, tree: Tree) -> Record:
    return FollowUp(record_id, 0, customer_id, due_day=TODAY - 3, purpose="Samples", author_id=tree["ann"].user_id)


def _extension(record_id: bytes, customer_id: bytes, tree: Tree) -> Record:
    return Extension(record_id, 0, customer_id, until_day=TODAY + 9, reason="harvest", author_id=tree["ann"].user_id)


def _quote(record_id: bytes, customer_id: bytes, tree: Tree) -> Record:
    return Quote(record_id, 0, customer_id, "CNY", status=QuoteStatus.submitted, author_id=tree["ann"].user_id)


def _unheard(record_id: bytes, customer_id: bytes, tree: Tree) -> Record:
    subject = BY_RECORD[Standing].number
    return Notification(record_id, 0, tree["ann"].user_id, "no_contact", START_MS, subject, customer_id, deadline_ms=START_MS + 30 * DAY_MS)


CASES: Final[Mapping[str, Case]] = {
    "follow_up_overdue_below": Case(_overdue, anew=True),
    "follow_up_at_risk_below": Case(_overdue, anew=True),
    "reclaim_warning_below": Case(_standing, anew=True),
    "extension_asked": Case(_extension),
    "quote_submitted": Case(_quote),
    "device_silent": Case(_unheard, anew=True),
    **{kind: Case(_of_leaver) for kind in ABOVE if kind.startswith("instruction_")},
}


async def told(tree: Tree, kind: str) -> Record:
    """A notice of this kind, about ann, with nia of north; hal of headquarters has it too where all above hear. Its record."""
    customer_id, record_id = await customer(tree), next(tree.world.ids)
    subject = CASES[kind].record(record_id, customer_id, tree)
    if not isinstance(subject, Standing):
        await tree.world.database.write(put, tree.world.org_id, subject, tree.world.now_ms)
    facts = {"customer": SECRET} | ({FOLLOWER: tree["ann"].user_id.hex()} if isinstance(subject, FollowUp) else {})
    for name in ("nia", "hal") if ABOVE[kind].all_above else ("nia",):
        number = BY_RECORD[type(subject)].number
        notice = Notification(next(tree.world.ids), 0, tree[name].user_id, kind, START_MS, number, subject.id, facts)
        await tree.world.database.write(put, tree.world.org_id, notice, tree.world.now_ms)
    return subject


async def with_leaver(tree: Tree) -> None:
    await tree.joins("gil", Role.manager, "west")
    await tree.person("gil", Role.manager, "west", active=False)


def test_every_kind_that_a_manager_hears_is_one_of_these() -> None:
    """A new kind for those above says who they are, or that its record names its reader."""
    to_managers = {kind for kind, of in KINDS.items() if of.about is not None and "manager" in of.readers}
    assert to_managers <= ABOVE.keys() | NAMED
    assert CASES.keys() == ABOVE.keys()
    assert not ABOVE.keys() & NAMED


@pytest.mark.parametrize("kind", sorted(ABOVE))
async def test_whoever_stands_above_no_more_loses_the_notice(tree: Tree, kind: str) -> None:
    """D-908: ann goes from north to south. Nia of north loses name and notice; hal above both keeps his; sue of south hears at once, or as
    soon as the reminder was judged again."""
    await with_leaver(tree)
    subject = await told(tree, kind)
    assert await stand(tree, "nia", kind) == ["open named"]
    await tree.person("ann", Role.rep, "south")
    assert await stand(tree, "nia", kind) == ["done"]
    if ABOVE[kind].all_above:
        assert await stand(tree, "hal", kind) == ["open named"]
    if CASES[kind].anew:
        assert (ABOVE[kind].rule, subject.id) in await due(tree)
    else:
        assert await stand(tree, "sue", kind) == ["open named"]


async def due(tree: Tree) -> list[tuple[str, bytes]]:
    """(rule, record) of each row of the due index that is due now."""
    chosen = sa.select(due_table.c.rule, due_table.c.subject_id).where(due_table.c.at_ms <= tree.world.now_ms)
    return [(row[0], bytes(row[1])) for row in await tree.world.database.read(lambda conn: conn.execute(chosen).all())]


@pytest.mark.parametrize("kind", sorted(ABOVE))
async def test_nobody_loses_a_notice_by_a_change_elsewhere(tree: Tree, kind: str) -> None:
    """D-908: bo of west goes to south, ann is renamed, west stands below south: nia still stands above ann."""
    await with_leaver(tree)
    await told(tree, kind)
    await tree.person("bo", Role.rep, "south")
    await tree.department("west", "south")
    await tree.person("ann", Role.rep, "east")
    assert await stand(tree, "nia", kind) == ["open named"]


@pytest.mark.parametrize("way", ["department", "demoted", "left", "parent"])
async def test_every_way_out_of_the_place_above_counts(tree: Tree, way: str) -> None:
    """D-908: the manager goes, or is a manager no more, or leaves; or the department of the rep goes. The next one above hears."""
    await told(tree, "extension_asked")
    if way == "parent":
        await tree.department("east", "south")
    else:
        role, place = (Role.rep, "north") if way == "demoted" else (Role.manager, "south" if way == "department" else "north")
        await tree.person("nia", role, place, active=way != "left")
    if way != "left":
        assert await stand(tree, "nia", "extension_asked") == ["done"]
    assert await stand(tree, "sue", "extension_asked") == (["open named"] if way == "parent" else [])
    assert await stand(tree, "hal", "extension_asked") == ([] if way == "parent" else ["open named"])


async def test_who_comes_back_hears_it_again(tree: Tree) -> None:
    """D-908: ann goes to south and comes back: sue loses it, nia has it again, and once."""
    await told(tree, "extension_asked")
    for place in ("south", "east"):
        await tree.person("ann", Role.rep, place)
    assert await stand(tree, "sue", "extension_asked") == ["done"]
    assert sorted(await stand(tree, "nia", "extension_asked")) == ["done", "open named"]


async def test_a_reminder_tells_the_manager_of_now(tree: Tree) -> None:
    """D-908, D-923: three days overdue, told to nia; ann goes to south: the scheduler tells sue, once, and ann nothing anew."""
    customer_id = await customer(tree)
    tree["ann"].create("follow_up", customer_id=customer_id, due_day=TODAY + 1, purpose="Samples")
    await tree["ann"].sync()
    tree.world.now_ms = (TODAY + 5) * DAY_MS
    await run(tree.world.database)
    assert await stand(tree, "nia", "follow_up_overdue_below") == ["open named"]
    before = await stand(tree, "ann", "follow_up_overdue")
    await tree.person("ann", Role.rep, "south")
    assert await stand(tree, "nia", "follow_up_overdue_below") == ["done"]
    for _ in range(3):
        await run(tree.world.database)
    assert await stand(tree, "sue", "follow_up_overdue_below") == ["open named"]
    assert await stand(tree, "hal", "follow_up_overdue_below") == []
    assert await stand(tree, "ann", "follow_up_overdue") == before


@pytest.mark.parametrize("stays", [False, True])
async def test_a_submitted_quote_is_no_more_with_the_manager_of_the_owner_before(tree: Tree, stays: bool) -> None:
    """D-908, D-328: the customer goes from ann to cy of south. Its quote waits for sue now, and for hal still; nia reads no name any more,
    unless ann follows the customer up beside cy: then nia still decides."""
    quote = await told(tree, "quote_submitted")
    assert isinstance(quote, Quote)
    if stays:
        await tree.world.database.write(act, tree.boss.claims, Collaborate(quote.customer_id, tree["cy"].user_id), tree.world.now_ms)
        assert await stand(tree, "sue", "quote_submitted") == []
        return
    await tree.world.database.write(act, tree.boss.claims, Transfer(quote.customer_id, tree["cy"].user_id), tree.world.now_ms)
    assert await stand(tree, "nia", "quote_submitted") == ["done"]
    assert await stand(tree, "sue", "quote_submitted") == ["open named"]
    assert await stand(tree, "hal", "quote_submitted") == ["open named"]


@pytest.mark.parametrize(("sender", "taker", "in_pool"), [("top", "ann", False), ("ann", "cy", True), ("ann", "ann", True)])
async def test_those_above_the_new_owner_hear_of_a_quote_that_waits(tree: Tree, sender: str, taker: str, in_pool: bool) -> None:
    """D-328: by a transfer, of which nobody above loses a notice; by a claim, also of the owner before. Who holds it open hears it once."""
    await tree.joins("top", Role.rep, "hq")
    customer_id, quote_id = tree[sender].create("customer", name=SECRET), next(tree.world.ids)
    await tree[sender].sync()
    waits = Quote(quote_id, 0, customer_id, "CNY", status=QuoteStatus.submitted, author_id=tree[sender].user_id)
    number, hal_id = BY_RECORD[Quote].number, tree["hal"].user_id
    told = Notification(next(tree.world.ids), 0, hal_id, "quote_submitted", START_MS, number, quote_id, {"customer": SECRET})
    for one in (waits, told):
        await tree.world.database.write(put, tree.world.org_id, one, tree.world.now_ms)
    if in_pool:
        pool = await tree.world.database.write(
            tables.save, tree.boss.claims, PoolRequest(id=next(tree.world.ids), name="Sea"), tree.world.now_ms
        )
        await tree.world.database.write(act, tree.boss.claims, GiveToPool(customer_id, pool.id), tree.world.now_ms)
        await run(tree.world.database)
        assert "open named" not in await stand(tree, "hal", "quote_submitted"), "nobody decides while it is in a pool"
        tree[taker].command("pool_card", customer_id, Claim(2))
        assert words(await tree[taker].sync()) == [("applied", None)]
    else:
        await tree.world.database.write(act, tree.boss.claims, Transfer(customer_id, tree[taker].user_id), tree.world.now_ms)
    for _ in range(2):
        await run(tree.world.database)
    hears, not_one = ("sue", "nia") if taker == "cy" else ("nia", "sue")
    for name, times in (("hal", 1), (hears, 1), (not_one, 0)):
        assert (await stand(tree, name, "quote_submitted")).count("open named") == times, name


@pytest.mark.parametrize("kind", ["follow_up_overdue_below", "reclaim_warning_below", "extension_asked"])
async def test_a_customer_that_goes_elsewhere_takes_its_name_along(tree: Tree, kind: str) -> None:
    """D-908: nia stands above nobody who follows the customer up once cy of south has it."""
    subject = await told(tree, kind)
    assert isinstance(subject, (Standing, FollowUp, Extension))
    customer_id = subject.id if isinstance(subject, Standing) else subject.customer_id
    await tree.world.database.write(act, tree.boss.claims, Transfer(customer_id, tree["cy"].user_id), tree.world.now_ms)
    assert await stand(tree, "nia", kind) == ["done"]


async def test_a_request_at_the_moment_of_a_move_is_with_the_manager_of_after(tree: Tree) -> None:
    """D-908: whichever comes first, no manager who does not stand above ann holds an open request, and the one who does holds each."""
    for turn in range(8):
        customer_id = tree["ann"].create("customer", name=SECRET)
        await tree["ann"].sync()
        tree["ann"].create("extension", customer_id=customer_id, until_day=TODAY + 9, reason="harvest")
        now, before = ("south", "east") if turn % 2 == 0 else ("east", "south")
        await asyncio.gather(tree["ann"].sync(), tree.person("ann", Role.rep, now))
        holder, other = ("sue", "nia") if now == "south" else ("nia", "sue")
        assert "open named" not in await stand(tree, other, "extension_asked"), (turn, before)
        assert (await stand(tree, holder, "extension_asked")).count("open named") == turn + 1
