"""Each kind of entry, its refusals and its line in the history (P-320, P-333, P-341, P-410, P-420 to P-427, P-450)."""

from typing import Any

import pytest
from msgspec import Raw

from server.domain.rules import RULES
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Contact
from shared_schema.records.reference import Role
from shared_schema.records.team import TeamNote
from shared_schema.registry import BY_NAME, BY_RECORD
from shared_schema.wire import ENCODER, GroupPlace, Kind, Mutation, Outcome, Result
from sync.decode import understand
from sync.rules import Actor, Moment, Turn
from sync.state import WHOLE, Change, State
from sync.steps import DAY_MS, Done, Step
from tests.unit.device_world import key
from tests.unit.sync.core import NOW_MS, Core, said

APPLIED = (Result.applied, None)


def last(core: Core) -> Change:
    """The newest line of the history."""
    assert core.folded is not None
    return core.folded.state.changes[-1]


def delete(core: Core, who: str, record_id: bytes, base: int | None, entity: str = "contact") -> Outcome:
    return core.send(who, core.entry(who, Kind.delete, entity, record_id, None, {} if base is None else {WHOLE: base}))[0]


def restore(core: Core, who: str, record_id: bytes, base: int | None, **values: Any) -> Outcome:
    bases = {} if base is None else {WHOLE: base}
    return core.send(
        who, core.entry(who, Kind.restore, "contact", record_id, {"customer_id": core.customer_id, "name": "Lee", **values}, bases)
    )[0]


# create


def test_a_create_says_who_made_it(core: Core) -> None:
    """P-410, P-450: rev 1, its author as writer, one line without values; a fact has none."""
    shop = core.new_id()
    made = core.create("ann", "customer", shop, name="Other", tags=["red", "red"])
    assert (said(made), made.rev) == (APPLIED, 1)
    held = core.store.records[1, shop]
    writer = (core.lines["ann"], made.n)
    assert held.stamps[WHOLE] == (1, *writer)
    assert [(one.element, one.line_no, one.n) for one in core.record("customer", shop).tags] == [("red", *writer)]
    line = last(core)
    assert (line.decision, line.key, line.rev, line.group) == ("created", (1, shop), 1, WHOLE)
    assert (line.line_no, line.n, line.before, line.after, line.user_id, line.customer_id) == (*writer, {}, {}, core.user_ids["ann"], shop)
    core.create("ann", "contact_log", core.new_id(), customer_id=core.customer_id, device_ms=5)
    assert core.decisions() == []


def test_after_the_loss_facts_are_late_and_the_rest_waits(core: Core) -> None:
    """P-424, D-207: a stranger's are refused."""
    core.transfer(core.customer_id, "eve")
    core.transfer(core.customer_id, "bo")
    fact = core.new_id()
    assert said(core.create("ann", "contact_log", fact, customer_id=core.customer_id, device_ms=5)) == APPLIED
    assert core.record("contact_log", fact).late
    moved = core.create("ann", "contact", core.new_id(), customer_id=core.customer_id, name="Lee")
    assert said(moved) == (Result.parked, "moved")
    own = core.new_id()
    assert said(core.create("bo", "contact_log", own, customer_id=core.customer_id, device_ms=5)) == APPLIED
    assert not core.record("contact_log", own).late
    foreign = core.new_id()
    core.create("bo", "customer", foreign, name="Bo's")
    refused = core.create("ann", "contact_log", core.new_id(), customer_id=foreign, device_ms=5)
    assert said(refused) == (Result.rejected, "out_of_scope")
    assert said(core.create("ann", "contact_log", core.new_id(), customer_id=core.new_id(), device_ms=5)) == (
        Result.rejected,
        "out_of_scope",
    )


def test_the_same_create_is_a_duplicate_while_its_values_stand(core: Core, contact_id: bytes) -> None:
    """P-320: who does not hold the customer is not told that it exists."""
    values = {"customer_id": core.customer_id, "name": "Lee"}
    again = core.create("ann", "contact", contact_id, **values)
    assert (again.result, again.rev) == (Result.duplicate, 1)
    assert said(core.create("ann", "contact", contact_id, **{**values, "name": "Kim"})) == (Result.parked, "conflict")
    assert said(core.create("eve", "contact", contact_id, **values)) == (Result.rejected, "out_of_scope")


def test_what_the_server_makes_beside_a_record_names_no_device(core: Core) -> None:
    """P-410."""
    standing = core.store.records[BY_NAME["standing"].number, core.customer_id]
    assert standing.stamps == {WHOLE: (1, 0, 0)}


# patch and undo


def test_a_patch_writes_a_line_for_each_group(core: Core) -> None:
    """P-450: what stood and what stands; the outcome has the rev."""
    done = core.patch("ann", core.customer.rev, phone="2", note="x")
    assert (said(done), done.rev) == (APPLIED, core.customer.rev)
    assert core.folded is not None
    assert [(one.group, one.before, one.after, one.rev) for one in core.folded.state.changes] == [
        ("phone", {"phone": "1"}, {"phone": "2"}, done.rev), ("note", {"note": ""}, {"note": "x"}, done.rev),
    ]  # fmt: skip
    assert core.store.records[1, core.customer_id].stamps["note"] == (done.rev, core.lines["ann"], done.n)


def test_each_group_in_conflict_has_a_card_and_the_others_are_taken(core: Core) -> None:
    """P-404, P-502: the outcome names the first."""
    base = core.customer.rev
    core.patch("bo", base, phone="9", note="9")
    done = core.patch("ann", base, phone="2", note="x", city="Port")
    assert (said(done), core.customer.city) == ((Result.parked, "conflict"), "Port")
    cards = core.items("ann")
    assert {one.members[0].group for one in cards} == {"phone", "note"}
    assert done.item_id == next(one.id for one in cards if one.members[0].group == "phone")
    assert {one.members[0].their_rev for one in cards} == {core.customer.rev}


def undo(core: Core, rev: int | None) -> tuple[Result, str | None]:
    return said(core.send("ann", core.entry("ann", Kind.undo, "customer", core.customer_id, {"phone": "1"}, {"phone": rev or 0}))[0])


@pytest.mark.parametrize(("age_ms", "told"), [(30 * DAY_MS, APPLIED), (30 * DAY_MS + 1, (Result.rejected, "undo_expired"))])
def test_a_change_is_taken_back_within_30_days(core: Core, age_ms: int, told: tuple[Result, str | None]) -> None:
    """P-425."""
    done = core.patch("ann", core.customer.rev, phone="2")
    core.store.changed_ms[(1, core.customer_id), "phone"] = NOW_MS - age_ms
    assert undo(core, done.rev) == told
    assert core.customer.phone == ("1" if told == APPLIED else "2")


def test_an_undo_names_its_author_and_can_be_undone(core: Core) -> None:
    """P-410, P-425: it is a change of this moment; what never changed is not taken back."""
    done = core.patch("ann", core.customer.rev, phone="2")
    core.store.changed_ms[(1, core.customer_id), "phone"] -= DAY_MS
    assert undo(core, done.rev) == APPLIED
    assert core.store.records[1, core.customer_id].stamps["phone"] == (core.customer.rev, core.lines["ann"], core.next_n["ann"] - 1)
    assert core.store.changed_ms[(1, core.customer_id), "phone"] == NOW_MS
    entry = core.entry("ann", Kind.undo, "customer", core.customer_id, {"note": "x"}, {"note": core.customer.rev})
    assert said(core.send("ann", entry)[0]) == (Result.parked, "conflict")
    assert core.customer.note == ""


def test_ones_own_newer_value_is_a_conflict_to_an_undo(core: Core) -> None:
    """P-423: though not to a patch."""
    done = core.patch("ann", core.customer.rev, phone="2")
    core.patch("ann", done.rev or 0, phone="3")
    assert undo(core, done.rev) == (Result.parked, "conflict")
    assert said(core.patch("ann", done.rev or 0, phone="4")) == APPLIED


@pytest.mark.parametrize("writes", ["before the undo", "after the undo", "nobody"])
def test_an_undo_hides_nobody_from_what_its_author_enters_next(core: Core, writes: str) -> None:
    """P-402, P-410, P-423: it passed the test, so all that it replaced had been seen; where somebody else wrote, the next edit waits."""
    done = core.patch("ann", core.customer.rev, phone="2")
    if writes == "before the undo":
        core.patch("bo", done.rev or 0, phone="bo")
    assert (undo(core, done.rev) == APPLIED) == (writes != "before the undo")
    if writes == "after the undo":
        core.patch("bo", core.customer.rev, phone="bo")
    assert (said(core.patch("ann", done.rev or 0, phone="3")) == APPLIED) == (writes == "nobody")
    assert core.customer.phone == ("3" if writes == "nobody" else "bo")


# delete


def test_a_delete_keeps_in_the_history_all_that_people_entered(core: Core, contact_id: bytes) -> None:
    """P-421, P-426: so that a restore can give it back; nothing of the server's."""
    done = delete(core, "ann", contact_id, 1)
    assert (said(done), core.record("contact", contact_id)) == (APPLIED, None)
    line = last(core)
    assert (line.decision, line.rev, line.group, line.after, line.customer_id) == ("deleted", 2, WHOLE, {}, core.customer_id)
    assert (line.before["name"], line.before["customer_id"], line.before["phones"]) == ("Lee", core.customer_id, ())
    assert not {"id", "rev"} & line.before.keys()
    again = delete(core, "ann", contact_id, 1)
    assert (again.result, again.rev, core.decisions()) == (Result.duplicate, 2, [])


def test_what_a_delete_must_have_seen(core: Core, contact_id: bytes) -> None:
    """P-421, P-424: its own author's later changes it knows."""
    assert said(delete(core, "ann", contact_id, None)) == (Result.rejected, "base_missing")
    assert said(delete(core, "eve", contact_id, 1)) == (Result.rejected, "out_of_scope")
    assert said(delete(core, "ann", core.new_id(), 1)) == (Result.rejected, "out_of_scope")
    core.send("ann", core.entry("ann", Kind.patch, "contact", contact_id, {"phone": "2"}, {"phone": 1}))
    assert said(delete(core, "bo", contact_id, 1)) == (Result.parked, "conflict")
    assert said(delete(core, "ann", contact_id, 1)) == APPLIED


def test_an_operation_of_somebody_else_on_a_set_stops_a_delete(core: Core) -> None:
    """P-415: also behind one's own later one; one's own alone does not."""
    for between in ("ann", "bo"):
        shop = core.new_id()
        core.create("ann", "customer", shop, name="Other")
        core.transfer(shop, "bo")
        core.transfer(shop, "ann")
        if between == "bo":
            core.transfer(shop, "bo")
        add = {"tags": {"add": ["red"]}}
        assert said(core.send(between, core.entry(between, Kind.patch, "customer", shop, add))[0]) == APPLIED
        if between == "bo":
            core.transfer(shop, "ann")
        core.send("ann", core.entry("ann", Kind.patch, "customer", shop, {"tags": {"add": ["blue"]}}))
        told = delete(core, "ann", shop, 1, "customer")
        assert (told.code == "conflict") == (between == "bo")


def test_what_is_never_deleted(core: Core) -> None:
    """P-333, P-430: facts, and what the server owns."""
    fact = core.new_id()
    core.create("ann", "contact_log", fact, customer_id=core.customer_id, device_ms=5)
    assert said(delete(core, "ann", fact, 1, "contact_log")) == (Result.rejected, "immutable")
    assert said(delete(core, "ann", core.customer_id, 1, "standing")) == (Result.rejected, "server_owned")
    assert core.record("contact_log", fact) is not None


# restore


def test_a_restore_brings_it_back_above_the_deletion(core: Core, contact_id: bytes) -> None:
    """P-426, P-427: again it is a duplicate, with other values a conflict."""
    delete(core, "ann", contact_id, 1)
    done = restore(core, "bo", contact_id, 2, phone="5")
    assert (said(done), done.rev, core.record("contact", contact_id).phone) == (APPLIED, 3, "5")
    assert core.store.records[BY_RECORD[Contact].number, contact_id].stamps == {WHOLE: (3, core.lines["bo"], done.n)}
    line = last(core)
    assert (line.decision, line.rev, line.group, line.before, line.after) == ("restored", 3, WHOLE, {}, {})
    assert restore(core, "bo", contact_id, 2, phone="5").result == Result.duplicate
    assert said(restore(core, "bo", contact_id, 2, phone="6")) == (Result.parked, "conflict")
    assert said(delete(core, "ann", contact_id, 3)) == APPLIED


def test_what_a_restore_must_name(core: Core, contact_id: bytes) -> None:
    """P-424, P-426: the rev of the deletion; and it returns to its own customer."""
    other = core.new_id()
    core.create("ann", "customer", other, name="Other")
    assert said(restore(core, "ann", core.new_id(), 2)) == (Result.rejected, "out_of_scope")
    delete(core, "ann", contact_id, 1)
    assert said(restore(core, "ann", contact_id, None)) == (Result.rejected, "base_missing")
    assert said(restore(core, "ann", contact_id, 1)) == (Result.parked, "gone")
    elsewhere = restore(core, "ann", contact_id, 2, customer_id=other)
    assert (said(elsewhere), elsewhere.field) == ((Result.rejected, "fixed_field"), "customer_id")
    assert said(restore(core, "eve", contact_id, 2)) == (Result.rejected, "out_of_scope")
    own = core.new_id()
    core.create("eve", "customer", own, name="Eve's")
    assert said(restore(core, "eve", contact_id, 2, customer_id=own)) == (Result.rejected, "out_of_scope")
    (card, *_) = [one for one in core.items("ann") if one.code == "gone"]
    assert card.members[0].their_rev == 2, "the rev which it must name (P-426)"
    assert {one.members[0].their_rev for one in core.items("eve")} == {0}


# commands


def test_a_command_has_a_line_for_each_record_that_it_moved(core: Core) -> None:
    """P-450: what the server wrote there, before and after; a card of a pool tells nothing (P-127)."""
    standing, pool = core.record("standing", core.customer_id), core.pool()
    done = core.command("ann", "standing", core.customer_id, command="release", pool_id=pool, epoch=standing.epoch)
    assert (said(done), done.rev) == (APPLIED, core.record("standing", core.customer_id).rev)
    line = last(core)
    assert core.decisions() == ["release"]
    assert (line.before["owner_id"], line.after["owner_id"], line.after["pool_id"]) == (core.user_ids["ann"], None, pool)
    assert "tier" not in line.before
    assert (line.group, line.n, line.line_no, line.customer_id) == (WHOLE, done.n, core.lines["ann"], core.customer_id)


def test_who_may_command(core: Core) -> None:
    """P-341, P-424: who holds the record; about a pooled customer its pool decides."""
    standing, pool = core.record("standing", core.customer_id), core.pool()
    release = {"command": "release", "pool_id": pool, "epoch": standing.epoch}
    assert said(core.command("eve", "standing", core.customer_id, **release)) == (Result.rejected, "out_of_scope")
    assert said(core.command("ann", "standing", core.new_id(), **release)) == (Result.rejected, "out_of_scope")
    assert said(core.command("ann", "customer", core.customer_id, command="dance")) == (Result.rejected, "command_unknown")
    core.command("ann", "standing", core.customer_id, **release)
    assert said(core.command("eve", "pool_card", core.customer_id, command="claim", epoch=standing.epoch + 1)) == APPLIED


# team notes


def give(state: State, actor: Actor, kind: Kind, values: dict[str, Any], bases: dict[str, int] | None = None) -> Done:
    """One entry about a note, by an actor of these teams."""
    entity = BY_RECORD[TeamNote]
    body = Raw(ENCODER.encode(values))
    mutation = Mutation(1, GroupPlace(1, 0, 1), int(kind), entity.number, key(1), bases or {}, body, 0)
    return Step(Turn(state, actor, RULES, Moment(5)), understand(mutation)).run()


def member(*teams: bytes) -> Actor:
    return Actor(1, b"a" * 16, 3, Role.rep, team_ids=frozenset(teams), addressed_ids=frozenset(teams))


def test_a_note_is_of_who_holds_its_department(core: Core) -> None:
    """P-124, P-424: of nobody else, also when it is there."""
    state, note, team = State(), {"department_id": key(7), "device_ms": 1, "text": "hear"}, key(7)
    with pytest.raises(Problem) as raised:
        give(state, member(key(8)), Kind.create, note)
    assert raised.value.code == Code.out_of_scope
    assert give(state, member(team), Kind.create, note).result == Result.applied
    assert give(state, member(team, key(8)), Kind.create, note).result == Result.duplicate
    for teams, code in (((key(8),), Code.out_of_scope), ((team,), Code.id_taken)):
        with pytest.raises(Problem) as raised:
            give(state, member(*teams), Kind.create, {**note, "text": "other", "department_id": teams[0]})
        assert raised.value.code == code
    receipt = {"command": "receipt", "level": 2}
    assert give(state, member(team), Kind.command, receipt).result == Result.applied
    assert give(state, member(team), Kind.command, receipt).result == Result.duplicate
    with pytest.raises(Problem) as raised:
        give(state, member(key(8)), Kind.command, receipt)
    assert raised.value.code == Code.out_of_scope
