"""Add-wins sets, element by element (P-412 to P-417)."""

from typing import Any

import pytest

from shared_schema.elements import ELEMENTS_MAX, IdChange, TaggedId, TaggedWord, WordChange
from sync import sets
from sync.state import Stamp

RED, BLUE = TaggedWord("red", 1, 1), TaggedWord("blue", 2, 5)
ID = TaggedId(b"i" * 16, 1, 1)


def test_an_add_bears_its_tag_and_a_remove_takes_the_tags_it_lists() -> None:
    """P-412, P-414: the same element under another tag stays; the set stands sorted."""
    again = TaggedWord("red", 9, 9)
    change = WordChange(add=("green", "amber"), remove=(RED,))
    assert sets.changed((BLUE, RED, again), change, (3, 4)) == (
        TaggedWord("amber", 3, 4), BLUE, TaggedWord("green", 3, 4), again,
    )  # fmt: skip
    assert sets.changed((), IdChange(add=(ID.element,)), (1, 1)) == (ID,)


def test_a_create_gives_each_element_once() -> None:
    assert sets.filled(TaggedWord, ["red", "blue", "red"], (2, 5)) == (BLUE, TaggedWord("red", 2, 5))


def test_stamps_remember_the_newest_operation_of_another_line() -> None:
    """P-415: so that a delete sees whatever its author has not seen, and nothing of his own."""
    one, own, other = Stamp(4, 1, 1), Stamp(5, 1, 2), Stamp(6, 2, 1)
    first = sets.stamped({"": Stamp(1, 1, 1)}, "tags", one)
    assert first == {"": Stamp(1, 1, 1), "tags": one}
    assert sets.stamped(first, "tags", own) == {"": Stamp(1, 1, 1), "tags": own}
    assert sets.stamped(first, "tags", other) == {"": Stamp(1, 1, 1), "tags": other, "tags<": one}


def test_on_the_screen_an_element_shows_once_and_goes_with_all_its_tags() -> None:
    """P-414, P-416."""
    stood = (BLUE, RED, TaggedWord("red", 9, 9))
    assert sets.distinct(stood) == ("blue", "red")
    assert sets.adding(TaggedWord, "a", "b") == WordChange(add=("a", "b"))
    assert sets.adding(TaggedId, ID.element) == IdChange(add=(ID.element,))
    assert sets.removing(TaggedWord, stood, "red") == WordChange(remove=(RED, TaggedWord("red", 9, 9)))
    assert sets.removing(TaggedId, (ID,), ID.element) == IdChange(remove=(ID,))
    assert sets.removing(TaggedId, (ID,), b"o" * 16) == IdChange()


def test_on_a_new_line_a_remove_names_both_tags_of_an_own_add() -> None:
    """P-416: an add of another line, or one that is not sent again, has one tag."""
    change = WordChange(add=("x",), remove=(RED, TaggedWord("red", 1, 3), BLUE))
    assert sets.renumbered(change, 1, {3: (7, 2), 5: (7, 3)}) == WordChange(
        add=("x",), remove=(RED, TaggedWord("red", 1, 3), BLUE, TaggedWord("red", 7, 2))
    )


# on a card


def test_a_card_holds_operations_and_sets_as_plain_lists() -> None:
    """P-504."""
    assert sets.plain(WordChange(add=("a",), remove=(BLUE,))) == {"add": ["a"], "remove": [["blue", 2, 5]]}
    assert sets.plain(("a", "b")) == ["a", "b"]
    assert sets.plain("text") == "text"


@pytest.mark.parametrize(
    "value",
    [
        [], ["a", "b"], [b"a"], {}, {"add": ["a"]}, {"remove": [["a", 1, 2], [b"a", 1, 2]]}, ["a"] * ELEMENTS_MAX,
        {"add": [b"x"], "remove": [[b"x", 1, 2]]},
    ],
)  # fmt: skip
def test_what_a_card_can_show(value: Any) -> None:
    assert sets.shown(value)


@pytest.mark.parametrize(
    "value",
    [
        "a", 5, ["a", b"a"], [1], ["a"] * (ELEMENTS_MAX + 1), {"add": ["a"], "other": []}, {"add": "a"}, {"add": [1]},
        {"remove": {}}, {"remove": ["a"]}, {"remove": [["a", 1]]}, {"remove": [["a", 1, "2"]]}, {"remove": [["a", 1, 2], [1, 1, 2]]},
    ],
)  # fmt: skip
def test_what_a_card_cannot_show(value: Any) -> None:
    assert not sets.shown(value)


def test_whether_what_was_wanted_stands() -> None:
    """P-506: of an operation all its adds, by element, and none of its removes, by tag; of a create the elements."""
    stood = (BLUE, RED)
    assert sets.stands("a", "a")
    assert not sets.stands("a", "b")
    assert sets.stands(stood, {"add": ["red"], "remove": [["blue", 9, 9]]})
    assert not sets.stands(stood, {"add": ["red", "green"]})
    assert not sets.stands(stood, {"add": ["red"], "remove": [["blue", 2, 5]]})
    assert sets.stands(stood, ["red", "blue", "red"])
    assert not sets.stands(stood, ["red"])
    assert not sets.stands((RED,), ["red", "blue"])
    assert not sets.stands(stood, "red")


def test_entries_of_one_place_are_gathered() -> None:
    """P-502: the later value; of operations both, without an add that the later one removes, each once."""
    assert sets.gathered({"note": "a", "city": "x"}, {"note": "b", "phone": "1"}) == {"note": "b", "city": "x", "phone": "1"}
    earlier = {"add": ["a", "b"], "remove": [["c", 1, 1]]}
    later = {"add": ["b", "d"], "remove": [["a", 2, 2], ["c", 1, 1]]}
    assert sets.gathered({"tags": earlier}, {"tags": later}) == {
        "tags": {"add": ["b", "d"], "remove": [["c", 1, 1], ["a", 2, 2]]}
    }  # fmt: skip
    assert sets.gathered({"tags": ["a"]}, {"tags": later}) == {"tags": later}
    assert sets.gathered({"tags": earlier}, {"tags": ["z"]}) == {"tags": ["z"]}
    assert sets.gathered({"tags": {}}, {"tags": {"add": ["q"]}}) == {"tags": {"add": ["q"], "remove": []}}


def test_a_plain_list_of_a_record_is_one_value() -> None:
    """P-320: the same create again is a duplicate, and a card holds the list as it is."""
    assert sets.stands(("quotes", "devices"), ["quotes", "devices"])
    assert not sets.stands(("quotes",), ["quotes", "devices"])
    assert list[object](sets.listed(("quotes",))) == ["quotes"]
