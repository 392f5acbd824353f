"""Taking back with receipts behind: they count for nothing, keep their moment, and take the numbers that became free (P-614, P-630)."""

import pytest

from shared_schema.records.notification import NoticeOpened, NoticeSeen, Notification
from shared_schema.registry import BY_RECORD
from shared_schema.wire import ENCODER, MUTATION_DECODER, Kind
from sync import device, overlay, unsent
from sync.device import Edit
from sync.shelf import MemoryShelf, Seat
from tests.unit.device_world import CUSTOMER, ME, Told, answer, applied, key

NOTICE = BY_RECORD[Notification]


@pytest.fixture
def shelf() -> MemoryShelf:
    made = MemoryShelf()
    made.put_seat(Seat(1, ME, 1))
    return made


def shops(shelf: MemoryShelf, *numbers: int) -> None:
    device.enter(shelf, [Edit(Kind.create, CUSTOMER, key(number), {"name": "Shop"}) for number in numbers], 5)


def receipts(shelf: MemoryShelf, *numbers: int, at_ms: int = 7) -> None:
    edits = [Edit(Kind.command, NOTICE, key(number), command=ENCODER.encode(NoticeSeen())) for number in numbers]
    device.enter(shelf, edits, at_ms)


def queue(shelf: MemoryShelf) -> list[tuple[int, int, int, bytes, int]]:
    """(n, first n of the group, place in it, record, moment) of each entry."""
    found = [MUTATION_DECODER.decode(one.raw) for one in shelf.pendings()]
    return [(one.n, one.group.first_n, one.group.index, one.id, one.device_ms) for one in found]


def test_receipts_behind_an_entry_do_not_hold_it(shelf: MemoryShelf) -> None:
    """P-614, P-630."""
    shops(shelf, 1, 2)
    receipts(shelf, 8)
    receipts(shelf, 9, 10, at_ms=9)
    assert [one.n for one in unsent.newest(shelf, 0)] == [1, 2]
    assert [one.id for one in unsent.take_back(shelf, 0)] == [key(1), key(2)]
    assert queue(shelf) == [(1, 1, 0, key(8), 7), (2, 2, 0, key(9), 9), (3, 2, 1, key(10), 9)]
    assert shelf.seat().next_n == 4
    assert unsent.take_back(shelf, 0) == [], "receipts are not the user's to take back"


def test_receipts_before_and_between_entries_keep_their_places(shelf: MemoryShelf) -> None:
    """P-614: the entries go newest first, whatever the device said between."""
    receipts(shelf, 7)
    shops(shelf, 1)
    receipts(shelf, 8)
    shops(shelf, 2)
    receipts(shelf, 9)
    assert [one.id for one in unsent.take_back(shelf, 1)] == [key(2)]
    assert [one.id for one in unsent.take_back(shelf, 1)] == [key(1)]
    assert [(n, record_id) for n, _, _, record_id, _ in queue(shelf)] == [(1, key(7)), (2, key(8)), (3, key(9))]
    assert shelf.seat().next_n == 4


def test_an_entry_that_was_sent_stays_though_the_receipt_behind_it_was_not(shelf: MemoryShelf) -> None:
    """P-614."""
    shops(shelf, 1)
    receipts(shelf, 8)
    before = queue(shelf)
    assert (unsent.newest(shelf, 1), unsent.take_back(shelf, 1), queue(shelf)) == ([], [], before)


def test_moved_receipts_are_sent_answered_and_leave(shelf: MemoryShelf) -> None:
    """P-310: no number is missing, and none is given twice."""
    shops(shelf, 1)
    receipts(shelf, 8)
    unsent.take_back(shelf, 0)
    device.enter(shelf, [Edit(Kind.command, NOTICE, key(8), command=ENCODER.encode(NoticeOpened()))], 8)
    sent = [MUTATION_DECODER.decode(raw) for raw in device.request(shelf, 9, "test").mutations]
    assert [one.n for one in sent] == [1, 2]
    assert all(overlay.is_quiet(ENCODER.encode(one)) for one in sent)
    device.apply(shelf, answer(shelf, told=Told([applied(1), applied(2)], 2, 2)))
    assert shelf.pendings() == []
