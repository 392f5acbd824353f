"""Why a hold ended: by the last move of its own customer, whatever else the same unit moved (D-193)."""

import pytest

from server.domain.hold_ends import follow
from shared_schema.records.customer import Standing
from shared_schema.records.hold import PoolHold, PoolHoldState
from shared_schema.records.reference import Role
from shared_schema.registry import BY_RECORD
from sync.rules import Actor, Moment
from sync.state import Held, OwnershipEvent, State

NOW_MS = 1_780_000_000_000
POOL, HOLDER, WINNER, HERE, ELSEWHERE = (bytes([number]) * 16 for number in range(1, 6))


@pytest.mark.parametrize(
    ("moves", "why"),
    [
        (((HERE, "claimed"),), PoolHoldState.lapsed),
        (((HERE, "claimed"), (ELSEWHERE, "transferred")), PoolHoldState.lapsed),
        (((HERE, "transferred"),), PoolHoldState.ended_by_desk),
        (((HERE, "transferred"), (ELSEWHERE, "claimed")), PoolHoldState.ended_by_desk),
    ],
)
def test_another_customer_s_move_says_nothing_of_the_hold(moves: tuple[tuple[bytes, str], ...], why: PoolHoldState) -> None:
    state = State()
    state.put(BY_RECORD[Standing], Held(Standing(HERE, 1, WINNER, epoch=2), {}))
    state.events += [OwnershipEvent(customer_id, 2, kind, WINNER, WINNER) for customer_id, kind in moves]
    known = PoolHold(bytes(16), 1, HERE, POOL, HOLDER, NOW_MS - 1, NOW_MS + 9, HOLDER, NOW_MS + 9)
    (ended,) = follow(Actor(1, WINNER, 1, Role.rep), state, known, Moment(NOW_MS))
    assert ended.state is why
