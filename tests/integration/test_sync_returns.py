"""What waits while its author does not hold the customer: nothing of it is lost, whoever decides, wherever a batch ends."""

import msgspec
import pytest
import sqlalchemy as sa

from server.database import Database
from server.models import RECORD_TABLES
from server.services import records
from shared_schema.records.activity import Visit
from shared_schema.records.customer import Contact, Release
from shared_schema.records.inbox import ItemState, SendUp, Value
from shared_schema.records.pool import Claim
from shared_schema.registry import BY_NAME
from shared_schema.wire import ENCODER, OUTCOME_DECODER, Kind, Mutation, Result
from sync.device import Edit, keep_tiles, take_new_line
from tests.integration.test_sync_contributions import cards, contributions, lost
from tests.integration.test_sync_pools import TILE, claimed, pool_of, put_into, whole_customer
from tests.integration.test_sync_scopes import family, right
from tests.world import START_MS, Entry, Team, said, team_of, words

NOTIFICATION = RECORD_TABLES["notification"]

CUSTOMER = BY_NAME["customer"]
CONTACT = BY_NAME["contact"]


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


async def test_a_card_sent_up_is_not_closed_by_the_move(team: Team) -> None:
    """P-511, P-531: the manager decides; his own gain of the customer decides nothing."""
    customer_id = await lost(team)
    team.ann.patch("customer", customer_id, note="late word")
    await team.ann.sync()
    (card,) = team.ann.inbox()
    team.ann.command("inbox_item", card.id, SendUp())
    assert words(await team.ann.sync()) == [("applied", None)]
    await team.move(team.manager, customer_id)
    await team.manager.sync()
    assert [one.state for one in team.manager.inbox() if one.holder_id == team.manager.user_id] == [ItemState.open]
    await team.ann.sync()
    assert cards(team.ann) == [("moved", ItemState.sent)]


async def test_a_card_sent_up_stays_with_the_manager_when_its_author_gets_the_customer_back(team: Team) -> None:
    """P-511, P-531, P-506: nothing is done twice; the author who enters the same again closes both."""
    customer_id = await lost(team)
    team.ann.patch("customer", customer_id, note="late word")
    await team.ann.sync()
    (card,) = team.ann.inbox()
    team.ann.command("inbox_item", card.id, SendUp())
    await team.ann.sync()
    await team.move(team.ann, customer_id)
    await team.step()
    assert cards(team.ann) == [("moved", ItemState.sent)]
    assert team.ann.customer(customer_id).note == "old"
    team.ann.patch("customer", customer_id, note="late word")
    assert words(await team.ann.sync()) == [("applied", None)]
    await team.step()
    assert cards(team.ann) == [("moved", ItemState.met)]
    assert [one.state for one in team.manager.inbox() if one.holder_id == team.manager.user_id] == [ItemState.met]


async def test_what_follows_a_release_in_the_same_batch_is_late(team: Team) -> None:
    """D-102, P-303: the fact is taken, the edit stands beside the customer."""
    pool = await pool_of(team)
    customer_id = team.ann.create("customer", name="Given", phone="1")
    await team.ann.sync()
    team.ann.command("standing", customer_id, Release(pool.id, epoch=1))
    team.ann.patch("customer", customer_id, phone="2")
    team.ann.create("visit", customer_id=customer_id, device_ms=START_MS)
    assert words(await team.ann.sync()) == [("applied", None), ("parked", "moved"), ("applied", None)]
    await team.move(team.bo, customer_id)
    await team.bo.sync()
    assert [one.members[0].mine for one in contributions(team.bo)] == [{"phone": "2"}]


async def test_a_card_has_no_history(team: Team) -> None:
    """P-127, P-128: it would tell who took the customer, and what is hidden by now."""
    pool, customer_id = await pool_of(team), await whole_customer(team)
    keep_tiles(team.bo.shelf, (TILE,))
    await put_into(team, pool, customer_id)
    await team.step()
    claimed(team.bo, customer_id)
    await team.bo.sync()
    team.bo.command("standing", customer_id, Release(pool.id, after=1))
    assert words(await team.bo.sync()) == [("applied", None)]
    await pool_of(team, "East", "name", pool_id=pool.id)
    told = await team.world.database.read(records.changes, team.ann.claims, "pool_card", customer_id, team.world.now_ms)
    assert [(one.before, one.after, one.user_id) for one in told] == []


async def test_a_group_that_begins_with_a_customer_still_held(team: Team) -> None:
    """P-510."""
    theirs, hers = await lost(team), team.ann.create("customer", name="Hers")
    await team.ann.sync()
    team.ann.enter(Edit(Kind.patch, CUSTOMER, hers, {"note": "hers alone"}), Edit(Kind.patch, CUSTOMER, theirs, {"note": "for Bo"}))
    assert set(words(await team.ann.sync())) == {("parked", "moved")}
    await team.bo.sync()
    (late,) = contributions(team.bo)
    assert [one.mine for one in late.members] == [{"note": "for Bo"}]
    assert contributions(team.ann) == []
    await team.move(team.ann, theirs)
    await team.ann.sync()
    assert cards(team.ann) == [("moved", ItemState.open)]


async def test_an_undo_waits_and_is_carried_out(team: Team) -> None:
    """P-511, P-423."""
    customer_id = team.ann.create("customer", name="Undone", note="first")
    await team.ann.sync()
    team.ann.patch("customer", customer_id, note="second")
    await team.ann.sync()
    await team.move(team.bo, customer_id)
    team.ann.enter(Edit(Kind.undo, CUSTOMER, customer_id, {"note": "first"}))
    assert words(await team.ann.sync()) == [("parked", "moved")]
    await team.move(team.ann, customer_id)
    await team.ann.sync()
    assert team.ann.customer(customer_id).note == "first"
    assert cards(team.ann) == [("moved", ItemState.judged_anew)]


async def test_a_restore_waits_and_is_carried_out(team: Team) -> None:
    """P-511, P-426."""
    customer_id = await family(team, team.ann)
    contact_id = next(one for one, _ in team.ann.shelf.rows(CONTACT.number))
    team.ann.delete("contact", contact_id)
    (gone,) = said(await team.ann.sync())
    assert gone.rev is not None
    await team.move(team.bo, customer_id)
    values: dict[str, Value] = {"customer_id": customer_id, "name": "Ms Lin"}
    team.ann.enter(Edit(Kind.restore, CONTACT, contact_id, values, bases={"": gone.rev}))
    assert words(await team.ann.sync()) == [("parked", "moved")]
    await team.bo.sync()
    assert [one.members[0].mine["name"] for one in contributions(team.bo)] == ["Ms Lin"]
    await team.move(team.ann, customer_id)
    await team.ann.sync()
    assert isinstance(team.ann.view("contact", contact_id), Contact)
    assert cards(team.ann) == [("moved", ItemState.judged_anew)]


async def test_what_waits_for_a_record_deleted_meanwhile_gets_a_new_card(team: Team) -> None:
    """P-511."""
    customer_id = await family(team, team.ann)
    contact_id = next(one for one, _ in team.ann.shelf.rows(CONTACT.number))
    await team.move(team.bo, customer_id)
    team.ann.patch("contact", contact_id, name="Mr Lin")
    assert words(await team.ann.sync()) == [("parked", "moved")]
    await team.bo.sync()
    team.bo.delete("contact", contact_id)
    assert words(await team.bo.sync()) == [("applied", None)]
    await team.move(team.ann, customer_id)
    await team.ann.sync()
    assert sorted(cards(team.ann)) == [("gone", ItemState.open), ("moved", ItemState.judged_anew)]


async def test_after_names_a_command_on_this_customer(team: Team) -> None:
    """P-341."""
    pool = await pool_of(team)
    first, second = (team.ann.create("customer", name=name) for name in ("One", "Two"))
    await team.ann.sync()
    for each in (first, second):
        await put_into(team, pool, each)
    keep_tiles(team.bo.shelf, (0,))
    await team.bo.sync()
    claimed(team.bo, first)
    team.bo.command("standing", first, Release(pool.id, after=1))
    await team.bo.sync()
    team.bo.command("pool_card", first, Claim(epoch=4))
    assert words(await team.bo.sync()) == [("applied", None)]
    await team.move(team.ann, second)
    await put_into(team, pool, second)
    team.bo.command("pool_card", second, Claim(after=2))
    assert words(await team.bo.sync()) == [("rejected", "stale_epoch")]


@pytest.mark.parametrize("after", [2**63, 2**64 - 1, True, 0, -1, "x"])
async def test_a_wrong_after_is_refused_alone(team: Team, after: object) -> None:
    """P-341, P-323."""
    pool = await pool_of(team)
    raw = Entry(2, Kind.command, "standing", team.customer_id, {"command": "release", "pool_id": pool.id, "after": after}).raw()
    done = await team.ann.push(raw)
    assert done.counts["rejected"] == 1


@pytest.mark.parametrize("number", [77, 2**63, 2**64 - 1])
async def test_a_kind_that_no_column_holds_is_refused_with_its_entry(team: Team, number: int) -> None:
    """P-323, P-324: alone, in an atomic group, as an undo, and on a card that is judged anew (fuzz, SEED=136409481)."""

    def of_unknown(n: int, kind: Kind, place: tuple[int, int, int] | None = None) -> bytes:
        mutation = msgspec.msgpack.decode(Entry(n, kind, "contact", bytes(16), {}, {}, place).raw(), type=Mutation)
        return ENCODER.encode(msgspec.structs.replace(mutation, entity=number))

    customer_id = await lost(team)
    n = team.ann.shelf.seat().next_n
    patch = Entry(n + 2, Kind.patch, "customer", customer_id, {"note": "late"}, {"note": 1}, (n + 2, 0, 3)).raw()
    others = [of_unknown(n + 3, Kind.undo, (n + 2, 1, 3)), of_unknown(n + 4, Kind.delete, (n + 2, 2, 3))]
    pushed = await team.ann.push(of_unknown(n, Kind.undo), of_unknown(n + 1, Kind.delete), patch, *others)
    told = [OUTCOME_DECODER.decode(raw) for raw in pushed.outcomes]
    assert [one.code for one in told[:2]] == ["entity_unknown"] * 2
    assert {one.result for one in told[2:]} == {Result.parked}
    await team.move(team.ann, customer_id)


async def test_the_author_hears_of_the_card_which_the_return_opened(team: Team) -> None:
    """P-511, also when the desk moved the customer."""
    customer_id = await lost(team)
    team.ann.patch("customer", customer_id, phone="2")
    await team.ann.sync()
    team.bo.patch("customer", customer_id, phone="9")
    await team.bo.sync()
    before = await team.world.database.read(_told, team.ann.user_id)
    await team.move(team.ann, customer_id)
    assert await team.world.database.read(_told, team.ann.user_id) - before == 1


def _told(conn: sa.Connection, user_id: bytes) -> int:
    where = (NOTIFICATION.c.user_id == user_id, NOTIFICATION.c.kind == "parked")
    return conn.execute(sa.select(sa.func.count()).where(*where)).scalar_one()


async def test_cards_are_judged_in_the_order_of_their_entries(team: Team) -> None:
    """P-511, P-303: a correction before the deletion that followed it."""
    for at in range(6):
        customer_id = team.ann.create("customer", name=f"C{at}")
        contact_id = team.ann.create("contact", customer_id=customer_id, name="Ms Lin")
        await team.ann.sync()
        await team.move(team.bo, customer_id)
        team.ann.patch("contact", contact_id, name="Mr Lin")
        team.ann.delete("contact", contact_id)
        assert words(await team.ann.sync()) == [("parked", "moved")] * 2
        await team.move(team.ann, customer_id)
        await team.ann.sync()
        assert team.ann.view("contact", contact_id) is None
        assert set(cards(team.ann)) == {("moved", ItemState.judged_anew)}


@pytest.mark.parametrize("apart", [False, True])
async def test_where_a_batch_ends_changes_nothing(team: Team, *, apart: bool) -> None:
    """P-303, P-511."""
    pool = await pool_of(team)
    customer_id = team.ann.create("customer", name="Given", phone="1")
    await team.ann.sync()

    async def done() -> None:
        if apart:
            await team.ann.sync()

    team.ann.command("standing", customer_id, Release(pool.id, epoch=1))
    await done()
    team.ann.patch("customer", customer_id, {"phone": "2", "note": ""})
    await done()
    n = team.ann.shelf.seat().next_n
    team.ann.command("pool_card", customer_id, Claim(after=n - 2))
    await done()
    team.ann.patch("customer", customer_id, phone="3")
    await team.ann.sync()
    assert team.ann.customer(customer_id).phone == "3"
    assert cards(team.ann) == [("moved", ItemState.judged_anew)]
    await right(team)


async def test_what_joins_a_waiting_create_reaches_the_new_owner(team: Team) -> None:
    """P-505, P-510."""
    customer_id = await lost(team)
    contact_id = team.ann.create("contact", customer_id=customer_id, name="Ms Lin")
    await team.ann.sync()
    await team.bo.sync()
    team.ann.patch("contact", contact_id, name="Mr Lin")
    await team.ann.sync()
    await team.bo.sync()
    assert [[one.mine["name"] for one in each.members] for each in contributions(team.bo)] == [["Ms Lin", "Mr Lin"]]
    await right(team)


async def test_what_hangs_on_a_create_of_ones_other_phone_has_a_card_of_its_own(team: Team) -> None:
    """P-505, P-512: a card names its entries by their numbers on one line; before, those of two lines stood on one card, and when it was
    carried out a number of the one line meant an entry of the other (simulator, seed 184965116002168)."""
    second = await team.world.phone(team.ann.user_id)
    shop_id = team.ann.create("customer", name="Shop", extra={"unknown": 1})
    (refused,) = said(await team.ann.sync())
    contact_id = second.create("contact", customer_id=shop_id, name="Ms Lin")
    (waits,) = said(await second.sync())
    assert waits.item_id not in (None, refused.item_id)
    team.ann.enter(Edit(Kind.create, CUSTOMER, shop_id, {"name": "Shop"}))
    assert words(await team.ann.sync()) == [("applied", None)]
    await second.sync()
    contact = second.view("contact", contact_id)
    assert isinstance(contact, Contact)
    assert contact.name == "Ms Lin"
    await right(team)


async def test_a_chain_keeps_its_links_on_a_new_line(team: Team) -> None:
    """P-341, P-312."""
    pool, customer_id = await pool_of(team), await whole_customer(team)
    keep_tiles(team.bo.shelf, (TILE,))
    await put_into(team, pool, customer_id)
    await team.bo.sync()
    team.bo.patch("customer", team.customer_id, note="first on the old line")
    await team.bo.sync()
    claimed(team.bo, customer_id)
    team.bo.command("standing", customer_id, Release(pool.id, after=2))
    team.bo.command("pool_card", customer_id, Claim(after=3))
    seat = team.bo.shelf.seat()
    seat.forked = True
    team.bo.shelf.put_seat(seat)
    fresh = await team.world.phone(team.bo.user_id)
    take_new_line(team.bo.shelf, team.world.org_id, team.bo.user_id, fresh.shelf.seat().line_no)
    assert words(await team.bo.sync()) == [("applied", None)] * 3


@pytest.mark.parametrize("apart", [False, True])
async def test_what_was_deleted_returns_with_a_claim(team: Team, *, apart: bool) -> None:
    """P-426, P-303: in the batch of the claim as after it."""
    pool, customer_id = await pool_of(team), await family(team, team.ann)
    contact_id = next(one for one, _ in team.ann.shelf.rows(CONTACT.number))
    team.ann.delete("contact", contact_id)
    (gone,) = said(await team.ann.sync())
    assert gone.rev is not None
    await put_into(team, pool, customer_id)
    keep_tiles(team.ann.shelf, (0,))
    await team.ann.sync()
    claimed(team.ann, customer_id)
    if apart:
        await team.ann.sync()
    values: dict[str, Value] = {"customer_id": customer_id, "name": "Ms Lin"}
    team.ann.enter(Edit(Kind.restore, CONTACT, contact_id, values, bases={"": gone.rev}))
    assert set(words(await team.ann.sync())) == {("applied", None)}
    await right(team)


async def test_a_release_that_waits_stays_open_and_stops_nobody(team: Team) -> None:
    """P-511, P-323: a card with a command is its author's to decide; the claim that brings its customer back is taken
    (stack, seed 1940670000245)."""
    pool, customer_id = await pool_of(team), await whole_customer(team)
    keep_tiles(team.ann.shelf, (TILE,))
    await team.ann.sync()
    other_id = await pool_of(team)
    team.ann.command("standing", customer_id, Release(other_id.id, epoch=1))
    await put_into(team, pool, customer_id)
    await team.ann.sync()
    assert cards(team.ann) == [("moved", ItemState.open)]
    claimed(team.ann, customer_id)
    assert words(await team.ann.sync()) == [("applied", None)]
    assert cards(team.ann) == [("moved", ItemState.open)]
    await right(team)


@pytest.mark.parametrize("by_claim", [False, True])
async def test_a_visit_that_waited_keeps_how_it_came(team: Team, *, by_claim: bool) -> None:
    """D-207, D-202: late, received when it was, and its time corrected by the skew of the phone that sent it; whoever brings it back."""
    pool, customer_id = await pool_of(team), await whole_customer(team)
    keep_tiles(team.ann.shelf, (TILE,))
    if by_claim:
        await put_into(team, pool, customer_id)
    else:
        await team.move(team.bo, customer_id)
    hour_ms = 3_600_000
    team.ann.ahead_ms = hour_ms
    entered_ms = team.world.now_ms - hour_ms
    visit_id = next(team.world.ids)
    seen: dict[str, Value] = {"customer_id": customer_id, "device_ms": entered_ms + hour_ms}
    visit = Edit(Kind.create, BY_NAME["visit"], visit_id, seen)
    team.ann.enter(visit, Edit(Kind.patch, BY_NAME["customer"], customer_id, {"note": "seen"}))
    assert words(await team.ann.sync()) == [("parked", "moved")] * 2
    received_ms = team.world.now_ms
    team.ann.ahead_ms = 0
    team.world.now_ms += 24 * hour_ms
    if by_claim:
        claimed(team.ann, customer_id)
        assert words(await team.ann.sync()) == [("applied", None)]
    else:
        await team.move(team.ann, customer_id)
        await team.ann.sync()
    found = team.ann.view("visit", visit_id)
    assert isinstance(found, Visit)
    assert (found.late, found.received_ms) == (True, received_ms)
    assert abs(found.occurred_ms - entered_ms) <= 1_000
    assert team.ann.customer(customer_id).note == "seen"


async def test_an_id_that_names_something_elsewhere_by_now_does_not_stop_the_move(team: Team) -> None:
    """P-511, D-109: the card stays for its author; the hand-over goes on."""
    customer_id = await lost(team)
    contact_id = team.ann.create("contact", customer_id=customer_id, name="Late")
    assert words(await team.ann.sync()) == [("parked", "moved")]
    again = Entry(team.ann.shelf.seat().next_n, Kind.create, "contact", contact_id, {"customer_id": team.customer_id, "name": "Elsewhere"})
    await team.ann.push(again.raw())
    await team.move(team.ann, customer_id)
    fresh = await team.world.phone(team.ann.user_id)
    await fresh.sync()
    assert (fresh.customer(customer_id).name, cards(fresh)) == ("Lost", [("moved", ItemState.open)])
