"""Laws of ledgers (D-601), on the pure core alone: the total is the sum of the rows under any interleaving, replay and cut."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.rules import RULES
from server.domain.samples import count_id, totals
from shared_schema.records.customer import Customer, Standing
from shared_schema.records.reference import Role
from shared_schema.records.sample import SampleCount, SampleEntry
from shared_schema.registry import BY_RECORD
from shared_schema.wire import ENCODER, GroupPlace, Kind, Mutation
from sync.fold import Sent, fold
from sync.rules import Actor, Moment, Turn
from sync.state import WHOLE, Held, Stamp, State

ID, ANN, BO = bytes(15) + b"c", b"a" * 16, b"b" * 16
PRODUCTS = (b"t" * 16, b"i" * 16)
NOW_MS = 1_780_000_000_000
ENTRIES = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 5), st.sampled_from(PRODUCTS), st.integers(-9, 9)), max_size=12)
"""(line, number of the record, product, quantity); the same number again is the same entry, or another one that is refused."""


def start() -> State:
    state = State()
    state.load(BY_RECORD[Customer], Held(Customer(ID, 3, "Shop"), {WHOLE: Stamp(1, 9, 1)}))
    state.load(BY_RECORD[Standing], Held(Standing(ID, 1, owner_id=ANN, epoch=1), {WHOLE: Stamp(1, 0, 0)}))
    state.collaborators = {ID: frozenset({BO})}
    return state


def entry(n: int, number: int, product_id: bytes, quantity: int) -> Sent:
    body = msgspec.Raw(ENCODER.encode({"customer_id": ID, "product_id": product_id, "quantity": quantity, "device_ms": NOW_MS}))
    mutation = Mutation(n, GroupPlace(n, 0, 1), Kind.create, BY_RECORD[SampleEntry].number, number.to_bytes(16, "big"), {}, body, NOW_MS)
    return Sent(n, ENCODER.encode(mutation), mutation)


@settings(max_examples=150, deadline=None, database=None, print_blob=True)
@given(ENTRIES, st.booleans())
def test_every_total_is_the_sum_of_its_rows(entries: list[tuple[int, int, bytes, int]], one_request: bool) -> None:
    """D-601, D-602, invariant 34: lines in any order, ids entered twice, one state for all or one for each request."""
    state = start()
    for n, (line_no, number, product_id, quantity) in enumerate(entries, 1):
        actor = Actor(1, BO if line_no == 2 else ANN, line_no, Role.rep)
        state = fold([[entry(n, number, product_id, quantity)]], Turn(state, actor, RULES, Moment(NOW_MS))).state
        if not one_request:
            again = start()
            for held in state.held.values():
                again.load(BY_RECORD[type(held.record)], held)
            state = again
    records = [held.record for held in state.held.values()]
    counts = {(one.customer_id, one.product_id): one.quantity for one in records if isinstance(one, SampleCount)}
    sums = totals(one for one in records if isinstance(one, SampleEntry))
    assert {place: total for place, total in counts.items() if total} == {place: total for place, total in sums.items() if total}
    assert all(one.id == count_id(one.customer_id, one.product_id) for one in records if isinstance(one, SampleCount))
