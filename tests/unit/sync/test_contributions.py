"""Late edits: what stands beside a customer that its author has lost, and what becomes of it when the customer comes back."""

import pytest

from shared_schema.records.contribution import ContributionState
from shared_schema.records.customer import Collaborate
from shared_schema.records.inbox import ItemState, Member
from shared_schema.wire import Kind, Result
from sync.contribution import contribution_id
from sync.inbox import item_id
from sync.state import WHOLE
from tests.prove import desk
from tests.unit.sync.core import NOW_MS, Core, said

MOVED = (Result.parked, "moved")


def lost(core: Core) -> int:
    """Eve has Ann's customer by now; the rev that Ann last saw."""
    seen: int = core.customer.rev
    core.transfer(core.customer_id, "eve")
    return seen


def shop(core: Core, owner: str = "ann") -> bytes:
    """Another customer."""
    record_id = core.new_id()
    core.create(owner, "customer", record_id, name="Other shop")
    return record_id


def on_contact(core: Core, contact_id: bytes, **values: str) -> bytes:
    return core.entry("ann", Kind.patch, "contact", contact_id, values, {"person": 9})


def bare(one: Member) -> tuple[int, int, bytes, dict[str, object]]:
    """What a contribution holds of an entry; nothing of what stands."""
    assert (one.their_rev, one.their_user_id, one.before, one.theirs) == (0, None, {}, {})
    return one.n, one.kind, one.id, one.mine


# beside the customer


def test_a_late_edit_stands_beside_the_customer_with_all_that_was_entered(core: Core) -> None:
    """P-510: a further one joins it, under one name, which does not tell that of the card."""
    seen = lost(core)
    first = core.patch("ann", seen, phone="2")
    second = core.patch("ann", seen, note="late")
    assert (said(first), said(second), second.item_id) == (MOVED, MOVED, first.item_id)
    (card,) = core.items("ann")
    (late,) = core.contributions(core.customer_id)
    assert (late.id, late.author_id, late.state) == (
        contribution_id(card.id, core.customer_id), core.user_ids["ann"], ContributionState.open,
    )  # fmt: skip
    assert late.created_ms == card.created_ms == NOW_MS
    assert [bare(one)[3] for one in late.members] == [{"phone": "2"}, {"note": "late"}]
    assert late.rev == 2
    assert card.id not in (late.id, contribution_id(card.id, card.id))


def test_what_waits_for_another_reason_stands_beside_nobody(core: Core) -> None:
    """P-510: a conflict about a customer which one holds, a stranger's entry."""
    seen = core.customer.rev
    core.patch("bo", seen, phone="theirs")
    core.patch("ann", seen, phone="mine")
    core.patch("eve", seen, phone="foreign")
    assert core.contributions(core.customer_id) == []


def test_of_an_atomic_group_each_lost_customer_gets_its_own_part(core: Core, contact_id: bytes) -> None:
    """P-510: a command is no edit, what one still holds is no contribution."""
    other, kept = shop(core), shop(core)
    base = core.record("customer", other).rev
    (refused,) = core.send("eve", core.entry("eve", Kind.patch, "customer", core.new_id(), {"phone": "9"}, {"phone": 1}))
    card = refused.item_id
    seen = lost(core)
    core.transfer(other, "eve")
    group = core.together(
        core.patching("ann", seen, phone="2"),
        core.entry("ann", Kind.patch, "customer", kept, {"phone": "3"}, {"phone": base}),
        core.entry("ann", Kind.patch, "customer", other, {"phone": "4"}, {"phone": base}),
        core.entry("ann", Kind.command, "inbox_item", card or b"", {"command": "dismiss"}),
        on_contact(core, contact_id, title="chief"),
    )
    assert {said(one) for one in core.send("ann", *group)} == {MOVED}
    assert [[bare(one)[3] for one in late.members] for late in core.contributions(core.customer_id)] == [
        [{"phone": "2"}, {"title": "chief"}]
    ]
    assert [[bare(one)[3] for one in late.members] for late in core.contributions(other)] == [[{"phone": "4"}]]
    assert core.contributions(kept) == []
    core.transfer(core.customer_id, "ann")
    assert len(core.items("ann")) == 1, "a card that touches other customers too, or has a command, stays open (P-511)"
    assert core.customer.phone == "1"


def test_entries_about_what_was_deleted_or_never_made_are_told_by_their_customer(core: Core, contact_id: bytes) -> None:
    """P-510: by the tombstone, and by the create that waits in the same card."""
    core.delete("ann", "contact", contact_id)
    lost(core)
    fresh = core.new_id()
    core.create("ann", "contact", fresh, customer_id=core.customer_id, name="Kim")
    joined = core.send("ann", core.entry("ann", Kind.patch, "contact", fresh, {"title": "chief"}, {"person": 0}))[0]
    (late,) = core.contributions(core.customer_id)
    assert [bare(one)[1:3] for one in late.members] == [(Kind.create, fresh), (Kind.patch, fresh)]
    assert joined.item_id == core.items("ann")[0].id
    group = core.together(
        core.entry("ann", Kind.create, "contact", core.new_id(), {"customer_id": core.customer_id, "name": "Jo"}),
        on_contact(core, contact_id, title="chief"),
    )
    core.send("ann", *group)
    assert [bare(one)[2] for one in core.contributions(core.customer_id)[1].members][1] == contact_id


def test_an_entry_about_something_unknown_stands_beside_nobody(core: Core) -> None:
    """P-510: of a group, what has no known customer is on the card alone."""
    known = core.patching("ann", lost(core), phone="2")
    unknown = core.entry("ann", Kind.delete, "contact", core.new_id(), None, {WHOLE: 1})
    assert said(core.send("ann", *core.together(known, unknown))[0]) == MOVED
    (late,) = core.contributions(core.customer_id)
    assert [one.mine for one in late.members] == [{"phone": "2"}]


@pytest.mark.parametrize("beside", ["note", "conflict"])
@pytest.mark.parametrize("first", [True, False])
def test_what_else_a_group_holds_does_not_hide_the_late_edit(core: Core, beside: str, first: bool) -> None:
    """P-510: in whatever order they stand, also where something else is refused before it, or has no customer."""
    kept = shop(core)
    base = core.record("customer", kept).rev
    if beside == "conflict":
        assert desk.ask(core.store, Collaborate(kept, core.user_ids["bo"]), NOW_MS)
        core.send("bo", core.entry("bo", Kind.patch, "customer", kept, {"phone": "5"}, {"phone": base}))
    note = {"department_id": core.actor("ann").department_id, "device_ms": NOW_MS, "text": "told"}
    seen = lost(core)

    def other() -> bytes:
        if beside == "note":
            return core.entry("ann", Kind.create, "team_note", core.new_id(), note)
        return core.entry("ann", Kind.patch, "customer", kept, {"phone": "4"}, {"phone": base})

    entries = [other] if first else []
    raws = [each() for each in (*entries, lambda: core.patching("ann", seen, phone="2"), *([] if first else [other]))]
    assert {one.result for one in core.send("ann", *core.together(*raws))} == {Result.parked}
    assert [[bare(one)[3] for one in late.members] for late in core.contributions(core.customer_id)] == [[{"phone": "2"}]]
    assert core.contributions(kept) == []


# when it comes back


def test_what_waited_is_carried_out_when_the_customer_comes_back(core: Core) -> None:
    """P-511: card and contribution close, the values stand; nobody is asked."""
    seen = lost(core)
    core.patch("ann", seen, phone="2")
    core.patch("ann", seen, note="late")
    core.transfer(core.customer_id, "ann")
    assert (core.customer.phone, core.customer.note) == ("2", "late")
    (card,) = core.items("ann", *ItemState)
    assert (card.state, card.decided_ms) == (ItemState.judged_anew, NOW_MS)
    (late,) = core.contributions(core.customer_id)
    assert (late.state, late.decided_ms) == (ContributionState.returned, NOW_MS)


def test_what_meets_a_newer_change_waits_on_a_new_card(core: Core) -> None:
    """P-511: with the base that it had, under another name; and a contribution that was settled stays so."""
    seen = lost(core)
    old = core.patch("ann", seen, phone="2").item_id
    core.patch("eve", seen, phone="theirs")
    (late,) = core.contributions(core.customer_id)
    core.command("eve", "contribution", late.id, command="settle", taken=False)
    core.transfer(core.customer_id, "ann")
    (card,) = core.items("ann")
    assert (card.code, card.members[0].mine, card.members[0].base_rev) == ("conflict", {"phone": "2"}, seen)
    assert card.id != old
    assert core.contributions(core.customer_id)[0].state == ContributionState.declined


def test_it_waits_until_its_own_author_holds_its_own_customer(core: Core) -> None:
    """P-511: another customer that comes back, another user who gets this one."""
    other = shop(core)
    seen = lost(core)
    core.transfer(other, "eve")
    core.patch("ann", seen, phone="2")
    core.transfer(other, "ann")
    core.transfer(core.customer_id, "bo")
    assert len(core.items("ann")) == 1
    assert core.customer.phone == "1"


def test_a_card_never_closes_over_an_entry_that_nobody_carries_out(core: Core) -> None:
    """P-501, P-511: the bytes of one of its entries are gone."""
    seen = lost(core)
    core.patch("ann", seen, phone="2")
    core.patch("ann", seen, note="late")
    del core.store.payloads[core.lines["ann"], core.next_n["ann"] - 2]
    core.transfer(core.customer_id, "ann")
    assert len(core.items("ann")) == 1
    assert (core.customer.phone, core.customer.note) == ("1", "")


def test_cards_are_carried_out_in_the_order_in_which_they_were_entered(core: Core, contact_id: bytes) -> None:
    """P-511: a group, then two edits of one card, then a further group."""
    seen = lost(core)
    core.send("ann", *core.together(core.patching("ann", seen, phone="first"), on_contact(core, contact_id, title="a")))
    core.patch("ann", seen, phone="second")
    core.send("ann", *core.together(core.patching("ann", seen, phone="third"), on_contact(core, contact_id, title="b")))
    core.patch("ann", seen, note="fourth")
    assert len(core.items("ann")) == 3
    core.transfer(core.customer_id, "ann")
    assert (core.customer.phone, core.customer.note) == ("third", "fourth")
    assert core.record("contact", contact_id).title == "b"
    assert core.items("ann") == []


def test_a_card_with_a_command_is_not_carried_out(core: Core) -> None:
    """P-511: alone, or beside an edit of the same customer."""
    epoch, pool, seen = core.record("standing", core.customer_id).epoch, core.pool(), lost(core)
    release = {"command": "release", "pool_id": pool, "epoch": epoch}
    assert said(core.command("ann", "standing", core.customer_id, **release)) == MOVED
    assert core.contributions(core.customer_id) == []
    edit = core.patching("ann", seen, phone="2")
    core.send("ann", *core.together(edit, core.entry("ann", Kind.command, "standing", core.customer_id, release)))
    waiting = core.items("ann", *ItemState)
    core.transfer(core.customer_id, "ann")
    assert core.items("ann", *ItemState) == waiting
    assert core.customer.phone == "1"


def test_what_joins_such_a_card_after_the_customer_came_back_stands_beside_it_too(core: Core) -> None:
    """P-505, P-510: the card and what stands beside the customer say the same (simulator, seed 119563197009920)."""
    lost(core)
    contact_id, pool = core.new_id(), core.pool()
    made = core.entry("ann", Kind.create, "contact", contact_id, {"customer_id": core.customer_id, "name": "Lee"})
    release = core.entry("ann", Kind.command, "standing", core.customer_id, {"command": "release", "pool_id": pool, "epoch": 1})
    core.send("ann", *core.together(made, release))
    core.transfer(core.customer_id, "ann")
    deleted = core.entry("ann", Kind.delete, "contact", contact_id, None, {WHOLE: 1})
    assert core.send("ann", deleted)[0].result is Result.parked
    (card,), (late,) = core.items("ann"), core.contributions(core.customer_id)
    assert [one.n for one in late.members] == [one.n for one in card.members if one.kind != Kind.command]
    assert late.members[-1].kind == Kind.delete


def test_what_waits_for_another_reason_is_not_carried_out(core: Core) -> None:
    """P-511: a conflict stays a question when the customer was away meanwhile."""
    seen = core.customer.rev
    core.patch("bo", seen, phone="theirs")
    core.patch("ann", seen, phone="mine")
    waiting = core.items("ann", *ItemState)
    lost(core)
    core.transfer(core.customer_id, "ann")
    assert core.items("ann", *ItemState) == waiting


def test_what_cannot_be_applied_again_for_the_same_reason_is_another_card(core: Core, contact_id: bytes) -> None:
    """P-511: the first one is closed and stays readable; another customer keeps a card of both open."""
    lost(core)
    old = core.send("ann", on_contact(core, contact_id, title="chief"))[0].item_id
    core.delete("eve", "contact", contact_id)
    core.transfer(core.customer_id, "ann")
    states = {one.id: (one.code, one.state, one.rev) for one in core.items("ann", *ItemState)}
    assert len(states) == 2
    assert states.pop(old or b"") == ("moved", ItemState.judged_anew, 2)
    assert list(states.values()) == [("gone", ItemState.open, 1)]


def test_a_card_about_two_customers_stays_open_when_one_comes_back(core: Core) -> None:
    """P-510, P-511: each has what was entered about it, also what was to be made."""
    other = shop(core)
    lost(core)
    core.transfer(other, "eve")
    group = [
        core.entry("ann", Kind.create, "contact", core.new_id(), {"customer_id": customer_id, "name": name})
        for customer_id, name in ((core.customer_id, "Lee"), (other, "Kim"))
    ]
    core.send("ann", *core.together(*group))
    (first,), (second,) = core.contributions(core.customer_id), core.contributions(other)
    assert [[one.mine["name"] for one in late.members] for late in (first, second)] == [["Lee"], ["Kim"]]
    core.transfer(core.customer_id, "ann")
    assert len(core.items("ann")) == 1
    assert core.contributions(core.customer_id)[0].state == ContributionState.open


# within one request


def test_within_a_request_it_is_judged_right_after_the_claim_that_brings_the_customer_back(core: Core) -> None:
    """P-303, P-511: released, changed and claimed again; what comes after the claim comes after it."""
    seen, epoch, pool = core.customer.rev, core.record("standing", core.customer_id).epoch, core.pool()
    release = core.entry("ann", Kind.command, "standing", core.customer_id, {"command": "release", "pool_id": pool, "epoch": epoch})
    late = core.patching("ann", seen, phone="2")
    after = {"command": "claim", "after": core.next_n["ann"] - 2}
    claim = core.entry("ann", Kind.command, "pool_card", core.customer_id, after)
    then = core.patching("ann", seen, phone="3")
    outcomes = core.send("ann", release, late, claim, then)
    assert [one.result for one in outcomes] == [Result.applied, Result.parked, Result.applied, Result.applied]
    assert core.decisions() == ["release", "claim", "applied", "applied"]
    assert core.customer.phone == "3"
    assert [one.state for one in core.items("ann", *ItemState)] == [ItemState.judged_anew]
    assert core.record("standing", core.customer_id).owner_id == core.user_ids["ann"]


def test_a_refusal_after_what_was_judged_anew_has_its_usual_card(core: Core) -> None:
    """P-501: its name is that of a further try of the same transaction."""
    seen, epoch, pool = core.customer.rev, core.record("standing", core.customer_id).epoch, core.pool()
    release = core.entry("ann", Kind.command, "standing", core.customer_id, {"command": "release", "pool_id": pool, "epoch": epoch})
    late = core.patching("ann", seen, phone="2")
    claim = core.entry("ann", Kind.command, "pool_card", core.customer_id, {"command": "claim", "after": core.next_n["ann"] - 2})
    bad = core.entry("ann", Kind.delete, "contact", core.new_id(), None, {WHOLE: 1})
    refused = core.send("ann", release, late, claim, bad)[-1]
    assert refused.item_id == item_id(core.actor("ann"), refused.n, WHOLE)


def test_a_claim_judges_nothing_of_another_author(core: Core) -> None:
    """P-511: his entries wait until he holds the customer, although he held it within this request too."""
    seen, pool = core.customer.rev, core.pool()
    lost(core)
    core.patch("ann", seen, phone="2")
    epoch = core.record("standing", core.customer_id).epoch
    release = {"command": "release", "pool_id": pool, "epoch": epoch}
    assert core.command("eve", "standing", core.customer_id, **release).result == Result.applied
    assert core.command("eve", "pool_card", core.customer_id, command="claim", epoch=epoch + 1).result == Result.applied
    assert len(core.items("ann")) == 1
    assert core.customer.phone == "1"


def test_a_customer_that_comes_back_is_told_of_with_what_was_deleted_of_it(core: Core, contact_id: bytes) -> None:
    """P-424: in the same request, a second delete of it is a duplicate and no longer a stranger's."""
    rev = core.record("contact", contact_id).rev
    core.delete("ann", "contact", contact_id)
    pool, epoch = core.pool(), core.record("standing", core.customer_id).epoch
    core.command("ann", "standing", core.customer_id, command="release", pool_id=pool, epoch=epoch)
    early = core.entry("eve", Kind.delete, "contact", contact_id, None, {WHOLE: rev})
    claim = core.entry("eve", Kind.command, "pool_card", core.customer_id, {"command": "claim", "epoch": epoch + 1})
    more = core.entry("eve", Kind.delete, "contact", contact_id, None, {WHOLE: rev})
    outcomes = core.send("eve", early, claim, more)
    assert [one.result for one in outcomes] == [Result.rejected, Result.applied, Result.duplicate]


def test_who_held_a_customer_within_the_request_comes_late_and_is_no_stranger(core: Core) -> None:
    """P-303, P-510: claimed, released and then changed."""
    pool, epoch = core.pool(), core.record("standing", core.customer_id).epoch
    core.command("ann", "standing", core.customer_id, command="release", pool_id=pool, epoch=epoch)
    claim = core.entry("eve", Kind.command, "pool_card", core.customer_id, {"command": "claim", "epoch": epoch + 1})
    again = {"command": "release", "pool_id": pool, "after": core.next_n["eve"] - 1}
    release = core.entry("eve", Kind.command, "standing", core.customer_id, again)
    outcomes = core.send("eve", claim, release, core.patching("eve", 1, phone="2"))
    assert [said(one) for one in outcomes] == [(Result.applied, None), (Result.applied, None), MOVED]
    (late,) = core.contributions(core.customer_id)
    assert late.author_id == core.user_ids["eve"]
