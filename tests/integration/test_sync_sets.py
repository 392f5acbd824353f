"""Add-wins sets from phone to phone: adds and removes that met nobody's screen lose nothing, on both databases."""

import uuid
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from server.database import Database
from server.services import records
from shared_schema.elements import ELEMENTS_MAX, TaggedId, TaggedWord, WordChange
from shared_schema.records.customer import Contact, Preference
from shared_schema.records.inbox import ItemState
from shared_schema.registry import BY_NAME
from shared_schema.rest import Event
from shared_schema.wire import MUTATION_DECODER
from sync import device as reference
from sync import overlay, sets
from sync.undo import undo_of
from tests.integration.site import Caller, Site, site
from tests.world import START_MS, Phone, Team, said, team_of, words

APPLIED = ("applied", None)


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


def add(phone: Phone, customer_id: bytes, *elements: str) -> None:
    phone.patch("customer", customer_id, tags=WordChange(add=elements))


def remove(phone: Phone, customer_id: bytes, *elements: str) -> None:
    phone.patch("customer", customer_id, tags=sets.removing(TaggedWord, phone.customer(customer_id).tags, *elements))


def shown(phone: Phone, customer_id: bytes) -> tuple[str, ...]:
    return sets.distinct(phone.customer(customer_id).tags)


async def test_adds_and_removes_of_two_phones_all_stand(team: Team) -> None:
    """P-412, P-413: a create gives a list; then no base, no conflict, both applied, whoever syncs first."""
    shop = team.ann.create("customer", name="Tagged", tags=["gold", "old", "gold"], interests=[bytes(16)])
    await team.ann.sync()
    await team.collaborate(team.bo, shop)
    await team.step()
    line, n = team.ann.shelf.seat().line_no, team.ann.shelf.seat().next_n - 1
    assert team.bo.customer(shop).tags == (TaggedWord("gold", line, n), TaggedWord("old", line, n))
    assert team.bo.customer(shop).interests == (TaggedId(bytes(16), line, n),)
    add(team.ann, shop, "vip")
    remove(team.ann, shop, "old")
    add(team.bo, shop, "slow payer")
    assert MUTATION_DECODER.decode(team.bo.ask().mutations[0]).bases == {}
    assert words(await team.bo.sync()) + words(await team.ann.sync()) == [APPLIED] * 3
    await team.step()
    assert {shown(phone, shop) for phone in (team.ann, team.bo)} == {("gold", "slow payer", "vip")}
    assert not team.ann.inbox() + team.bo.inbox()


async def test_a_remove_takes_only_the_tags_it_saw(team: Team) -> None:
    """P-414: bo adds `vip` again while ann removes the one she sees; his stays, and it shows once."""
    add(team.ann, team.customer_id, "vip")
    await team.step()
    add(team.bo, team.customer_id, "vip")
    await team.bo.sync()
    assert (len(team.bo.customer(team.customer_id).tags), shown(team.bo, team.customer_id)) == (2, ("vip",))
    remove(team.ann, team.customer_id, "vip")
    await team.step()
    line_no = team.bo.shelf.seat().line_no
    assert [one.line_no for one in team.ann.customer(team.customer_id).tags] == [line_no]
    remove(team.ann, team.customer_id, "vip")
    await team.step()
    assert shown(team.bo, team.customer_id) == ()


async def test_nothing_changed_gives_no_rev_and_a_set_names_no_writer(team: Team) -> None:
    """P-413: a remove of what is gone is applied and changes nothing; ann's phone number meets no conflict with bo's tags."""
    add(team.ann, team.customer_id, "vip")
    await team.step()
    remove(team.bo, team.customer_id, "vip")
    remove(team.ann, team.customer_id, "vip")
    await team.bo.sync()
    rev = team.bo.customer(team.customer_id).rev
    (outcome,) = said(await team.ann.sync())
    assert (outcome.result.name, outcome.rev, outcome.shows) == ("applied", rev, outcome.shows)
    add(team.bo, team.customer_id, "new")
    team.ann.patch("customer", team.customer_id, phone="2")
    assert words(await team.bo.sync()) + words(await team.ann.sync()) == [APPLIED, ("merged", None)]


async def test_own_operations_show_at_once_and_a_pending_add_can_be_removed(team: Team) -> None:
    """P-416."""
    add(team.ann, team.customer_id, "mistake", "meant")
    assert shown(team.ann, team.customer_id) == ("meant", "mistake")
    remove(team.ann, team.customer_id, "mistake")
    assert shown(team.ann, team.customer_id) == ("meant",)
    await team.step()
    assert shown(team.bo, team.customer_id) == shown(team.ann, team.customer_id) == ("meant",)


async def test_a_new_line_takes_its_tags_along(team: Team) -> None:
    """P-416: the add and the remove go again under a new line; the remove names the add's new tag beside the old one."""
    add(team.ann, team.customer_id, "mistake")
    remove(team.ann, team.customer_id, "mistake")
    fresh = await team.world.phone(team.ann.user_id)
    reference.take_new_line(team.ann.shelf, 1, team.ann.user_id, fresh.shelf.seat().line_no)
    assert shown(team.ann, team.customer_id) == ()
    assert words(await team.ann.sync())[-2:] == [APPLIED] * 2
    await team.step()
    assert shown(team.bo, team.customer_id) == ()


async def test_undo_is_the_inverse_operation(team: Team) -> None:
    """P-417, P-423, invariant 38: as the history tells it; what bo added meanwhile stays."""
    add(team.ann, team.customer_id, "gold", "old")
    await team.step()
    old = sets.removing(TaggedWord, team.ann.customer(team.customer_id).tags, "old")
    team.ann.patch("customer", team.customer_id, tags={"add": ["new"], "remove": sets.plain(old)["remove"]})
    await team.ann.sync()
    event, *_ = await timeline(team.ann)
    add(team.bo, team.customer_id, "bo's")
    await team.step()
    edit = undo_of(event)
    assert edit is not None
    team.ann.enter(edit)
    assert words(await team.ann.sync()) == [APPLIED]
    await team.step()
    assert shown(team.bo, team.customer_id) == ("bo's", "gold", "old")


async def test_a_restored_record_has_its_sets_again(team: Team) -> None:
    """P-426."""
    person = team.ann.create("contact", customer_id=team.customer_id, name="Lin", phones=["1", "2"])
    await team.step()
    team.ann.delete("contact", person)
    await team.ann.sync()
    event, *_ = await timeline(team.ann)
    edit = undo_of(event)
    assert edit is not None
    team.ann.enter(edit)
    assert words(await team.ann.sync()) == [APPLIED]
    await team.step()
    found = team.bo.view("contact", person)
    assert isinstance(found, Contact)
    assert sets.distinct(found.phones) == ("1", "2")


async def timeline(phone: Phone) -> list[Event]:
    return await phone.world.database.read(records.timeline, phone.claims, records.Since(0), phone.world.now_ms)


async def test_a_full_set_parks_what_is_too_much(team: Team) -> None:
    """D-115: with the whole patch, and use mine enters it when there is room again."""
    add(team.ann, team.customer_id, *(f"{at:02}" for at in range(ELEMENTS_MAX)))
    await team.step()
    add(team.bo, team.customer_id, "one more")
    assert words(await team.bo.sync()) == [("parked", "rule_broken")]
    (card,) = team.bo.inbox()
    assert (card.field, card.members[0].mine) == ("tags", {"tags": {"add": ["one more"], "remove": []}})
    remove(team.bo, team.customer_id, "00")
    team.bo.use_mine(card)
    assert words(await team.bo.sync()) == [APPLIED, APPLIED]
    assert "one more" in shown(team.bo, team.customer_id)
    assert [one.state for one in team.bo.inbox()] == [ItemState.used_mine]


async def test_operations_on_a_deleted_record_gather_on_one_card(team: Team) -> None:
    """P-502: both adds wait; what was added there and removed again does not."""
    person = team.ann.create("contact", customer_id=team.customer_id, name="Lin", phones=["1"])
    await team.step()
    team.ann.delete("contact", person)
    for change in (WordChange(("2", "3")), WordChange(("4",))):
        team.bo.patch("contact", person, phones=change)
    found = team.bo.view("contact", person)
    assert isinstance(found, Contact)
    team.bo.patch("contact", person, phones=sets.removing(TaggedWord, found.phones, "3"))
    await team.ann.sync()
    assert words(await team.bo.sync()) == [("parked", "gone")] * 3
    (card,) = team.bo.inbox()
    assert card.members[0].mine["phones"]["add"] == ["2", "4"]


async def test_what_gathers_on_a_card_can_be_entered_as_ones_own(team: Team) -> None:
    """P-502, P-503: more than one mutation adds stands on two cards; use mine takes each, the second when there is room (D-115)."""
    person = team.ann.create("contact", customer_id=team.customer_id, name="Lin")
    await team.step()
    team.ann.delete("contact", person)
    for first in (100, 140):
        team.bo.patch("contact", person, phones=WordChange(tuple(str(first + at) for at in range(40))))
    await team.ann.sync()
    assert words(await team.bo.sync()) == [("parked", "gone")] * 2
    edit = undo_of((await timeline(team.ann))[0])
    assert edit is not None
    team.ann.enter(edit)
    await team.step()
    for card in team.bo.inbox():
        team.bo.use_mine(card)
    assert words(await team.bo.sync()) == [APPLIED, ("parked", "rule_broken")]
    (waiting,) = (card for card in team.bo.inbox() if card.code == "rule_broken")
    found = team.bo.view("contact", person)
    assert isinstance(found, Contact)
    team.bo.patch("contact", person, phones=sets.removing(TaggedWord, found.phones, *map(str, range(100, 116))))
    team.bo.use_mine(waiting)
    assert words(await team.bo.sync()) == [APPLIED] * 2
    await team.step()
    found = team.ann.view("contact", person)
    assert isinstance(found, Contact)
    assert sets.distinct(found.phones) == tuple(map(str, range(116, 180)))


async def test_an_unseen_number_keeps_a_contact_from_being_deleted(team: Team) -> None:
    """P-415: bo adds a number that ann has not seen; her delete waits. Her own added number does not stand in the way."""
    person = team.ann.create("contact", customer_id=team.customer_id, name="Lin")
    await team.step()
    team.bo.patch("contact", person, phones=WordChange(("138",)))
    await team.bo.sync()
    team.ann.delete("contact", person)
    assert words(await team.ann.sync()) == [("parked", "conflict")]
    await team.step()
    team.ann.patch("contact", person, phones=WordChange(("139",)))
    team.ann.delete("contact", person)
    assert words(await team.ann.sync()) == [APPLIED] * 2


async def test_what_a_refused_entry_adds_stands_on_its_card(team: Team) -> None:
    """P-504: the name is refused, the tag stays readable."""
    team.ann.patch("customer", team.customer_id, name="", tags=WordChange(("kept",)))
    assert words(await team.ann.sync()) == [("rejected", "field_wrong")]
    (card,) = team.ann.inbox()
    assert card.members[0].mine == {"name": "", "tags": {"add": ["kept"], "remove": []}}


NO_OPERATIONS: list[Any] = [["x"], {"add": [""]}, {"add": "x"}, {"set": ["x"]}, {"add": [1]}]


@pytest.mark.parametrize("value", NO_OPERATIONS)
async def test_no_value_stands_in_for_an_operation(team: Team, value: Any) -> None:
    """P-412: a patch of a set is an operation."""
    team.ann.patch("customer", team.customer_id, tags=value)
    assert words(await team.ann.sync()) == [("rejected", "field_wrong")]
    assert team.ann.customer(team.customer_id).tags == ()


async def test_unclean_elements_are_refused(team: Team) -> None:
    """P-110."""
    add(team.ann, team.customer_id, "a\x07")
    assert words(await team.ann.sync()) == [("rejected", "text_unclean")]


async def test_two_preferences_need_no_merge(team: Team) -> None:
    """D-116, D-117: unknown products are taken; a preference is a record of its own."""
    for phone, subject in ((team.ann, "tea"), (team.bo, "no calls")):
        phone.create("preference", customer_id=team.customer_id, subject=subject)
        phone.patch("customer", team.customer_id, interests=sets.adding(TaggedId, phone.user_id))
    assert words(await team.ann.sync()) + words(await team.bo.sync()) == [APPLIED] * 4
    await team.step()
    found = [overlay.view(team.ann.shelf, BY_NAME["preference"], key[1]) for key in team.ann.holds() if key[0] == 9]
    assert {one.subject for one in found if isinstance(one, Preference)} == {"tea", "no calls"}
    assert set(sets.distinct(team.ann.customer(team.customer_id).interests)) == {team.ann.user_id, team.bo.user_id}


# over HTTP


@pytest.fixture
def here(migrated_url: str) -> Iterator[Site]:
    with site(migrated_url) as served:
        yield served


def entered(who: Caller, n: int, kind: int, record_id: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    group = {"first_n": n, "index": 0, "count": 1}
    one = {"n": n, "group": group, "kind": kind, "entity": 1, "id": record_id, "bases": {}, "body": body, "device_ms": START_MS}
    asked = {"protocol": 1, "schema": 1, "app": "test", "cursor": "", "acked_n": 0, "device_ms": START_MS, "mutations": [one]}
    answer = who.post("/v1/sync", asked)
    assert answer.status_code == 200, answer.text
    outcomes: list[dict[str, Any]] = answer.json()["outcomes"]
    return outcomes


def test_sets_on_json_are_named(here: Site) -> None:
    """P-412, P-702: an operation by names, ids as uuids; the record, and its history with before and after (P-450)."""
    here.user(here.admin(), "ann")
    ann = here.caller("alpha", "ann")
    assert ann.log_in().status_code == 200
    shop, first, second = (str(uuid.uuid4()) for _ in range(3))
    entered(ann, 1, 1, shop, {"name": "Corner Shop", "interests": [first]})
    (stands,) = ann.get("/v1/records/customer").json()["items"]
    (tagged,) = stands["interests"]
    assert (tagged["element"], tagged["n"]) == (first, 1)
    assert [one["result"] for one in entered(ann, 2, 2, shop, {"interests": {"add": [second], "remove": [tagged]}})] == [1]
    (stands,) = ann.get("/v1/records/customer").json()["items"]
    assert [one["element"] for one in stands["interests"]] == [second]
    change, *_ = ann.get(f"/v1/records/customer/{shop}/history").json()["items"]
    assert (change["group"], change["decision"]) == ("interests", "applied")
    assert [[one[0] for one in change[when]["interests"]] for when in ("before", "after")] == [[first], [second]]
    assert msgspec.json.decode(ann.get(f"/v1/records/customer/{shop}").content)["interests"] == stands["interests"]
