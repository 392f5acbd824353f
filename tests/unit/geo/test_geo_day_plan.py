"""The stops of a day: each reason at its bounds, whose it is, and what is done by now."""

from typing import Any, Final

import pytest
from msgspec.structs import replace

from geo.day_plan import DAY_MS, DAY_STOPS, PLANNED_MAX, Fall, Known, Planned, ReasonKind, day_plan
from shared_schema.records.customer import Collaborator, FollowUp, Standing
from shared_schema.records.instruction import Instruction, InstructionState, Priority

ME, OTHER, CUSTOMER, RECORD = (bytes([number]) * 16 for number in range(1, 5))
DAY: Final = 20_600
BEGINS_MS: Final = DAY * DAY_MS
NOW_MS: Final = BEGINS_MS + 9 * 3_600_000
MINE: Final = Standing(CUSTOMER, 1, owner_id=ME, owned_since_ms=BEGINS_MS)


def known(**values: Any) -> Known:
    """A morning of a rep with one customer, who was there today at midnight."""
    empty: dict[str, Any] = dict.fromkeys(("collaborators", "follow_ups", "instructions", "left_out"), ())
    empty |= {name: {} for name in ("last_ms", "visited_ms", "contacted_ms", "falls", "far_mm")}
    first = {"user_id": ME, "now_ms": NOW_MS, "day": DAY, "begins_ms": BEGINS_MS, "cadence_days": [30] * 4, "follow_up_by_visit": True}
    return Known(**{**empty, **first, "standings": (MINE,), **values})


def follow_up(due_day: int = DAY, **values: Any) -> FollowUp:
    return FollowUp(RECORD, 1, CUSTOMER, due_day, **{"author_id": ME, **values})


def instruction(**values: Any) -> Instruction:
    return Instruction(RECORD, 1, ME, OTHER, "go", **values)


def reasons(**values: Any) -> list[tuple[ReasonKind, int]]:
    """Of all stops: each reason with its days."""
    return [(one.kind, one.days) for stop in day_plan(known(**values)) for one in stop.reasons]


def weight(**values: Any) -> int:
    [stop] = day_plan(known(**values))
    return stop.weight


def test_follow_ups_of_today_and_before() -> None:
    """D-450, D-452."""
    assert [reasons(follow_ups=[follow_up(DAY + ahead)]) for ahead in (1, 0, -3)] == [
        [],
        [(ReasonKind.follow_up, 0)],
        [(ReasonKind.follow_up, 3)],
    ]
    assert reasons(follow_ups=[follow_up(done=True)]) == []
    assert [weight(follow_ups=[follow_up(DAY - days)]) for days in (0, 1, 10, 11)] == [20, 22, 40, 40]


@pytest.mark.parametrize(
    ("owner", "author", "shared_with", "is_mine"),
    [
        (ME, ME, None, True),
        (ME, OTHER, None, True),
        (ME, None, None, True),
        (ME, OTHER, OTHER, False),
        (OTHER, ME, ME, True),
        (OTHER, ME, None, False),
        (OTHER, OTHER, ME, False),
    ],
)
def test_a_follow_up_is_the_authors_while_the_author_follows_the_customer_up(
    owner: bytes, author: bytes | None, shared_with: bytes | None, *, is_mine: bool
) -> None:
    """D-450, as the server reminds (D-923)."""
    shares = [] if shared_with is None else [Collaborator(RECORD, 1, CUSTOMER, shared_with)]
    standings = [replace(MINE, owner_id=owner)]
    assert bool(reasons(follow_ups=[follow_up(author_id=author)], standings=standings, collaborators=shares)) is is_mine


def test_a_share_that_is_over_and_a_customer_that_the_server_does_not_know_yet() -> None:
    """D-450."""
    over = [Collaborator(RECORD, 1, CUSTOMER, ME, NOW_MS)]
    assert reasons(follow_ups=[follow_up()], standings=[replace(MINE, owner_id=OTHER)], collaborators=over) == []
    assert reasons(follow_ups=[replace(follow_up(author_id=None), rev=0)], standings=[]) == [(ReasonKind.follow_up, 0)]


def test_a_contact_of_today_completes_follow_ups_as_the_server_will() -> None:
    """D-451, D-924."""
    called = {CUSTOMER: NOW_MS}
    assert reasons(follow_ups=[follow_up()], contacted_ms=called) == []
    assert reasons(follow_ups=[follow_up()], contacted_ms=called, follow_up_by_visit=False) == [(ReasonKind.follow_up, 0)]
    assert reasons(follow_ups=[follow_up()], contacted_ms=called, visited_ms=called, follow_up_by_visit=False) == []


def test_customers_that_fall_soon_and_that_a_touch_keeps() -> None:
    """D-450, D-452."""
    assert [weight(falls={CUSTOMER: Fall(days, True, False)}) for days in (0, 1, 7)] == [50, 45, 15]
    assert reasons(falls={CUSTOMER: Fall(8, True, False)}) == []
    assert reasons(falls={CUSTOMER: Fall(1, False, False)}) == []
    assert reasons(falls={CUSTOMER: Fall(1, True, True)}) == []
    assert reasons(falls={CUSTOMER: Fall(1, True, False)}, standings=[replace(MINE, owner_id=OTHER)]) == []
    assert reasons(falls={CUSTOMER: Fall(1, True, False)}, visited_ms={CUSTOMER: NOW_MS}) == []


def test_open_instructions_at_a_customer_or_a_place() -> None:
    """D-450, D-452."""
    assert reasons(instructions=[instruction()]) == [], "nowhere"
    [stop] = day_plan(known(instructions=[instruction(place="east gate")]))
    assert (stop.id, stop.customer_id, stop.weight) == (RECORD, None, 10)
    [stop] = day_plan(known(instructions=[instruction(customer_id=CUSTOMER)]))
    assert (stop.id, stop.customer_id) == (CUSTOMER, CUSTOMER)
    assert reasons(instructions=[replace(instruction(customer_id=CUSTOMER), rep_id=OTHER)]) == []
    states = (InstructionState.started, InstructionState.declined, InstructionState.done)
    assert [len(reasons(instructions=[instruction(customer_id=CUSTOMER, state=one)])) for one in states] == [1, 0, 0]


@pytest.mark.parametrize(
    ("due_ms", "expected", "until_ms"),
    [
        (None, 10, None),
        (BEGINS_MS + DAY_MS, 10, None),
        (BEGINS_MS + DAY_MS - 1, 30, BEGINS_MS + DAY_MS - 1),
        (NOW_MS + 1, 30, NOW_MS + 1),
        (NOW_MS, 40, None),
        (NOW_MS - 5 * DAY_MS, 40, None),
    ],
)
def test_a_deadline_of_today_is_a_window_and_one_that_is_over_presses(due_ms: int | None, expected: int, until_ms: int | None) -> None:
    """D-452."""
    for priority, more in ((Priority.normal, 0), (Priority.urgent, 20)):
        [stop] = day_plan(known(instructions=[instruction(customer_id=CUSTOMER, due_ms=due_ms, priority=priority)]))
        assert (stop.weight, stop.until_ms) == (expected + more, until_ms)


def test_a_visit_of_today_ends_the_stop_but_for_what_was_ordered_since() -> None:
    """D-451."""
    visited = {CUSTOMER: NOW_MS}
    assert reasons(instructions=[instruction(customer_id=CUSTOMER, sent_ms=NOW_MS)], visited_ms=visited) == []
    assert len(reasons(instructions=[instruction(customer_id=CUSTOMER, sent_ms=NOW_MS + 1)], visited_ms=visited)) == 1


def many(count: int, days: int = 40) -> tuple[Standing, ...]:
    return tuple(
        Standing(number.to_bytes(16), 1, owner_id=ME, owned_since_ms=BEGINS_MS - days * DAY_MS) for number in range(100, 100 + count)
    )


def test_the_cadence_counts_from_the_last_contact_by_days_of_the_phone() -> None:
    """D-450."""
    aged = [replace(MINE, owned_since_ms=0)]
    for last_ms, days in ((BEGINS_MS - 29 * DAY_MS - 1, 30), (BEGINS_MS - 29 * DAY_MS, None)):
        found = reasons(standings=aged, last_ms={CUSTOMER: last_ms})
        assert found == ([] if days is None else [(ReasonKind.cadence, days)])
    assert reasons(standings=[replace(one, owner_id=OTHER) for one in many(3)]) == []


def test_the_cadence_fills_a_day_with_the_nearest() -> None:
    """D-453: up to twelve stops with those that are done or left out; who has another reason is among them anyway."""
    standings = many(30)
    ids = [one.id for one in standings]
    far = {one: 1_000 * at for at, one in enumerate(reversed(ids))}
    found = day_plan(known(standings=standings, far_mm=far))
    assert {stop.id for stop in found} == set(ids[-DAY_STOPS:])
    due = [replace(follow_up(), id=bytes([9]) * 16, customer_id=ids[0])]
    found = day_plan(known(standings=standings, far_mm=far, follow_ups=due, visited_ms={ids[1]: NOW_MS}, left_out={ids[-1]}))
    assert found[0].id == ids[0]
    assert [one.kind for one in found[0].reasons] == [ReasonKind.follow_up, ReasonKind.cadence]
    assert {stop.id for stop in found[1:]} == set(ids[-DAY_STOPS + 2 : -1])
    assert len(found) == DAY_STOPS - 2


def test_a_plan_is_bounded_and_in_order() -> None:
    """D-453."""
    standings = many(70, days=0)
    due = [replace(follow_up(DAY - at % 3), id=(1_000 + at).to_bytes(16), customer_id=one.id) for at, one in enumerate(standings)]
    found = day_plan(known(standings=standings, follow_ups=due))
    assert len(found) == PLANNED_MAX
    assert found == sorted(found, key=lambda stop: (-stop.weight, stop.id))
    crowded = [instruction(customer_id=CUSTOMER, priority=Priority.urgent, due_ms=1) for _ in range(3)]
    [stop] = day_plan(known(instructions=crowded))
    assert stop == Planned(CUSTOMER, CUSTOMER, 100, None, stop.reasons), "no more than a hundred points"


def test_what_is_left_out_today_has_no_reason() -> None:
    """D-453."""
    assert reasons(follow_ups=[follow_up()], left_out={CUSTOMER}) == []
