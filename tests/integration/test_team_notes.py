"""Team notes: who reads and writes them, how they come and go with the department tree, and their receipts."""

import pytest

from server.database import Database
from shared_schema.records.reference import Role
from shared_schema.records.team import GiveReceipt, ReceiptLevel
from shared_schema.wire import ROWS_DECODER, Kind, SyncAnswer
from tests.tree import Tree, tree_of
from tests.world import START_MS, Entry, said, words


@pytest.fixture
async def tree(database: Database) -> Tree:
    return await tree_of(database)


async def test_a_note_is_read_in_its_department_and_below_and_by_the_managers_above(tree: Tree) -> None:
    """P-124, D-501: whatever the reader's role; nobody else hears of it."""
    await tree.told("nia", "north", "to north")
    await tree.told("ann", "east", "to east")
    await tree.told("hal", "south", "to south")
    await tree.told("fay", "hq", "to all")
    await tree.step()
    assert {name: tree.read_by(name) for name in tree.phones} == {
        "hal": {"to north", "to east", "to south", "to all"},
        "nia": {"to north", "to east", "to all"},
        "ann": {"to north", "to east", "to all"},
        "bo": {"to north", "to all"},
        "cy": {"to south", "to all"},
        "fay": {"to all"},
    }


@pytest.mark.parametrize(
    ("author", "department", "answer"),
    [
        ("ann", "east", ("applied", None)),
        ("ann", "north", ("rejected", "forbidden")),
        ("ann", "west", ("rejected", "out_of_scope")),
        ("nia", "east", ("applied", None)),
        ("nia", "hq", ("rejected", "forbidden")),
        ("nia", "south", ("rejected", "out_of_scope")),
        ("fay", "hq", ("applied", None)),
    ],
)
async def test_who_may_write_to_a_department(tree: Tree, author: str, department: str, answer: tuple[str, str | None]) -> None:
    """D-501: and what was refused stands in its author's inbox with its text."""
    tree.note(author, department, "hear me")
    assert words(await tree[author].sync()) == [answer]
    cards = [item.members[0].mine["text"] for item in tree[author].inbox()]
    assert cards == ([] if answer[1] is None else ["hear me"])


async def test_notes_of_several_authors_all_stand_and_a_correction_is_a_further_one(tree: Tree) -> None:
    """D-502."""
    first = tree.note("ann", "east", "meet at nine")
    tree.note("ann", "east", "meet at ten", first)  # both offline, in one push
    tree.note("nia", "east", "no meeting")
    await tree.step()
    assert tree.read_by("ann") == tree.read_by("nia") == {"meet at nine", "meet at ten", "no meeting"}
    other = await tree.told("hal", "south", "south only")
    for wrong in (other, bytes(16)):
        tree.note("ann", "east", "what", wrong)
    assert [(one.code, one.field) for one in said(await tree["ann"].sync())] == [("out_of_scope", "amends_id")] * 2


async def test_the_shows_of_a_note_is_a_place_in_its_team_scope(tree: Tree) -> None:
    """P-326 holds for a team scope too: the overlay ends when the note arrives."""
    tree.note("nia", "east", "short way")
    (answer,) = await tree["nia"].sync()
    (outcome,) = said([answer])
    assert outcome.shows is not None
    assert outcome.shows.scope in {page.scope for page in answer.pages if page.lane == 5}
    assert tree.read_by("nia") == {"short way"}
    assert not tree["nia"].shelf.pendings()[-1].overlay


async def test_who_moves_loses_the_old_team_and_gains_the_new_one(tree: Tree) -> None:
    """P-124, D-503: rows of the old team are dropped, older notes of the new one come; what was not sent by then is refused."""
    await tree.told("ann", "east", "east secret")
    await tree.told("bo", "west", "west plan")
    await tree.step()
    await tree.person("ann", Role.rep, "west")
    tree.note("ann", "east", "too late")
    assert words(answers := await tree["ann"].sync()) == [("rejected", "out_of_scope")]
    assert len([scope for answer in answers for scope in answer.drop]) == 1
    assert tree.read_by("ann") == {"west plan"}
    assert [item.members[0].mine["text"] for item in tree["ann"].inbox()] == ["too late"]
    assert not any(b"east secret" in body for body in tree["ann"].holds().values())


async def test_the_old_manager_loses_the_reps_now_lane_and_the_new_one_gains_it(tree: Tree) -> None:
    """P-122, P-124."""
    mia = await tree.joins("mia", Role.manager, "south")
    shop_id = tree["ann"].create("customer", name="Corner Shop")
    await tree.step()
    assert (tree["nia"].view("customer", shop_id) is not None, mia.view("customer", shop_id)) == (True, None)
    await tree.person("ann", Role.rep, "south")
    await tree.step()
    assert (tree["nia"].view("customer", shop_id), mia.view("customer", shop_id) is not None) == (None, True)


async def test_a_department_that_moves_takes_its_readers_along(tree: Tree) -> None:
    """P-124: everybody below it begins and drops teams, though nothing of his own changed."""
    await tree.told("nia", "north", "to north")
    await tree.told("hal", "south", "to south")
    await tree.step()
    await tree.department("east", "south")
    await tree.step()
    assert {name: tree.read_by(name) for name in ("ann", "bo", "nia", "cy")} == {
        "ann": {"to south"}, "bo": {"to north"}, "nia": {"to north"}, "cy": {"to south"},
    }  # fmt: skip


async def test_there_and_back_between_two_pulls_is_nothing(tree: Tree) -> None:
    """P-124: no drop, no page of a team, no row twice."""
    await tree.told("ann", "east", "east plan")
    await tree.step()
    before = tree["ann"].holds()
    await tree.person("ann", Role.rep, "west")
    await tree.person("ann", Role.rep, "east")
    answers = await tree["ann"].sync()
    assert [answer.drop for answer in answers] == [[]]
    assert 5 not in lanes(answers)
    after = tree["ann"].holds()
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert changed == {(22, tree["ann"].user_id)}


async def test_a_new_department_has_its_scope_at_once(tree: Tree) -> None:
    """P-124: and one saved again has no second one."""
    await tree.department("harbour", "south")
    await tree.department("harbour", "hq")
    await tree.joins("dee", Role.rep, "harbour")
    await tree.told("dee", "harbour", "first")
    await tree.step()
    assert tree.read_by("dee") == tree.read_by("hal") == {"first"}


async def test_a_note_never_changes(tree: Tree) -> None:
    """P-333, D-502: neither patch nor delete, not even by its author."""
    note_id = await tree.told("ann", "east", "as it was")
    n = tree["ann"].shelf.seat().next_n
    pushed = await tree["ann"].push(
        Entry(n, Kind.patch, "team_note", note_id, {"text": "other"}, {"": 1}).raw(),
        Entry(n + 1, Kind.delete, "team_note", note_id, {}, {"": 1}).raw(),
        Entry(
            n + 2, Kind.create, "team_note", note_id, {"department_id": tree.departments["east"], "device_ms": START_MS, "text": "x"}
        ).raw(),
    )
    assert pushed.counts["rejected"] == 3


async def test_pages_come_in_the_order_of_the_lanes(tree: Tree) -> None:
    """P-208: team notes after the reference records, before quotes."""
    await tree.told("ann", "east", "hello")
    fresh = await tree.world.phone(tree["ann"].user_id)
    answers = await fresh.sync()
    assert [page.lane for page in answers[0].pages] == [1, 4, 5, 5, 5, 2, 3]


# receipts


async def give(tree: Tree, who: str, note_id: bytes, *levels: ReceiptLevel) -> list[tuple[str, str | None]]:
    for level in levels:
        tree[who].command("team_note", note_id, GiveReceipt(level))
    return words(await tree[who].sync())


async def test_a_receipt_only_rises(tree: Tree) -> None:
    """P-530: a level not above the one given is a duplicate and changes nothing."""
    note_id = await tree.told("nia", "east", "read this")
    await tree.step()
    levels = (ReceiptLevel.read, ReceiptLevel.delivered, ReceiptLevel.read, ReceiptLevel.done, ReceiptLevel.acknowledged)
    assert [result for result, _ in await give(tree, "ann", note_id, *levels)] == [
        "applied",
        "duplicate",
        "duplicate",
        "applied",
        "duplicate",
    ]
    await tree.step()
    assert tree.receipts("ann") == [("ann", "done")]
    second = await tree.world.phone(tree["ann"].user_id)
    await second.sync()
    second.command("team_note", note_id, GiveReceipt(ReceiptLevel.read))
    (outcome,) = said(await second.sync())
    assert (outcome.result.name, outcome.shows) == ("duplicate", None)


async def test_a_receipt_is_held_by_its_reader_and_the_author_alone(tree: Tree) -> None:
    """P-125: and by the managers above these, who hold their `now` lanes (P-122)."""
    note_id = await tree.told("nia", "north", "read this")
    await tree.step()
    await give(tree, "ann", note_id, ReceiptLevel.read)
    await give(tree, "bo", note_id, ReceiptLevel.acknowledged)
    await tree.step()
    both = [("ann", "read"), ("bo", "acknowledged")]
    assert {name: tree.receipts(name) for name in tree.phones} == {
        "hal": both, "nia": both, "ann": both[:1], "bo": both[1:], "cy": [], "fay": [],
    }  # fmt: skip


async def test_who_does_not_hold_a_note_gives_no_receipt(tree: Tree) -> None:
    """P-530: a foreign note and an unknown one answer alike; a level must be said; a customer takes none."""
    note_id = await tree.told("nia", "east", "read this")
    shop_id = tree["ann"].create("customer", name="Corner Shop")
    await tree.step()
    assert await give(tree, "cy", note_id, ReceiptLevel.read) == [("rejected", "out_of_scope")]
    assert await give(tree, "cy", bytes(16), ReceiptLevel.read) == [("rejected", "out_of_scope")]
    assert await give(tree, "ann", note_id, ReceiptLevel.unknown) == [("parked", "rule_broken")]
    tree["ann"].command("customer", shop_id, GiveReceipt(ReceiptLevel.read))
    assert words(await tree["ann"].sync()) == [("rejected", "command_unknown")]


def lanes(answers: list[SyncAnswer]) -> set[int]:
    return {page.lane for answer in answers for page in answer.pages if ROWS_DECODER.decode(page.rows)}
