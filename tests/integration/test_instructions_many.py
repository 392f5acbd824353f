"""Instructions to many, their receipts, what they require, their rounds, and who is told when nothing happens."""

from typing import Any

import pytest
import sqlalchemy as sa

from server.database import Database
from server.domain.instruction_escalations import DAY_MS, ESCALATE, HOUR_MS
from server.jobs.turn import due
from server.models import RECORD_TABLES
from server.services.act import act, turn
from shared_schema.places import Datum
from shared_schema.problem import Code, Problem
from shared_schema.records.base import Command
from shared_schema.records.customer import Collaborate
from shared_schema.records.instruction import (
    Acknowledge,
    Cancel,
    Confirm,
    DecideInstruction,
    Decline,
    Deliver,
    Finish,
    Instruct,
    Instruction,
    InstructionState,
    Read,
    Requires,
    Return,
    Start,
)
from shared_schema.records.reference import Role
from shared_schema.registry import BY_RECORD
from sync import overlay
from tests.tree import Tree, tree_of
from tests.world import START_MS, Phone, words

NOTIFICATION = RECORD_TABLES["notification"]

NOUN = "instruction"
PLACE = {"latitude_e6": 31_230_000, "longitude_e6": 121_470_000, "datum": Datum.wgs84}


@pytest.fixture
async def tree(database: Database) -> Tree:
    return await tree_of(database)


async def asks(tree: Tree, author: Phone, **more: Any) -> list[Instruction]:
    """The author gives an instruction at the desk."""
    asked = Instruct(**{"id": next(tree.world.ids), "text": "Call the mill"} | more)
    answer = await tree.world.database.write(act, author.claims, asked, tree.world.now_ms)
    return answer.items  # type: ignore[no-any-return]


async def refused(tree: Tree, author: Phone, **more: Any) -> tuple[Code, str | None]:
    with pytest.raises(Problem) as raised:
        await asks(tree, author, **more)
    return raised.value.code, raised.value.field


async def decides(tree: Tree, author: Phone, one: Instruction, decision: Any, round_: int = 1, **more: Any) -> Instruction:
    asked = DecideInstruction(one.id, decision, round_, **more)
    return await tree.world.database.write(act, author.claims, asked, tree.world.now_ms)


async def answered(phone: Phone, one: Instruction, *commands: Command) -> list[tuple[str, str | None]]:
    for command in commands:
        phone.command(NOUN, one.id, command)
    return words(await phone.sync())


async def on(phone: Phone, one: Instruction) -> Instruction:
    """The instruction as it stands on a phone in step."""
    await phone.sync()
    found = phone.view(NOUN, one.id)
    assert isinstance(found, Instruction)
    return found


def all_on(phone: Phone) -> list[Instruction]:
    return [one for one in overlay.views(phone.shelf, BY_RECORD[Instruction]) if isinstance(one, Instruction)]


async def heard(tree: Tree, *kinds: str) -> list[tuple[str, str]]:
    """(kind, whose) of the notices of these kinds, or of all about one that was given, in the order of their kinds."""
    which = NOTIFICATION.c.kind.in_(kinds) if kinds else NOTIFICATION.c.kind.not_in(("instructed", "parked"))

    def read(conn: sa.Connection) -> list[tuple[str, bytes]]:
        return [(row.kind, bytes(row.user_id)) for row in conn.execute(sa.select(NOTIFICATION).where(which))]

    names = {phone.user_id: name for name, phone in tree.phones.items()}
    return sorted((kind, names[user_id]) for kind, user_id in await tree.world.database.read(read))


async def ticks(tree: Tree, times: int = 3) -> None:
    """The job's turn, so many times over the same moment."""
    world = tree.world
    found = await world.database.read(due, world.org_id, ESCALATE, world.now_ms)
    for _ in range(times):
        for one in found:
            await world.database.write(turn, world.org_id, ESCALATE, one.id, world.now_ms)


def named(tree: Tree, items: list[Instruction]) -> set[str]:
    names = {phone.user_id: name for name, phone in tree.phones.items()}
    return {names[one.rep_id] for one in items}


async def test_each_recipient_has_one_and_the_same_request_makes_none_twice(tree: Tree) -> None:
    """D-801, D-806: users, a department without its author, the followers of a customer."""
    nia, ann, bo = tree["nia"], tree["ann"], tree["bo"]
    shop_id = ann.create("customer", name="Mill")
    await tree.step()
    await tree.world.database.write(act, nia.claims, Collaborate(shop_id, bo.user_id), tree.world.now_ms)
    forms: list[tuple[dict[str, Any], set[str]]] = [
        ({"user_ids": (ann.user_id, bo.user_id)}, {"ann", "bo"}),
        ({"department_id": tree.departments["north"]}, {"ann", "bo"}),
        ({"customer_id": shop_id, "followers": True}, {"ann", "bo"}),
        ({"rep_id": ann.user_id, "place": "Gate 3", **PLACE}, {"ann"}),
    ]
    made, batch_id = [], b""
    for form, wanted in forms:
        batch_id = next(tree.world.ids)
        made = await asks(tree, nia, id=batch_id, **form)
        assert named(tree, made) == wanted
        assert {one.batch_id for one in made} == {batch_id}
        assert await asks(tree, nia, id=batch_id, **form) == made
        assert await refused(tree, nia, id=batch_id, **form | {"text": "Other"}) == (Code.id_taken, None)
    assert await refused(tree, nia, id=batch_id, user_ids=(bo.user_id,)) == (Code.id_taken, None)
    placed = await on(ann, made[0])
    assert (placed.place, placed.wgs_latitude_e6, placed.wgs_longitude_e6) == ("Gate 3", 31_230_000, 121_470_000)
    assert named(tree, await asks(tree, tree.boss, department_id=tree.departments["hq"])) == {"hal", "nia", "ann", "bo", "cy"}


async def test_nothing_is_half_sent(tree: Tree) -> None:
    """D-801, D-805: a leaver, a foreign user, an unknown department, nobody, two forms at once, what cannot be required."""
    nia, ann, bo, cy = tree["nia"], tree["ann"], tree["bo"], tree["cy"]
    shop_id = ann.create("customer", name="Mill")
    await tree.step()
    await tree.person("bo", Role.rep, "west", active=False)
    ids = tree.departments
    wrong: list[tuple[Phone, dict[str, Any], tuple[Code, str]]] = [
        (nia, {"user_ids": (ann.user_id, bo.user_id)}, (Code.rule_broken, "user_ids")),
        (tree.boss, {"rep_id": bo.user_id}, (Code.rule_broken, "rep_id")),
        (nia, {"user_ids": (ann.user_id, cy.user_id)}, (Code.out_of_scope, "user_ids")),
        (nia, {"user_ids": (ann.user_id, bytes(16))}, (Code.out_of_scope, "user_ids")),
        (tree.boss, {"user_ids": (ann.user_id, bytes(16))}, (Code.not_found, "user_ids")),
        (nia, {"department_id": ids["hq"]}, (Code.out_of_scope, "department_id")),
        (tree.boss, {"department_id": bytes(16)}, (Code.not_found, "department_id")),
        (nia, {"department_id": ids["west"]}, (Code.rule_broken, "department_id")),
        (nia, {}, (Code.rule_broken, "user_ids")),
        (nia, {"rep_id": ann.user_id, "user_ids": (ann.user_id,)}, (Code.rule_broken, "user_ids")),
        (nia, {"followers": True}, (Code.rule_broken, "customer_id")),
        (nia, {"followers": True, "customer_id": bytes(16)}, (Code.out_of_scope, "customer_id")),
        (nia, {"user_ids": (ann.user_id, nia.user_id), "customer_id": shop_id}, (Code.out_of_scope, "customer_id")),
        (nia, {"rep_id": ann.user_id, "requires": Requires.visit}, (Code.rule_broken, "customer_id")),
        (nia, {"rep_id": ann.user_id, "requires": Requires.photo}, (Code.rule_broken, "requires")),
        (nia, {"rep_id": ann.user_id, "latitude_e6": 1}, (Code.rule_broken, "latitude_e6")),
    ]
    for author, form, told in wrong:
        assert await refused(tree, author, **form) == told, form
    for phone in (ann, nia):
        await phone.sync()
    assert (all_on(ann), all_on(nia), await heard(tree, "instructed")) == ([], [], [])


async def test_each_step_has_both_times(tree: Tree) -> None:
    """D-802: receipts and answers that were entered offline, heard hours later; a receipt is told to nobody."""
    nia, ann = tree["nia"], tree["ann"]
    [given] = await asks(tree, nia, rep_id=ann.user_id)
    await ann.sync()
    for command in (Deliver(), Read(), Acknowledge(), Start()):
        ann.command(NOUN, given.id, command)
        tree.world.now_ms += HOUR_MS
    assert words(await ann.sync()) == [("applied", None)] * 4
    steps = (await on(nia, given)).steps
    assert [one.state.name for one in steps] == ["sent", "delivered", "read", "acknowledged", "started"]
    hours = [tuple((at_ms - given.sent_ms) // HOUR_MS for at_ms in (one.occurred_ms, one.heard_ms)) for one in steps[1:]]
    assert hours == [(0, 4), (1, 4), (2, 4), (3, 4)]
    assert await answered(ann, given, Read()) == [("duplicate", None)]
    assert await answered(nia, given, Read()) == [("rejected", "forbidden")]
    assert await heard(tree) == [("instruction_answered", "nia")]


async def test_what_it_requires_is_brought(tree: Tree) -> None:
    """D-804: a reply; a visit there that is verified or probable, the rep's own, and not taken back."""
    nia, ann = tree["nia"], tree["ann"]
    shop_id = ann.create("customer", name="Mill", **{name: value if name != "datum" else int(value) for name, value in PLACE.items()})
    await tree.step()
    [wordy] = await asks(tree, nia, rep_id=ann.user_id, requires=Requires.reply)
    [there] = await asks(tree, nia, rep_id=ann.user_id, requires=Requires.visit, customer_id=shop_id)
    await ann.sync()
    assert await answered(ann, wordy, Finish()) == [("parked", "rule_broken")]
    assert await answered(ann, wordy, Finish(reply="Closed today")) == [("applied", None)]
    nowhere = ann.create("visit", customer_id=shop_id, device_ms=START_MS)
    for visit_id in (None, nowhere):
        ann.command(NOUN, there.id, Finish(visit_id))
    assert words(await ann.sync()) == [("applied", None), ("parked", "rule_broken"), ("parked", "rule_broken")]
    here = {**PLACE, "datum": int(Datum.wgs84), "accuracy_mm": 5_000, "fix_ms": START_MS}
    visit_id = ann.create("visit", customer_id=shop_id, device_ms=START_MS, **here)
    assert await answered(ann, there, Finish(visit_id)) == [("applied", None)] * 2
    assert [(one.state.name, one.reply, one.visit_id) for one in (await on(nia, wordy), await on(nia, there))] == [
        ("done", "Closed today", None),
        ("done", "", visit_id),
    ]


async def test_the_author_confirms_returns_and_cancels(tree: Tree) -> None:
    """D-809, D-810: at the desk and by phone; the same again is the same; another state or round is refused; a new round begins at sent."""
    nia, ann = tree["nia"], tree["ann"]
    [one] = await asks(tree, nia, rep_id=ann.user_id)
    tablet = await tree.world.phone(ann.user_id)
    for phone in (ann, tablet):
        await phone.sync()
    with pytest.raises(Problem, match="is sent by now"):
        await decides(tree, nia, one, "confirm")
    await answered(ann, one, Finish(reply="done"))
    with pytest.raises(Problem, match="is done by now"):
        await decides(tree, nia, one, "cancel")
    for _ in range(2):
        again = await decides(tree, nia, one, "return", reason="count twice", due_ms=tree.world.now_ms + DAY_MS)
        assert (again.state, again.round, again.reply, again.reason) == (InstructionState.sent, 2, "", "count twice")
    assert await answered(tablet, one, Finish(round=1)) == [("duplicate", None)]
    assert await answered(ann, one, Read(2), Acknowledge(2), Decline("ill", 2)) == [("applied", None)] * 3
    assert await answered(nia, one, Return("try", round=1)) == [("parked", "state_wrong")]
    assert await answered(nia, one, Return("try", round=2)) == [("applied", None)]
    assert await answered(ann, one, Finish()) == [("applied", None)]  # of an app that knows no rounds
    assert await answered(nia, one, Confirm(3), Confirm(3), Cancel(round=3)) == [
        ("applied", None),
        ("duplicate", None),
        ("parked", "state_wrong"),
    ]
    ended = await on(ann, one)
    assert (ended.state, ended.round, [step.state.name for step in ended.steps]) == (
        InstructionState.confirmed,
        3,
        ["sent", "done", "confirmed"],
    )
    assert await answered(ann, one, Confirm()) == [("rejected", "forbidden")]
    with pytest.raises(Problem, match="not a record"):
        await decides(tree, tree["hal"], one, "confirm")
    assert await heard(tree) == [
        *[("instruction_answered", "nia"), ("instruction_confirmed", "ann"), ("instruction_declined", "nia")],
        *[("instruction_done", "nia")] * 2,
        *[("instruction_returned", "ann")] * 2,
    ]


async def test_after_the_author_has_left_who_leads_the_rep_decides(tree: Tree) -> None:
    """D-813: the nearest manager above the rep decides, and nobody higher; an admin where there is none; the author again."""
    nia, ann, hal = tree["nia"], tree["ann"], tree["hal"]
    given = [(await asks(tree, nia, rep_id=ann.user_id))[0] for _ in range(4)]
    await tree.joins("una", Role.manager, "east")
    await tree.step()
    assert await answered(tree["una"], given[0], Cancel()) == [("rejected", "out_of_scope")]
    await tree.person("nia", Role.manager, "north", active=False)
    await answered(ann, given[0], Finish())
    for other in (hal, tree["bo"], ann):
        assert await answered(other, given[0], Confirm(1)) == [("rejected", "forbidden" if other is ann else "out_of_scope")]
    with pytest.raises(Problem, match="not a record"):
        await decides(tree, hal, given[0], "confirm")
    with pytest.raises(Problem, match="not a record"):
        await decides(tree, tree.boss, given[0], "confirm")
    assert await answered(tree["una"], given[0], Return("count again", round=1)) == [("applied", None)]
    assert (await on(ann, given[0])).round == 2
    assert (await decides(tree, tree["una"], given[1], "cancel")).state is InstructionState.cancelled
    await tree.person("una", Role.manager, "east", active=False)
    assert (await decides(tree, hal, given[2], "cancel")).state is InstructionState.cancelled
    await tree.person("hal", Role.manager, "hq", active=False)
    assert (await decides(tree, tree.boss, given[3], "cancel")).state is InstructionState.cancelled
    await tree.person("nia", Role.manager, "north")
    with pytest.raises(Problem, match="not a record"):
        await decides(tree, tree.boss, given[0], "cancel")
    assert (await decides(tree, nia, given[0], "cancel", 2)).state is InstructionState.cancelled
    told = [("instruction_cancelled", "ann")] * 4 + [("instruction_done", "una"), ("instruction_returned", "ann")]
    assert await heard(tree, "instruction_cancelled", "instruction_done", "instruction_returned") == told


async def test_what_is_cancelled_may_have_been_done(tree: Tree) -> None:
    """D-810: the rep worked offline; the state stays, the reply stands, and the author hears of it once."""
    nia, ann = tree["nia"], tree["ann"]
    [one] = await asks(tree, nia, rep_id=ann.user_id)
    await ann.sync()
    ann.command(NOUN, one.id, Start())
    ann.command(NOUN, one.id, Finish(reply="all there"))
    assert (await decides(tree, nia, one, "cancel")).state is InstructionState.cancelled
    assert words(await ann.sync()) == [("duplicate", None), ("applied", None)]
    assert await answered(ann, one, Finish(reply="more")) == [("duplicate", None)]
    after = await on(nia, one)
    assert (after.state, after.reply) == (InstructionState.cancelled, "all there")
    assert await heard(tree) == [("instruction_cancelled", "ann"), ("instruction_done", "nia")]


async def test_silence_is_told_to_the_author_and_then_above(tree: Tree) -> None:
    """D-812: unread, unanswered, overdue, each once however often the job runs; what moved on is told no more."""
    nia, ann, world = tree["nia"], tree["ann"], tree.world
    [one] = await asks(tree, nia, rep_id=ann.user_id, due_ms=world.now_ms + 72 * HOUR_MS)
    expected: list[tuple[str, str]] = []
    for hours, more in (
        (1, []),
        (2, [("instruction_unread", "nia")]),
        (24, [("instruction_unanswered", "nia")]),
        (26, [("instruction_unread", "hal")]),
        (48, [("instruction_unanswered", "hal")]),
        (72, [("instruction_overdue", "nia")]),
        (96, [("instruction_overdue", "hal")]),
        (500, []),
    ):
        world.now_ms = one.sent_ms + hours * HOUR_MS
        await ticks(tree)
        expected += more
        assert await heard(tree) == sorted(expected), hours
    assert ((await on(nia, one)).escalated, (await on(nia, one)).tell_ms) == (63, None)
    await answered(ann, one, Acknowledge())
    assert (await on(nia, one)).escalated == 16 + 32
    await answered(ann, one, Finish())
    assert (await on(nia, one)).escalated == 0


async def test_what_moved_on_in_time_is_not_told(tree: Tree) -> None:
    """D-812: read after the author was told, so the manager above is not; a return begins anew; nobody hears of an own instruction."""
    nia, ann, world = tree["nia"], tree["ann"], tree.world
    [one] = await asks(tree, nia, rep_id=ann.user_id)
    [own] = await asks(tree, nia, rep_id=nia.user_id)
    assert own.tell_ms is None
    await ann.sync()
    world.now_ms += 3 * HOUR_MS
    await ticks(tree)
    await answered(ann, one, Acknowledge())
    world.now_ms += 90 * HOUR_MS
    await ticks(tree)
    assert await heard(tree, "instruction_unread", "instruction_unanswered") == [("instruction_unread", "nia")]
    await answered(ann, one, Finish())
    await decides(tree, nia, one, "return", reason="again")
    world.now_ms += 3 * HOUR_MS
    await ticks(tree)
    assert await heard(tree, "instruction_unread") == [("instruction_unread", "nia")] * 2
