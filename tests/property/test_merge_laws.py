"""Laws of merge and fold, on the pure core alone: idempotent, order-free where promised, blind to clocks and to batch boundaries."""

from collections.abc import Iterable
from itertools import pairwise

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.rules import RULES
from shared_schema.records.customer import Customer, Standing
from shared_schema.records.inbox import InboxItem
from shared_schema.records.reference import Role
from shared_schema.registry import BY_RECORD
from shared_schema.wire import ENCODER, GroupPlace, Kind, Mutation
from sync.decode import grouped
from sync.fold import Sent, Verdict, fold
from sync.merge import Merged, merge, value_of
from sync.rules import Actor, Moment, Turn
from sync.state import WHOLE, Held, Stamp, State

CUSTOMER, STANDING = BY_RECORD[Customer], BY_RECORD[Standing]
ID, ANN, BO = bytes(15) + b"c", b"a" * 16, b"b" * 16
NOW_MS = 1_780_000_000_000
SLOTS = ("phone", "note", "address", "city", "industry", "registration_number")
QUICK = settings(max_examples=100, deadline=None, database=None, print_blob=True)


def whole(values: dict[str, str]) -> dict[str, str]:
    """An address and its city are one group: a patch carries both (P-331)."""
    return {**dict.fromkeys(("address", "city") if {"address", "city"} & values.keys() else (), ""), **values}


VALUES = st.dictionaries(st.sampled_from(SLOTS), st.sampled_from(["", "x", "y", "z"]), min_size=1, max_size=4).map(whole)
STAMPS = st.builds(Stamp, st.integers(1, 9), st.integers(0, 3), st.integers(1, 5))


@st.composite
def records(draw: st.DrawFn) -> Held:
    """A customer with stamps as histories leave them: none beyond the record's rev."""
    groups = draw(st.dictionaries(st.sampled_from(sorted(CUSTOMER.groups)), STAMPS))
    values = draw(VALUES)
    return Held(msgspec.structs.replace(Customer(ID, 9, "Shop"), **values), {WHOLE: Stamp(1, 1, 1), **groups})


def take(held: Held, values: dict[str, str], base: int, writer: Stamp) -> Merged:
    wanted = grouped(CUSTOMER, values)
    return merge(held, wanted, dict.fromkeys(wanted, base), writer)


def after(merged: Merged) -> Held:
    return Held(merged.record, merged.stamps)


@QUICK
@given(records(), VALUES, st.integers(0, 9))
def test_merge_is_idempotent(held: Held, values: dict[str, str], base: int) -> None:
    """The same patch again takes nothing and changes neither value, rev nor writer."""
    once = take(held, values, base, Stamp(10, 2, 7))
    again = take(after(once), values, base, Stamp(11, 2, 8))
    assert again.taken == ()
    assert (again.record, again.stamps) == (once.record, once.stamps)


@QUICK
@given(records(), VALUES, VALUES, st.integers(0, 9))
def test_patches_of_different_groups_commute(held: Held, left: dict[str, str], right: dict[str, str], base: int) -> None:
    """Whoever comes first: the same values stand, and the same is parked."""
    groups = set(grouped(CUSTOMER, left))
    right = {slot: value for slot, value in right.items() if CUSTOMER.group_of[slot] not in groups}
    first = take(held, left, base, Stamp(10, 1, 7)), take(held, right, base, Stamp(10, 2, 7))
    then = take(after(first[0]), right, base, Stamp(11, 2, 7)), take(after(first[1]), left, base, Stamp(11, 1, 7))
    assert all(value_of(then[0].record, slot) == value_of(then[1].record, slot) for slot in SLOTS)
    assert {change.group for change in (*first[0].conflicts, *then[0].conflicts)} == {
        change.group for change in (*first[1].conflicts, *then[1].conflicts)
    }


@QUICK
@given(records(), VALUES, st.integers(0, 9))
def test_every_group_is_taken_or_parked_or_equal(held: Held, values: dict[str, str], base: int) -> None:
    """Total: nothing of a patch vanishes, and what was newer than the base and foreign stands untouched."""
    merged = take(held, values, base, Stamp(10, 2, 7))
    found = {change.group for change in (*merged.taken, *merged.conflicts)}
    for group, wanted in grouped(CUSTOMER, values).items():
        before = {slot: value_of(held.record, slot) for slot in wanted}
        assert (group in found) == (before != wanted)
        stamp = held.stamp(group)
        unseen = stamp.rev > base and not (stamp.line_no == 2 and stamp.n < 7)
        if unseen:
            assert {slot: value_of(merged.record, slot) for slot in wanted} == before


@QUICK
@given(records(), VALUES, st.integers(0, 9))
def test_a_raised_base_never_parks_more(held: Held, values: dict[str, str], base: int) -> None:
    """Who has seen more conflicts less."""
    less = {change.group for change in take(held, values, base, Stamp(10, 2, 7)).conflicts}
    more = {change.group for change in take(held, values, base + 1, Stamp(10, 2, 7)).conflicts}
    assert more <= less


# the fold


Patch = tuple[dict[str, str], int]
PATCHES = st.lists(st.tuples(VALUES, st.integers(1, 9)), min_size=1, max_size=6)


def start(held: Held) -> State:
    state = State()
    state.load(CUSTOMER, held)
    state.load(STANDING, Held(Standing(ID, 1, owner_id=ANN, epoch=1), {WHOLE: Stamp(1, 0, 0)}))
    state.collaborators = {ID: frozenset({BO})}
    return state


def sent(patches: Iterable[Patch], device_ms: int = NOW_MS) -> list[list[Sent]]:
    found = []
    for n, (values, base) in enumerate(patches, 10):
        bases = dict.fromkeys(grouped(CUSTOMER, values), base)
        body = msgspec.Raw(ENCODER.encode(values))
        mutation = Mutation(n, GroupPlace(n, 0, 1), Kind.patch, CUSTOMER.number, ID, bases, body, device_ms)
        found.append([Sent(n, ENCODER.encode(mutation), mutation)])
    return found


def actor(user_id: bytes, line_no: int) -> Actor:
    return Actor(1, user_id, line_no, Role.rep)


def told(state: State) -> list[object]:
    """Everything a fold leaves: records with stamps, and the history."""
    return [sorted(state.held.items(), key=lambda pair: pair[0]), state.changes]


def reloaded(state: State) -> State:
    """The state as the next request would load it."""
    again = State(state.rev_floor)
    for (number, _), held in state.held.items():
        entity = BY_RECORD[type(held.record)]
        assert entity.number == number
        again.load(entity, held)
    again.collaborators, again.changes = state.collaborators, state.changes
    return again


@QUICK
@given(records(), PATCHES, st.sets(st.integers(1, 5)))
def test_batch_boundaries_do_not_matter(held: Held, patches: list[Patch], cuts: set[int]) -> None:
    """One request or many: the same records, stamps, cards, history and verdicts."""
    groups, moment = sent(patches), Moment(NOW_MS)
    whole = fold(groups, Turn(start(held), actor(ANN, 2), RULES, moment))
    state, verdicts = start(held), list[Verdict]()
    edges = [0, *sorted(cut for cut in cuts if cut < len(groups)), len(groups)]
    for left, right in pairwise(edges):
        part = fold(groups[left:right], Turn(reloaded(state), actor(ANN, 2), RULES, moment))
        state = part.state
        verdicts += part.verdicts
    assert told(state) == told(whole.state)
    assert [(one.n, one.result, one.rev, one.item_id) for one in verdicts] == [
        (one.n, one.result, one.rev, one.item_id) for one in whole.verdicts
    ]


@QUICK
@given(records(), PATCHES, PATCHES, st.sampled_from([-1, 1]))
def test_clocks_of_ten_years_change_no_winner(held: Held, left: list[Patch], right: list[Patch], sign: int) -> None:
    """Both phones right, or one ten years ahead and the other ten behind: every value, stamp and card is the same."""
    ends = []
    for skew_ms in (0, sign * 10 * 365 * 86_400_000):
        state = fold(sent(left, NOW_MS + skew_ms), Turn(start(held), actor(ANN, 2), RULES, Moment(NOW_MS, skew_ms))).state
        state = fold(sent(right, NOW_MS - skew_ms), Turn(reloaded(state), actor(BO, 3), RULES, Moment(NOW_MS, -skew_ms))).state
        ends.append(told(state))
    assert ends[0] == ends[1]


@QUICK
@given(records(), PATCHES)
def test_the_fold_is_pure_and_repeatable(held: Held, patches: list[Patch]) -> None:
    """The same state and mutations give the same end, and what was given in stays as it was."""
    groups, before = sent(patches), ENCODER.encode(held.record)
    ends = [told(fold(groups, Turn(start(held), actor(ANN, 2), RULES, Moment(NOW_MS))).state) for _ in range(2)]
    assert ends[0] == ends[1]
    assert ENCODER.encode(held.record) == before


@QUICK
@given(records(), PATCHES, PATCHES)
def test_no_entered_value_vanishes(held: Held, left: list[Patch], right: list[Patch]) -> None:
    """Every (group, values) of two phones was taken into the history, or waits on a card, or was there already."""
    state = fold(sent(left), Turn(start(held), actor(ANN, 2), RULES, Moment(NOW_MS))).state
    state = fold(sent(right), Turn(reloaded(state), actor(BO, 3), RULES, Moment(NOW_MS))).state
    taken = [(change.line_no, change.n, change.group) for change in state.changes]
    cards = [one.record for one in state.held.values() if isinstance(one.record, InboxItem)]
    waiting = [(card.line_no, one.n, one.group) for card in cards for one in (*card.members, *card.earlier)]
    values_before = {slot: {value_of(held.record, slot)} for slot in SLOTS}
    for change in state.changes:
        for slot, value in change.after.items():
            values_before[slot].add(value)
    for line_no, patches in ((2, left), (3, right)):
        for n, (values, _) in enumerate(patches, 10):
            for group, wanted in grouped(CUSTOMER, values).items():
                accounted = (line_no, n, group) in taken or (line_no, n, group) in waiting
                assert accounted or all(value in values_before[slot] for slot, value in wanted.items())
