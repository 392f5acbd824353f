"""Laws of add-wins sets (P-412 to P-417), on the pure core alone; each also told of a naive variant, which breaks it."""

from collections.abc import Callable, Iterable
from itertools import permutations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.rules import RULES
from shared_schema.elements import TaggedWord, WordChange
from shared_schema.entity import Entity
from shared_schema.records.customer import Contact, Customer, Standing
from shared_schema.records.reference import Role
from shared_schema.registry import BY_RECORD
from shared_schema.wire import ENCODER, GroupPlace, Kind, Mutation, Result
from sync import sets
from sync.fold import Folded, Sent, fold
from sync.rules import Actor, Moment, Turn
from sync.state import WHOLE, Held, Stamp, State

CUSTOMER, CONTACT, STANDING = BY_RECORD[Customer], BY_RECORD[Contact], BY_RECORD[Standing]
ID, PERSON, ANN, BO = bytes(15) + b"c", bytes(15) + b"p", b"a" * 16, b"b" * 16
NOW_MS = 1_780_000_000_000
QUICK = settings(max_examples=100, deadline=None, database=None, print_blob=True)
WORDS = st.sampled_from(["gold", "vip", "slow payer", "zh 老客户"])
TAGGED = st.builds(TaggedWord, WORDS, st.integers(1, 3), st.integers(1, 4))
STOOD = st.frozensets(TAGGED, max_size=6).map(lambda found: tuple(sorted(found)))
Apply = Callable[[sets.Stood, WordChange, sets.Tag], sets.Stood]
Operations = list[tuple[WordChange, sets.Tag]]


def last_writer(stood: sets.Stood, change: WordChange, tag: sets.Tag) -> sets.Stood:
    """The naive variant: each phone sends its whole set as it sees it, the last one stands."""
    kept = [one.element for one in START if one not in change.remove]
    return sets.filled(TaggedWord, [*kept, *change.add], tag)


def by_element(stood: sets.Stood, change: WordChange, tag: sets.Tag) -> sets.Stood:
    """The naive variant: a remove takes the element, whoever added it and whether its author saw that or not."""
    gone = {one.element for one in change.remove}
    return tuple(sorted({*(one for one in stood if one.element not in gone), *sets.filled(TaggedWord, change.add, tag)}))


START: tuple[TaggedWord, ...] = (TaggedWord("gold", 9, 1), TaggedWord("vip", 9, 1))


@st.composite
def concurrent(draw: st.DrawFn, start: tuple[TaggedWord, ...] = START) -> Operations:
    """Operations of three lines that all saw `start`: each removes what it saw and adds what it likes."""
    found = []
    for line_no in draw(st.lists(st.sampled_from([1, 2, 3]), min_size=2, max_size=3, unique=True)):
        removed = draw(st.lists(st.sampled_from(start), unique=True))
        found.append((WordChange(tuple(draw(st.lists(WORDS, max_size=2))), tuple(removed)), (line_no, 5)))
    return found


def run(apply: Apply, operations: Iterable[tuple[WordChange, sets.Tag]]) -> sets.Stood:
    stood: sets.Stood = START
    for change, tag in operations:
        stood = apply(stood, change, tag)
    return stood


def commute(apply: Apply, operations: Operations) -> None:
    assert len({run(apply, order) for order in permutations(operations)}) == 1


def an_add_wins(apply: Apply, operations: Operations) -> None:
    """Whatever somebody added stands, whoever removed the same element meanwhile; and what nobody removed."""
    removed = {one for change, _ in operations for one in change.remove}
    wanted = {word for change, _ in operations for word in change.add} | {one.element for one in START if one not in removed}
    for order in permutations(operations):
        assert wanted == set(sets.distinct(run(apply, order)))


@QUICK
@given(concurrent())
def test_operations_commute(operations: Operations) -> None:
    """P-413, invariant 34."""
    commute(sets.changed, operations)


@QUICK
@given(concurrent())
def test_a_concurrent_add_wins_over_a_remove(operations: Operations) -> None:
    """P-414."""
    an_add_wins(sets.changed, operations)


@pytest.mark.parametrize("naive", [last_writer, by_element])
@pytest.mark.parametrize("law", [commute, an_add_wins])
def test_the_naive_variants_break_the_laws(law: Callable[[Apply, Operations], None], naive: Apply) -> None:
    """One removes `vip`, another adds it again, a third adds something else: the last writer, and a remove by element, lose an add."""
    operations = [(WordChange((), START[1:]), (1, 5)), (WordChange(("vip",)), (2, 5)), (WordChange(("slow payer",)), (3, 5))]
    law(sets.changed, operations)
    with pytest.raises(AssertionError):
        law(naive, operations)


@QUICK
@given(STOOD, st.builds(WordChange, st.lists(WORDS, max_size=3).map(tuple), st.lists(TAGGED, max_size=3).map(tuple)))
def test_an_operation_is_idempotent_sorted_and_distinct(stood: sets.Stood, change: WordChange) -> None:
    """P-413: again under the same (line, n) it changes nothing."""
    once = sets.changed(stood, change, (7, 7))
    assert sets.changed(once, change, (7, 7)) == once
    assert list(once) == sorted(set(once))


@QUICK
@given(STOOD, st.data())
def test_the_inverse_operation_restores_what_was_on_the_screen(stood: tuple[TaggedWord, ...], data: st.DataObject) -> None:
    """P-417: the elements shown are those before; what somebody else added meanwhile stays."""
    removed = data.draw(st.lists(st.sampled_from(stood), unique=True)) if stood else []
    change = WordChange(tuple(data.draw(st.lists(WORDS, max_size=2))), tuple(removed))
    after = sets.changed(stood, change, (7, 7))
    inverse = msgspec.convert(sets.inverse(sets.listed(stood), sets.listed(after)), WordChange)
    assert sets.distinct(sets.changed(after, inverse, (7, 8))) == sets.distinct(stood)
    between = sets.changed(after, WordChange(("between",)), (8, 1))
    assert "between" in sets.distinct(sets.changed(between, inverse, (7, 8)))


# the fold


def start() -> State:
    state = State()
    state.load(CUSTOMER, Held(Customer(ID, 3, "Shop", tags=START), {WHOLE: Stamp(1, 9, 1)}))
    state.load(CONTACT, Held(Contact(PERSON, 3, ID, "Lin", phones=START), {WHOLE: Stamp(1, 9, 2)}))
    state.load(STANDING, Held(Standing(ID, 1, owner_id=ANN, epoch=1), {WHOLE: Stamp(1, 0, 0)}))
    state.collaborators = {ID: frozenset({BO})}
    return state


def sent(n: int, entity: Entity, values: dict[str, object], bases: dict[str, int] | None = None, kind: Kind = Kind.patch) -> list[Sent]:
    body = msgspec.Raw(b"\xc0" if kind == Kind.delete else ENCODER.encode(values))
    record_id = ID if entity is CUSTOMER else PERSON
    mutation = Mutation(n, GroupPlace(n, 0, 1), kind, entity.number, record_id, bases or {}, body, NOW_MS)
    return [Sent(n, ENCODER.encode(mutation), mutation)]


def told(state: State, line_no: int, *groups: list[Sent]) -> Folded:
    who = {1: ANN, 2: BO, 3: ANN, 4: BO}[line_no]
    return fold(groups, Turn(state, Actor(1, who, line_no, Role.rep), RULES, Moment(NOW_MS)))


def tags(state: State) -> sets.Stood:
    record = state.held[CUSTOMER.number, ID].record
    assert isinstance(record, Customer)
    return record.tags


@settings(QUICK, max_examples=40)
@given(concurrent())
def test_the_fold_takes_operations_in_any_order_without_a_conflict(operations: Operations) -> None:
    """P-413: no base, all applied, one and the same set; a note entered meanwhile by somebody who saw rev 3 still meets no conflict."""
    ends = set()
    for order in permutations(operations):
        state = start()
        for change, (line_no, n) in order:
            folded = told(state, line_no, sent(n, CUSTOMER, {"tags": change}))
            assert [one.result for one in folded.verdicts] == [Result.applied]
            state = folded.state
        ends.add(tags(state))
        assert [one.result for one in told(state, 4, sent(1, CUSTOMER, {"note": "x"}, {"note": 3})).verdicts] <= [Result.merged]
    assert len(ends) == 1


def test_a_change_of_nothing_gives_no_rev_and_no_history() -> None:
    """P-403, P-413: a remove of tags that are gone."""
    folded = told(start(), 2, sent(1, CUSTOMER, {"tags": WordChange((), (TaggedWord("gone", 5, 5),))}))
    assert [(one.result, one.rev) for one in folded.verdicts] == [(Result.applied, 3)]
    assert (folded.state.changes, folded.state.touched) == ([], {})


DELETES = [
    ([(2, "new")], 1, True), ([(1, "new")], 1, False), ([(2, "new"), (1, "own")], 1, True),
    ([(1, "own"), (2, "new")], 1, True), ([(2, "new"), (2, "more")], 2, False), ([(2, "new"), (1, "own"), (1, "own too")], 1, True),
]  # fmt: skip


@pytest.mark.parametrize(("adds", "line_no", "parks"), DELETES)
def test_a_delete_is_parked_iff_somebody_else_operated_after_its_base(adds: list[tuple[int, str]], line_no: int, parks: bool) -> None:
    """P-415: neither is an unseen element deleted, nor does an own operation stand in the way, nor hide another's."""
    state, numbers = start(), {1: 10, 2: 10}
    for line, word in adds:
        state = told(state, line, sent(numbers[line], CONTACT, {"phones": WordChange((word,))})).state
        numbers[line] += 1
    folded = told(state, line_no, sent(numbers[line_no], CONTACT, {}, {WHOLE: 3}, Kind.delete))
    assert [one.result for one in folded.verdicts] == [Result.parked if parks else Result.applied]
