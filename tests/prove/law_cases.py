"""The laws of merge, fold, line, cursor, pages and device: each takes dice, makes one case and raises AssertionError when it does not hold.

Merge and fold: the laws of `tests/property/test_merge_laws.py`, with cases drawn here; hypothesis draws and shrinks them there.
"""

import random
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from shared_schema.records.customer import Customer
from shared_schema.wire import ENCODER, GroupPlace, Kind, Mutation, Outcome, Result
from sync import admission, cursor, merge, overlay, page
from sync.admission import Answered, Line
from sync.cursor import Cursor, Place, ScopeHead
from sync.decode import grouped
from sync.device import Edit, apply, enter
from sync.shelf import MemoryShelf, Seat
from sync.state import WHOLE, Held, Stamp
from tests.property import test_merge_laws as written
from tests.unit.device_world import CUSTOMER, ME, Told, answer, gone, key, live
from tests.unit.device_world import page as page_of

Dice = random.Random
Law = Callable[[Dice], None]
KEY: Final = b"k" * 32
NOTHING_TOLD: Final = admission.Told(0, True)
LETTERS: Final = ("", "x", "y", "z")


# what cases are made of


def _values(dice: Dice) -> dict[str, str]:
    return written.whole({slot: dice.choice(LETTERS) for slot in dice.sample(written.SLOTS, dice.randint(1, 4))})


def _held(dice: Dice) -> Held:
    """A customer with stamps as histories leave them: none beyond the record's rev."""
    groups = dice.sample(sorted(CUSTOMER.groups), dice.randint(0, len(CUSTOMER.groups)))
    stamps = {group: Stamp(dice.randint(1, 9), dice.randint(0, 3), dice.randint(1, 5)) for group in groups}
    return Held(msgspec.structs.replace(Customer(written.ID, 9, "Shop"), **_values(dice)), {WHOLE: Stamp(1, 1, 1), **stamps})


def _patches(dice: Dice) -> list[tuple[dict[str, str], int]]:
    return [(_values(dice), dice.randint(1, 9)) for _ in range(dice.randint(1, 6))]


def _base(dice: Dice) -> int:
    return dice.randint(0, 9)


def _law(test: Callable[..., None], *parts: Callable[[Dice], Any]) -> Law:
    """A law as hypothesis knows it, on cases of our own."""
    inner: Callable[..., None] = test.hypothesis.inner_test  # type: ignore[attr-defined]

    def law(dice: Dice) -> None:
        inner(*(part(dice) for part in parts))

    return law


def own_later_edits_never_conflict(dice: Dice) -> None:
    """P-402: a later mutation of the line that wrote what stands takes it, whatever its base; an earlier one does not."""
    held, wanted = _held(dice), grouped(CUSTOMER, _values(dice))
    own = Held(held.record, {group: Stamp(9, 2, 6) for group in (WHOLE, *wanted)})
    assert not merge.merge(own, wanted, {}, Stamp(10, 2, 7)).conflicts
    assert not merge.merge(own, wanted, {}, Stamp(10, 2, 6)).taken
    assert not merge.merge(own, wanted, {}, Stamp(10, 3, 7)).taken


# line


def _sent(dice: Dice, first_n: int) -> list[bytes]:
    """A few groups in order, whole."""
    raws, n = [], first_n
    for _ in range(dice.randint(1, 4)):
        count = dice.choice((1, 1, 2, 3))
        places = [GroupPlace(n, index, count) for index in range(count)]
        raws += [
            ENCODER.encode(Mutation(n + at, place, 2, 1, dice.randbytes(16), {}, msgspec.Raw(b"\x80"), 0))
            for at, place in enumerate(places)
        ]
        n += count
    return raws


def a_request_is_taken_once(dice: Dice) -> None:
    """P-310, P-311: all of it is new, in order and in whole groups; sent again it is answered as before; other bytes are forked."""
    last_n = dice.randint(0, 5)
    raws = _sent(dice, last_n + 1)
    sent = admission.numbered(raws)
    first = admission.admit(sent, Line(last_n, 0), NOTHING_TOLD, {})
    numbers = [one.n for group in first.groups for one in group]
    assert (numbers, first.forked, first.repeated, first.resend_from) == ([one.n for one in sent], [], [], None)
    assert all(group[0].mutation is not None and group[0].mutation.group.count == len(group) for group in first.groups)
    known = {one.n: Answered(one.n, admission.fingerprint(one.raw), b"answer %d" % one.n) for one in sent}
    again = admission.admit(sent, Line(numbers[-1], 0), NOTHING_TOLD, known)
    assert (again.repeated, again.groups, again.forked) == ([known[n].outcome for n in numbers], [], [])
    acked_n = dice.randint(last_n, numbers[-1])
    other = admission.admit(admission.numbered(_sent(dice, last_n + 1)), Line(numbers[-1], acked_n), admission.Told(acked_n, True), known)
    assert other.forked
    assert not other.groups
    assert not other.repeated


def gaps_and_cut_groups_are_not_taken(dice: Dice) -> None:
    """P-313, P-314, P-317, P-321: nothing after a gap, nor of a server that forgot; a cut group is refused one by one."""
    last_n = dice.randint(0, 5)
    sent = admission.numbered(_sent(dice, last_n + 1))
    late = admission.admit(sent[1:], Line(last_n, 0), NOTHING_TOLD, {})
    assert not late.groups
    assert late.resend_from == (last_n + 1 if len(sent) > 1 else None)
    stands, current = Line(last_n, dice.randint(0, last_n)), dice.random() < 0.5
    told = admission.Told(dice.randint(0, last_n + 2), current)
    known_to_both = last_n if current else stands.acked_n
    forgot = admission.admit(sent, stands, told, {})
    assert forgot.resend_from == (known_to_both + 1 if told.acked_n > known_to_both else None)
    assert bool(forgot.groups) == (told.acked_n <= known_to_both)
    assert admission.confirmed(stands, told) == (max(stands.acked_n, min(told.acked_n, last_n)) if current else stands.acked_n)
    cut = admission.admit(sent[:-1], Line(last_n, 0), NOTHING_TOLD, {})
    problems = {one.n: one.problem for group in cut.groups for one in group}
    last = sent[-1].mutation
    assert last is not None
    torn = range(last.group.first_n, last.n) if last.group.count > 1 else range(0)
    assert list(problems) == [one.n for one in sent[:-1]]
    assert [n for n, problem in problems.items() if problem is not None] == list(torn)


# cursor and pages


def _cursor(dice: Dice) -> Cursor:
    places = [Place(number, dice.randint(0, 20), dice.randint(0, 20)) for number in sorted(dice.sample(range(1, 9), dice.randint(0, 6)))]
    return cursor.after((dice.randint(1, 3), dice.randint(1, 2), dice.choice((b"a", b"b")), dice.randint(1, 3), dice.randint(0, 2)), places)


def a_seal_holds(dice: Dice) -> None:
    """P-201, P-204, P-205: sealed and read again it is the same; a changed bit, another key or another owner make it none."""
    one = _cursor(dice)
    raw = cursor.seal(one, KEY)
    assert cursor.unseal(raw, KEY) == one
    assert cursor.unseal(raw, b"o" * 32) is None
    at = dice.randrange(len(raw))
    assert cursor.unseal(raw[:at] + bytes([raw[at] ^ 1 << dice.randrange(8)]) + raw[at + 1 :], KEY) is None
    assert cursor.unseal(raw[: dice.randrange(len(raw))], KEY) is None
    assert cursor.unseal(cursor.seal(msgspec.structs.replace(one, format=2), KEY), KEY) is None
    owner = (one.epoch, one.org_id, one.user_id, one.line_no, one.resets)
    assert cursor.accepted(raw, KEY, owner) == one
    assert cursor.speaks_of_now(raw, KEY, owner)
    at = dice.randrange(len(owner))
    others = (one.epoch + 1, one.org_id + 1, one.user_id + b"x", one.line_no + 1, one.resets + 1)
    other: Any = tuple(others[index] if index == at else held for index, held in enumerate(owner))
    assert cursor.accepted(raw, KEY, other) is None
    assert not cursor.speaks_of_now(raw, KEY, other)
    assert cursor.speaks_of_now(b"", KEY, other)


def a_plan_is_total(dice: Dice) -> None:
    """P-206: each scope of now once and in order, the others dropped; anew iff without a place, ahead, or below the floor with both.

    A place below the floor goes on naming its scope: a loss before it has begun anew is still told.
    """
    held = _cursor(dice)
    scopes = []
    for number in dice.sample(range(1, 9), dice.randint(0, 6)):
        head = dice.randint(0, 20)
        scopes.append(ScopeHead(number, 1, head, dice.randint(0, head)))
    wanted, drop = cursor.plan(held, scopes)
    places = {place.scope: place for place in held.places}
    assert [one.scope for one in wanted] == scopes
    assert drop == sorted(places.keys() - {scope.number for scope in scopes})
    for one in wanted:
        place = places.get(one.scope.number)
        anew = place is None or place.position > one.scope.head or max(place.position, place.base) < one.scope.floor
        assert one.begin == anew
        assert (one.position, one.base) == ((0, one.scope.head) if anew or place is None else (place.position, place.base))
        assert one.held == (None if place is None or place.position > one.scope.head else place)
    assert cursor.plan(None, scopes)[1] == []


def pages_of_any_size_end_alike(dice: Dice) -> None:
    """P-207 to P-209: every row once and in order, within the budget or alone, and the head at the end."""
    feeds = {}
    for number in range(1, dice.randint(2, 4)):
        head = dice.randint(0, 12)
        rows = sorted(dice.sample(range(1, head + 1), dice.randint(0, head)))
        feeds[number] = ScopeHead(number, dice.choice((1, 2, 3, 4)), head, 0), [(seq, b"r" * dice.randint(1, 30)) for seq in rows]
    budget_bytes, held, told = dice.randint(1, 80), Cursor(1, 1, 1, 1, b"a", 1, []), {number: list[int]() for number in feeds}
    for _ in range(60):
        wanted, _drop = cursor.plan(held, [scope for scope, _ in feeds.values()])
        read = {one.scope.number: [row for row in feeds[one.scope.number][1] if row[0] > one.position] for one in wanted}
        pages, places = page.fill(wanted, budget_bytes, lambda one, read=read: (read[one.scope.number], True))  # type: ignore[misc]
        if not pages:
            break
        bodies = []
        for one in pages:
            new = [row for row in read[one.scope] if row[0] <= one.position]
            told[one.scope] = [*told[one.scope], *(seq for seq, _ in new)]
            bodies += [body for _, body in new]
            assert bytes(one.rows) == bytes(page.splice([body for _, body in new]))
            assert one.done == (one.position == one.head)
        assert len(bodies) <= 1 or sum(map(len, bodies[:-1])) <= budget_bytes
        assert page.more(wanted, places) == any(place.position < feeds[place.scope][0].head for place in places) or len(places) < len(feeds)
        held = msgspec.structs.replace(held, places=places)
    assert told == {number: [seq for seq, _ in rows] for number, (_, rows) in feeds.items()}


# device


def _shelf(dice: Dice) -> MemoryShelf:
    """A phone with two scopes, a few customers and a few own edits."""
    shelf = MemoryShelf()
    shelf.put_seat(Seat(1, ME, 1, b"cursor"))
    ids = list(range(1, 6))
    pages = [
        page_of(scope, [live(Customer(key(one), dice.randint(1, 9), "Shop")) for one in dice.sample(ids, 3)], 9, begin=True)
        for scope in (1, 2)
    ]
    apply(shelf, answer(shelf, pages))
    for _ in range(dice.randint(0, 4)):
        shown = overlay.views(shelf, CUSTOMER)
        new = Edit(Kind.create, CUSTOMER, dice.randbytes(16), {"name": "New"})
        enter(shelf, [Edit(Kind.patch, CUSTOMER, dice.choice(shown).id, _values(dice)) if shown and dice.random() < 0.8 else new], 0)
    return shelf


def _content(shelf: MemoryShelf) -> tuple[Any, ...]:
    return shelf.seat(), shelf.scopes(), dict(shelf._rows), {scope: dict(held) for scope, held in shelf._holds.items()}, shelf.pendings()


def _answer_of(dice: Dice, shelf: MemoryShelf) -> Any:
    rows = [live(Customer(key(one), dice.randint(1, 12), "Changed")) for one in dice.sample(range(1, 7), 2)]
    rows += [gone(key(dice.randint(1, 6)))]
    outcomes = [Outcome(one.n, Result.applied, rev=5) for one in shelf.pendings()[: dice.randint(0, 4)]]
    pages = [page_of(dice.choice((1, 2, 3)), rows, 12, begin=dice.random() < 0.3, done=dice.random() < 0.7)]
    drop = [2] if dice.random() < 0.2 else []
    return answer(shelf, pages, Told(outcomes, last_n=len(outcomes), drop=drop))


def an_answer_is_taken_in_once(dice: Dice) -> None:
    """P-604: the same answer again, or one to another cursor, changes nothing at all; the queue loses no entry without an outcome."""
    shelf = _shelf(dice)
    told = _answer_of(dice, shelf)
    before = {one.n: one.raw for one in shelf.pendings() if one.outcome is None}
    answered = {msgspec.msgpack.decode(bytes(raw))[0] for raw in told.outcomes}
    assert apply(shelf, told)
    after = _content(shelf)
    assert not apply(shelf, told)
    assert _content(shelf) == after
    left = {one.n: one.raw for one in shelf.pendings() if one.outcome is None}
    assert left == {n: raw for n, raw in before.items() if n not in answered}


def rows_are_those_of_the_scopes(dice: Dice) -> None:
    """P-601 to P-603: a record is held by a set of scopes and goes with the last; older bodies replace none outside of a fill."""
    shelf = _shelf(dice)
    before, filling = dict(shelf._rows), {number for number, scope in shelf.scopes().items() if scope.filling}
    told = _answer_of(dice, shelf)
    apply(shelf, told)
    assert set(shelf._rows) == {one for held in shelf._holds.values() for one in held}
    if not filling and not any(one.begin for one in told.pages) and {one.scope for one in told.pages} <= {1, 2}:
        for one, body in shelf._rows.items():
            assert one not in before or msgspec.msgpack.decode(body)[1] >= msgspec.msgpack.decode(before[one])[1]


def the_screen_changes_nothing(dice: Dice) -> None:
    """P-331, P-605: drawing writes nothing, one record or all of them show the same, and the last own value of a slot is what shows."""
    shelf = _shelf(dice)
    before = _content(shelf)
    shown = {one.id: one for one in overlay.views(shelf, CUSTOMER)}
    assert _content(shelf) == before
    assert all(overlay.view(shelf, CUSTOMER, one) == record for one, record in shown.items())
    if shown:
        values = _values(dice)
        (n,) = enter(shelf, [Edit(Kind.patch, CUSTOMER, min(shown), values)], 0)
        drawn = overlay.view(shelf, CUSTOMER, min(shown))
        assert drawn is not None
        assert merge.read(drawn, values) == values
        mutation = msgspec.msgpack.decode(shelf.pendings()[-1].raw)
        groups = {CUSTOMER.group_of[slot] for slot in values}
        assert mutation[0] == n
        assert set(msgspec.msgpack.decode(ENCODER.encode(mutation[6]))) == {slot for group in groups for slot in CUSTOMER.groups[group]}


LAWS: Final[Mapping[str, Law]] = {
    "merge: idempotent": _law(written.test_merge_is_idempotent, _held, _values, _base),
    "merge: different groups commute": _law(written.test_patches_of_different_groups_commute, _held, _values, _values, _base),
    "merge: total": _law(written.test_every_group_is_taken_or_parked_or_equal, _held, _values, _base),
    "merge: who saw more conflicts less": _law(written.test_a_raised_base_never_parks_more, _held, _values, _base),
    "merge: own later edits": own_later_edits_never_conflict,
    "fold: batch boundaries": _law(
        written.test_batch_boundaries_do_not_matter, _held, _patches, lambda dice: set(dice.sample(range(1, 6), dice.randint(0, 5)))
    ),
    "fold: clocks": _law(
        written.test_clocks_of_ten_years_change_no_winner, _held, _patches, _patches, lambda dice: dice.choice((-1, 1))
    ),
    "fold: pure and repeatable": _law(written.test_the_fold_is_pure_and_repeatable, _held, _patches),
    "fold: no value vanishes": _law(written.test_no_entered_value_vanishes, _held, _patches, _patches),
    "line: taken once": a_request_is_taken_once,
    "line: gaps and cut groups": gaps_and_cut_groups_are_not_taken,
    "cursor: seal": a_seal_holds,
    "cursor: plan": a_plan_is_total,
    "page: any size": pages_of_any_size_end_alike,
    "device: an answer once": an_answer_is_taken_in_once,
    "device: rows and scopes": rows_are_those_of_the_scopes,
    "device: screen": the_screen_changes_nothing,
}  # fmt: skip
