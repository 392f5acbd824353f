"""A customer that comes back in the middle of a request: what is judged anew, and what its author may name again."""

import pytest

from shared_schema.records.inbox import ItemState
from shared_schema.registry import BY_NAME
from shared_schema.wire import Kind, Outcome, Result
from sync.state import WHOLE
from tests.unit.sync.core import NOW_MS, Core, said

APPLIED = (Result.applied, None)


def claimed(core: Core, customer_id: bytes) -> bytes:
    return core.entry(
        "ann", Kind.command, "pool_card", customer_id, {"command": "claim", "epoch": core.record("standing", customer_id).epoch}
    )


def released(core: Core, customer_id: bytes) -> None:
    epoch = core.record("standing", customer_id).epoch
    assert core.command("ann", "standing", customer_id, command="release", pool_id=core.pool(), epoch=epoch).result == Result.applied


@pytest.mark.parametrize("cut", [2, 3, 4])
def test_a_card_is_judged_with_the_group_that_makes_it_whole(core: Core, contact_id: bytes, cut: int) -> None:
    """P-511, P-512, P-303: not when its customer comes back, while something that it names is missing; and not with a later group."""
    other, unknown = core.new_id(), core.new_id()
    core.create("ann", "customer", other, name="Other shop")
    for each in (core.customer_id, other):
        released(core, each)
    both = [core.entry("ann", Kind.patch, "contact", one, {"phone": "9"}, {"phone": 9}) for one in (contact_id, unknown)]
    assert {said(one) for one in core.send("ann", *core.together(*both))} == {(Result.parked, "moved")}
    assert said(core.send("ann", claimed(core, core.customer_id))[0]) == APPLIED
    assert [one.state for one in core.items("ann", *ItemState)] == [ItemState.open]
    found = core.entry("ann", Kind.create, "contact", unknown, {"customer_id": core.customer_id, "name": "Found", "phone": "9"})
    after = core.entry("ann", Kind.patch, "contact", contact_id, {"phone": "10"}, {"phone": 9})
    raws = [found, after, claimed(core, other), core.entry("ann", Kind.patch, "contact", unknown, {"note": "Boss"}, {"note": 9})]
    outcomes: list[Outcome] = [one for part in (raws[:cut], raws[cut:]) if part for one in core.send("ann", *part)]
    assert [said(one) for one in outcomes] == [APPLIED] * 4
    assert [one.state for one in core.items("ann", *ItemState)] == [ItemState.judged_anew]
    assert core.record("contact", contact_id).phone == "10"


def test_within_a_group_a_claim_opens_what_was_deleted(core: Core, contact_id: bytes) -> None:
    """P-305, P-424, P-426: whoever holds the customer by the claim before it restores what he names."""
    core.delete("ann", "contact", contact_id)
    rev = core.store.tombstones[BY_NAME["contact"].number, contact_id].rev
    released(core, core.customer_id)
    claim = claimed(core, core.customer_id)
    again = core.entry("ann", Kind.restore, "contact", contact_id, {"customer_id": core.customer_id, "name": "Lee"}, {WHOLE: rev})
    assert [said(one) for one in core.send("ann", *core.together(claim, again))] == [APPLIED, APPLIED]


def test_a_fact_that_is_judged_anew_stays_late(core: Core) -> None:
    """D-207, P-511: its author did not hold the customer when it came, though he does now; and it is no contact of his time."""
    core.transfer(core.customer_id, "eve")
    visit = core.new_id()
    told = core.entry("ann", Kind.create, "visit", visit, {"customer_id": core.customer_id, "device_ms": NOW_MS - 5})
    group = core.together(told, core.patching("ann", core.customer.rev, phone="2"))
    assert {said(one) for one in core.send("ann", *group)} == {(Result.parked, "moved")}
    core.transfer(core.customer_id, "ann")
    assert (core.record("visit", visit).late, core.customer.phone) == (True, "2")
    assert core.record("standing", core.customer_id).last_contact_ms is None
