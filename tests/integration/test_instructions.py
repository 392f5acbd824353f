"""Instructions: who gives one to whom, how a rep answers it in whatever order, and what each hears of the other."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from server.database import Database
from server.domain.desk import LISTS
from server.domain.instruction_escalations import ESCALATE
from server.jobs.turn import due
from server.models import RECORD_TABLES, change
from server.services import records
from server.services.act import act, turn
from shared_schema.problem import Code, Problem
from shared_schema.records.base import Command
from shared_schema.records.customer import Collaborate
from shared_schema.records.instruction import Acknowledge, Decline, Finish, Instruct, Instruction, InstructionState, Priority, Start
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME, BY_RECORD
from shared_schema.wire import ENCODER, Kind
from sync.device import Edit
from tests.integration.site import Site, code
from tests.integration.test_terminal import Terminal, lin, served
from tests.integration.test_terminal_team import signed_in
from tests.tree import Tree, tree_of
from tests.world import START_MS, Phone, words

NOTIFICATION = RECORD_TABLES["notification"]

__all__ = ["lin", "served"]
DAY_MS = 86_400_000
NOUN = "instruction"


@pytest.fixture
async def tree(database: Database) -> Tree:
    return await tree_of(database)


async def asks(tree: Tree, author: Phone, rep: Phone, **more: Any) -> Instruction:
    """The author gives the rep an instruction at the desk."""
    asked = Instruct(**{"id": next(tree.world.ids), "rep_id": rep.user_id, "text": "Call the mill"} | more)
    answer = await tree.world.database.write(act, author.claims, asked, tree.world.now_ms)
    return answer.items[0]  # type: ignore[no-any-return]


async def refused(tree: Tree, author: Phone, rep: Phone, **more: Any) -> tuple[Code, str | None]:
    with pytest.raises(Problem) as raised:
        await asks(tree, author, rep, **more)
    return raised.value.code, raised.value.field


def on(phone: Phone, one: Instruction) -> Instruction | None:
    found = phone.view(NOUN, one.id)
    assert found is None or isinstance(found, Instruction)
    return found


async def answered(phone: Phone, one: Instruction, *commands: Command) -> list[tuple[str, str | None]]:
    for command in commands:
        phone.command(NOUN, one.id, command)
    return words(await phone.sync())


async def heard(tree: Tree, *kinds: str) -> list[tuple[str, str]]:
    """(kind, whose) of the notices of these kinds, in the order of their kinds."""

    def read(conn: sa.Connection) -> list[tuple[str, bytes]]:
        return [(row.kind, bytes(row.user_id)) for row in conn.execute(sa.select(NOTIFICATION).where(NOTIFICATION.c.kind.in_(kinds)))]

    names = {phone.user_id: name for name, phone in tree.phones.items()}
    return sorted((kind, names[user_id]) for kind, user_id in await tree.world.database.read(read))


async def test_the_rep_the_author_and_who_leads_them_have_it_on_their_phones(tree: Tree) -> None:
    """P-122, P-125, D-801, D-807, D-808."""
    given = await asks(tree, tree["nia"], tree["ann"], priority=Priority.urgent, due_ms=tree.world.now_ms + DAY_MS)
    assert (given.state, given.author_id, given.sent_ms > 0) == (InstructionState.sent, tree["nia"].user_id, True)
    await tree.step()
    assert {name for name in tree.phones if on(tree[name], given) is not None} == {"ann", "nia", "hal"}
    assert on(tree["ann"], given) == given
    assert await heard(tree, "instructed") == [("instructed", "ann")]


@pytest.mark.parametrize(
    ("author", "rep", "told"),
    [
        ("nia", "ann", None),
        ("hal", "ann", None),
        ("hal", "nia", None),
        ("nia", "nia", None),
        ("boss", "cy", None),
        ("nia", "cy", (Code.out_of_scope, "rep_id")),
        ("nia", "hal", (Code.out_of_scope, "rep_id")),
        ("hal", "fay", (Code.out_of_scope, "rep_id")),
        ("boss", "fay", (Code.out_of_scope, "rep_id")),
        ("ann", "ann", (Code.forbidden, None)),
        ("fay", "ann", (Code.forbidden, None)),
    ],
)
async def test_who_gives_an_instruction_to_whom(tree: Tree, author: str, rep: str, told: tuple[Code, str | None] | None) -> None:
    """D-801."""
    giver = tree.boss if author == "boss" else tree[author]
    if told is None:
        await asks(tree, giver, tree[rep])
        assert await heard(tree, "instructed") == ([] if author == rep else [("instructed", rep)])
    else:
        assert await refused(tree, giver, tree[rep]) == told


async def test_what_an_instruction_names(tree: Tree) -> None:
    """D-801, D-805: a deadline that is over, a customer of somebody else's."""
    nia, ann, now_ms = tree["nia"], tree["ann"], tree.world.now_ms
    shop_id, other_id = ann.create("customer", name="Mill"), tree["bo"].create("customer", name="Other")
    await tree.step()
    assert await refused(tree, nia, ann, due_ms=now_ms) == (Code.rule_broken, "due_ms")
    for wrong in (other_id, bytes(16)):
        assert await refused(tree, nia, ann, customer_id=wrong) == (Code.out_of_scope, "customer_id")
    given = await asks(tree, nia, ann, customer_id=shop_id)
    await tree.world.database.write(act, nia.claims, Collaborate(shop_id, tree["bo"].user_id), now_ms)
    await asks(tree, nia, tree["bo"], customer_id=shop_id)
    await tree.step()
    assert on(ann, given) == given


async def test_the_same_request_again_gives_nothing_new(tree: Tree) -> None:
    """D-806: also when the deadline is over by then, and when it was answered."""
    nia, ann = tree["nia"], tree["ann"]
    more = {"id": next(tree.world.ids), "due_ms": tree.world.now_ms + DAY_MS}
    given = await asks(tree, nia, ann, **more)
    await ann.sync()
    assert await answered(ann, given, Acknowledge()) == [("applied", None)]
    tree.world.now_ms += 2 * DAY_MS
    again = await asks(tree, nia, ann, **more)
    assert (again.id, again.state) == (given.id, InstructionState.acknowledged)
    assert await refused(tree, nia, ann, **more, text="Other") == (Code.id_taken, None)
    assert await refused(tree, tree["hal"], ann, **more) == (Code.id_taken, None)
    assert await heard(tree, "instructed") == [("instructed", "ann")]


STEPS: list[tuple[Iterable[Command], list[str], InstructionState]] = [
    ([Acknowledge(), Start(), Finish()], ["applied", "applied", "applied"], InstructionState.done),
    ([Finish(), Start(), Acknowledge()], ["applied", "duplicate", "duplicate"], InstructionState.done),
    ([Finish(), Decline("no")], ["applied", "duplicate"], InstructionState.done),
    ([Decline("no"), Finish()], ["applied", "applied"], InstructionState.done),
    ([Start(), Acknowledge(), Decline("no")], ["applied", "duplicate", "applied"], InstructionState.declined),
    ([Decline("no"), Decline("never")], ["applied", "duplicate"], InstructionState.declined),
]


@pytest.mark.parametrize(("commands", "results", "state"), STEPS, ids=range(len(STEPS)))
async def test_the_state_only_rises(tree: Tree, commands: list[Command], results: list[str], state: InstructionState) -> None:
    """D-802: on one phone and on two that do not know of each other."""
    one, two = await asks(tree, tree["nia"], tree["ann"]), await asks(tree, tree["nia"], tree["ann"])
    tablet = await tree.world.phone(tree["ann"].user_id)
    for phone in (tree["ann"], tablet):
        await phone.sync()
    told = await answered(tree["ann"], one, *commands)
    for at, command in enumerate(commands):
        told += await answered(tablet if at % 2 else tree["ann"], two, command)
    assert told == [(result, None) for result in results * 2]
    await tree.step()
    for each in (one, two):
        after = on(tree["nia"], each)
        assert after is not None
        assert (after.state, after.changed_ms >= after.sent_ms) == (state, True)
        assert after.reason == ("no" if state == InstructionState.declined else "")


async def test_what_the_author_hears(tree: Tree) -> None:
    """D-808: the first answer once, whichever it is, and how it ended; also when days pass between the answers."""
    for commands in ([Acknowledge(), Start(), Finish()], [Start(), Decline("ill")]):
        given = await asks(tree, tree["nia"], tree["ann"])
        await tree["ann"].sync()
        for command in commands:
            await answered(tree["ann"], given, command)
            tree.world.now_ms += DAY_MS
    kinds = ("instruction_answered", "instruction_declined", "instruction_done")
    assert await heard(tree, *kinds) == [(kind, "nia") for kind in (kinds[0], *kinds)]


async def test_the_manager_above_hears_in_place_of_an_author_who_left(tree: Tree) -> None:
    """D-808, D-504: an active manager of the rep's department or of one above; nobody where there is none."""
    given = [await asks(tree, tree["nia"], tree["ann"]) for _ in range(2)]
    await tree["ann"].sync()
    await tree.joins("una", Role.manager, "east")
    await tree.person("una", Role.manager, "east", active=False)
    await tree.person("nia", Role.manager, "north", active=False)
    await answered(tree["ann"], given[0], Acknowledge(), Decline("ill"), Finish())
    kinds = ("instruction_answered", "instruction_declined", "instruction_done")
    assert await heard(tree, *kinds) == [(kind, "hal") for kind in kinds]
    await tree.person("hal", Role.manager, "hq", active=False)
    await answered(tree["ann"], given[1], Finish())
    assert await heard(tree, *kinds) == [(kind, "hal") for kind in kinds]


async def test_an_active_author_is_told_also_with_a_manager_nearer_to_the_rep(tree: Tree) -> None:
    """D-808."""
    given = await asks(tree, tree["hal"], tree["ann"])
    await tree["ann"].sync()
    await answered(tree["ann"], given, Finish())
    assert await heard(tree, "instruction_done") == [("instruction_done", "hal")]


async def test_only_the_rep_answers(tree: Tree) -> None:
    """D-803: the author is refused by name, every other user as if there were none."""
    given = await asks(tree, tree["nia"], tree["ann"])
    await tree.step()
    assert await answered(tree["nia"], given, Finish()) == [("rejected", "forbidden")]
    assert await answered(tree["bo"], given, Finish()) == [("rejected", "out_of_scope")]
    assert await answered(tree["hal"], given, Finish()) == [("rejected", "out_of_scope")]
    await tree.step()
    assert on(tree["ann"], given) == given


async def test_the_visit_by_which_it_was_done(tree: Tree) -> None:
    """D-804: the rep's word counts without it; the first visit that is the rep's own, and there, stands."""
    nia, ann, bo = tree["nia"], tree["ann"], tree["bo"]
    shop_id, other_id = ann.create("customer", name="Mill"), ann.create("customer", name="Other")
    await tree.step()
    await tree.world.database.write(act, nia.claims, Collaborate(shop_id, bo.user_id), tree.world.now_ms)
    await tree.step()
    given = await asks(tree, nia, ann, customer_id=shop_id)
    await ann.sync()
    foreign = bo.create("visit", customer_id=shop_id, device_ms=START_MS)
    await bo.sync()
    elsewhere = ann.create("visit", customer_id=other_id, device_ms=START_MS)
    for wrong in (foreign, elsewhere, bytes(16)):
        ann.command(NOUN, given.id, Finish(wrong))
    assert words(await ann.sync()) == [("applied", None)] * 2 + [("duplicate", None)] * 2
    await nia.sync()
    after = on(nia, given)
    assert after is not None
    assert (after.state, after.visit_id) == (InstructionState.done, None)
    visit_id, other_visit_id = (ann.create("visit", customer_id=shop_id, device_ms=START_MS) for _ in range(2))
    results = await answered(ann, given, Finish(visit_id), Finish(other_visit_id), Finish())
    assert results == [("applied", None)] * 3 + [("duplicate", None)] * 2
    await nia.sync()
    assert on(nia, given) == msgspec.structs.replace(after, rev=after.rev + 1, visit_id=visit_id)
    assert await heard(tree, "instruction_done") == [("instruction_done", "nia")]


async def test_done_counts_while_its_visit_waits(tree: Tree) -> None:
    """D-804: the customer was refused, so the visit waits on a card, in the same push. The visit is named again when it is there."""
    nia, ann = tree["nia"], tree["ann"]
    given = await asks(tree, nia, ann)
    await ann.sync()
    shop_id = next(tree.world.ids)
    ann.enter(Edit(Kind.create, BY_NAME["customer"], shop_id, {"name": "Mill", "extra.nope": "x"}))
    visit_id = ann.create("visit", customer_id=shop_id, device_ms=START_MS)
    results = await answered(ann, given, Finish(visit_id))
    assert results == [("rejected", "custom_field_unknown"), ("parked", "record_waits"), ("applied", None)]
    ann.enter(Edit(Kind.create, BY_NAME["customer"], shop_id, {"name": "Mill"}))
    ann.enter(Edit(Kind.create, BY_NAME["visit"], visit_id, {"customer_id": shop_id, "device_ms": START_MS}))
    assert await answered(ann, given, Finish(visit_id)) == [("applied", None)] * 3
    await nia.sync()
    after = on(nia, given)
    assert after is not None
    assert (after.state, after.visit_id) == (InstructionState.done, visit_id)


async def test_each_answer_is_in_the_history(tree: Tree) -> None:
    """P-450; and in nobody's timeline of a customer."""
    given = await asks(tree, tree["nia"], tree["ann"])
    await tree["ann"].sync()
    await answered(tree["ann"], given, Acknowledge(), Decline("ill"))
    now_ms = tree.world.now_ms
    found = await tree.world.database.read(records.changes, tree["nia"].claims, NOUN, given.id, now_ms)
    assert [(one.decision, one.after["state"]) for one in found] == [("decline", 6), ("acknowledge", 4)]
    rows = await tree.world.database.read(lambda conn: conn.execute(sa.select(change.c.customer_id)).scalars().all())
    assert set(rows) == {None}


async def test_a_lost_answer_is_asked_again(tree: Tree) -> None:
    """Exactly once: the same push again answers the same and tells nobody twice."""
    given = await asks(tree, tree["nia"], tree["ann"])
    ann = tree["ann"]
    await ann.sync()
    ann.command(NOUN, given.id, Finish())
    request = ann.ask()
    first, again = await ann.answer(request), await ann.answer(request)
    assert [ENCODER.encode(one.outcomes) for one in (first, again)] == [ENCODER.encode(first.outcomes)] * 2
    assert await heard(tree, "instruction_done") == [("instruction_done", "nia")]


async def test_the_list_at_the_desk(tree: Tree) -> None:
    """D-807, P-712: a manager sees those of the reports, whoever gave them; by state, by rep, the newest first."""
    listing = next(one for one in LISTS if one.entity is BY_RECORD[Instruction])
    given = [await asks(tree, giver, tree[rep]) for giver, rep in ((tree["hal"], "ann"), (tree["nia"], "bo"), (tree["hal"], "cy"))]
    await tree["bo"].sync()
    await answered(tree["bo"], given[1], Start())

    async def listed(who: Phone, **chosen: object) -> list[int]:
        found, _ = await tree.world.database.read(records.desk_list, who.claims, listing, chosen, None, tree.world.now_ms)
        return [[one.id for one in given].index(one.id) for one in found]

    assert await listed(tree["hal"]) == [2, 1, 0]
    assert await listed(tree["nia"]) == [1, 0]
    assert await listed(tree.boss) == []
    assert await listed(tree["hal"], state=InstructionState.sent) == [2, 0]
    assert await listed(tree["hal"], rep_id=tree["bo"].user_id, state=InstructionState.started) == [1]
    assert await listed(tree["hal"], author_id=tree["nia"].user_id) == [1]
    assert await listed(tree["hal"], batch_id=given[0].batch_id) == [0]


async def test_the_board_begins_with_what_presses(tree: Tree) -> None:
    """D-807, D-812: who stands where, and since when; what was told to the manager above, then what is unread, then the rest."""
    board = next(one for one in LISTS if one.entity is BY_RECORD[Instruction] and one.part == "board")
    world, reps = tree.world, ("ann", "bo", "cy")
    given = [await asks(tree, tree["hal"], tree[rep], due_ms=world.now_ms + DAY_MS if rep == "bo" else None) for rep in reps]
    await tree["cy"].sync()
    await answered(tree["cy"], given[2], Start())
    world.now_ms += 2 * DAY_MS
    for one in await world.database.read(due, world.org_id, ESCALATE, world.now_ms):
        await world.database.write(turn, world.org_id, ESCALATE, one.id, world.now_ms)
    listed, _ = await world.database.read(records.desk_list, tree["hal"].claims, board, {}, None, world.now_ms)
    found = [one for one in listed if isinstance(one, Instruction)]
    assert [(one.rep_id, one.escalated) for one in found] == [
        (tree["bo"].user_id, 63),
        (tree["ann"].user_id, 15),
        (tree["cy"].user_id, 0),
    ]
    assert found[2].steps[-1].state is InstructionState.started


def test_it_is_given_and_answered_on_the_terminal(served: Site, lin: Terminal, tmp_path: Path) -> None:
    """D-801 to D-806."""
    chief = signed_in(served, tmp_path, "chief")
    assert "no instructions" in lin.type("instructions")
    chief.type("instruct", "lin", "Count the shelves", "--customer", "harbour", "--due", "+1", "--urgent")
    chief.type("instruct", "lin", "Call the mill")
    chief.type("sync")
    lin.type("sync")
    assert "Chief → Lin  delivered" in (told := lin.type("instructions"))
    assert "urgent · Harbour Books · Count the shelves · due 20" in told
    assert "no such visit" in lin.fail("answer", "shelves", "finish", "--visited")
    lin.type("visit", "harbour")
    lin.type("answer", "shelves", "finish", "--visited")
    assert "Say why" in lin.fail("answer", "mill", "decline")
    lin.type("answer", "mill", "acknowledge")
    lin.type("answer", "mill", "start")
    lin.type("answer", "mill", "decline", "--reason", "closed")
    assert "Sent: 5 applied" in lin.type("sync")
    chief.type("sync")
    assert "Chief → Lin  done" in (told := chief.type("instructions"))
    assert "declined: closed" in told
    chief.type("offline")
    assert "switched offline" in chief.fail("instruct", "lin", "Later")
    chief.language = "zh_CN.UTF-8"
    assert "已拒绝" in chief.type("instructions")


def test_many_are_told_and_judged_on_the_terminal(served: Site, lin: Terminal, tmp_path: Path) -> None:
    """D-801, D-804, D-809: the board says who stands where and since when."""
    chief = signed_in(served, tmp_path, "chief")
    told = chief.type("instruct-department", "sales", "Read the new price book", "--requires", "reply", "--place", "At home")
    assert "Lin" in told
    chief.type("instruct-followers", "harbour", "Call them")
    chief.type("instruct", "lin,chief", "Clean the car")
    lin.type("sync")
    assert "At home · Read the new price book · done by a reply" in lin.type("instructions")
    for step in ("read",):
        lin.type("answer", "price", step)
    lin.type("answer", "price", "finish", "--reply", "Done at noon")
    lin.type("sync")
    chief.type("sync")
    told = chief.type("instructions")
    assert "Chief → Lin  done · since 20" in told
    assert "“Done at noon”" in told
    assert told.index("Chief → Lin  delivered") < told.index("Clean the car")
    assert "Say why" in chief.fail("judge", "lin price", "return")
    chief.type("judge", "lin price", "return", "--reason", "which pages?", "--due", "+1")
    chief.type("judge", "lin car", "cancel")
    assert "Sent: 2 applied" in chief.type("sync")
    lin.type("sync")
    assert "delivered: which pages? · since 20" in (told := lin.type("instructions"))
    assert "2. time" in told
    lin.type("answer", "price", "finish", "--reply", "All")
    lin.type("sync")
    chief.type("sync")
    chief.type("judge", "lin price", "confirm")
    assert "Sent: 1 applied" in chief.type("sync")
    assert "confirmed · since" in chief.type("instructions")


def test_over_http(served: Site, lin: Terminal) -> None:
    """The list filters by what the record holds; a filter that holds nothing of the kind is refused."""
    chief = served.caller("alpha", "chief")
    assert chief.log_in().status_code == 200
    rep_id = next(one["id"] for one in chief.get("/v1/records/person").json()["items"] if one["name"] == "Lin")
    body = {"id": "019e7044-8800-7914-a9bd-84f8db096139", "rep_id": rep_id, "text": "Call the mill"}
    answer = chief.post("/v1/desk/instructions", body).json()
    [given] = answer["items"]
    assert answer["id"] == given["id"] == given["batch_id"] == body["id"]
    assert (given["state"], given["priority"], given["text"]) == (1, 1, "Call the mill")
    assert chief.get(f"/v1/desk/instructions?state=1&rep_id={rep_id}").json() == {"items": [given], "after": None, "customers": []}
    assert chief.get("/v1/desk/instructions?state=7").json()["items"] == []
    assert chief.get(f"/v1/desk/instructions/board?batch_id={body['id']}").json() == {"items": [given], "after": None, "customers": []}
    decided = f"/v1/desk/instructions/{given['id']}/decisions"
    assert code(chief.post(decided, {"decision": "confirm", "round": 1})) == "state_wrong"
    assert code(chief.post(decided, {"decision": "return", "round": 1})) == "rule_broken"
    assert code(chief.post(decided, {"decision": "praise", "round": 1})) == "field_wrong"
    assert chief.post(decided, {"decision": "cancel", "round": 1, "reason": "not today"}).json()["state"] == 9
    for wrong in ("state=11", "batch_id=2", "state=sent", "rep_id=1", "after=1", f"after=.{rep_id}"):
        assert code(chief.get(f"/v1/desk/instructions?{wrong}")) == "parameter_wrong", wrong
    assert code(chief.post("/v1/desk/instructions", body | {"text": ""})) == "field_wrong"
