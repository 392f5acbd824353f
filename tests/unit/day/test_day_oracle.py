"""The oracle and the comparison on invented histories: what is safe, what is lost, and what others would have lost."""

from mobile_api.phone.day.comparison import compare, vanished
from mobile_api.phone.day.entries import Entry, Screen, Slots, screen_of
from mobile_api.phone.day.oracle import Found, differences, lost
from shared_schema.records.customer import Customer

SHOP = ("customer", "aa")


def entry(number: int, phone: str, value: str, saw: str | None, **more: object) -> Entry:
    """An edit of the note by somebody who saw `saw` there."""
    screen: Screen = {} if saw is None else {"note": {"note": saw}}
    usual: dict[str, object] = {"kind": "patch", "group": "note", "values": {"note": value}, "screen": screen}
    told = {**usual, "device_ms": number, "arrived": number, **more}
    return Entry(phone=phone, n=number, entity="customer", id="aa", number=number, **told)  # type: ignore[arg-type]


def found(current: Slots | None, *waiting: Slots) -> Found:
    return Found({} if current is None else {SHOP: current}, {SHOP: list(waiting)})


def numbers(entries: tuple[Entry, ...] | list[Entry]) -> list[int]:
    return [one.number for one in entries]


def test_a_current_value_is_safe() -> None:
    assert lost([entry(1, "a", "x", "")], found({"note": "x"})) == ()


def test_a_value_replaced_by_one_who_saw_it_is_safe_along_the_whole_chain() -> None:
    chain = [entry(1, "a", "x", ""), entry(2, "b", "y", "x"), entry(3, "a", "z", "y")]
    assert lost(chain, found({"note": "z"})) == ()


def test_a_silent_winner_is_a_loss() -> None:
    history = [entry(1, "a", "x", ""), entry(2, "b", "y", "")]
    assert numbers(lost(history, found({"note": "y"}))) == [1]


def test_a_value_in_an_inbox_is_safe_and_replaces_nothing() -> None:
    history = [entry(1, "a", "x", ""), entry(2, "b", "y", "x")]
    assert lost(history, found({"note": "x"}, {"note": "y"})) == ()
    # b had seen x, but b was parked: somebody else removed x unseen.
    assert numbers(lost(history, found({"note": "other"}, {"note": "y"}))) == [1]


def test_a_value_that_is_nowhere_is_lost() -> None:
    assert numbers(lost([entry(1, "a", "x", "")], found({"note": ""}))) == [1]
    assert numbers(lost([entry(1, "a", "x", None, kind="create")], found(None))) == [1]


def test_a_record_deleted_by_one_who_saw_the_value_is_safe_and_by_another_is_not() -> None:
    edit = entry(1, "a", "x", "")
    seen = entry(2, "b", "", None, kind="delete", group="", values={}, screen={"note": {"note": "x"}})
    blind = entry(2, "b", "", None, kind="delete", group="", values={}, screen={"note": {"note": ""}})
    assert lost([edit, seen], found(None)) == ()
    assert numbers(lost([edit, blind], found(None))) == [1]


def test_other_groups_do_not_replace() -> None:
    other = entry(2, "b", "", None, group="phone", values={"phone": "1"}, screen={"note": {"note": "x"}, "phone": {"phone": ""}})
    assert numbers(lost([entry(1, "a", "x", ""), other], found({"note": "", "phone": "1"}))) == [1]


def test_an_undo_makes_the_older_value_stand_again() -> None:
    history = [entry(1, "a", "x", ""), entry(2, "b", "y", "x"), entry(3, "b", "x", "y", kind="undo")]
    assert lost(history, found({"note": "x"})) == ()


def test_last_arrival_loses_what_the_later_phone_had_not_seen() -> None:
    assert numbers(vanished([entry(1, "a", "x", ""), entry(2, "b", "y", "")], by_clock=False)) == [1]
    assert vanished([entry(1, "a", "x", ""), entry(2, "b", "y", "x")], by_clock=False) == []


def test_a_whole_record_write_takes_back_another_field() -> None:
    screen = {"note": {"note": ""}, "phone": {"phone": "old"}}
    edits = [
        entry(1, "a", "", None, group="phone", values={"phone": "new"}, screen=screen),
        entry(2, "b", "x", None, screen=screen),
    ]
    assert numbers(vanished(edits, by_clock=False)) == [1]


def test_a_clock_ahead_beats_everybody_later() -> None:
    edits = [entry(1, "a", "x", "", device_ms=10**6), entry(2, "b", "y", "x")]
    assert numbers(vanished(edits, by_clock=True)) == [2]
    assert vanished(edits, by_clock=False) == []


def test_decisions_and_what_never_arrived_take_no_part_in_the_comparison() -> None:
    edits = [entry(1, "a", "x", ""), entry(2, "b", "y", "", kind="use_mine"), entry(3, "b", "z", "", arrived=0)]
    assert (compare(edits).last_arrival, compare(edits).latest_clock) == (0, 0)


def test_rows_that_differ_are_named() -> None:
    sentences = differences("a", {(1, b"1"): b"x", (1, b"2"): b"x"}, {(1, b"1"): b"y", (1, b"3"): b"x"})
    assert [sentence.split(": ", 2)[2] for sentence in sentences] == [
        "held with another content",
        "held, but a fresh device does not get it",
        "missing",
    ]


def test_a_screen_shows_groups_and_nothing_of_the_servers() -> None:
    screen = screen_of(Customer(bytes(16), 7, "Shop", wgs_latitude_e6=1, extra={"size": 3}))
    assert screen["name"] == {"name": "Shop"}
    assert screen["extra.size"] == {"extra.size": 3}
    assert not any({"id", "rev", "wgs_latitude_e6"} & set(slots) for slots in screen.values())
