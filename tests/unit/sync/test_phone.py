"""The reference device in detail: bases, bodies, what is sent, what an answer changes (P-3xx, P-6xx); on a shelf in memory."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from shared_schema.elements import TaggedWord, WordChange
from shared_schema.entity import Entity
from shared_schema.records.customer import Contact, Customer, CustomerKind
from shared_schema.records.pool import PoolCard
from shared_schema.registry import BY_RECORD
from shared_schema.wire import (
    ENCODER,
    MUTATION_DECODER,
    MUTATIONS_MAX,
    NIL,
    GroupPlace,
    Kind,
    Mutation,
    Outcome,
    Reason,
    Result,
    Shows,
    SyncAnswer,
)
from sync import device, overlay
from sync.device import PUSH_BYTES, PUSH_BYTES_LEAST, Edit
from sync.shelf import HeldScope, MemoryShelf, Pending, Seat
from sync.state import WHOLE
from tests.unit.device_world import CUSTOMER, ME, NOTHING, Told, answer, applied, gone, key, live, page

SHOP = Customer(key(1), 5, "Harbour Books", "1 Quay Road", "Shanghai")
CONTACT, CARD = BY_RECORD[Contact], BY_RECORD[PoolCard]
Wanted = dict[str, Any]


@pytest.fixture
def shelf() -> MemoryShelf:
    """A phone on line 4 that holds one customer, of one scope."""
    made = MemoryShelf()
    made.put_seat(Seat(1, ME, 4, epoch=1))
    take(made, [page(1, [live(SHOP)], 10, begin=True)])
    return made


def take(shelf: MemoryShelf, pages: Sequence[Any] = (), told: Told = NOTHING) -> None:
    assert device.apply(shelf, answer(shelf, pages, told))


def newer(shelf: MemoryShelf, rev: int = 9, **values: Any) -> None:
    """The server tells a newer version."""
    position = shelf.scopes()[1].position + 1
    take(shelf, [page(1, [live(replace(SHOP, rev=rev, **values))], position)], Told(last_n=shelf.seat().next_n - 1))


def enter(shelf: MemoryShelf, kind: Kind, values: Wanted | None = None, entity: Entity = CUSTOMER, **more: Any) -> Mutation:
    """What goes into the queue."""
    device.enter(shelf, [Edit(kind, entity, more.pop("record_id", SHOP.id), values or {}, **more)], 7)
    return MUTATION_DECODER.decode(shelf.pendings()[-1].raw)


def body(mutation: Mutation) -> Any:
    return msgspec.msgpack.decode(mutation.body)


def fill(shelf: MemoryShelf, *sizes: int) -> None:
    """A queue of entries of so many bytes, each alone."""
    for n, size in enumerate(sizes, 1):
        bare = len(ENCODER.encode(Mutation(n, GroupPlace(n, 0, 1), 2, 1, key(n), {}, msgspec.Raw(ENCODER.encode("x" * 900)), 0)))
        text = msgspec.Raw(ENCODER.encode("x" * (900 + size - bare)))
        shelf.put_pending(Pending(n, ENCODER.encode(Mutation(n, GroupPlace(n, 0, 1), 2, 1, key(n), {}, text, 0))))
        assert len(shelf.pendings()[-1].raw) == size


def numbers(shelf: MemoryShelf, **more: Any) -> list[int]:
    """What a request carries."""
    return [MUTATION_DECODER.decode(raw).n for raw in device.request(shelf, 0, "test", **more).mutations]


# bases


def test_an_edit_inherits_the_base_of_the_own_edit_that_covers_its_group(shelf: MemoryShelf) -> None:
    """P-330: whatever the server told meanwhile; of another group the rev on screen."""
    enter(shelf, Kind.patch, {"phone": "1"})
    newer(shelf)
    assert enter(shelf, Kind.patch, {"phone": "2", "note": "x"}).bases == {"phone": 5, "note": 9}
    newer(shelf, 12)
    assert enter(shelf, Kind.undo, {"note": "y"}).bases == {"note": 9}


def test_a_delete_inherits_the_oldest_base_of_all_own_edits(shelf: MemoryShelf) -> None:
    """P-330: it looks at everything; an operation on a set has no base to give (P-413)."""
    enter(shelf, Kind.patch, {"tags": WordChange(add=("red",))})
    newer(shelf)
    assert enter(shelf, Kind.delete).bases == {WHOLE: 9}
    shelf.drop_pending(2)
    enter(shelf, Kind.patch, {"phone": "1", "note": "x"}, bases={"phone": 7, "note": 3})
    enter(shelf, Kind.patch, {"city": "Port"})
    assert enter(shelf, Kind.delete).bases == {WHOLE: 3}


def test_on_a_record_of_ones_own_nothing_was_seen_before(shelf: MemoryShelf) -> None:
    """P-330: until its create has arrived."""
    enter(shelf, Kind.create, {"name": "New"}, record_id=key(2))
    assert enter(shelf, Kind.patch, {"phone": "1"}, record_id=key(2)).bases == {"phone": 0}
    assert enter(shelf, Kind.delete, record_id=key(2)).bases == {WHOLE: 0}
    assert enter(shelf, Kind.restore, {"name": "New"}, record_id=key(3)).bases == {WHOLE: 0}
    take(shelf, [page(1, [live(replace(SHOP, id=key(2)))], 11)], Told([applied(2)], last_n=5))
    assert enter(shelf, Kind.patch, {"phone": "2"}, record_id=key(2)).bases == {"phone": 0}


def test_bases_of_a_card_are_taken_as_printed_and_commands_have_none(shelf: MemoryShelf) -> None:
    """P-503."""
    assert enter(shelf, Kind.patch, {"phone": "1"}, bases={"phone": 3}).bases == {"phone": 3}
    assert enter(shelf, Kind.patch, {"phone": "1"}, bases={}).bases == {}
    assert enter(shelf, Kind.command, command=ENCODER.encode({"command": "dismiss"})).bases == {}
    assert enter(shelf, Kind.create, {"name": "New"}, record_id=key(2)).bases == {}
    assert enter(shelf, Kind.patch, {"tags": WordChange(add=("red",)), "extra.a": 1}).bases == {"extra.a": 5}


# bodies


def test_a_patch_carries_its_groups_whole_and_a_create_what_was_entered(shelf: MemoryShelf) -> None:
    """P-331: an undo too; custom fields stand together under `extra`."""
    assert body(enter(shelf, Kind.patch, {"city": "Port", "extra.a": 1})) == {"address": "1 Quay Road", "city": "Port", "extra": {"a": 1}}
    assert body(enter(shelf, Kind.undo, {"address": ""})) == {"address": "", "city": "Port"}
    assert body(enter(shelf, Kind.create, {"address": "x"})) == {"address": "x"}
    assert body(enter(shelf, Kind.restore, {"address": "x"})) == {"address": "x"}
    assert body(enter(shelf, Kind.patch, {"city": "Port"}, record_id=key(9))) == {"city": "Port"}
    assert body(enter(shelf, Kind.delete)) is None


def test_a_value_that_this_app_cannot_read_is_not_sent_back(shelf: MemoryShelf) -> None:
    """P-103: but one that the user chose is."""
    slots = msgspec.to_builtins(replace(SHOP, kind=CustomerKind.unknown), builtin_types=(bytes,))
    slots[CUSTOMER.slots.index("datum")], slots[CUSTOMER.slots.index("latitude_e6")] = 99, 5
    shelf.put_row((CUSTOMER.number, SHOP.id), ENCODER.encode(slots))
    assert body(enter(shelf, Kind.patch, {"longitude_e6": 7})) == {"latitude_e6": 5, "longitude_e6": 7}
    assert body(enter(shelf, Kind.patch, {"datum": 1})) == {"latitude_e6": 5, "longitude_e6": 7, "datum": 1}


def test_the_entries_of_a_group_are_numbered_in_order(shelf: MemoryShelf) -> None:
    """P-601."""
    edits = [Edit(Kind.patch, CUSTOMER, SHOP.id, {slot: "x"}) for slot in ("phone", "note", "city")]
    assert device.enter(shelf, edits, 7) == [1, 2, 3]
    assert device.enter(shelf, edits[:1], 8) == [4]
    queue = [MUTATION_DECODER.decode(one.raw) for one in shelf.pendings()]
    assert [(one.n, one.group) for one in queue] == [
        (1, GroupPlace(1, 0, 3)), (2, GroupPlace(1, 1, 3)), (3, GroupPlace(1, 2, 3)), (4, GroupPlace(4, 0, 1)),
    ]  # fmt: skip
    assert [one.device_ms for one in queue] == [7, 7, 7, 8]


# what is sent


@pytest.mark.parametrize(
    ("sizes", "page_bytes", "sent"),
    [
        ((3_000, 1_096, 1_000), 1, [1, 2]),
        ((3_000, 1_097, 1_000), 1, [1]),
        ((PUSH_BYTES_LEAST + 1, 1_000), 1, [1]),
        ((5_000, 5_000, 1_000), 10_000, [1, 2]),
        ((60_000, 60_000, 60_000, 16_608, 1_000), PUSH_BYTES * 9, [1, 2, 3, 4]),
        ((60_000, 60_000, 60_000, 16_609, 1_000), PUSH_BYTES * 9, [1, 2, 3]),
    ],
)
def test_a_request_is_as_large_as_the_page_that_is_asked_for(
    shelf: MemoryShelf, sizes: tuple[int, ...], page_bytes: int, sent: list[int]
) -> None:
    """P-602, P-613: between 4 and 192 KiB, at least one group, never one behind another that did not fit."""
    fill(shelf, *sizes)
    assert numbers(shelf, page_bytes=page_bytes) == sent


def test_a_request_carries_1000_entries_in_whole_groups(shelf: MemoryShelf) -> None:
    """P-602: exactly as many; of a group of which a part was answered, the rest."""
    raw = Mutation(1, GroupPlace(1, 0, 3), 3, 1, key(1), {}, NIL, 0)
    for n in range(1, MUTATIONS_MAX + 3):
        place = GroupPlace(1, n - 1, 3) if n < 4 else GroupPlace(n, 0, 1)
        shelf.put_pending(Pending(n, ENCODER.encode(replace(raw, n=n, group=place)), Outcome(n, Result.applied) if n == 1 else None))
    assert numbers(shelf) == list(range(2, MUTATIONS_MAX + 2))


def test_the_tiles_that_are_kept_are_named(shelf: MemoryShelf) -> None:
    """P-126."""
    assert device.request(shelf, 5, "app").tiles == ()
    device.keep_tiles(shelf, (7, 8))
    asked = device.request(shelf, 5, "app", 4_000)
    assert (asked.tiles, asked.cursor, asked.acked_n, asked.device_ms, asked.page_bytes) == ((7, 8), b".", 0, 5, 4_000)


# what an answer changes


def three(shelf: MemoryShelf, *answered: int) -> None:
    """Three own edits, of which these are answered."""
    for phone in "123":
        enter(shelf, Kind.patch, {"phone": phone})
    take(shelf, told=Told([applied(n, 6, Shows(1, 30)) for n in answered], last_n=3))


def open_numbers(shelf: MemoryShelf) -> list[int]:
    return [one.n for one in shelf.pendings() if one.outcome is None]


def test_outcomes_up_to_the_first_gap_are_confirmed(shelf: MemoryShelf) -> None:
    """P-603: and one that is not known changes nothing."""
    three(shelf, 1, 3, 77)
    assert (shelf.seat().acked_n, open_numbers(shelf)) == (1, [2])
    take(shelf, told=Told([applied(2)], last_n=3))
    assert (shelf.seat().acked_n, open_numbers(shelf)) == (3, [])


def test_what_a_forgetful_server_asks_for_is_sent_and_drawn_again(shelf: MemoryShelf) -> None:
    """P-315: from there on, byte for byte; what it remembers stays answered."""
    three(shelf, 1, 2, 3)
    shelf.put_pending(replace(shelf.pendings()[1], overlay=False))
    before = [one.raw for one in shelf.pendings()]
    take(shelf, told=Told(last_n=1, resend_from=2))
    assert (numbers(shelf), [one.overlay for one in shelf.pendings()]) == ([2, 3], [True] * 3)
    assert ([one.raw for one in shelf.pendings()], shelf.seat().acked_n, shelf.seat().forked) == (before, 1, False)


@pytest.mark.parametrize(
    ("kept", "told", "forked"),
    [
        ((2, 3), Told(last_n=1, resend_from=2), False),
        ((3,), Told(last_n=1, resend_from=2), True),
        ((3,), Told(last_n=2, resend_from=1), False),
        ((3,), Told(last_n=0, resend_from=3), False),
        ((), Told(last_n=3, resend_from=4), False),
        ((), Told(last_n=2, resend_from=3), True),
        ((3,), Told(last_n=3), False),
        ((3,), Told(last_n=4), True),
    ],
)
def test_when_only_a_new_line_can_carry_what_is_left(shelf: MemoryShelf, kept: tuple[int, ...], told: Told, forked: bool) -> None:
    """P-312, P-315: the server asks for what is not kept any more, or knows more than was ever entered."""
    three(shelf, 1, 2, 3)
    for n in {1, 2, 3} - set(kept):
        shelf.drop_pending(n)
    take(shelf, told=told)
    assert shelf.seat().forked == forked
    take(shelf, told=Told(last_n=3))
    assert shelf.seat().forked == forked, "it does not heal by itself"


def test_a_shown_edit_ends_earlier_ones_of_its_record(shelf: MemoryShelf) -> None:
    """P-606: a parked value is not drawn over a later one that stands; a later one that was refused ends nothing."""
    for result, drawn in (
        (Result.applied, [False, True, False]),
        (Result.merged, [False, True, False]),
        (Result.parked, [True, True, False]),
    ):
        phone = MemoryShelf()
        for record_id in (SHOP.id, key(2), SHOP.id):
            enter(phone, Kind.create, {"name": "x"}, record_id=record_id)
        later = [Outcome(n, Result.parked, shows=Shows(1, 99)) for n in (1, 2)]
        take(phone, [page(1, [], 10)], Told([*later, Outcome(3, result, shows=Shows(1, 10))], last_n=3))
        assert [one.overlay for one in phone.pendings()] == drawn


@pytest.mark.parametrize(
    ("shows", "drawn"), [(None, False), (Shows(1, 10), False), (Shows(1, 11), True), (Shows(5, 99), False), (Shows(2, 1), True)]
)
def test_an_edit_is_drawn_until_the_cursor_passes_its_place(shelf: MemoryShelf, shows: Shows | None, drawn: bool) -> None:
    """P-606: not at all in a scope that is not held, and until the end of one that begins anew."""
    enter(shelf, Kind.patch, {"phone": "1"})
    take(shelf, [page(2, [], 5, begin=True, done=False)], Told([applied(1, 6, shows)], last_n=1))
    assert shelf.pendings()[0].overlay == drawn


def test_a_place_of_another_epoch_shows_when_its_scope_has_begun_anew(shelf: MemoryShelf) -> None:
    """P-606."""
    enter(shelf, Kind.patch, {"phone": "1"})
    take(shelf, told=Told([applied(1, 6, Shows(1, 99))], last_n=1))
    told = Told(last_n=1, epoch=2)
    take(shelf, [page(1, [], 2, begin=True, done=False)], told)
    assert shelf.pendings()[0].overlay
    take(shelf, [page(1, [], 3)], told)
    assert not shelf.pendings()[0].overlay
    assert shelf.seat().epoch == 2


@pytest.mark.parametrize(
    ("answered", "backed_up_n", "left"), [((1, 2), 1, [2, 3]), ((1, 3), 3, [2, 3]), ((1, 2, 3), 3, []), ((), 3, [1, 2, 3])]
)
def test_an_entry_is_kept_until_it_shows_is_confirmed_and_backed_up(
    shelf: MemoryShelf, answered: tuple[int, ...], backed_up_n: int, left: list[int]
) -> None:
    """P-609."""
    three(shelf)
    take(shelf, told=Told([applied(n) for n in answered], last_n=3, backed_up_n=backed_up_n))
    assert [one.n for one in shelf.pendings()] == left


def test_what_is_still_drawn_is_kept(shelf: MemoryShelf) -> None:
    """P-609."""
    three(shelf, 1, 2, 3)
    take(shelf, told=Told(last_n=3, backed_up_n=3))
    assert [one.n for one in shelf.pendings()] == [1, 2, 3]


def test_a_void_cursor_puts_every_scope_in_doubt(shelf: MemoryShelf) -> None:
    """P-611: what has not begun anew by the end of the chain is let go, at the end and not before."""
    take(shelf, [page(2, [live(replace(SHOP, id=key(2)))], 3, begin=True)])
    take(shelf, [page(1, [live(SHOP)], 1, begin=True, done=False)], Told(anew=True))
    assert shelf.scopes().keys() == {1, 2}
    take(shelf, [page(1, [], 2)])
    assert shelf.scopes().keys() == {1}
    assert [one.id for one in overlay.views(shelf, CUSTOMER)] == [SHOP.id]


def test_rows_of_an_older_generation_go_when_the_fill_is_done(shelf: MemoryShelf) -> None:
    """P-605, P-608: while it lasts any body is taken; then again only newer ones."""
    take(shelf, [page(1, [live(replace(SHOP, id=key(2)))], 11)])
    take(shelf, [page(1, [live(replace(SHOP, rev=1))], 1, begin=True, done=False)])
    assert len(list(shelf.rows(CUSTOMER.number))) == 2
    take(shelf, [page(1, [], 2)])
    assert [one.rev for one in overlay.views(shelf, CUSTOMER)] == [1]
    take(shelf, [page(1, [live(replace(SHOP, rev=0))], 3)])
    assert [one.rev for one in overlay.views(shelf, CUSTOMER)] == [1]
    assert shelf.scopes()[1] == HeldScope(1, 1, 3, 3, generation=2)


def test_a_removal_takes_one_hold_alone(shelf: MemoryShelf) -> None:
    """P-607: of a record that is not held it is nothing."""
    take(shelf, [page(2, [live(SHOP)], 3, begin=True)])
    take(shelf, [page(1, [gone(SHOP.id, Reason.moved), gone(key(77))], 11)])
    assert len(overlay.views(shelf, CUSTOMER)) == 1
    take(shelf, told=Told(drop=[2, 99]))
    assert overlay.views(shelf, CUSTOMER) == []
    assert shelf.scopes().keys() == {1}


def test_an_answer_to_another_cursor_is_left_alone(shelf: MemoryShelf) -> None:
    """P-604."""
    told: SyncAnswer = answer(shelf, [page(1, [gone(SHOP.id)], 11)])
    newer(shelf)
    assert not device.apply(shelf, told)
    assert len(overlay.views(shelf, CUSTOMER)) == 1


# a new line


def claim(after: int | None = None) -> bytes:
    return ENCODER.encode({"command": "claim", "after": after} if after else {"command": "claim", "epoch": 3})


def test_on_a_new_line_commands_name_their_new_numbers(shelf: MemoryShelf) -> None:
    """P-312, P-341: one that is answered has none there, so that what followed it is refused and not mistaken."""
    for after in (None, 1, None, 3):
        enter(shelf, Kind.command, entity=CARD, command=claim(after))
    take(shelf, told=Told([Outcome(1, Result.applied), Outcome(2, Result.forked)], last_n=1))
    device.take_new_line(shelf, 2, ME, 9)
    again = [body(MUTATION_DECODER.decode(one.raw)) for one in shelf.pendings()]
    assert again == [
        {"command": "claim", "after": None}, {"command": "claim", "epoch": 3}, {"command": "claim", "after": 2},
    ]  # fmt: skip
    assert shelf.seat() == Seat(2, ME, 9, b"line 9", epoch=1, next_n=4)
    assert all(one.filling for one in shelf.scopes().values())


def test_on_a_new_line_a_remove_names_the_new_tag_of_an_own_add(shelf: MemoryShelf) -> None:
    """P-416: and other fields stay byte for byte."""
    enter(shelf, Kind.patch, {"phone": "1"})
    first = enter(shelf, Kind.patch, {"tags": WordChange(add=("red",))})
    enter(shelf, Kind.patch, {"note": "x", "tags": WordChange(remove=(TaggedWord("red", 4, 2), TaggedWord("old", 3, 2)))})
    take(shelf, told=Told([applied(1), Outcome(2, Result.forked)], last_n=1))
    device.take_new_line(shelf, 1, ME, 9)
    add, remove = [MUTATION_DECODER.decode(one.raw) for one in shelf.pendings()]
    assert (add.n, add.body, body(remove)["note"]) == (1, first.body, "x")
    assert body(remove)["tags"]["remove"] == [["red", 4, 2], ["old", 3, 2], ["red", 9, 1]]


def test_a_server_that_does_not_know_the_line_gets_all_that_is_kept(shelf: MemoryShelf) -> None:
    """P-312: what it had answered too, in its groups."""
    device.enter(shelf, [Edit(Kind.patch, CUSTOMER, SHOP.id, {slot: "x"}) for slot in ("phone", "note")], 7)
    take(shelf, told=Told([applied(n) for n in (1, 2)], last_n=2))
    enter(shelf, Kind.delete)
    shelf.put_seat(replace(shelf.seat(), next_n=8))
    device.take_new_line(shelf, 1, ME, 9)
    queue = [MUTATION_DECODER.decode(one.raw) for one in shelf.pendings()]
    assert [(one.n, one.group) for one in queue] == [(1, GroupPlace(1, 0, 2)), (2, GroupPlace(1, 1, 2)), (3, GroupPlace(3, 0, 1))]
    assert open_numbers(shelf) == [1, 2, 3]


# the screen


def test_the_screen_draws_each_kind_of_entry(shelf: MemoryShelf) -> None:
    """P-605: over what the server told, in their order; a create draws nothing over what is there."""

    def shown(record_id: bytes = SHOP.id) -> Any:
        one = overlay.view(shelf, CUSTOMER, record_id)
        assert [each for each in overlay.views(shelf, CUSTOMER) if each.id == record_id] == ([one] if one else [])
        return one

    enter(shelf, Kind.create, {"name": "Other"})
    enter(shelf, Kind.patch, {"tags": WordChange(add=("red",))})
    assert (shown().name, shown().tags, shown().rev) == ("Harbour Books", (TaggedWord("red", 4, 2),), 5)
    enter(shelf, Kind.undo, {"city": "Port"})
    assert shown().city == "Port"
    enter(shelf, Kind.delete)
    enter(shelf, Kind.patch, {"city": "Sea"})
    assert shown() is None
    enter(shelf, Kind.restore, {"name": "Back", "tags": ["blue"]})
    assert (shown().name, shown().city, shown().tags, shown().rev) == ("Back", "", (TaggedWord("blue", 4, 6),), 0)
    enter(shelf, Kind.patch, {"city": "Port"}, record_id=key(2))
    enter(shelf, Kind.create, {"customer_id": SHOP.id, "name": "Lee"}, CONTACT, record_id=key(3))
    assert shown(key(2)) is None
    assert [one.id for one in overlay.views(shelf, CONTACT)] == [key(3)]
    assert [one.id for one in overlay.views(shelf, CUSTOMER)] == [SHOP.id]


def test_a_custom_field_that_was_cleared_is_gone_from_the_screen(shelf: MemoryShelf) -> None:
    """P-407: a record holds none that is nil."""
    newer(shelf, extra={"a": 1, "b": 2})
    enter(shelf, Kind.patch, {"extra.a": None, "extra.c": None})
    (shown,) = overlay.views(shelf, CUSTOMER)
    assert isinstance(shown, Customer)
    assert shown.extra == {"b": 2}


def test_two_views_are_the_same_whatever_their_revs() -> None:
    assert overlay.same(SHOP, replace(SHOP, rev=9))
    assert not overlay.same(SHOP, replace(SHOP, note="x"))
