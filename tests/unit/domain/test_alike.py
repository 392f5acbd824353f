"""Whom new numbers meet, by what came together and in which order (D-150, D-152)."""

from server.domain.alike import Met, Number, Written, renumbered, settle
from server.domain.duplicates import NUMBERS

AUTHOR = b"a" * 16
ONE, TWO = b"1" * 16, b"2" * 16
TEXT = "13800138000"
NUMBER = Number("phone", "+8613800138000")


def took(customer_id: bytes, before: str, after: str) -> Written:
    return Written(customer_id, AUTHOR, {"phone": (before, after)})


def met(*batches: list[Written], bearers: tuple[bytes, ...] = ()) -> list[Met]:
    news = [[renumbered(one, NUMBERS, "CN") for one in batch] for batch in batches]
    return settle(news, {NUMBER: bearers}).met


def test_a_number_that_goes_over_in_one_push_meets_nobody() -> None:
    """D-152: whatever the order of the two entries there."""
    given, taken = took(ONE, TEXT, ""), took(TWO, "", TEXT)
    assert met([given, taken], bearers=(ONE,)) == met([taken, given], bearers=(ONE,)) == []


def test_pushes_count_in_their_order() -> None:
    """D-152: who took a number before it was given up met its bearer; who took it later did not."""
    given, taken = took(ONE, TEXT, ""), took(TWO, "", TEXT)
    assert met([taken], [given], bearers=(ONE,)) == [Met("phone", ONE, TWO, AUTHOR)]
    assert met([given], [taken], bearers=(ONE,)) == []


def test_another_spelling_of_a_number_is_no_news() -> None:
    """D-151."""
    assert met([took(ONE, TEXT, "138-0013-8000")], bearers=(TWO,)) == []
    assert settle([[renumbered(took(ONE, TEXT, "+86 13800138000"), NUMBERS, "CN")]], {}).rows == {}


def test_the_index_ends_as_the_last_push_left_it() -> None:
    """D-155."""
    news = [[renumbered(took(ONE, *texts), NUMBERS, "CN")] for texts in (("", TEXT), (TEXT, ""), ("", TEXT))]
    assert settle(news, {}).rows == {(ONE, "phone"): NUMBER.value}
