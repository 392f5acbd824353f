"""Flag, card and line of history tell one story: they come from the same merge (P-404, P-405, P-450)."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.rules import RULES
from shared_schema.records.customer import Customer, Standing
from shared_schema.records.reference import Role
from shared_schema.registry import BY_RECORD
from shared_schema.wire import ENCODER, GroupPlace, Kind, Mutation, Result
from sync.decode import grouped
from sync.fold import Folded, Sent, fold
from sync.merge import read
from sync.rules import Actor, Moment, Turn
from sync.state import WHOLE, Held, Stamp, State
from tests.property.test_merge_laws import whole

CUSTOMER, STANDING = BY_RECORD[Customer], BY_RECORD[Standing]
ID, ANN = b"c" * 16, b"a" * 16
LINE_NO, N = 2, 7
SLOTS = ("phone", "note", "address", "city", "industry", "registration_number")
QUICK = settings(max_examples=150, deadline=None, database=None, print_blob=True)
VALUES = st.dictionaries(st.sampled_from(SLOTS), st.sampled_from(["", "x", "y"]), min_size=1, max_size=5).map(whole)
STAMPS = st.dictionaries(
    st.sampled_from(sorted(CUSTOMER.groups)), st.builds(Stamp, st.integers(1, 9), st.integers(0, 3), st.integers(1, 9))
)


def folded(stood: Customer, stamps: dict[str, Stamp], values: dict[str, str], bases: dict[str, int], kind: Kind) -> Folded:
    """One patch or undo against a customer that many wrote to."""
    state = State()
    state.load(CUSTOMER, Held(stood, {WHOLE: Stamp(1, 1, 1), **stamps}))
    state.load(STANDING, Held(Standing(ID, 1, ANN, None, 1, 0), {WHOLE: Stamp(1, 0, 0)}))
    mutation = Mutation(N, GroupPlace(N, 0, 1), int(kind), CUSTOMER.number, ID, bases, msgspec.Raw(ENCODER.encode(values)), 1)
    sent = Sent(N, ENCODER.encode(mutation), mutation)
    return fold([[sent]], Turn(state, Actor(1, ANN, LINE_NO, Role.rep), RULES, Moment(1_780_000_000_000)))


@QUICK
@given(VALUES, STAMPS, VALUES, st.lists(st.integers(0, 9), min_size=6, max_size=6), st.sampled_from([Kind.patch, Kind.undo]))
def test_flag_list_and_audit_agree(
    stood: dict[str, str], stamps: dict[str, Stamp], wanted: dict[str, str], revs: list[int], kind: Kind
) -> None:
    """P-404, P-405, P-450: every group that differs is in exactly one of history and inbox, and the outcome says which there were."""
    before = msgspec.structs.replace(Customer(ID, 9, "Shop"), **stood)
    groups = grouped(CUSTOMER, wanted)
    bases = dict(zip(groups, revs, strict=False))
    after = folded(before, stamps, wanted, bases, kind)
    (verdict,) = after.verdicts
    state = after.state
    cards = list(state.open_items.values())
    parked = {one.group: one.mine for item in cards for one in item.members}
    audited = {change.group: change.after for change in state.changes}
    stands = state.find(Customer, ID)
    assert stands is not None
    differing = {group for group, values in groups.items() if read(before, values) != values}

    # the list and the audit share out what differs
    whole = kind == Kind.undo and bool(parked)
    if whole:
        assert (set(parked), audited, stands) == ({WHOLE}, {}, before)
    else:
        assert not parked.keys() & audited.keys()
        assert parked.keys() | audited.keys() == differing
    # what the audit names stands, what the list names does not
    for group, values in audited.items():
        assert read(stands, groups[group]) == groups[group] == values
    for group in set(parked) - {WHOLE}:
        assert read(stands, groups[group]) == read(before, groups[group])
    # the flag is that of the same merge
    assert (verdict.result == Result.parked) == bool(parked)
    assert (verdict.item_id is not None) == bool(parked)
    decisions = {change.decision for change in state.changes}
    assert len(decisions) <= 1
    if verdict.result == Result.merged:
        assert decisions == {"undone" if kind == Kind.undo else "merged"}
    if verdict.result == Result.applied:
        assert decisions <= {"undone" if kind == Kind.undo else "applied"}
    assert {change.rev for change in state.changes} <= {stands.rev}
    assert verdict.rev in (None, stands.rev)
