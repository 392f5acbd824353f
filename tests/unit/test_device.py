"""The reference device on each kind of shelf: what an answer changes, what a screen shows, what is sent."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import Raw
from msgspec.structs import astuple, replace

from mobile_api.phone.file import FileShelf
from shared_schema.entity import Entity
from shared_schema.problem import Code
from shared_schema.records.activity import Visit
from shared_schema.records.customer import Contact, Customer
from shared_schema.records.inbox import Dismiss, InboxItem, ItemState, Member
from shared_schema.registry import BY_RECORD
from shared_schema.wire import ENCODER, MUTATION_DECODER, MUTATIONS_MAX, GroupPlace, Kind, Mutation, Outcome, Reason, Result, Row, Shows
from sync import decisions, device, overlay, unsent
from sync.device import Edit
from sync.shelf import HeldScope, MemoryShelf, Pending, Seat, Shelf
from tests.unit.device_world import CUSTOMER, ME, Told, answer, applied, gone, key, live, page

SHOP = Customer(key(1), 5, "Harbour Books", "1 Quay Road", "Shanghai")
CONTACT = BY_RECORD[Contact]
VISIT = BY_RECORD[Visit]


@pytest.fixture(params=["memory", "file"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shelf]:
    """Give an empty shelf of each kind."""
    if request.param == "memory":
        yield MemoryShelf()
        return
    file = FileShelf(tmp_path / "phone.db")
    with file.transaction():  # as the phone does; here one for the whole test
        yield file
    file.close()


def name(shelf: Shelf, record_id: bytes = SHOP.id) -> str | None:
    shown = overlay.view(shelf, CUSTOMER, record_id)
    return shown.name if isinstance(shown, Customer) else None


def sent(shelf: Shelf) -> list[Mutation]:
    return [MUTATION_DECODER.decode(raw) for raw in device.request(shelf, 0, "test").mutations]


def rename(shelf: Shelf, wanted: str) -> int:
    return device.enter(shelf, [Edit(Kind.patch, CUSTOMER, SHOP.id, {"name": wanted})], 7)[0]


def entered(shelf: Shelf) -> Mutation:
    rename(shelf, "Mine")
    return sent(shelf)[0]


def first_sync(shelf: Shelf) -> None:
    assert device.apply(shelf, answer(shelf, [page(1, [live(SHOP)], 10, begin=True)]))


# the shelf


def test_a_record_is_held_by_each_scope_that_names_it(shelf: Shelf) -> None:
    """P-607."""
    place = (CUSTOMER.number, SHOP.id)
    shelf.hold(1, place, 0)
    shelf.hold(2, place, 0)
    assert not shelf.release(1, place)
    assert shelf.release(2, place)


def test_a_sweep_lets_go_of_older_generations_only(shelf: Shelf) -> None:
    """P-608."""
    old, fresh, shared = ((CUSTOMER.number, key(n)) for n in (1, 2, 3))
    shelf.hold(1, old, 1)
    shelf.hold(1, fresh, 2)
    shelf.hold(1, shared, 1)
    shelf.hold(2, shared, 1)
    assert shelf.sweep(1, 2) == [old]
    assert shelf.sweep(1, 3) == [fresh]


def test_what_a_shelf_gives_is_a_copy(shelf: Shelf) -> None:
    shelf.put_seat(Seat(next_n=4))
    shelf.put_scope(HeldScope(1, 1, position=3))
    shelf.put_pending(Pending(1, b"raw"))
    shelf.seat().next_n = shelf.scopes()[1].position = 9
    shelf.pendings()[0].overlay = False
    assert (shelf.seat().next_n, shelf.scopes()[1].position, shelf.pendings()[0].overlay) == (4, 3, True)


def test_rows_and_entries_come_in_order(shelf: Shelf) -> None:
    for n in (3, 1, 2):
        shelf.put_row((CUSTOMER.number, key(n)), b"body")
        shelf.put_row((CONTACT.number, key(9)), b"other")
        shelf.put_pending(Pending(n, b"raw", Outcome(n, Result.applied)))
    shelf.drop_row((CUSTOMER.number, key(2)))
    shelf.drop_pending(2)
    assert list(shelf.rows(CUSTOMER.number)) == [(key(1), b"body"), (key(3), b"body")]
    assert [one.n for one in shelf.pendings()] == [1, 3]
    assert shelf.pendings()[0].outcome == Outcome(1, Result.applied)


# applying


def test_a_first_sync_brings_rows_and_cursor(shelf: Shelf) -> None:
    first_sync(shelf)
    assert name(shelf) == "Harbour Books"
    assert (shelf.seat().cursor, shelf.seat().epoch) == (b".", 1)


def test_an_answer_to_another_cursor_changes_nothing(shelf: Shelf) -> None:
    """P-604."""
    late = answer(shelf, [page(1, [live(SHOP)], 10, begin=True)])
    assert device.apply(shelf, answer(shelf))
    assert not device.apply(shelf, late)
    assert name(shelf) is None


def test_an_older_body_never_overwrites(shelf: Shelf) -> None:
    """P-605."""
    first_sync(shelf)
    device.apply(shelf, answer(shelf, [page(1, [live(replace(SHOP, rev=4, name="Old"))], 11)]))
    assert name(shelf) == "Harbour Books"
    device.apply(shelf, answer(shelf, [page(1, [live(replace(SHOP, rev=6, name="New"))], 12)]))
    assert name(shelf) == "New"


def test_a_body_of_the_rev_that_is_held_is_put_again(shelf: Shelf) -> None:
    """P-605: the same rev may come whole where it was masked, or with the slots of a newer server."""
    first_sync(shelf)
    longer = Raw(ENCODER.encode([*astuple(replace(SHOP, name="Whole")), "new slot"]))
    device.apply(shelf, answer(shelf, [page(1, [Row(CUSTOMER.number, longer)], 11)]))
    assert shelf.row((CUSTOMER.number, SHOP.id)) == bytes(longer)
    assert name(shelf) == "Whole"


@pytest.mark.parametrize("why", ["reset", "restored"])
def test_a_reset_or_another_epoch_takes_any_body(shelf: Shelf, why: str) -> None:
    """P-605."""
    first_sync(shelf)
    row = live(replace(SHOP, rev=1, name="Restored"))
    device.apply(shelf, answer(shelf, [page(1, [row], 3, begin=why == "reset")], Told(epoch=1 if why == "reset" else 2)))
    assert name(shelf) == "Restored"


def test_a_reset_sweeps_what_it_did_not_name_when_it_is_done(shelf: Shelf) -> None:
    """P-608."""
    other = replace(SHOP, id=key(2))
    first_sync(shelf)
    device.apply(shelf, answer(shelf, [page(1, [live(other)], 2, begin=True, done=False)]))
    assert name(shelf) == "Harbour Books"
    device.apply(shelf, answer(shelf, [page(1, [], 3)]))
    assert (name(shelf), name(shelf, other.id)) == (None, "Harbour Books")


def test_a_record_goes_with_its_last_scope(shelf: Shelf) -> None:
    """P-607."""
    first_sync(shelf)
    device.apply(shelf, answer(shelf, [page(2, [live(SHOP)], 4, begin=True)]))
    device.apply(shelf, answer(shelf, [page(1, [gone(SHOP.id)], 11)]))
    assert name(shelf) == "Harbour Books"
    device.apply(shelf, answer(shelf, [page(2, [gone(SHOP.id, Reason.moved)], 5)]))
    assert name(shelf) is None


def test_a_dropped_scope_takes_its_records_along(shelf: Shelf) -> None:
    """P-607."""
    first_sync(shelf)
    device.apply(shelf, answer(shelf, told=Told(drop=[1])))
    assert name(shelf) is None
    assert shelf.scopes() == {}


def test_after_a_restore_a_scope_that_does_not_begin_anew_leaves_no_ghosts(shelf: Shelf) -> None:
    """P-611."""
    first_sync(shelf)
    device.apply(shelf, answer(shelf, [page(2, [live(replace(SHOP, id=key(2)))], 3, begin=True)], Told(epoch=2)))
    assert (name(shelf), name(shelf, key(2))) == (None, "Harbour Books")
    assert list(shelf.scopes()) == [2]


def test_rows_of_a_newer_server_are_kept_raw(shelf: Shelf) -> None:
    """P-101."""
    unknown = Row(250, Raw(ENCODER.encode([key(8), 3, "of tomorrow"])))
    longer = Raw(ENCODER.encode([*astuple(replace(SHOP, rev=6, name="Longer")), "new slot"]))
    device.apply(shelf, answer(shelf, [page(1, [unknown, Row(CUSTOMER.number, longer)], 10, begin=True)]))
    assert shelf.row((250, key(8))) == bytes(unknown.body)
    assert (name(shelf), shelf.row((CUSTOMER.number, SHOP.id))) == ("Longer", bytes(longer))


# own entries over the server's rows


def test_an_entry_shows_at_once_and_carries_the_rev_that_was_on_screen(shelf: Shelf) -> None:
    """P-330, P-606."""
    first_sync(shelf)
    rename(shelf, "Mine")
    assert name(shelf) == "Mine"
    assert sent(shelf)[0].bases == {"name": 5}


def test_a_second_entry_in_the_same_group_inherits_the_base_of_the_first(shelf: Shelf) -> None:
    """P-330."""
    first_sync(shelf)
    rename(shelf, "Mine")
    device.apply(shelf, answer(shelf, [page(1, [live(replace(SHOP, rev=8, name="Theirs"))], 11)]))
    assert name(shelf) == "Mine"
    rename(shelf, "Mine again")
    assert [one.bases for one in sent(shelf)] == [{"name": 5}, {"name": 5}]


def test_a_patch_carries_every_field_of_its_group_as_on_screen(shelf: Shelf) -> None:
    """P-331."""
    first_sync(shelf)
    device.enter(shelf, [Edit(Kind.patch, CUSTOMER, SHOP.id, {"city": "Suzhou"})], 7)
    body = CUSTOMER.patch_decoder.decode(sent(shelf)[0].body)
    assert (body.address, body.city) == ("1 Quay Road", "Suzhou")


def test_a_custom_field_is_a_group_of_its_own(shelf: Shelf) -> None:
    """P-407."""
    first_sync(shelf)
    device.enter(shelf, [Edit(Kind.patch, CUSTOMER, SHOP.id, {"extra.shelf": "north", "note": "hello"})], 7)
    assert sent(shelf)[0].bases == {"extra.shelf": 5, "note": 5}
    shown = overlay.view(shelf, CUSTOMER, SHOP.id)
    assert isinstance(shown, Customer)
    assert (shown.extra, shown.note) == ({"shelf": "north"}, "hello")


def test_an_overlay_ends_when_the_cursor_passes_the_place_its_outcome_names(shelf: Shelf) -> None:
    """P-326, P-606."""
    first_sync(shelf)
    n = rename(shelf, "Mine")
    device.apply(shelf, answer(shelf, told=Told([applied(n, 6, Shows(1, 12))], last_n=n)))
    assert (name(shelf), sent(shelf)) == ("Mine", [])
    device.apply(shelf, answer(shelf, [page(1, [], 11)]))
    assert name(shelf) == "Mine"
    device.apply(shelf, answer(shelf, [page(1, [live(replace(SHOP, rev=6, name="Mine, tidied"))], 12)]))
    assert name(shelf) == "Mine, tidied"


def test_a_refused_entry_leaves_the_screen_at_once(shelf: Shelf) -> None:
    """P-606."""
    first_sync(shelf)
    n = rename(shelf, "Mine")
    refused = Outcome(n, Result.rejected, Code.forbidden.word, Code.forbidden.remedy.value)
    device.apply(shelf, answer(shelf, told=Told([refused], last_n=n)))
    assert name(shelf) == "Harbour Books"


def test_a_create_shows_and_a_delete_hides_before_the_server_knows(shelf: Shelf) -> None:
    first_sync(shelf)
    device.enter(shelf, [Edit(Kind.create, CONTACT, key(5), {"customer_id": SHOP.id, "name": "Lin"})], 7)
    assert [one.id for one in overlay.views(shelf, CONTACT)] == [key(5)]
    device.enter(shelf, [Edit(Kind.delete, CONTACT, key(5))], 8)
    assert overlay.views(shelf, CONTACT) == []


def test_a_sweep_never_touches_own_entries(shelf: Shelf) -> None:
    """P-608."""
    device.enter(shelf, [Edit(Kind.create, CUSTOMER, key(7), {"name": "Found today"})], 7)
    device.apply(shelf, answer(shelf, [page(1, [], 3, begin=True)]))
    assert (name(shelf, key(7)), len(sent(shelf))) == ("Found today", 1)


# what is sent, and for how long it is kept


def test_an_answered_entry_is_kept_until_the_servers_backup_has_it(shelf: Shelf) -> None:
    """P-603, P-609."""
    first_sync(shelf)
    n = rename(shelf, "Mine")
    device.apply(shelf, answer(shelf, told=Told([applied(n)], last_n=n)))
    assert [one.n for one in shelf.pendings()] == [n]
    assert shelf.seat().acked_n == n
    device.apply(shelf, answer(shelf, told=Told(last_n=n, backed_up_n=n)))
    assert shelf.pendings() == []


def test_a_restored_server_gets_the_same_bytes_again(shelf: Shelf) -> None:
    """P-315."""
    first_sync(shelf)
    n = rename(shelf, "Mine")
    before = device.request(shelf, 0, "test").mutations
    device.apply(shelf, answer(shelf, told=Told([applied(n)], last_n=n)))
    assert sent(shelf) == []
    device.apply(shelf, answer(shelf, [page(1, [live(SHOP)], 1, begin=True)], Told(last_n=0, resend_from=1, epoch=2)))
    assert device.request(shelf, 0, "test").mutations == before
    assert (name(shelf), shelf.seat().acked_n) == ("Mine", 0)


def test_groups_travel_whole(shelf: Shelf) -> None:
    """P-602."""
    first_sync(shelf)
    like = entered(shelf)
    for n in range(2, MUTATIONS_MAX):
        shelf.put_pending(Pending(n, ENCODER.encode(replace(like, n=n, group=GroupPlace(n, 0, 1)))))
    for n in range(2):
        place = GroupPlace(MUTATIONS_MAX, n, 2)
        shelf.put_pending(Pending(MUTATIONS_MAX + n, ENCODER.encode(replace(like, n=MUTATIONS_MAX + n, group=place))))
    assert len(device.request(shelf, 0, "test").mutations) == MUTATIONS_MAX - 1


@pytest.mark.parametrize("told", [Told([Outcome(1, Result.forked)]), Told(last_n=9)])
def test_a_forked_line_sends_nothing_and_goes_on_as_a_new_one(shelf: Shelf, told: Told) -> None:
    """P-312, P-610."""
    first_sync(shelf)
    first = rename(shelf, "Seen by the server")
    device.apply(shelf, answer(shelf, told=Told([applied(first)], last_n=first)))
    pair = [Edit(Kind.create, CONTACT, key(50 + n), {"customer_id": SHOP.id, "name": "Lin"}) for n in range(2)]
    device.enter(shelf, pair, 7)
    before = sent(shelf)
    device.apply(shelf, answer(shelf, told=told))
    assert (shelf.seat().forked, sent(shelf)) == (True, [])
    device.take_new_line(shelf, 1, ME, 77)
    after = sent(shelf)
    assert [(one.n, one.group.first_n, one.group.index) for one in after] == [(1, 1, 0), (2, 1, 1)]
    assert [(one.id, one.body, one.bases) for one in after] == [(one.id, one.body, one.bases) for one in before]
    assert (shelf.seat().line_no, shelf.seat().next_n) == (77, 3)


def test_what_was_answered_is_not_taken_back_even_if_nothing_says_that_it_was_sent(shelf: Shelf) -> None:
    """P-614."""
    first_sync(shelf)
    n = rename(shelf, "Mine")
    device.apply(shelf, answer(shelf, told=Told([applied(n, shows=Shows(1, 99))], last_n=n)))
    assert unsent.take_back(shelf, 0) == []
    assert ([one.n for one in shelf.pendings()], shelf.seat().next_n) == ([n], n + 1)


# the inbox


def test_use_mine_is_based_on_the_rev_printed_on_the_card(shelf: Shelf) -> None:
    """P-503."""
    first_sync(shelf)
    parked = Member(1, int(Kind.patch), CUSTOMER.number, SHOP.id, "name", 3, 5, None, {}, {"name": "Mine"}, {"name": "Harbour Books"})
    item = InboxItem(key(90), 1, ME, 4, Code.conflict.word, ItemState.open, 0, SHOP.id, (parked,))
    device.apply(shelf, answer(shelf, [page(1, [live(item), live(replace(SHOP, rev=9, name="Newer"))], 11)]))
    assert decisions.inbox(shelf) == [item]
    device.enter(shelf, decisions.use_mine(shelf, item)[0], 9)
    assert (sent(shelf)[0].bases, name(shelf)) == ({"name": 5}, "Mine")


def test_a_refusal_that_was_read_is_a_command_on_the_item(shelf: Shelf) -> None:
    """P-507."""
    item = InboxItem(key(90), 1, ME, 4, Code.forbidden.word, ItemState.open, 0)
    device.enter(shelf, [decisions.decision(item, ENCODER.encode(Dismiss()))], 9)
    command = sent(shelf)[0]
    assert (command.kind, command.id, command.bases) == (Kind.command, item.id, {})
    assert bytes(command.body) == ENCODER.encode(Dismiss())


@pytest.mark.parametrize(
    ("entity", "values"), [(VISIT, {"customer_id": SHOP.id, "device_ms": 1, "verdict": 1}), (CUSTOMER, {"nonsense": 1})]
)
def test_an_entry_which_the_server_will_refuse_does_not_spoil_the_screen(shelf: Shelf, entity: Entity, values: dict[str, int]) -> None:
    first_sync(shelf)
    device.enter(shelf, [Edit(Kind.create, entity, key(60), values)], 7)
    assert [one.id for one in overlay.views(shelf, CUSTOMER)] == [SHOP.id]
    assert len(sent(shelf)) == 1


def test_a_patch_of_what_the_server_owns_is_sent_as_it_is(shelf: Shelf) -> None:
    first_sync(shelf)
    device.enter(shelf, [Edit(Kind.patch, CUSTOMER, SHOP.id, {"tier": 1})], 7)
    assert (len(sent(shelf)), sent(shelf)[0].bases) == (1, {})
    assert [one.id for one in overlay.views(shelf, CUSTOMER)] == [SHOP.id]
