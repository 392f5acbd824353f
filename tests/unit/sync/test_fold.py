"""What the fold decides, word for word: results, cards, history, notices; on the pure core, without a database."""

import msgspec
import pytest

from shared_schema.records.inbox import ItemState
from shared_schema.wire import ENCODER, Kind, Mutation, Outcome, Result
from sync.state import WHOLE
from tests.unit.sync.core import Core, said

CONFLICT = (Result.parked, "conflict")
WAITS = (Result.parked, "record_waits")
APPLIED = (Result.applied, None)
MERGED = (Result.merged, None)


def clash(core: Core, mine: str = "mine", theirs: str = "theirs") -> Outcome:
    """Bo changes the phone number; Ann, who has not seen it, too."""
    base = core.customer.rev
    core.patch("bo", base, phone=theirs)
    return core.patch("ann", base, phone=mine)


# merge


def test_a_value_nobody_saw_stays_and_the_other_waits(core: Core) -> None:
    """P-401, P-501: the card prints both, the base and the rev on which use mine would be based."""
    base = core.customer.rev
    assert said(clash(core)) == CONFLICT
    assert core.customer.phone == "theirs"
    (card,) = core.items("ann")
    (one,) = card.members
    assert (card.code, card.customer_id, card.holder_id) == ("conflict", core.customer_id, core.user_ids["ann"])
    assert (one.mine, one.theirs, one.base_rev, one.their_rev) == ({"phone": "mine"}, {"phone": "theirs"}, base, core.customer.rev)
    assert not core.items("bo")


def test_a_card_tells_only_of_the_fields_which_its_author_entered(core: Core) -> None:
    """P-504: who changed another part of the record meanwhile is not named as who wrote what stands."""
    base = core.customer.rev
    core.patch("bo", base, note="theirs")
    entry = core.entry("ann", Kind.patch, "customer", core.customer_id, {"extra.unknown": "1"}, {"extra.unknown": base})
    assert core.send("ann", entry)[0].result is Result.rejected
    (card,) = core.items("ann")
    assert (card.members[0].theirs, card.members[0].before, card.members[0].their_user_id) == ({"extra.unknown": None}, {}, None)
    core.patch("bo", core.customer.rev, phone="2")
    core.patch("bo", core.customer.rev, phone="3")
    core.send("ann", core.entry("ann", Kind.delete, "customer", core.customer_id, {}, {WHOLE: base}))
    one = core.items("ann")[-1].members[0]
    assert one.before == {"phone": "1", "note": ""}, "the first change since the base tells it"
    assert one.their_user_id == core.user_ids["bo"]


def test_merged_means_that_somebody_else_changed_something_meanwhile(core: Core) -> None:
    """P-403: one's own change of another part, and what was on screen, make no merge."""
    base = core.customer.rev
    assert said(core.patch("ann", base, phone="2")) == APPLIED
    assert core.decisions() == ["applied"]
    assert said(core.patch("ann", base, note="own")) == APPLIED
    assert said(core.patch("bo", base, industry="unseen")) == MERGED
    assert core.decisions() == ["merged"]
    assert said(core.patch("bo", core.customer.rev, city="Port")) == APPLIED
    bases = {"phone": core.customer.rev, "note": base}
    both = core.entry("bo", Kind.patch, "customer", core.customer_id, {"phone": "3", "note": "own"}, bases)
    assert said(core.send("bo", both)[0]) == APPLIED, "the newest of its bases says what was seen"


def test_equal_values_change_nothing(core: Core) -> None:
    """P-404."""
    rev = core.customer.rev
    assert said(core.patch("bo", 0, phone="1")) == APPLIED
    assert core.customer.rev == rev
    assert core.decisions() == []


def test_an_undo_says_so_and_is_refused_after_a_newer_change(core: Core) -> None:
    """P-423."""
    done = core.patch("ann", core.customer.rev, phone="2")
    undo = core.entry("ann", Kind.undo, "customer", core.customer_id, {"phone": "1"}, {"phone": done.rev or 0})
    assert said(core.send("ann", undo)[0]) == APPLIED
    assert core.decisions() == ["undone"]
    assert core.customer.phone == "1"
    done = core.patch("ann", core.customer.rev, phone="2")
    core.patch("bo", core.customer.rev, phone="3")
    again = core.entry("ann", Kind.undo, "customer", core.customer_id, {"phone": "1"}, {"phone": done.rev or 0})
    assert said(core.send("ann", again)[0]) == CONFLICT
    assert core.customer.phone == "3"


# cards


def test_a_second_value_for_the_same_place_extends_the_card(core: Core) -> None:
    """P-502: one open card per line and place, the values before it kept."""
    base = core.customer.rev
    clash(core, "first")
    core.patch("ann", base, phone="second")
    core.patch("ann", base, phone="third")
    (card,) = core.items("ann")
    assert [one.mine["phone"] for one in (*card.earlier, *card.members)] == ["first", "second", "third"]
    core.patch("bo", core.customer.rev, note="theirs")
    core.patch("ann", base, note="mine")
    assert len(core.items("ann")) == 2, "another place has a card of its own"


def test_a_card_closes_when_values_meet_or_its_holder_decides_anew(core: Core) -> None:
    """P-506: met by the other side, used_mine by one's own."""
    clash(core)
    core.patch("bo", core.customer.rev, note="other")
    assert len(core.items("ann")) == 1
    core.patch("bo", core.customer.rev, phone="mine")
    assert [one.state for one in core.items("ann", *ItemState)] == [ItemState.met]
    clash(core, "x", "y")
    (card,) = core.items("ann")
    core.patch("ann", card.members[0].their_rev - 1, note="elsewhere")
    assert len(core.items("ann")) == 1, "another group decides nothing"
    core.patch("ann", card.members[0].their_rev, phone="third")
    assert not core.items("ann")
    assert core.items("ann", ItemState.used_mine)
    assert core.customer.phone == "third"


def test_a_parked_group_closes_when_all_of_it_stands(core: Core) -> None:
    """P-506: one of two values that meet is not enough."""
    base = core.customer.rev
    contact = core.new_id()
    core.create("ann", "contact", contact, customer_id=core.customer_id, name="Lee")
    core.patch("bo", base, note="theirs")
    first = core.patching("ann", base, note="mine")
    second = core.entry("ann", Kind.patch, "contact", contact, {"name": "Lee", "title": "chief"}, {"person": base + 9})
    outcomes = core.send("ann", *core.together(first, second))
    assert [said(one) for one in outcomes] == [CONFLICT] * 2
    assert len({one.item_id for one in outcomes}) == 1
    core.patch("bo", core.customer.rev, note="mine")
    assert len(core.items("ann")) == 1
    rev = core.record("contact", contact).rev
    core.send("bo", core.entry("bo", Kind.patch, "contact", contact, {"name": "Lee", "title": "chief"}, {"person": rev}))
    assert [one.state for one in core.items("ann", *ItemState)] == [ItemState.met]


def test_who_decides_about_a_card_and_how(core: Core) -> None:
    """P-507: its holder alone, once; keep theirs and dismiss say what was decided."""
    clash(core)
    (card,) = core.items("ann")
    foreign = core.send("bo", core.entry("bo", Kind.command, "inbox_item", card.id, {"command": "keep_theirs"}))[0]
    assert said(foreign) == (Result.rejected, "out_of_scope")
    keep = core.send("ann", core.entry("ann", Kind.command, "inbox_item", card.id, {"command": "keep_theirs"}))[0]
    assert said(keep) == APPLIED
    assert core.items("ann", ItemState.kept_theirs)
    again = core.send("ann", core.entry("ann", Kind.command, "inbox_item", card.id, {"command": "dismiss"}))[0]
    assert said(again) == (Result.parked, "state_wrong")


def test_the_author_hears_of_what_waits_and_of_nothing_else(core: Core) -> None:
    """P-510: a parked entry makes a notice; an applied or a rejected one none."""
    outcome = clash(core)
    assert core.folded is not None
    assert [(one.kind, one.user_id, one.happening) for one in core.folded.state.notices] == [
        ("parked", core.user_ids["ann"], outcome.item_id)
    ]
    core.patch("ann", core.customer.rev, city="Port")
    assert core.folded.state.notices == []
    assert said(core.patch("eve", 1, phone="9")) == (Result.rejected, "out_of_scope")
    assert core.folded.state.notices == []


# deletes


def test_a_delete_takes_only_what_was_seen(core: Core) -> None:
    """P-421: one part that somebody changed above the base is enough; the card prints the record and the base."""
    contact = core.new_id()
    core.create("ann", "contact", contact, customer_id=core.customer_id, name="Lee")
    base = core.record("contact", contact).rev
    core.send("bo", core.entry("bo", Kind.patch, "contact", contact, {"phone": "9"}, {"phone": base}))
    assert said(core.send("ann", core.entry("ann", Kind.delete, "contact", contact, None, {WHOLE: base}))[0]) == CONFLICT
    (card,) = core.items("ann")
    (one,) = card.members
    assert (one.kind, one.theirs["phone"], one.theirs["name"], one.base_rev) == (Kind.delete, "9", "Lee", base)
    assert "extra" not in one.theirs
    seen = core.record("contact", contact).rev
    assert said(core.send("ann", core.entry("ann", Kind.delete, "contact", contact, None, {WHOLE: seen}))[0]) == APPLIED
    assert core.record("contact", contact) is None
    assert core.decisions() == ["deleted"]
    assert not core.items("ann"), "the card asks no more"


def test_what_was_deleted_stays_so(core: Core) -> None:
    """P-424: a patch of it waits, a second delete is a duplicate, a create is refused; who never held it hears of nothing."""
    contact = core.new_id()
    core.create("ann", "contact", contact, customer_id=core.customer_id, name="Lee")
    rev = core.record("contact", contact).rev
    core.send("ann", core.entry("ann", Kind.delete, "contact", contact, None, {WHOLE: rev}))
    assert said(core.send("bo", core.entry("bo", Kind.patch, "contact", contact, {"phone": "9"}, {"phone": rev}))[0]) == (
        Result.parked, "gone",
    )  # fmt: skip
    assert core.send("bo", core.entry("bo", Kind.delete, "contact", contact, None, {WHOLE: rev}))[0].result == Result.duplicate
    assert said(core.create("ann", "contact", contact, customer_id=core.customer_id, name="Lee")) == (Result.parked, "gone")
    assert said(core.send("eve", core.entry("eve", Kind.patch, "contact", contact, {"phone": "9"}, {"phone": rev}))[0]) == (
        Result.rejected, "out_of_scope",
    )  # fmt: skip
    assert core.record("contact", contact) is None


# creates, groups, refusals


def test_the_same_create_again(core: Core) -> None:
    """P-320."""
    fact = core.new_id()
    values = {"customer_id": core.customer_id, "device_ms": 5, "note": "talked"}
    assert said(core.create("ann", "contact_log", fact, **values)) == APPLIED
    assert core.create("ann", "contact_log", fact, **values).result == Result.duplicate
    assert said(core.create("ann", "contact_log", fact, **{**values, "note": "other"})) == (Result.rejected, "id_taken")
    assert said(core.create("ann", "customer", core.customer_id, name="Other")) == CONFLICT


def test_what_hangs_on_a_parked_create_joins_it(core: Core) -> None:
    """P-505: also from another entity with the same id nothing joins."""
    shop, contact = core.new_id(), core.new_id()
    parked = core.create("ann", "customer", shop, name="Shop", extra={"unknown": 1})
    assert said(parked) == (Result.rejected, "custom_field_unknown")
    joined = core.create("ann", "contact", contact, customer_id=shop, name="Lee")
    assert (said(joined), joined.item_id) == (WAITS, parked.item_id)
    patched = core.send("ann", core.entry("ann", Kind.patch, "customer", shop, {"phone": "2"}, {"phone": 0}))[0]
    assert patched.item_id == parked.item_id
    other = core.send("ann", core.entry("ann", Kind.patch, "contact", shop, {"phone": "2"}, {"phone": 0}))[0]
    assert said(other) == (Result.rejected, "out_of_scope")
    assert other.item_id != parked.item_id
    (card,) = (one for one in core.items("ann") if one.id == parked.item_id)
    assert [one.kind for one in card.members] == [Kind.create, Kind.create, Kind.patch]
    assert said(core.create("ann", "customer", shop, name="Shop")) == APPLIED
    core.send("ann", core.entry("ann", Kind.command, "inbox_item", card.id, {"command": "dismiss"}))
    assert said(core.create("ann", "contact", contact, customer_id=shop, name="Lee")) == APPLIED


def test_what_hangs_on_a_create_tried_twice_joins_the_newest_try(core: Core) -> None:
    """P-303, P-505: closing the older card in the same request leaves the newer one its place."""
    shop = core.new_id()
    first = core.create("ann", "customer", shop, name="Shop", extra={"unknown": 1})
    newest = core.entry("ann", Kind.create, "customer", shop, {"name": "Shop", "extra": {"unknown": 2}})
    dismissed = core.entry("ann", Kind.command, "inbox_item", first.item_id or b"", {"command": "dismiss"})
    joining = core.entry("ann", Kind.create, "contact", core.new_id(), {"customer_id": shop, "name": "Lee"})
    again, _, joined = core.send("ann", newest, dismissed, joining)
    assert again.item_id != first.item_id
    assert (said(joined), joined.item_id) == (WAITS, again.item_id)


def test_a_group_says_what_was_wrong_with_its_first_bad_member(core: Core) -> None:
    """P-322: and nothing of it is taken."""
    good = core.patching("ann", core.customer.rev, city="Port")
    bad = core.entry("ann", Kind.patch, "customer", core.customer_id, {"extra": {"unknown": 1}}, {"extra.unknown": 0})
    outcomes = core.send("ann", *core.together(good, bad))
    assert [said(one) for one in outcomes] == [(Result.parked, "custom_field_unknown")] * 2
    assert core.customer.city == ""
    (card,) = core.items("ann")
    assert [one.n for one in card.members] == [one.n for one in outcomes]
    assert card.members[0].theirs == {"address": "", "city": ""}


def test_a_card_with_a_kind_that_nobody_knows_is_no_fault_of_who_changes_what_waits_beside_it(core: Core) -> None:
    """P-323, P-506: the change is taken, and the card stays (fuzz, SEED=192244196)."""
    good = core.patching("ann", core.customer.rev, city="Port")
    other = msgspec.msgpack.decode(core.patching("ann", core.customer.rev, phone="1"), type=Mutation)
    unknown = ENCODER.encode(msgspec.structs.replace(other, entity=77))
    outcomes = core.send("ann", *core.together(good, unknown))
    assert [said(one) for one in outcomes] == [(Result.parked, "entity_unknown")] * 2
    assert said(core.send("ann", core.patching("ann", core.customer.rev, city="Port"))[0]) == APPLIED
    (card,) = core.items("ann")
    assert [one.entity for one in card.members] == [1, 77]


def test_a_patch_of_part_of_a_group_is_refused_alone(core: Core) -> None:
    """P-331: who leaves a field out has not said it together with the others; an undo carries what its change carried."""
    bases = {"address": core.customer.rev}
    part = core.entry("ann", Kind.patch, "customer", core.customer_id, {"city": "Port"}, bases)
    whole = core.entry("ann", Kind.patch, "customer", core.customer_id, {"city": "Dock", "address": "1"}, bases)
    outcomes = core.send("ann", part, whole)
    assert [(*said(one), one.field) for one in outcomes] == [(Result.rejected, "field_wrong", "address"), (*APPLIED, None)]
    assert (core.customer.city, core.customer.address) == ("Dock", "1")
    assert [(card.field, card.members[0].mine) for card in core.items("ann")] == [("address", {"city": "Port"})]
    back = core.entry("ann", Kind.undo, "customer", core.customer_id, {"city": ""}, {"address": core.customer.rev})
    assert said(core.send("ann", back)[0]) == APPLIED


def test_an_app_that_cannot_read_the_datum_leaves_it_out(core: Core) -> None:
    """P-103, P-331."""
    place = {"latitude_e6": 31_000_000, "longitude_e6": 121_000_000}
    assert said(core.patch("ann", core.customer.rev, **place, datum=1)) == APPLIED
    moved = core.entry("ann", Kind.patch, "customer", core.customer_id, place | {"latitude_e6": 5}, {"position": core.customer.rev})
    assert said(core.send("ann", moved)[0]) == APPLIED
    assert (core.customer.latitude_e6, core.customer.datum) == (5, 1)


@pytest.mark.parametrize(("kind", "body"), [(Kind.patch, {"phone": "2"}), (Kind.undo, {"phone": ""}), (Kind.delete, None)])
@pytest.mark.parametrize("group", ["fone", "extra", "city", "rev"])
def test_a_base_for_what_is_no_group_is_refused_by_name(core: Core, kind: Kind, body: object, group: str) -> None:
    """P-330: the neighbours are carried out."""
    rev = core.customer.rev
    odd = core.entry("ann", kind, "customer", core.customer_id, body, {"phone": rev, WHOLE: rev, group: rev})
    good = core.patching("ann", rev, note="x")
    outcomes = core.send("ann", odd, good)
    assert [(*said(one), one.field) for one in outcomes] == [(Result.rejected, "field_wrong", group), (*APPLIED, None)]
    named = core.entry("ann", Kind.patch, "customer", core.customer_id, {"phone": "3"}, {"phone": rev, "tags": 1, "extra.old": 1})
    assert said(core.send("ann", named)[0]) == APPLIED, "a set, and a custom field that nobody defines any more, are groups"


def test_words_of_refusals(core: Core) -> None:
    """P-333, P-334, P-430: what is not understood is named."""
    fact = core.new_id()
    core.create("ann", "contact_log", fact, customer_id=core.customer_id, device_ms=5, note="talked")
    patched = core.send("ann", core.entry("ann", Kind.patch, "contact_log", fact, {"note": "x"}, {"note": 1}))[0]
    assert said(patched) == (Result.rejected, "immutable")
    owned = core.send("ann", core.entry("ann", Kind.create, "collaborator", core.new_id(), {"user_id": bytes(16)}))[0]
    assert (said(owned), owned.field) == ((Result.rejected, "server_owned"), "user_id")
    unknown = core.entry("ann", Kind.create, "contact", core.new_id(), {}).replace(b"\x01\x03", b"\x63\x03", 1)
    assert said(core.send("ann", unknown)[0]) == (Result.rejected, "kind_unknown")
    wrong = core.send("ann", core.entry("ann", Kind.patch, "customer", core.customer_id, {"phone": 5}, {"phone": 1}))[0]
    assert (said(wrong), wrong.field) == ((Result.rejected, "field_wrong"), "phone")
    missing = core.create("ann", "contact", core.new_id(), name="Lee")
    assert (said(missing), missing.field) == ((Result.rejected, "field_wrong"), "customer_id")


def test_a_stranger_learns_nothing_from_his_card(core: Core) -> None:
    """P-424, P-511: neither what stands nor whose it is."""
    outcome = core.patch("eve", 1, phone="9")
    assert said(outcome) == (Result.rejected, "out_of_scope")
    (card,) = core.items("eve")
    assert (card.customer_id, card.members[0].theirs, card.members[0].their_rev) == (None, {}, 0)
