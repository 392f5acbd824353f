"""Which lines of a history can be taken back, and by what entry (P-417, P-423, P-425, P-426)."""

from typing import Any

import pytest

from shared_schema.records.customer import Customer
from shared_schema.registry import BY_RECORD
from shared_schema.rest import Event
from shared_schema.wire import Kind
from sync.undo import undo_of, undoable
from tests.unit.device_world import ME, key

CUSTOMER = BY_RECORD[Customer]
OTHER = b"o" * 16
DAY_MS = 86_400_000
NOW_MS = 100 * DAY_MS


def event(what: str = "applied", group: str = "note", **more: Any) -> Event:
    told = {"at_ms": NOW_MS, "user_id": ME, "entity": CUSTOMER.number, "id": key(1), "customer_id": key(1), "values": {}, "rev": 7}
    return Event(what=what, group=group, **{**told, **more})


def test_a_field_group_goes_back_to_what_it_was() -> None:
    """P-423: its base is the rev that is taken back."""
    undo = undo_of(event(before={"note": "old"}, values={"note": "new"}))
    assert undo is not None
    assert (undo.kind, undo.entity, undo.id) == (Kind.undo, CUSTOMER, key(1))
    assert (undo.values, undo.bases) == ({"note": "old"}, {"note": 7})


def test_a_deleted_record_is_restored_with_all_it_held() -> None:
    """P-426: its sets as plain elements, each once; the base names the deletion."""
    before = {"name": "Shop", "tags": [["red", 1, 1], ["red", 2, 1], ["blue", 1, 2]], "interests": []}
    undo = undo_of(event("deleted", "", before=before))
    assert undo is not None
    assert (undo.kind, undo.bases) == (Kind.restore, {"": 7})
    assert undo.values == {"name": "Shop", "tags": ["red", "blue"], "interests": []}


def test_an_operation_on_a_set_is_inverted() -> None:
    """P-417: its tags go, what it removed is added again; it needs no base."""
    stood, stands = [["red", 1, 1], ["blue", 1, 1]], [["blue", 1, 1], ["green", 2, 4]]
    undo = undo_of(event("merged", "tags", before={"tags": stood}, values={"tags": stands}))
    assert undo is not None
    assert (undo.kind, undo.bases) == (Kind.undo, {})
    assert undo.values == {"tags": {"add": ["red"], "remove": [["green", 2, 4]]}}


@pytest.mark.parametrize(
    "one",
    [
        *(event(what, "") for what in ("created", "restored", "submit")),
        *(event(what, "tags") for what in ("visit", "transferred")),
        event(entity=999),
    ],
)
def test_other_lines_are_not_taken_back(one: Event) -> None:
    assert undo_of(one) is None
    assert undoable([one], ME, NOW_MS) == []


def test_ones_own_changes_that_still_stand_newest_first() -> None:
    """P-423: other groups and other records each have their own last change."""
    lines = [event(), event(group="phone"), event(id=key(2)), event("deleted", "", id=key(3)), event(group="name", user_id=OTHER)]
    assert undoable(lines, ME, NOW_MS) == lines[:4]


@pytest.mark.parametrize("what", ["applied", "merged", "undone"])
@pytest.mark.parametrize("user_id", [ME, OTHER])
def test_a_later_change_of_the_group_stands_before_an_earlier_one(what: str, user_id: bytes) -> None:
    later = event(what, user_id=user_id)
    assert undoable([later, event()], ME, NOW_MS) == ([later] if user_id == ME else [])


@pytest.mark.parametrize("what", ["deleted", "restored"])
def test_after_a_deletion_or_a_restore_no_earlier_change_is_taken_back(what: str) -> None:
    later = event(what, "", user_id=OTHER)
    assert undoable([later, event(), event("deleted", "")], ME, NOW_MS) == []
    assert undoable([later, event(id=key(2))], ME, NOW_MS) == [event(id=key(2))], "of another record it is"


def test_what_only_tells_of_the_record_hinders_no_undo() -> None:
    assert undoable([event("submit", user_id=OTHER), event()], ME, NOW_MS) == [event()]


def test_an_undo_is_offered_for_30_days() -> None:
    """P-425: to the last millisecond; and a change too old hides an older one no less."""
    last, over = event(at_ms=NOW_MS - 30 * DAY_MS), event(at_ms=NOW_MS - 30 * DAY_MS - 1)
    assert undoable([last], ME, NOW_MS) == [last]
    assert undoable([over], ME, NOW_MS) == []
