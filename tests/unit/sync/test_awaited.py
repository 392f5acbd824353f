"""What names a record that is not there, or not its author's, waits for it; until it may be entered nothing tells whether it came."""

from typing import Any

import pytest

from shared_schema.records.inbox import InboxItem, ItemState
from shared_schema.registry import BY_NAME
from shared_schema.wire import Kind, Outcome, Result
from sync.awaited import awaited, unguarded
from sync.rejudge import Happened, waiting
from sync.rules import Actor, Rules
from sync.state import State
from tests.unit.sync.core import NOW_MS, Core, said

APPLIED = (Result.applied, None)
REFUSED = (Result.rejected, "out_of_scope")
BROKEN = (Result.parked, "rule_broken")


@pytest.fixture
def second(core: Core) -> str:
    """Ann's other phone."""
    core.user_ids["second"] = core.user_ids["ann"]
    core.lines["second"] = core.history.open_line(core.user_ids["ann"])
    core.next_n["second"] = 1
    return "second"


def visited(core: Core, who: str, customer_id: bytes, **values: Any) -> tuple[bytes, Outcome]:
    visit = core.new_id()
    return visit, core.create(who, "visit", visit, customer_id=customer_id, device_ms=NOW_MS - 5, **values)


def states(core: Core, who: str) -> list[tuple[str, ItemState]]:
    return sorted((one.code, one.state) for one in core.items(who, *ItemState))


def test_a_visit_waits_for_a_customer_who_is_not_there_yet(core: Core, second: str) -> None:
    """P-512, D-207: it is carried out with the group that makes him, and is not late."""
    customer = core.new_id()
    visit, refused = visited(core, second, customer)
    assert said(refused) == REFUSED
    assert core.create("ann", "customer", customer, name="Back").result == Result.applied
    assert (core.record("visit", visit).late, core.record("visit", visit).occurred_ms) == (False, NOW_MS - 5)
    assert core.record("standing", customer).last_contact_ms == NOW_MS - 5
    assert states(core, "ann") == [("out_of_scope", ItemState.judged_anew)]


@pytest.mark.parametrize("there", [False, True])
def test_a_stranger_s_card_stays_as_it_is_whether_the_record_comes_or_not(core: Core, there: bool) -> None:
    """P-512, P-424."""
    customer, contact = core.new_id(), core.new_id()
    assert said(visited(core, "eve", customer)[1]) == REFUSED
    (patched,) = core.send("eve", core.entry("eve", Kind.patch, "contact", contact, {"phone": "2"}, {"phone": 1}))
    assert said(patched) == REFUSED
    before = core.items("eve", *ItemState)
    assert [(one.customer_id, one.members[0].theirs) for one in before] == [(None, {})] * 2
    if there:
        core.create("ann", "customer", customer, name="Hers")
        core.create("ann", "contact", contact, customer_id=customer, name="Lin")
        core.transfer(customer, "bo")
    assert core.items("eve", *ItemState) == before
    assert said(visited(core, "eve", customer)[1]) == REFUSED


def test_what_was_foreign_is_carried_out_when_its_customer_comes_to_the_author(core: Core, contact_id: bytes) -> None:
    """P-512: a visit by its customer, an edit by its record, with the bases that it had."""
    visit, refused = visited(core, "eve", core.customer_id)
    rev = core.record("contact", contact_id).rev
    (patched,) = core.send("eve", core.entry("eve", Kind.patch, "contact", contact_id, {"phone": "2"}, {"phone": rev}))
    assert [said(refused), said(patched)] == [REFUSED] * 2
    core.transfer(core.customer_id, "eve")
    assert core.record("visit", visit).late is False
    assert core.record("contact", contact_id).phone == "2"
    assert states(core, "eve") == [("out_of_scope", ItemState.judged_anew)] * 2


def test_a_create_of_a_foreign_customer_is_carried_out_when_the_customer_comes_to_the_author(core: Core) -> None:
    """P-512: a manager used what a rep had entered, while the customer was nobody's; then the manager claimed the customer."""
    assert said(core.create("eve", "customer", core.customer_id, name="Hers", note="told by her")) == REFUSED
    core.transfer(core.customer_id, "eve")
    assert ("out_of_scope", ItemState.judged_anew) in states(core, "eve")


def test_an_edit_based_on_what_is_no_more_meets_a_conflict_and_overwrites_nothing(core: Core, second: str) -> None:
    """P-512, P-401: the same as if it had come after the record."""
    contact = core.new_id()
    core.send(second, core.entry(second, Kind.patch, "contact", contact, {"phone": "mine"}, {"phone": 0}))
    core.create("ann", "contact", contact, customer_id=core.customer_id, name="Lin", phone="theirs")
    assert core.record("contact", contact).phone == "theirs"
    assert states(core, "ann") == [("conflict", ItemState.open), ("out_of_scope", ItemState.judged_anew)]


def test_a_chain_waits_as_one_and_is_carried_out_as_one(core: Core, second: str) -> None:
    """P-512, P-505: a correction joins the visit, an edit the contact, a line its quote."""
    customer, contact, quote = core.new_id(), core.new_id(), core.new_id()
    visit, _ = visited(core, second, customer)
    visited(core, second, customer, amends_id=visit, note="better")
    core.create(second, "contact", contact, customer_id=customer, name="Lin")
    core.send(second, core.entry(second, Kind.patch, "contact", contact, {"phone": "2"}, {"phone": 0}))
    core.create(second, "quote", quote, customer_id=customer, currency="CNY")
    core.create(second, "quote_line", core.new_id(), **line(customer, quote))
    assert len(core.items("ann")) == 3
    core.create("ann", "customer", customer, name="Back")
    assert states(core, "ann") == [("out_of_scope", ItemState.judged_anew)] * 3
    assert core.record("contact", contact).phone == "2"
    assert core.record("quote", quote).net_minor == 5
    facts = [one.record for one in core.store.records.values() if getattr(one.record, "amends_id", None) == visit]
    assert len(facts) == 1


def line(customer: bytes, quote: bytes) -> dict[str, Any]:
    return {
        "customer_id": customer,
        "quote_id": quote,
        "product_id": bytes(16),
        "unit": "box",
        "quantity_thousandths": 1_000,
        "price_minor": 5,
    }


def test_a_correction_waits_for_its_fact_and_a_line_for_its_quote(core: Core, second: str) -> None:
    """P-512, D-209: the customer is there, what is named of him is not."""
    visit, quote, wrong = core.new_id(), core.new_id(), core.new_id()
    assert said(visited(core, second, core.customer_id, amends_id=visit)[1]) == BROKEN
    assert said(core.create(second, "quote_line", wrong, **line(core.customer_id, quote))) == BROKEN
    core.create("ann", "visit", visit, customer_id=core.customer_id, device_ms=NOW_MS - 9)
    core.create("ann", "quote", quote, customer_id=core.customer_id, currency="CNY")
    assert states(core, "ann") == [("rule_broken", ItemState.judged_anew)] * 2
    assert core.record("quote", quote).net_minor == 5


def test_a_late_correction_waits_for_a_late_fact(core: Core, second: str) -> None:
    """P-512, D-207, D-211: the customer is lost, facts are still taken."""
    core.transfer(core.customer_id, "eve")
    core.transfer(core.customer_id, "bo")
    visit = core.new_id()
    assert said(visited(core, second, core.customer_id, amends_id=visit)[1]) == BROKEN
    core.create("ann", "visit", visit, customer_id=core.customer_id, device_ms=NOW_MS - 9)
    assert states(core, "ann") == [("rule_broken", ItemState.judged_anew)]
    assert {one.record.late for one in core.store.records.values() if type(one.record).__name__ == "Visit"} == {True}  # type: ignore[attr-defined]


def test_a_card_that_names_something_of_another_customer_tells_nothing_of_it(core: Core, second: str) -> None:
    """P-512, P-424: the fact that is corrected comes at a customer of somebody else."""
    theirs, visit = core.new_id(), core.new_id()
    core.create("eve", "customer", theirs, name="Eve's")
    visited(core, second, core.customer_id, amends_id=visit)
    before = core.items("ann")
    core.create("eve", "visit", visit, customer_id=theirs, device_ms=NOW_MS)
    core.create("ann", "contact", core.new_id(), customer_id=core.customer_id, name="Lin")
    assert core.items("ann") == before


def test_another_author_s_card_is_carried_out_in_his_name(core: Core) -> None:
    """P-512, P-410: what ann makes, her colleague had corrected; and what he made in turn, she had."""
    contact, follow_up = core.new_id(), core.new_id()
    (waits,) = core.send("bo", core.entry("bo", Kind.patch, "contact", contact, {"phone": "2"}, {"phone": 0}))
    assert said(waits) == REFUSED
    core.create("ann", "contact", contact, customer_id=core.customer_id, name="Lin", phone="2")
    assert states(core, "bo") == [("out_of_scope", ItemState.judged_anew)]
    customer = core.new_id()
    core.create("bo", "follow_up", follow_up, customer_id=customer, due_day=20_000, purpose="call")
    core.send("ann", core.entry("ann", Kind.patch, "follow_up", follow_up, {"done": True}, {"state": 0}))
    core.create("ann", "customer", customer, name="New")
    assert core.record("follow_up", follow_up) is None
    core.transfer(customer, "bo")
    assert core.record("follow_up", follow_up).author_id == core.user_ids["bo"]
    assert [one.code for one in core.items("ann")] == ["out_of_scope"]


def test_what_waits_for_what_waited_is_carried_out_with_it(core: Core, second: str) -> None:
    """P-512: bo's new contact waits for the customer, ann's correction of it for the contact."""
    customer, contact = core.new_id(), core.new_id()
    core.create("bo", "contact", contact, customer_id=customer, name="Lin", phone="2")
    core.send(second, core.entry(second, Kind.patch, "contact", contact, {"phone": "2"}, {"phone": 0}))
    core.create("bo", "customer", customer, name="Back")
    assert core.record("contact", contact).phone == "2"
    assert states(core, "ann") == [("out_of_scope", ItemState.open)]
    core.transfer(customer, "ann")
    assert states(core, "ann") == [("out_of_scope", ItemState.judged_anew)]


def test_what_a_card_waits_for(core: Core, second: str) -> None:
    """P-512, P-511: nothing, with a command, once it is decided, and where something else was wrong."""
    customer, quote = core.new_id(), core.new_id()
    card = item(core, visited(core, second, customer)[1])
    assert awaited(card) == {customer}
    assert awaited(item(core, core.send(second, core.entry(second, Kind.delete, "quote", quote, None, {"": 1}))[0])) == {quote}
    command = core.entry(second, Kind.command, "quote", quote, {"command": "submit", "content_hash": bytes(32)})
    assert awaited(item(core, core.send(second, command)[0])) == frozenset()
    wrong = core.entry(second, Kind.patch, "customer", core.customer_id, {"nonsense": 1}, {"note": 1})
    assert awaited(item(core, core.send(second, wrong)[0])) == frozenset()
    core.command(second, "inbox_item", card.id, command="dismiss")
    assert awaited(core.record("inbox_item", card.id)) == frozenset()
    core.create("ann", "customer", customer, name="Back")
    assert core.record("inbox_item", card.id).state == ItemState.dismissed


def test_cards_that_open_together_are_not_held_against_each_other(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """P-509: a flood of them is linear. What comes is held against them."""
    looks: list[int] = []

    def looking(state: State, happened: Happened, rules: Rules) -> list[tuple[InboxItem, Actor]]:
        looks.append(len(state.open_items))
        return waiting(state, happened, rules)

    monkeypatch.setattr("sync.rejudge.waiting", looking)
    unknown = [core.entry("ann", Kind.patch, "contact", core.new_id(), {"phone": "2"}, {"phone": 1}) for _ in range(3)]
    core.send("ann", *unknown)
    assert looks == []
    core.send("ann", core.entry("ann", Kind.create, "customer", core.new_id(), {"name": "New"}))
    assert looks == [3]


def test_which_new_cards_no_family_guards(core: Core, second: str) -> None:
    """P-512: those about no customer, or about one that is not there; what joins such a card, or closes it, begins no wait."""

    def begins(*raws: bytes, who: str = second) -> bool:
        core.send(who, *raws)
        assert core.folded is not None
        return unguarded(core.folded.state)

    def made(who: str, entity: str, **values: Any) -> bytes:
        return core.entry(who, Kind.create, entity, core.new_id(), values)

    customer, visit = core.new_id(), {"device_ms": NOW_MS}
    assert begins(made(second, "visit", customer_id=customer, **visit))
    card = core.items("ann")[0]
    assert begins(core.entry(second, Kind.patch, "contact", core.new_id(), {"phone": "2"}, {"phone": 1}))
    contact = core.entry(second, Kind.create, "contact", core.new_id(), {"customer_id": customer, "name": "Lin"})
    assert begins(contact)
    joining = core.entry(second, Kind.create, "visit", core.new_id(), {"customer_id": customer, "amends_id": card.members[0].id, **visit})
    assert not begins(joining)
    assert len(core.record("inbox_item", card.id).members) == 2
    assert not begins(core.entry(second, Kind.command, "inbox_item", card.id, {"command": "dismiss"}))
    assert not begins(made("eve", "visit", customer_id=core.customer_id, **visit), who="eve")
    assert not begins(made(second, "visit", customer_id=core.customer_id, amends_id=core.new_id(), **visit))
    assert not begins(made(second, "contact", customer_id=core.customer_id, name="Lin"))


def item(core: Core, outcome: Outcome) -> InboxItem:
    found = core.store.records[BY_NAME["inbox_item"].number, outcome.item_id or b""].record
    assert isinstance(found, InboxItem)
    return found
