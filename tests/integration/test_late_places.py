"""What a stale phone sends late brings back no place, and no person, that the server has deleted (D-477, D-485, D-487)."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from server.domain.whereabouts import as_forgotten
from server.jobs import erase
from server.models import quarantine, retained
from server.services import devices, users
from server.store import devices as rows
from server.store.retained import GONE_MS
from shared_schema.records.activity import Visit
from shared_schema.records.inbox import InboxItem, ItemState, KeepTheirs, Member, SendUp
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME
from shared_schema.rest import UserRequest
from shared_schema.rest_rights import EraseContact, EraseUser
from shared_schema.twin import id_text
from shared_schema.wire import ENCODER, Kind
from sync.device import Edit
from sync.state import State
from tests.integration.test_extensions import desk
from tests.integration.test_retention import APPLIED, CANARY, DAY_MS, LEFT, check_in, columns_that_tell, pass_days, telling
from tests.integration.test_retention import team as team  # noqa: PLC0414 - the fixture
from tests.integration.test_retention_histories import open_cards
from tests.integration.test_sync_pools import admin
from tests.integration.test_visits import seen
from tests.world import Phone, Team, words


async def refused_visit(team: Team) -> tuple[bytes, InboxItem]:
    """A visit of Ann's on a card, as her phone holds it: it corrects a visit that nobody knows."""
    visit_id = check_in(team.ann, team.customer_id, amends_id=next(team.world.ids))
    await team.ann.sync()
    [card] = open_cards(team.ann)
    assert card.members[0].mine["latitude_e6"] == CANARY["latitude_e6"]
    return visit_id, card


def enter_anew(phone: Phone, card: InboxItem, **more: Any) -> None:
    phone.enter(Edit(Kind.create, BY_NAME["visit"], card.members[0].id, {**card.members[0].mine, "amends_id": None, **more}))


def marks(conn: sa.Connection) -> set[bytes]:
    return {bytes(row.id) for row in conn.execute(sa.select(retained.c.id).where(retained.c.at_ms == GONE_MS))}


async def test_a_card_that_is_closed_already_gives_no_place_to_a_phone_that_held_it(team: Team) -> None:
    """D-477: closed on another phone of the author's, after the server has deleted the place; the first phone has heard of neither."""
    visit_id, card = await refused_visit(team)
    await pass_days(team, 181)
    other = await team.world.phone(team.ann.user_id)
    await other.sync()
    other.command("inbox_item", card.id, KeepTheirs())
    assert words(await other.sync()) == [APPLIED]
    enter_anew(team.ann, card)
    assert words(await team.ann.sync()) == [APPLIED]
    assert (seen(team.ann, visit_id).latitude_e6, seen(team.ann, visit_id).boot, seen(team.ann, visit_id).forgotten_days) == (None, "", 180)
    assert await telling(team) == set()
    assert await team.world.database.read(marks) == set()


async def test_nor_does_it_where_it_ends_on_a_card_again(team: Team) -> None:
    """D-477: the new card, its late edit and the kept bytes bear none; nor do they where the same is entered once more."""
    _, card = await refused_visit(team)
    await pass_days(team, 181)
    for _ in range(2):
        enter_anew(team.ann, card, amends_id=next(team.world.ids))
        assert words(await team.ann.sync()) == [("parked", "rule_broken")]
    enter_anew(team.ann, card, device_ms="no")
    await team.ann.sync()
    assert await telling(team) == set()
    enter_anew(team.ann, card)
    assert words(await team.ann.sync()) == [APPLIED]
    assert await telling(team) == set()


async def test_a_card_that_went_up_gives_its_holder_no_place_of_an_erased_user(team: Team) -> None:
    """D-487: the manager's phone holds the card as it was, enters it anew, and the places of the erased user stay away."""
    visit_id, card = await refused_visit(team)
    team.ann.command("inbox_item", card.id, SendUp())
    await team.step()
    [above] = open_cards(team.manager)
    assert above.members[0].mine["latitude_e6"] == CANARY["latitude_e6"]
    await erased(team, team.ann.user_id)
    assert await team.world.database.read(columns_that_tell) == set()
    enter_anew(team.manager, above)
    assert words(await team.manager.sync()) == [APPLIED]
    await team.bo.sync()
    assert seen(team.bo, visit_id).latitude_e6 is None
    assert await telling(team) == set()


async def erased(team: Team, user_id: bytes) -> None:
    """The user has left, and is erased; the job has had its turn."""
    boss = await admin(team)
    asked = UserRequest(id=user_id, login="ann", name="Ann", role=Role.rep, department_id=team.world.department_id, active=False)
    await team.world.database.write(users.save, boss, asked, None, team.world.now_ms)
    await desk(team, EraseUser(user_id, "Ann"), boss)
    await erase.run(team.world.database)


async def test_a_correction_of_a_visit_that_is_old_already_is_blank_on_arrival(team: Team) -> None:
    """D-474, D-477: by the server's clock, also where the visit itself never had a place, and before the job's next turn."""
    bare: Mapping[str, Any] = {"customer_id": team.customer_id, "device_ms": team.world.now_ms}
    visit_id = team.ann.create("visit", **bare)
    told_id = check_in(team.ann, team.customer_id)
    await team.step()
    team.world.now_ms += 181 * DAY_MS
    late = [check_in(team.ann, team.customer_id, amends_id=one, leaving=True, **LEFT) for one in (visit_id, told_id)]
    assert words(await team.ann.sync()) == [APPLIED] * 2
    for one in late:
        assert (seen(team.ann, one).left_latitude_e6, seen(team.ann, one).boot, seen(team.ann, one).forgotten_days) == (None, "", 180)


async def test_the_last_upload_of_a_wiped_phone_brings_nobody_back(team: Team) -> None:
    """D-485, D-487: put aside after the erasure, of an erased user or about an erased contact, nothing of it is kept; of others all."""
    world, boss = team.world, await admin(team)
    contact_id = team.bo.create("contact", customer_id=team.customer_id, name="Zhao")
    await team.bo.sync()
    await desk(team, EraseContact(contact_id, "Zhao"), boss)
    uploads = {
        "bytes": (team.bo, b"\x01" + contact_id + b"Zhao"),
        "text": (team.manager, b'{"id":"' + id_text(contact_id).encode() + b'","name":"Zhao"}'),
        "own": (team.ann, ENCODER.encode(CANARY)),
        "other": (await world.phone(team.bo.user_id), b"a note about the weather"),
    }
    for phone, _ in uploads.values():
        await world.database.write(revoked, world.org_id, phone.claims.line_no)
    claims = team.ann.claims
    await erased(team, team.ann.user_id)
    for phone, body in uploads.values():
        await world.database.write(devices.quarantine, claims if phone is team.ann else phone.claims, body, world.now_ms)
    kept = await world.database.read(lambda conn: [bytes(one) for one in conn.execute(sa.select(quarantine.c.body)).scalars()])
    assert sorted(kept) == [b"", b"", b"", b"a note about the weather"]


def revoked(conn: sa.Connection, org_id: int, line_no: int) -> None:
    rows.put_line(conn, org_id, line_no, new=False, state="revoked")


def test_an_entry_that_is_carried_out_later_bears_no_more_than_its_card() -> None:
    """D-477: a card loses the places of all its entries with those of the oldest; the bytes of a younger one may still bear them."""
    visit = Visit(b"v" * 16, 0, customer_id=b"c" * 16, device_ms=1, **CANARY)
    for mine, latitude_e6 in (({"customer_id": b"c" * 16}, None), ({"latitude_e6": CANARY["latitude_e6"]}, CANARY["latitude_e6"])):
        waits = Member(1, Kind.create, BY_NAME["visit"].number, visit.id, "", 0, 0, None, {}, mine, {})
        state = State()
        state.keep(InboxItem(b"i" * 16, 1, b"u" * 16, 1, "record_waits", ItemState.judged_anew, 1, members=(waits,)))
        state.again_of = b"i" * 16
        assert as_forgotten(state, visit, None, 2).latitude_e6 == latitude_e6
