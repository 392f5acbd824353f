"""What tells where somebody was (P-136): a value does, an empty slot does not."""

from typing import Any

import pytest

from shared_schema.records.activity import Visit
from shared_schema.records.inbox import InboxItem, ItemState, Member
from shared_schema.registry import BY_RECORD
from shared_schema.wire import ENCODER, Kind
from sync.forgetting import NOTHING, forgotten, forgotten_bytes, lost, tells

NUMBER = BY_RECORD[Visit].number
EMPTY = {"note": "met", "latitude_e6": None, "longitude_e6": None, "datum": 0, "boot": ""}


def card(**mine: object) -> InboxItem:
    """A card on which a visit waits, entered with these values."""
    nothing: dict[str, Any] = {"before": {}, "theirs": {}, "base_rev": 0, "their_rev": 0, "their_user_id": None}
    member = Member(n=1, entity=NUMBER, id=bytes(15) + b"1", kind=Kind.create, group="", mine={**EMPTY, **mine}, **nothing)
    return InboxItem(
        id=bytes(16), rev=1, holder_id=bytes(16), line_no=1, code="moved", state=ItemState.open, created_ms=0, members=(member,)
    )


def test_a_visit_that_waits_with_empty_places_tells_nothing_and_loses_nothing() -> None:
    """P-136, D-477: no phone is refused a place of which nobody was ever told."""
    waits = card()
    assert not tells(waits)
    assert forgotten(waits, 180) is waits
    assert lost(waits, forgotten(waits, 180)) == set()


@pytest.mark.parametrize("told", [{"latitude_e6": 31_230_400}, {"boot": "b"}, {"slot of a newer app": 1}])
def test_one_value_that_tells_is_lost_with_all_that_could(told: dict[str, object]) -> None:
    """P-136: of a slot that this server does not know nobody can say what it tells."""
    waits = card(**told)
    assert tells(waits)
    left = forgotten(waits, 180)
    assert left.members[0].mine == {"note": "met"}
    assert not tells(left)
    assert lost(waits, left) == {(NUMBER, bytes(15) + b"1")}


@pytest.mark.parametrize("name", [[0], {"a": 1}, 7, None, "no command"])
def test_nothing_is_left_of_a_command_that_nobody_knows(name: object) -> None:
    """P-136: whatever stands where its name belongs."""
    assert forgotten_bytes(ENCODER.encode([1, [1, 0, 1], Kind.command, NUMBER, bytes(16), {}, {"command": name}])) == NOTHING
