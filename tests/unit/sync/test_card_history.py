"""What the history adds to a card: what its author had on screen, and who wrote what stands now (P-501, P-504)."""

from typing import Any

import msgspec

from shared_schema.elements import TaggedWord
from shared_schema.records.inbox import InboxItem, ItemState, Member
from sync.history import Earlier, completed, earlier_of, has_bare, is_bare
from sync.state import WHOLE, Change
from tests.unit.device_world import key

ANN, BO = b"a" * 16, b"b" * 16
MEMBER = Member(3, 2, 1, key(1), WHOLE, 4, 8, None, {}, {"phone": "mine"}, {"phone": "now", "tags": []})


def member(**more: Any) -> Member:
    return msgspec.structs.replace(MEMBER, **more)


def change(rev: int, group: str = "phone", record_id: bytes = key(1), entity: int = 1) -> Change:
    return Change((entity, record_id), rev, group, 1, 1, "applied", {"phone": str(rev)}, {}, BO)


def test_what_prints_theirs_and_names_nobody_is_completed() -> None:
    assert is_bare(MEMBER)
    assert not is_bare(member(theirs={}))
    assert not is_bare(member(their_user_id=BO))
    item = InboxItem(key(2), 1, ANN, 1, "conflict", ItemState.open, 0, None, (member(theirs={}),), (MEMBER,))
    assert has_bare(item)
    assert has_bare(msgspec.structs.replace(item, members=(MEMBER, member(theirs={})), earlier=()))
    assert not has_bare(msgspec.structs.replace(item, earlier=()))


def test_lines_after_the_base_up_to_the_rev_of_the_card_concern_it() -> None:
    lines = [change(rev) for rev in (4, 5, 8, 9)] + [change(6, record_id=key(2)), change(6, entity=2)]
    assert [one.rev for one in earlier_of(MEMBER, lines)] == [5, 8]
    assert earlier_of(MEMBER, [change(5)]) == [Earlier(5, "phone", {"phone": "5"}, BO)]


def test_a_card_of_one_group_asks_for_the_lines_of_that_group() -> None:
    lines = [change(5), change(6, "note"), change(7, WHOLE)]
    assert [one.group for one in earlier_of(member(group="phone"), lines)] == ["phone"]
    assert [one.group for one in earlier_of(MEMBER, lines)] == ["phone", "note", WHOLE]


def test_the_first_change_of_a_slot_tells_what_was_on_screen_the_last_who_wrote() -> None:
    """P-504: in order of rev, however they come; other slots have no place on the card."""
    lines = [
        Earlier(7, "phone", {"phone": "between"}, BO),
        Earlier(5, "phone", {"phone": "seen", "note": "seen"}, ANN),
        Earlier(6, "tags", {"tags": (TaggedWord("red", 1, 2),)}, ANN),
        Earlier(8, "note", {"note": "other"}, key(9)),
    ]
    done = completed(MEMBER, lines)
    assert (done.before, done.their_user_id) == ({"phone": "seen", "tags": [["red", 1, 2]]}, BO)


def test_a_create_or_a_deletion_names_its_writer() -> None:
    """P-504: its line has no slot of the card, and yet it wrote them all."""
    assert completed(MEMBER, [Earlier(5, WHOLE, {}, BO)]).their_user_id == BO


def test_without_a_base_nothing_was_on_screen() -> None:
    done = completed(member(base_rev=0), [Earlier(5, "phone", {"phone": "unseen"}, BO)])
    assert (done.before, done.their_user_id) == ({}, BO)


def test_without_a_line_that_concerns_it_a_member_stays_as_it_is() -> None:
    """P-504: a name that was there before, too."""
    assert completed(MEMBER, [Earlier(8, "note", {"note": "other"}, BO)]) == MEMBER
    assert completed(MEMBER, []) == MEMBER
