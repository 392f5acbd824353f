"""The receipts that a device gives by itself: once for each notice of its user, and of nobody else's (P-630)."""

import pytest
from msgspec import Raw
from msgspec.structs import replace

from shared_schema.records.base import Command
from shared_schema.records.notification import NoticeDelivered, NoticeDone, NoticeOpened, NoticeSeen, Notification, NotificationState
from shared_schema.registry import BY_RECORD
from shared_schema.wire import ENCODER, Kind, Row
from sync import device, overlay, receipts
from sync.device import Edit
from sync.shelf import MemoryShelf, Seat
from tests.unit.device_world import CUSTOMER, ME, Told, answer, applied, key, page

NOTICE = BY_RECORD[Notification]
ONE = Notification(key(3), 5, ME, "assigned", 1_000)
FOREIGN = Notification(key(2), 5, b"o" * 16, "assigned", 1_000)


@pytest.fixture
def shelf() -> MemoryShelf:
    made = MemoryShelf()
    made.put_seat(Seat(1, ME, 1))
    return made


def take(shelf: MemoryShelf, *notices: Notification, rev: int = 10, told: Told | None = None) -> None:
    """These rows come by pull."""
    rows = [Row(NOTICE.number, Raw(ENCODER.encode(one))) for one in notices]
    assert device.apply(shelf, answer(shelf, [page(1, rows, rev, begin=rev == 10)], told or Told()))


def enter(shelf: MemoryShelf, notice: Notification, command: Command) -> None:
    device.enter(shelf, [Edit(Kind.command, NOTICE, notice.id, command=ENCODER.encode(command))], 7)


def test_a_device_says_once_that_it_holds_a_notice_of_its_user(shelf: MemoryShelf) -> None:
    """P-630: while the receipt waits, and when the row says it."""
    take(shelf, FOREIGN, ONE)
    (receipt,) = receipts.due(shelf)
    assert (receipt.id, receipt.command) == (ONE.id, ENCODER.encode(NoticeDelivered()))
    device.enter(shelf, [receipt], 7)
    assert receipts.due(shelf) == []
    take(shelf, replace(ONE, rev=6, state=NotificationState.delivered), rev=11, told=Told([applied(1, 6)], 1, 1))
    assert (shelf.pendings(), receipts.due(shelf)) == ([], [])


@pytest.mark.parametrize("state", [one for one in NotificationState if one >= NotificationState.delivered])
def test_what_came_as_far_already_needs_no_receipt(shelf: MemoryShelf, state: NotificationState) -> None:
    take(shelf, replace(ONE, state=state))
    assert receipts.due(shelf) == []


@pytest.mark.parametrize("command", [NoticeSeen(), NoticeOpened(), NoticeDone()])
def test_another_receipt_does_not_stand_for_this_one(shelf: MemoryShelf, command: Command) -> None:
    """A notice that was seen or finished before the device said that it holds it: both are said, so that a warning counts (D-145)."""
    take(shelf, ONE)
    enter(shelf, ONE, command)
    assert [receipt.id for receipt in receipts.due(shelf)] == [ONE.id]


def test_who_signs_in_anew_still_owes_it(shelf: MemoryShelf) -> None:
    """P-630, P-013: on another line of the same user; a receipt that waited goes with the queue, and is not said twice."""
    take(shelf, ONE)
    device.take_new_line(shelf, 1, ME, 2)
    (receipt,) = receipts.due(shelf)
    device.enter(shelf, [receipt], 7)
    device.take_new_line(shelf, 1, ME, 3)
    assert receipts.due(shelf) == []
    assert [one.outcome for one in shelf.pendings()] == [None]


def test_receipts_are_quiet_and_entries_of_the_user_are_not(shelf: MemoryShelf) -> None:
    """P-630."""
    device.enter(shelf, [Edit(Kind.create, CUSTOMER, key(1), {"name": "Shop"})], 7)
    enter(shelf, ONE, NoticeDelivered())
    assert [overlay.is_quiet(one.raw) for one in shelf.pendings()] == [False, True]
    assert not overlay.is_quiet(b"\xc0"), "what cannot be understood was entered by somebody"


def test_a_row_that_leaves_owes_nothing(shelf: MemoryShelf) -> None:
    take(shelf, ONE)
    assert device.apply(shelf, answer(shelf, told=Told(drop=[1])))
    assert receipts.due(shelf) == []
