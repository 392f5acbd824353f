"""What a rep enters under a claim that was lost waits with the claim; a true visit is offered to the rep who won (P-513)."""

from typing import NamedTuple

import pytest

from server.database import Database
from shared_schema.records.contribution import Contribution, ContributionState, Settle
from shared_schema.records.customer import Release
from shared_schema.records.inbox import InboxItem, ItemState, Value
from shared_schema.records.pool import Claim
from shared_schema.registry import BY_NAME
from shared_schema.wire import ENCODER, Kind
from sync import device
from sync.device import Edit
from tests.integration.test_sync_pools import TILE, claimed, pool_of, put_into, whole_customer
from tests.integration.test_sync_scopes import right
from tests.world import START_MS, Phone, Team, team_of, words

LOST = ("rejected", "claimed_by_other")
WAITS = ("parked", "record_waits")


class Race(NamedTuple):
    """A customer that Ann had is in a pool; two reps who never held it know its card. `bo` is the one who wins."""

    team: Team
    won: Phone
    lost: Phone
    customer_id: bytes


@pytest.fixture
async def race(database: Database) -> Race:
    team = await team_of(database)
    pool, customer_id = await pool_of(team), await whole_customer(team)
    cleo, dora = [await team.world.phone(await team.world.user(name)) for name in ("cleo", "dora")]
    for phone in (cleo, dora):
        device.keep_tiles(phone.shelf, (TILE,))
    await put_into(team, pool, customer_id)
    for phone in (cleo, dora):
        await phone.sync()
    return Race(team, cleo, dora, customer_id)


def entered(phone: Phone, customer_id: bytes) -> dict[str, bytes]:
    """A record of every kind that a rep enters about a customer, one after the other; the quote and its line are one group."""
    of: dict[str, Value] = {"customer_id": customer_id}
    made = {
        "contact": phone.create("contact", **of, name="Mr Gu"),
        "visit": phone.create("visit", **of, device_ms=START_MS, note="was there"),
        "contact_log": phone.create("contact_log", **of, device_ms=START_MS),
        "follow_up": phone.create("follow_up", **of, due_day=20_000),
    }
    ids = [next(phone.world.ids) for _ in range(2)]
    line: dict[str, Value] = {"quote_id": ids[0], "product_id": bytes(16), "unit": "box", "quantity_thousandths": 1000, "price_minor": 5}
    phone.enter(
        Edit(Kind.create, BY_NAME["quote"], ids[0], {**of, "currency": "CNY"}),
        Edit(Kind.create, BY_NAME["quote_line"], ids[1], {**of, **line}),
    )
    phone.patch("contact", made["contact"], title="owner")
    return {**made, "quote": ids[0], "quote_line": ids[1]}


def open_cards(phone: Phone) -> list[InboxItem]:
    return [one for one in phone.inbox() if one.state == ItemState.open]


def offered(phone: Phone, customer_id: bytes) -> list[Contribution]:
    rows = (phone.view("contribution", record_id) for record_id, _ in phone.shelf.rows(BY_NAME["contribution"].number))
    return [one for one in rows if isinstance(one, Contribution) and one.customer_id == customer_id]


async def test_all_that_was_entered_under_a_lost_claim_waits_on_its_card(race: Race) -> None:
    claimed(race.won, race.customer_id)
    await race.won.sync()
    claimed(race.lost, race.customer_id)
    made = entered(race.lost, race.customer_id)
    assert words(await race.lost.sync()) == [LOST, *[WAITS] * 7]
    [card] = open_cards(race.lost)
    assert card.customer_id is None
    assert [one.their_user_id for one in card.members] == [race.won.user_id, *[None] * 7]
    assert {(one.entity, one.id) for one in card.members[1:]} == {(BY_NAME[name].number, made[name]) for name in made}
    assert all(one.theirs == {} for one in card.members)
    race.lost.create("visit", customer_id=race.customer_id, device_ms=START_MS)
    assert words(await race.lost.sync()) == [WAITS]
    assert [len(one.members) for one in open_cards(race.lost)] == [9]
    await right(race.team)


async def test_visits_and_contact_logs_are_offered_to_the_rep_who_won_and_to_nobody_else(race: Race) -> None:
    claimed(race.won, race.customer_id)
    await race.won.sync()
    claimed(race.lost, race.customer_id)
    made = entered(race.lost, race.customer_id)
    await race.lost.sync()
    await race.won.sync()
    await race.team.step()
    [offer] = offered(race.won, race.customer_id)
    assert [(one.id, one.mine.get("note")) for one in offer.members] == [(made["visit"], "was there"), (made["contact_log"], "")]
    assert offer.author_id == race.lost.user_id
    assert [offered(each, race.customer_id) for each in (race.lost, race.team.ann, race.team.bo)] == [[], [], []]
    race.won.command("contribution", offer.id, Settle(taken=True))
    assert words(await race.won.sync()) == [("applied", None)]
    await race.lost.sync()
    assert len(open_cards(race.lost)) == 1


@pytest.mark.parametrize("together", [True, False])
async def test_when_the_customer_comes_to_the_rep_who_lost_all_is_carried_out(race: Race, together: bool) -> None:
    claimed(race.won, race.customer_id)
    await race.won.sync()
    visit = Edit(Kind.create, BY_NAME["visit"], next(race.team.world.ids), {"customer_id": race.customer_id, "device_ms": START_MS})
    claimed(race.lost, race.customer_id, *([visit] if together else []))
    if not together:
        race.lost.enter(visit)
    made = entered(race.lost, race.customer_id)
    await race.lost.sync()
    await race.team.move(race.lost, race.customer_id)
    await race.lost.sync()
    assert open_cards(race.lost) == []
    for name, record_id in {**made, "visit": made["visit"]}.items():
        assert race.lost.view(name, record_id) is not None, name
    found = race.lost.view("visit", visit.id)
    assert found is not None
    assert not found.late  # type: ignore[attr-defined]
    await race.won.sync()
    await right(race.team)
    [offer] = offered(race.lost, race.customer_id)
    assert offer.state == ContributionState.returned


async def test_without_a_claim_nobody_s_entry_waits_with_one(race: Race) -> None:
    """A stranger's entry at the same customer stands on a card of its own, and is offered to nobody."""
    claimed(race.won, race.customer_id)
    await race.won.sync()
    race.lost.create("visit", customer_id=race.customer_id, device_ms=START_MS)
    assert words(await race.lost.sync()) == [("rejected", "out_of_scope")]
    await race.won.sync()
    assert offered(race.won, race.customer_id) == []


async def test_who_never_saw_a_card_offers_nothing_by_a_claim(race: Race) -> None:
    """Only a race that somebody won makes an offer: an id that a rep happens to know is no way into another rep's customer."""
    hidden = race.team.ann.create("customer", name="never in a pool")
    await race.team.ann.sync()
    claim = ENCODER.encode(Claim(1))
    for customer_id in (hidden, next(race.team.world.ids)):  # one that is there, and one that is not, are answered alike
        race.lost.enter(Edit(Kind.command, BY_NAME["pool_card"], customer_id, command=claim))
        race.lost.create("visit", customer_id=customer_id, device_ms=START_MS, note="read this")
        assert words(await race.lost.sync()) == [("rejected", "out_of_scope"), WAITS]
    await race.team.ann.sync()
    assert offered(race.team.ann, hidden) == []


async def test_a_change_of_a_record_that_the_loser_may_not_see_does_not_join_the_claim(race: Race) -> None:
    """P-424: to join would tell to which customer an id belongs."""
    claimed(race.won, race.customer_id)
    await race.won.sync()
    contact = race.won.create("contact", customer_id=race.customer_id, name="Ms Bai")
    await race.won.sync()
    claimed(race.lost, race.customer_id)
    race.lost.patch("contact", contact, name="Mr X")
    assert words(await race.lost.sync()) == [LOST, ("rejected", "out_of_scope")]
    assert len(open_cards(race.lost)) == 2


async def test_a_claim_that_is_dismissed_holds_nothing_back(race: Race) -> None:
    claimed(race.won, race.customer_id)
    await race.won.sync()
    claimed(race.lost, race.customer_id)
    await race.lost.sync()
    [card] = open_cards(race.lost)
    race.lost.dismiss(card)
    race.lost.create("visit", customer_id=race.customer_id, device_ms=START_MS)
    assert words(await race.lost.sync()) == [("applied", None), ("rejected", "out_of_scope")]


async def test_a_claim_of_a_customer_that_is_the_author_s_already_changes_nothing(race: Race) -> None:
    """D-124: on another phone of the winner's, with the card of before."""
    second = await race.team.world.phone(race.won.user_id)
    device.keep_tiles(second.shelf, (TILE,))
    await second.sync()
    for phone in (race.won, second):
        claimed(phone, race.customer_id)
    assert words(await race.won.sync()) == [("applied", None)]
    assert words(await second.sync()) == [("duplicate", None)]
    assert ENCODER.encode(race.won.view("standing", race.customer_id)) == ENCODER.encode(second.view("standing", race.customer_id))


async def test_an_entry_about_a_customer_that_came_meanwhile_waits_for_nothing(race: Race) -> None:
    """The card of a claim that is waiting with a release is its author's to decide; a visit after the customer came is taken."""
    claimed(race.won, race.customer_id)
    await race.won.sync()
    claimed(
        race.lost, race.customer_id, Edit(Kind.command, BY_NAME["standing"], race.customer_id, command=ENCODER.encode(Release(bytes(16))))
    )
    await race.lost.sync()
    await race.team.move(race.lost, race.customer_id)
    race.lost.create("visit", customer_id=race.customer_id, device_ms=START_MS)
    assert words(await race.lost.sync()) == [("applied", None)]
    assert len(open_cards(race.lost)) == 1


async def test_entries_of_another_phone_have_a_card_of_their_own(race: Race) -> None:
    """P-505: a card names its entries by their numbers on one line."""
    claimed(race.won, race.customer_id)
    await race.won.sync()
    claimed(race.lost, race.customer_id)
    await race.lost.sync()
    second = await race.team.world.phone(race.lost.user_id)
    second.create("visit", customer_id=race.customer_id, device_ms=START_MS)
    assert words(await second.sync()) == [("rejected", "out_of_scope")]
    await race.team.move(race.lost, race.customer_id)
    await race.lost.sync()
    assert open_cards(race.lost) == []


async def test_a_manager_who_lost_to_a_report_is_not_refused_once_more_with_the_next_move(race: Race) -> None:
    """The manager holds the customer through the report who won: the claim is over, and what is entered is taken."""
    manager = race.team.manager
    device.keep_tiles(manager.shelf, (TILE,))
    await manager.sync()
    claimed(race.won, race.customer_id)
    await race.won.sync()
    claimed(manager, race.customer_id)
    manager.create("visit", customer_id=race.customer_id, device_ms=START_MS)
    assert words(await manager.sync()) == [LOST, ("applied", None)]
    await race.team.move(race.lost, race.customer_id)
    await manager.sync()
    assert [one.state for one in manager.inbox()] == [ItemState.judged_anew]
