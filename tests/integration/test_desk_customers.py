"""The desk enters and changes customers and contacts: for whom, with which bases, and what the phones see of it."""

from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from server.database import Database
from server.models import RECORD_TABLES
from server.services import records, tables, users
from server.services.act import act
from shared_schema.elements import ELEMENTS_MAX, WordChange
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import (
    CONTACT,
    CUSTOMER,
    ChangeContact,
    ChangeCustomer,
    Contact,
    Customer,
    GiveToPool,
    NewContact,
    NewCustomer,
)
from shared_schema.records.pool import PoolRequest
from shared_schema.records.reference import DepartmentRequest, FieldDefinition, FieldKind, Role
from shared_schema.rest import UserRequest
from sync import sets
from tests.integration.site import code, site
from tests.integration.test_sync_pools import admin
from tests.world import Phone, Team, team_of, words

NOTIFICATION = RECORD_TABLES["notification"]

SHELF = FieldDefinition(b"f" * 16, 1, 1, "shelf", FieldKind.choice, "架", "Shelf", ("left",))


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database, SHELF)


async def asks(team: Team, who: Any, asked: Any) -> Any:
    return await team.world.database.write(act, getattr(who, "claims", who), asked, team.world.now_ms)


async def refused(team: Team, who: Any, asked: Any) -> tuple[Code, str | None]:
    with pytest.raises(Problem) as raised:
        await asks(team, who, asked)
    return raised.value.code, raised.value.field


def new(team: Team, owner: Phone, **values: Any) -> NewCustomer:
    return NewCustomer(next(team.world.ids), CUSTOMER.create_type(**{"name": "Night Market"} | values), owner.user_id)


def change(team: Team, bases: dict[str, int], **values: Any) -> ChangeCustomer:
    return ChangeCustomer(team.customer_id, CUSTOMER.patch_type(**values), bases)


async def test_a_customer_is_entered_for_its_owner(team: Team) -> None:
    """D-112: it stands on the owner's phone as if the owner had entered it, and its history says who did."""
    asked = new(team, team.bo, latitude_e6=31_230_000, longitude_e6=121_470_000, datum=1, tags=("vip",), extra={"shelf": "left"})
    made = await asks(team, team.manager, asked)
    await team.step()
    assert team.bo.customer(asked.id) == made
    assert (made.rev, made.wgs_latitude_e6, sets.distinct(made.tags), made.extra) == (1, 31_230_000, ("vip",), {"shelf": "left"})
    assert team.ann.view("customer", asked.id) is None
    found = await team.world.database.read(records.changes, team.bo.claims, "customer", asked.id, team.world.now_ms)
    assert [(one.decision, one.user_id) for one in found] == [("created", team.manager.user_id)]
    told = await team.world.database.read(lambda conn: conn.execute(sa.select(NOTIFICATION.c.kind, NOTIFICATION.c.user_id)).all())
    assert ("assigned", team.bo.user_id) in [(row.kind, bytes(row.user_id)) for row in told]
    team.bo.patch("customer", asked.id, phone="2")
    assert words(await team.bo.sync()) == [("applied", None)]


async def test_the_same_request_again_changes_nothing(team: Team) -> None:
    """D-112, D-114."""
    asked = new(team, team.bo, tags=("vip", "old"))
    made = await asks(team, team.manager, asked)
    assert await asks(team, team.manager, asked) == made
    other = NewCustomer(asked.id, CUSTOMER.create_type(name="Other"), asked.owner_id)
    assert await refused(team, team.manager, other) == (Code.id_taken, None)
    contact = NewContact(next(team.world.ids), CONTACT.create_type(customer_id=asked.id, name="Ms Lin", phones=("1",)))
    assert await asks(team, team.manager, contact) == await asks(team, team.manager, contact)
    await team.bo.sync()
    team.bo.delete("contact", contact.id)
    await team.bo.sync()
    assert await refused(team, team.manager, contact) == (Code.gone, None)


async def test_what_was_changed_since_is_no_other_content(team: Team) -> None:
    """D-112, D-114: the answer was lost, a rep worked on the record, and the desk asks again."""
    asked = new(team, team.bo, tags=("vip",), city="Suzhou", address="1 Quay", extra={"shelf": "left"})
    await asks(team, team.manager, asked)
    contact = NewContact(next(team.world.ids), CONTACT.create_type(customer_id=asked.id, name="Ms Lin", phones=("1",)))
    await asks(team, team.manager, contact)
    await team.step()
    team.bo.patch("customer", asked.id, phone="of bo", tags=WordChange(add=("new",)), **{"extra.shelf": None})
    team.bo.patch("contact", contact.id, name="Ms Li")
    assert words(await team.bo.sync()) == [("applied", None)] * 2
    assert (await asks(team, team.manager, asked)).phone == "of bo"
    assert (await asks(team, team.manager, contact)).name == "Ms Li"
    for values in ({"city": "Wuxi"}, {"name": "Other"}, {"latitude_e6": 1, "longitude_e6": 1, "datum": 1}):
        other = msgspec.structs.replace(asked, values=msgspec.structs.replace(asked.values, **values))
        assert await refused(team, team.manager, other) == (Code.id_taken, None)


async def test_a_record_of_a_phone_is_not_taken_for_one_of_the_desk(team: Team) -> None:
    """D-112: nothing of it was entered at the desk, so nothing of it was changed since."""
    values = {"name": "Night Market"}
    made = team.bo.create("customer", **values)
    await team.bo.sync()
    asked = NewCustomer(made, CUSTOMER.create_type(**values), team.bo.user_id)
    assert await refused(team, team.manager, asked) == (Code.id_taken, None)


async def test_who_enters_for_whom(team: Team) -> None:
    """D-112: as with a transfer; a wrong value is refused by its field."""
    desk = await admin(team)
    assert (await asks(team, desk, new(team, team.bo))).name == "Night Market"
    assert await refused(team, team.ann, new(team, team.ann)) == (Code.forbidden, None)
    nobody = NewCustomer(next(team.world.ids), CUSTOMER.create_type(name="x"), bytes(16))
    assert await refused(team, desk, nobody) == (Code.not_found, "owner_id")
    assert await refused(team, team.manager, nobody) == (Code.out_of_scope, "owner_id")
    assert await refused(team, team.manager, new(team, team.bo, latitude_e6=1)) == (Code.rule_broken, "longitude_e6")
    assert await refused(team, team.manager, new(team, team.bo, extra={"shelf": "right"})) == (Code.custom_field_type, "extra.shelf")


async def test_nobody_overwrites_an_unseen_value(team: Team) -> None:
    """D-113, P-330, P-401: the desk against a phone, a phone against the desk, the desk against the desk."""
    seen = team.ann.customer(team.customer_id).rev
    after = await asks(team, team.manager, change(team, {"phone": seen}, phone="of the desk"))
    assert (after.phone, after.rev > seen) == ("of the desk", True)
    team.ann.patch("customer", team.customer_id, phone="of ann")
    assert words(await team.ann.sync()) == [("parked", "conflict")]
    late = change(team, {"phone": seen, "note": after.rev}, phone="again", note="n")
    assert await refused(team, team.manager, late) == (Code.conflict, "phone")
    assert await refused(team, team.manager, change(team, {}, phone="again")) == (Code.conflict, "phone")
    assert await refused(team, await admin(team), change(team, {"phone": seen}, phone="of the admin")) == (Code.conflict, "phone")
    await team.step()
    assert (team.bo.customer(team.customer_id).phone, team.bo.customer(team.customer_id).note) == ("of the desk", "")
    assert {item.holder_id for item in team.manager.inbox()} == {team.ann.user_id}
    again = await asks(team, await admin(team), change(team, {"phone": after.rev}, phone="of the admin"))
    team.bo.patch("customer", team.customer_id, note="of bo")
    assert words(await team.bo.sync()) == [("merged", None)]
    found = await team.world.database.read(records.changes, team.ann.claims, "customer", team.customer_id, team.world.now_ms)
    assert [(one.group, one.rev) for one in found if one.group == "phone"] == [("phone", again.rev), ("phone", after.rev)]


async def test_a_base_above_the_record_is_no_base(team: Team) -> None:
    """D-113: nobody saw a rev that the record never had. A stranger hears no more of it than of an unknown record."""
    seen = team.ann.customer(team.customer_id).rev
    team.ann.patch("customer", team.customer_id, phone="of ann")
    await team.ann.sync()
    for base in (seen + 2, 2**53 - 1):
        asked = change(team, {"note": seen, "phone": base}, phone="of the desk", note="n")
        assert await refused(team, team.manager, asked) == (Code.field_wrong, "phone")
    contact = NewContact(next(team.world.ids), CONTACT.create_type(customer_id=team.customer_id, name="Ms Lin"))
    rev = (await asks(team, team.manager, contact)).rev
    late = ChangeContact(contact.id, CONTACT.patch_type(name="x"), {"name": rev + 1})
    assert await refused(team, team.manager, late) == (Code.field_wrong, "name")
    await team.step()
    assert (team.ann.customer(team.customer_id).phone, team.ann.customer(team.customer_id).note) == ("of ann", "")
    nobody = ChangeCustomer(bytes(16), CUSTOMER.patch_type(name="x"), {"name": 99})
    assert await refused(team, team.manager, nobody) == (Code.out_of_scope, None)
    assert (await asks(team, team.manager, change(team, {"phone": seen + 1}, phone="of the desk"))).phone == "of the desk"


async def test_a_part_of_a_group_is_refused(team: Team) -> None:
    """P-331: somebody else's city would stand with a new address."""
    assert await refused(team, team.manager, change(team, {"address": 9}, address="88 Fuxing Rd")) == (Code.field_wrong, "city")
    assert await refused(team, team.manager, change(team, {"nothing": 9}, phone="1")) == (Code.field_wrong, "nothing")


async def test_what_the_desk_adds_no_earlier_removal_means(team: Team) -> None:
    """P-413: a rep who removed the desk's first word offline does not remove the one that it added later."""
    await asks(team, team.manager, change(team, {}, tags=WordChange(add=("vip",))))
    await team.step()
    for phone in (team.ann, team.bo):
        stood = phone.customer(team.customer_id).tags
        phone.patch("customer", team.customer_id, tags=sets.removing(type(stood[0]), stood, "vip"))
    await team.bo.sync()
    await asks(team, team.manager, change(team, {}, tags=WordChange(add=("vip",))))
    await team.step()
    assert sets.distinct(team.bo.customer(team.customer_id).tags) == ("vip",)


async def test_the_desk_adds_what_stands_already_as_no_change(team: Team) -> None:
    """D-113, D-115: an answer was lost and the desk asked again and again; the set has room for the rep's word."""
    asked = change(team, {}, tags=WordChange(add=("vip",)))
    made = await asks(team, team.manager, asked)
    for _ in range(ELEMENTS_MAX):
        assert await asks(team, team.manager, asked) == made
    await team.step()
    stood = team.ann.customer(team.customer_id).tags
    anew = await asks(team, team.manager, change(team, {}, tags=WordChange(add=("vip", "gold"), remove=stood)))
    assert [(one.element, one.n) for one in anew.tags] == [("gold", anew.rev), ("vip", anew.rev)], "taken and added in one"
    team.ann.patch("customer", team.customer_id, tags=WordChange(add=("new",)))
    assert words(await team.ann.sync()) == [("applied", None)]


async def test_who_changes_which_customer(team: Team) -> None:
    """D-113: an admin also one in a pool, whose card follows; a manager only what the manager holds."""
    desk, seen = await admin(team), team.ann.customer(team.customer_id).rev
    pool = await team.world.database.write(tables.save, desk, PoolRequest(name="East"), team.world.now_ms)
    assert await refused(team, team.ann, change(team, {"name": 9}, name="x")) == (Code.forbidden, None)
    await asks(team, team.manager, GiveToPool(team.customer_id, pool.id))
    assert await refused(team, team.manager, change(team, {"name": 9}, name="x")) == (Code.out_of_scope, None)
    assert (await asks(team, desk, change(team, {"name": seen}, name="Quay"))).name == "Quay"
    cards = RECORD_TABLES["pool_card"].c
    shown = sa.select(cards.name).where(cards.id == team.customer_id)
    assert await team.world.database.read(lambda conn: conn.execute(shown).scalar_one()) == "Quay"
    nobody = ChangeCustomer(bytes(16), CUSTOMER.patch_type(name="x"), {"name": 9})
    assert await refused(team, desk, nobody) == await refused(team, team.manager, nobody) == (Code.out_of_scope, None)


async def test_a_contact_is_entered_and_changed(team: Team) -> None:
    """D-114."""
    asked = NewContact(next(team.world.ids), CONTACT.create_type(customer_id=team.customer_id, name="Ms Lin", phone="1"))
    made = await asks(team, team.manager, asked)
    assert isinstance(made, Contact)
    await team.step()
    assert team.ann.view("contact", asked.id) == made
    changed = ChangeContact(asked.id, CONTACT.patch_type(phone="2"), {"phone": made.rev})
    assert (await asks(team, team.manager, changed)).phone == "2"
    assert (await asks(team, team.manager, changed)).rev == made.rev + 1, "the same again changes nothing"
    late = ChangeContact(asked.id, CONTACT.patch_type(phone="3"), {"phone": made.rev})
    assert await refused(team, team.manager, late) == (Code.conflict, "phone")
    stray = NewContact(next(team.world.ids), CONTACT.create_type(customer_id=bytes(16), name="x"))
    assert await refused(team, team.manager, stray) == (Code.out_of_scope, "customer_id")
    await team.step()
    found = team.bo.view("contact", asked.id)
    assert isinstance(found, Contact)
    assert found.phone == "2"
    assert isinstance(team.bo.view("customer", team.customer_id), Customer)


async def test_who_hears_that_a_contact_was_deleted(team: Team) -> None:
    """D-114, P-424: its manager and an admin. To another manager it is as a contact that stands: foreign."""
    desk, other = await admin(team), await _manager_elsewhere(team)
    stands = NewContact(next(team.world.ids), CONTACT.create_type(customer_id=team.customer_id, name="Ms Lin"))
    deleted = NewContact(next(team.world.ids), stands.values)
    for asked in (stands, deleted):
        await asks(team, team.manager, asked)
    await team.step()
    team.ann.delete("contact", deleted.id)
    assert words(await team.ann.sync()) == [("applied", None)]
    for who in (team.manager, desk):
        assert await refused(team, who, ChangeContact(deleted.id, CONTACT.patch_type(note="x"), {"note": 1})) == (Code.gone, None)
        assert await refused(team, who, deleted) == (Code.gone, None)
    mine = new(team, other)
    await asks(team, other, mine)
    for contact_id in (stands.id, deleted.id):
        assert await refused(team, other, ChangeContact(contact_id, CONTACT.patch_type(note="x"), {"note": 1})) == (Code.out_of_scope, None)
        taken = NewContact(contact_id, CONTACT.create_type(customer_id=mine.id, name="Ms Lin"))
        assert await refused(team, other, taken) == (Code.id_taken, None)


async def _manager_elsewhere(team: Team) -> Phone:
    """A manager of another department, to whom nobody of this team reports."""
    world, desk = team.world, await admin(team)
    department = await world.database.write(tables.save, desk, DepartmentRequest(name="Elsewhere"), world.now_ms)
    asked = UserRequest(login="mo", name="mo", role=Role.manager, department_id=department.id)
    found = await world.database.write(users.put, world.org_id, asked, None, world.now_ms)
    return await world.phone(found.id)


def test_over_http(migrated_url: str) -> None:
    """D-112, D-113, on JSON: ids as text, sets as lists; a field that only the server writes is none of a request."""
    with site(migrated_url) as here:
        boss = here.admin()
        rep_id = here.user(boss, "ann")
        body = {"id": "019e7044-8800-7914-a9bd-84f8db096139", "owner_id": rep_id, "values": {"name": "Quay", "tags": ["vip"]}}
        made = boss.post("/v1/desk/customers", body).json()
        assert (made["name"], [one["element"] for one in made["tags"]]) == ("Quay", ["vip"])
        path = f"/v1/desk/customers/{made['id']}"
        tags = {"add": ["gold"], "remove": made["tags"]}
        changed = boss.post(path, {"values": {"phone": "1", "tags": tags}, "bases": {"phone": made["rev"]}}).json()
        assert (changed["phone"], [one["element"] for one in changed["tags"]]) == ("1", ["gold"])
        stale = boss.post(path, {"values": {"phone": "2"}, "bases": {"phone": made["rev"]}})
        assert (stale.status_code, stale.json()["errors"][0]["field"]) == (409, "phone")
        assert code(boss.post(path, {"values": {"wgs_latitude_e6": 1}})) == "field_wrong"
        assert code(boss.post(path, {"values": {"phone": "\u0007"}})) == "text_unclean"
