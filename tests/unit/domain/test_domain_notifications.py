"""Notifications as pure functions: made once, closed with their cause, receipts in any order (D-901 to D-904)."""

from itertools import permutations

import pytest
from msgspec.structs import replace

from server.domain.notice_kinds import KINDS
from server.domain.notices import NOTICES
from server.domain.notifications import announce, end, guard, joined, key_of, risen, settle
from server.domain.organisation import judge
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Standing
from shared_schema.records.notification import Notification, NotificationState, UserSettings
from shared_schema.records.reference import Organisation
from shared_schema.registry import BY_RECORD
from sync.heard import Heard
from sync.state import WHOLE, Held, Stamp, State

ANN, BO, SHOP, EVENT = b"a" * 16, b"b" * 16, b"s" * 16, b"e" * 16
NOW_MS = 1_700_000_000_000
FACTS = {"actor": "Mai", "customer": "Corner shop"}


def of_standing(owner_id: bytes, *notices: Notification) -> State:
    """A state in which the customer changed hands just now."""
    state = State()
    for one in notices:
        state.load(BY_RECORD[Notification], Held(one, {WHOLE: Stamp(one.rev, 0, 0)}))
    state.write(Standing(SHOP, 0, owner_id=owner_id, epoch=2))
    return state


def told() -> Notification:
    state = State()
    state.notices = [Heard("assigned", ANN, EVENT, FACTS, SHOP)]
    (made,) = announce(state, NOW_MS)
    return replace(made, rev=1)


def test_the_key_is_stable_and_differs_by_reader_kind_happening_and_step() -> None:
    """D-901."""
    first = Heard("assigned", ANN, EVENT, FACTS, SHOP)
    others = [
        replace(first, user_id=BO),
        replace(first, kind="unassigned"),
        replace(first, happening=SHOP),
        replace(first, once="due"),
    ]
    assert key_of(first, NOW_MS) == key_of(replace(first, facts={}), NOW_MS + 1)
    assert len({key_of(one, NOW_MS) for one in (first, *others)}) == 5
    assert key_of(first, NOW_MS) != key_of(first, NOW_MS + 86_400_000)
    assert key_of(others[3], NOW_MS) == key_of(others[3], NOW_MS + 86_400_000)


def test_what_was_told_is_not_told_again() -> None:
    """D-901."""
    state = State()
    state.notices = [Heard("assigned", ANN, EVENT, FACTS, SHOP)] * 2
    assert len(settle(state, NOW_MS)) == 1
    assert settle(state, NOW_MS) == []


def test_a_long_fact_is_cut() -> None:
    state = State()
    state.notices = [Heard("assigned", ANN, EVENT, {"customer": "福" * 10_000}, SHOP)]
    (made,) = announce(state, NOW_MS)
    assert made.facts["customer"] == "福" * 199 + "…"


def test_a_notice_ends_with_its_cause_and_not_before() -> None:
    """D-904."""
    mine = told()
    for owner_id, state_after in ((ANN, NotificationState.made), (BO, NotificationState.done)):
        state = of_standing(owner_id, mine)
        end(state, NOW_MS + 5)
        found = state.find(Notification, mine.id)
        assert found is not None
        assert found.state is state_after
        assert found.done_ms == (NOW_MS + 5 if state_after is NotificationState.done else None)


@pytest.mark.parametrize("order", list(permutations((NotificationState.delivered, NotificationState.seen, NotificationState.opened))))
def test_receipts_in_any_order_end_alike(order: tuple[NotificationState, ...]) -> None:
    """D-902."""
    one = told()
    for at, state in enumerate(order):
        one = risen(one, state, NOW_MS + at)
    assert one.state is NotificationState.opened
    assert {one.delivered_ms, one.seen_ms, one.opened_ms} == {NOW_MS, NOW_MS + 1, NOW_MS + 2}
    assert risen(one, NotificationState.seen, NOW_MS + 9) == one


def test_two_transactions_at_once_lose_no_receipt() -> None:
    """D-902: whichever commits last, what the other wrote stands."""
    first = told()
    seen, done = risen(first, NotificationState.seen, NOW_MS + 1), risen(first, NotificationState.done, NOW_MS + 2)
    for stood, mine in ((seen, done), (done, seen)):
        both = joined(stood, mine)
        assert (both.state, both.seen_ms, both.done_ms) == (NotificationState.done, NOW_MS + 1, NOW_MS + 2)


def test_settings_are_ones_own_and_whole() -> None:
    """D-905."""
    good = UserSettings(ANN, 1, ANN, "Europe/Paris", "zh", 1_320, 420)
    guard(State(), good)
    wrong_ones = {
        "user_id": replace(good, user_id=BO),
        "quiet_from": replace(good, quiet_from=None),
        "time_zone": replace(good, time_zone="Mars"),
    }
    with pytest.raises(Problem) as half:
        judge(State(), Organisation(bytes(16), 0, "Alpha", quiet_until=420))
    assert (half.value.code, half.value.field) == (Code.rule_broken, "quiet_from")
    for field, wrong in wrong_ones.items():
        with pytest.raises(Problem) as told_:
            guard(State(), wrong)
        assert (told_.value.code, told_.value.field) == (Code.rule_broken, field)


def test_the_register_names_every_kind_that_has_words() -> None:
    """D-903."""
    assert KINDS.keys() == NOTICES.keys()
