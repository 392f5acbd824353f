"""Receipts: a monotone maximum, whatever the order in which levels arrive, and however often; on the pure fold."""

from itertools import permutations
from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.rules import RULES
from server.domain.team import receipt_id
from shared_schema.records.reference import Role
from shared_schema.records.team import GiveReceipt, Receipt, ReceiptLevel, TeamNote
from shared_schema.registry import BY_RECORD
from shared_schema.wire import ENCODER, GroupPlace, Kind, Mutation, Result
from sync.fold import Sent, fold
from sync.rules import Actor, Moment, Turn
from sync.state import WHOLE, Held, Stamp, State

NOTE = BY_RECORD[TeamNote]
NOTE_ID, ANN, NIA, EAST = b"n" * 16, b"a" * 16, b"b" * 16, b"e" * 16
LEVELS = [level for level in ReceiptLevel if level]
QUICK = settings(max_examples=200, deadline=None, database=None, print_blob=True)


def told(levels: list[ReceiptLevel]) -> tuple[ReceiptLevel, list[ReceiptLevel]]:
    """Where a receipt ends when these arrive in turn from two devices of a reader, and the levels that changed something."""
    state = State()
    state.load(NOTE, Held(TeamNote(NOTE_ID, 1, EAST, 1, "hear", None, NIA, 1), {WHOLE: Stamp(1, 0, 0)}))
    written = []
    for n, level in enumerate(levels, 1):
        actor = Actor(1, ANN, 1 + n % 2, Role.rep, team_ids=frozenset({EAST}))
        body = msgspec.Raw(ENCODER.encode(GiveReceipt(level)))
        mutation = Mutation(n, GroupPlace(n, 0, 1), int(Kind.command), NOTE.number, NOTE_ID, {}, body, 1)
        (verdict,) = fold([[Sent(n, ENCODER.encode(mutation), mutation)]], Turn(state, actor, RULES, Moment(5))).verdicts
        assert verdict.result in (Result.applied, Result.duplicate)
        written += [level] if verdict.result == Result.applied else []
    found = state.find(Receipt, receipt_id(NOTE_ID, ANN))
    assert found is not None
    assert (found.user_id, found.author_id, found.rev, len(state.changes)) == (ANN, NIA, len(written), len(written))
    return found.level, written


def test_every_order_of_arrival_ends_alike() -> None:
    """P-530."""
    for levels in permutations(LEVELS):
        assert told(list(levels))[0] == ReceiptLevel.done


@QUICK
@given(st.lists(st.sampled_from(LEVELS), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_repeats_and_order_make_no_difference(levels: list[ReceiptLevel], random: Random) -> None:
    """P-530: it ends at the highest, and what was written on the way only rose."""
    shuffled = random.sample(levels, len(levels))
    end, written = told(levels)
    assert told(shuffled)[0] == end == max(levels)
    assert written == sorted(set(written))
