"""Older and newer apps against one server: nothing nulled, nothing fetched twice, nothing lost (invariants 42 and 43)."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from mobile_api.phone.file import FileShelf
from server.database import Database
from server.models import payload
from server.store.load import dialect_of
from shared_schema.places import Datum
from shared_schema.problem import Code, Remedy
from shared_schema.records.base import Record
from shared_schema.records.customer import Contact, Customer, CustomerKind, Preference
from shared_schema.records.inbox import Value
from shared_schema.registry import BY_NAME, BY_RECORD
from shared_schema.wire import ENCODER, ROWS_DECODER, GroupPlace, Kind, Mutation, SyncAnswer
from sync import device, overlay
from sync.device import Edit
from tests.apps import App, newer, older
from tests.world import START_MS, Phone, Team, said, team_of

OLD = older(
    {"customer": "kind", "contact": "name", "visit": "purpose"},
    frozenset({"preference", "follow_up", "price"}),
    {CustomerKind: CustomerKind.plant, Datum: Datum.gcj02},
)
NEW = newer({"customer": "wechat", "contact": "birthday_note"})
pytestmark = pytest.mark.anyio


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[FileShelf]:
    opened = FileShelf(tmp_path / "phone.db")
    yield opened
    opened.close()


class AppPhone:
    """Bo's phone with another version of the app on a real file."""

    def __init__(self, phone: Phone, app: App) -> None:
        self.phone = phone
        self.app = app

    def enter(self, what: Kind, entity: str, record_id: bytes, /, **values: object) -> None:
        with self.app.running():
            self.phone.enter(Edit(what, self.app.entities[entity], record_id, values))  # type: ignore[arg-type]

    async def sync(self) -> list[SyncAnswer]:
        answers: list[SyncAnswer] = []
        while not answers or answers[-1].more:
            with self.app.running():
                asked = self.phone.ask()
            answers.append(await self.phone.answer(asked))
            with self.app.running():
                assert device.apply(self.phone.shelf, answers[-1])
        return answers

    def shown(self, entity: str) -> list[Record]:
        with self.app.running():
            return overlay.views(self.phone.shelf, self.app.entities[entity])


async def with_app(team: Team, shelf: FileShelf, app: App) -> AppPhone:
    fresh = await team.world.phone(team.bo.user_id)
    shelf.put_seat(fresh.shelf.seat())
    return AppPhone(Phone(team.world, fresh.user_id, fresh.claims.line_no, shelf), app)


async def full_customer(team: Team) -> bytes:
    """What the app of today writes: every field of the customer, of a contact, and a preference."""
    values: dict[str, Value] = {
        "address": "Pier 1",
        "city": "Shanghai",
        "kind": CustomerKind.office,
        "industry": "books",
        "note": "back door",
        "phone": "77",
    }
    place: dict[str, Value] = {"latitude_e6": 31_000_000, "longitude_e6": 121_000_000, "datum": Datum.bd09}
    team.ann.patch("customer", team.customer_id, {**values, **place})
    contact_id = team.ann.create("contact", customer_id=team.customer_id, name="Lin", title="buyer", phone="5", email="l@example.com")
    team.ann.create("preference", customer_id=team.customer_id, subject="tea", wish="green")
    assert {one.result.name for one in said(await team.ann.sync())} == {"applied"}
    return contact_id


def rows_in(answers: list[SyncAnswer]) -> int:
    return sum(len(ROWS_DECODER.decode(page.rows)) for answer in answers for page in answer.pages)


@pytest.fixture
def appended(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that knows `title` as a slot which the group gained when the old app was out."""
    monkeypatch.setitem(BY_NAME["contact"].carried, "person", ("name",))


@pytest.mark.usefixtures("appended")
async def test_an_old_app_nulls_nothing_that_it_does_not_know(team: Team, shelf: FileShelf) -> None:
    """P-101, P-331: of a group it knows in part the rest stays."""
    contact_id = await full_customer(team)
    old = await with_app(team, shelf, OLD)
    await old.sync()
    assert [type(one).__struct_fields__ for one in old.shown("contact")] == [("id", "rev", "customer_id", "name")]
    old.enter(Kind.patch, "contact", contact_id, name="Lin Mei")
    old.enter(Kind.patch, "customer", team.customer_id, address="Pier 2")
    assert {one.result.name for one in said(await old.sync())} == {"applied"}
    await team.ann.sync()
    contact, customer = team.ann.view("contact", contact_id), team.ann.customer(team.customer_id)
    assert isinstance(contact, Contact)
    assert (contact.name, contact.title, contact.phone, contact.email) == ("Lin Mei", "buyer", "5", "l@example.com")
    assert (customer.address, customer.city, customer.industry, customer.note, customer.phone) == (
        "Pier 2",
        "Shanghai",
        "books",
        "back door",
        "77",
    )


async def test_a_value_newer_than_the_app_is_shown_as_unknown_and_never_sent_back(team: Team, shelf: FileShelf) -> None:
    """P-103."""
    await full_customer(team)
    old = await with_app(team, shelf, OLD)
    await old.sync()
    (shown,) = old.shown("customer")
    assert (int(shown.kind), int(shown.datum), shown.name) == (0, 0, "Corner Shop")  # type: ignore[attr-defined]
    old.enter(Kind.patch, "customer", team.customer_id, latitude_e6=31_000_007)
    await old.sync()
    await team.ann.sync()
    customer = team.ann.customer(team.customer_id)
    assert (customer.latitude_e6, customer.datum, customer.kind) == (31_000_007, Datum.bd09, CustomerKind.office)
    old.enter(Kind.patch, "customer", team.customer_id, kind=CustomerKind.shop)
    await old.sync()
    await team.ann.sync()
    assert team.ann.customer(team.customer_id).kind == CustomerKind.shop


@pytest.mark.usefixtures("appended")
async def test_an_upgraded_app_shows_new_fields_and_new_kinds_of_records_without_fetching_again(team: Team, shelf: FileShelf) -> None:
    """P-101, P-214: the file held the bytes all along."""
    contact_id = await full_customer(team)
    old = await with_app(team, shelf, OLD)
    assert rows_in(await old.sync()) > 3
    await team.ann.sync()
    assert {key: body for key, body in old.phone.holds().items() if key[0] < 20} == {k: b for k, b in team.ann.holds().items() if k[0] < 20}
    old.enter(Kind.patch, "contact", contact_id, name="Entered with the old app")
    upgraded = Phone(team.world, team.bo.user_id, old.phone.claims.line_no, shelf)
    customer, contact = upgraded.customer(team.customer_id), upgraded.view("contact", contact_id)
    assert (customer.city, customer.kind, customer.datum, customer.phone) == ("Shanghai", CustomerKind.office, Datum.bd09, "77")
    assert isinstance(contact, Contact)
    assert (contact.name, contact.title) == ("Entered with the old app", "buyer")
    assert [one.wish for one in overlay.views(shelf, BY_RECORD[Preference]) if isinstance(one, Preference)] == ["green"]
    answers = await upgraded.sync()
    assert ([one.result.name for one in said(answers)], rows_in(answers)) == (["applied"], 1)


async def test_a_newer_app_reads_the_shorter_arrays_of_this_server(team: Team, shelf: FileShelf) -> None:
    """P-101, P-214."""
    await full_customer(team)
    new = await with_app(team, shelf, NEW)
    await new.sync()
    (shown,) = new.shown("customer")
    assert (shown.wechat, shown.city) == ("", "Shanghai")  # type: ignore[attr-defined]
    new.enter(Kind.patch, "customer", team.customer_id, address="Pier 3")
    assert [one.result.name for one in said(await new.sync())] == ["applied"]


def unknown_command(phone: Phone, n: int, customer_id: bytes) -> bytes:
    body = msgspec.Raw(ENCODER.encode({"command": "teleport", "to": "moon"}))
    return ENCODER.encode(Mutation(n, GroupPlace(n, 0, 1), Kind.command, BY_NAME["customer"].number, customer_id, {}, body, START_MS))


async def test_what_the_server_does_not_know_yet_is_refused_by_name_and_kept(team: Team, shelf: FileShelf, database: Database) -> None:
    """P-334, P-501: the remedy is an upgrade, and the bytes wait for it."""
    new = await with_app(team, shelf, NEW)
    await new.sync()
    new.enter(Kind.patch, "customer", team.customer_id, wechat="corner-shop")
    new.enter(Kind.create, "badge", next(team.world.ids), customer_id=team.customer_id, text="gold")
    new.enter(Kind.patch, "customer", team.customer_id, kind=77)
    new.enter(Kind.patch, "customer", team.customer_id, address="Pier 4")
    raws = [bytes(one) for one in new.phone.ask().mutations]
    outcomes = said(await new.sync())
    assert [(one.code, one.field) for one in outcomes] == [
        ("field_unknown", "wechat"),
        ("entity_unknown", None),
        ("field_wrong", "kind"),
        (None, None),
    ]
    assert {Code[one.code].remedy for one in outcomes[:2] if one.code} == {Remedy.upgrade}
    pushed = await new.phone.push(
        unknown_command(new.phone, 5, team.customer_id), ENCODER.encode([6, [6, 0, 1], 66, 1, team.customer_id, {}, {"a": 1}, START_MS])
    )
    assert [msgspec.msgpack.decode(raw)[2] for raw in pushed.outcomes] == ["command_unknown", "kind_unknown"]
    line_no = new.phone.claims.line_no
    kept = await database.read(_payloads, line_no)
    assert [kept.get(n) for n in (1, 2, 3)] == raws[:3]
    assert set(kept) == {1, 2, 3, 5, 6}
    await new.sync()
    cards = {item.code: item.members[0].mine for item in new.phone.inbox()}
    assert cards["field_unknown"] == {"wechat": "corner-shop"}
    assert cards["entity_unknown"]["text"] == "gold"
    assert team.bo.customer(team.customer_id).kind == CustomerKind.unknown


def _payloads(conn: sa.Connection, line_no: int) -> dict[int, bytes]:
    assert dialect_of(conn)
    rows = conn.execute(sa.select(payload.c.n, payload.c.body).where(payload.c.line_no == line_no)).all()
    return {row.n: bytes(row.body) for row in rows}


def test_every_enum_of_a_record_has_an_unknown_value_in_a_slot_of_its_own() -> None:
    """P-103: a device reads a newer value as 0; an enum deeper inside a record would not be found."""
    for entity in BY_NAME.values():
        whole = [type_ for type_ in _types(msgspec.inspect.type_info(entity.record)) if isinstance(type_, msgspec.inspect.EnumType)]
        assert {type_.cls for type_ in whole} == set(entity.enums.values())
        assert all(enum(0).name == "unknown" for enum in entity.enums.values())


def _types(type_: object) -> Iterator[object]:
    """A type and every type inside it."""
    yield type_
    for name in getattr(type_, "__struct_fields__", ()):
        inner = getattr(type_, name)
        for one in inner if isinstance(inner, tuple) else (inner,):
            found = one.type if isinstance(one, msgspec.inspect.Field) else one
            if isinstance(found, msgspec.inspect.Type):
                yield from _types(found)


def test_the_first_customer_fields_stand_where_the_old_app_looks() -> None:
    """The older app of these tests is really older: each of its arrays is a shorter one."""
    for name, entity in OLD.entities.items():
        assert BY_NAME[name].slots[: len(entity.slots)] == entity.slots
    assert len(OLD.entities["customer"].slots) < len(Customer.__struct_fields__)
