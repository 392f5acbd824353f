"""What was never sent can be taken back; of what was sent no byte and no number changes, whatever is entered or lost (P-614)."""

from hypothesis import given, settings
from hypothesis import strategies as st

from shared_schema.wire import ENCODER, MUTATION_DECODER, Kind
from sync import device, overlay, unsent
from sync.device import Edit
from sync.shelf import MemoryShelf, Seat
from tests.unit.device_world import CUSTOMER, ME, Told, answer, applied, key

STEPS = st.lists(st.one_of(st.integers(1, 3), st.sampled_from(["take back", "send", "send and hear"])), max_size=30)


@settings(max_examples=300, deadline=None, database=None, print_blob=True)
@given(STEPS)
def test_only_what_no_request_carried_is_taken_back(steps: list[int | str]) -> None:
    """P-310, P-614: numbers without gaps, groups whole, and the screen as if the entry had never been."""
    shelf = MemoryShelf()
    shelf.put_seat(Seat(1, ME, 1))
    sent: dict[int, bytes] = {}
    before: list[tuple[int, bytes]] = []
    """Next number and screen before each group that was not sent yet."""
    for at, step in enumerate(steps):
        seat = shelf.seat()
        if isinstance(step, int):
            before.append((seat.next_n, ENCODER.encode(overlay.views(shelf, CUSTOMER))))
            device.enter(shelf, [Edit(Kind.create, CUSTOMER, key(100 * at + each + 1), {"name": "Shop"}) for each in range(step)], 1)
        elif step == "take back":
            gone = unsent.take_back(shelf, max(sent, default=0))
            assert bool(gone) == bool(before)
            if before:
                assert (shelf.seat().next_n, ENCODER.encode(overlay.views(shelf, CUSTOMER))) == before.pop()
        else:
            for raw in map(bytes, device.request(shelf, 1, "test").mutations):
                n = MUTATION_DECODER.decode(raw).n
                assert sent.setdefault(n, raw) == raw
            before.clear()
            if step == "send and hear" and sent:
                outcomes = [applied(one.n) for one in shelf.pendings() if one.outcome is None]
                assert device.apply(shelf, answer(shelf, told=Told(outcomes, max(sent), max(sent))))
                assert not shelf.seat().forked
        waiting = [one.n for one in shelf.pendings()]
        assert waiting == list(range(shelf.seat().next_n - len(waiting), shelf.seat().next_n))
        assert {n for n in sent if n > shelf.seat().acked_n} <= set(waiting)
