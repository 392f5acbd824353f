"""Imports of customers and contacts on both databases: twice is once, killed is whole, a person's word stays (D-701 to D-707)."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from server.database import Database
from server.domain.imports.frame import ROWS_AT_ONCE, imported_id
from server.domain.imports.sentences import said
from server.domain.imports.sheet import COMMAND, SheetError
from server.domain.tokens import Claims
from server.models import RECORD_TABLES, metadata
from server.services import import_file, tables
from server.services.act import act
from server.services.import_file import Asked, Report
from server.sheets import files
from shared_schema.elements import WordChange
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import CUSTOMER, ChangeCustomer, Contact
from shared_schema.records.pool import PoolRequest
from shared_schema.records.reference import FieldDefinitionRequest, FieldKind, Role
from sync import sets
from tests.integration.test_sync_pools import admin
from tests.world import Team, World, team_of

HEAD = "外部编号,名称,负责人账号,电话,标签\n"


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


class Desk:
    """An admin of one organisation who imports."""

    def __init__(self, world: World, claims: Claims) -> None:
        self.world = world
        self.claims = claims

    async def take(self, kind: str, text: str | bytes, *, dry_run: bool = False, tell: Callable[[int, int], None] | None = None) -> Report:
        """Import a file; the clock goes on."""
        self.world.now_ms += 1_000
        sheet = files.read(text if isinstance(text, bytes) else text.encode(), COMMAND)
        asked = Asked(self.claims, kind, dry_run, self.world.now_ms)
        return await import_file.take(self.world.database, asked, sheet, tell or (lambda _more, _all: None))

    def id_of(self, kind: str, *key: str) -> bytes:
        return imported_id(self.world.org_id, kind, *key)


@pytest.fixture
async def desk(team: Team) -> Desk:
    return Desk(team.world, await admin(team))


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.taken, report.changed, report.same, report.wrong


def reasons(report: Report) -> list[tuple[int, str, str]]:
    return [(fault.line, fault.column, fault.flaw.name) for fault in report.faults]


def all_rows(conn: sa.Connection, org_id: int) -> dict[str, list[str]]:
    """Every row of an organisation in every table, but for what every request moves."""
    kept = [table for table in metadata.sorted_tables if "org_id" in table.c and table.name not in ("device", "push")]
    return {one.name: sorted(map(repr, conn.execute(sa.select(one).where(one.c.org_id == org_id)))) for one in kept}


async def rows_of(world: World, org_id: int | None = None) -> dict[str, list[str]]:
    return await world.database.read(all_rows, org_id or world.org_id)


async def test_customers_and_their_contacts_arrive_on_the_owners_phone(team: Team, desk: Desk) -> None:
    """D-701, D-706. And a chain of names: the contact names its customer by the external id."""
    report = await desk.take("customers", HEAD + "C-1,幸运面馆,ann,０２１-５５,重点;连锁\nC-2,Blue Door,bo,,\n")
    assert counts(report) == (2, 0, 0, 0), report.faults
    contacts = await desk.take(
        "contacts", "External id,Customer external id,Name,Phones,生日\nP-1,C-1,王芳,139;138,农历闰6月1日\nP-2,C-1,李,,3/12\n"
    )
    assert (counts(contacts), reasons(contacts)) == ((1, 0, 0, 1), [(3, "生日", "not_birthday")])
    await team.step()
    shop = team.ann.customer(desk.id_of("customers", "C-1"))
    assert (shop.name, shop.phone, [one.element for one in shop.tags]) == ("幸运面馆", "021-55", ["连锁", "重点"])
    contact = team.ann.view("contact", desk.id_of("contacts", "P-1"))
    assert isinstance(contact, Contact)
    assert (contact.name, contact.customer_id, contact.birthday) == ("王芳", shop.id, "lunar leap 06-01")
    assert [one.element for one in contact.phones] == ["138", "139"]
    assert (1, desk.id_of("customers", "C-2")) in team.bo.holds()
    assert (1, desk.id_of("customers", "C-2")) not in team.ann.holds()


async def test_twice_is_once(team: Team, desk: Desk) -> None:
    """D-701: not a row of any table moves by the second time."""
    text = HEAD + "".join(f"C-{at},Shop {at},ann,{at},a;b\n" for at in range(ROWS_AT_ONCE + 5))
    assert counts(await desk.take("customers", text)) == (ROWS_AT_ONCE + 5, 0, 0, 0)
    before = await rows_of(team.world)
    assert counts(await desk.take("customers", text)) == (0, 0, ROWS_AT_ONCE + 5, 0)
    assert await rows_of(team.world) == before


class KilledError(Exception):
    """The process ended."""


@pytest.mark.parametrize("chunks", [0, 1, 2])
async def test_killed_between_chunks_and_started_again_it_ends_the_same(team: Team, desk: Desk, chunks: int) -> None:
    """D-707. What was told is committed; then all arrives once."""
    size = 2 * ROWS_AT_ONCE + 3
    text = HEAD + "".join(f"C-{at},Shop {at},ann,,\n" for at in range(size))
    told: list[int] = []

    def killed(more: int, _all: int) -> None:
        told.append(more)
        if len(told) == chunks + 1:
            raise KilledError

    with pytest.raises(KilledError):
        await desk.take("customers", text, tell=killed)
    assert counts(await desk.take("customers", text)) == (size - chunks * ROWS_AT_ONCE, 0, chunks * ROWS_AT_ONCE, 0)
    await team.ann.sync()
    names = sorted(team.ann.customer(record_id).name for entity, record_id in team.ann.holds() if entity == 1)
    assert names == sorted(["Corner Shop", *(f"Shop {at}" for at in range(size))])


async def test_a_chunk_that_fails_leaves_nothing_of_it(team: Team, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """D-707: the last step of a transaction fails, and the tables are as before."""

    def failing(*_: Any) -> None:
        raise KilledError

    before = await rows_of(team.world)
    with monkeypatch.context() as patched:
        patched.setattr("server.services.imports.publish", failing)
        with pytest.raises(KilledError):
            await desk.take("customers", HEAD + "C-1,Shop,ann,,\n")
    assert await rows_of(team.world) == before


async def test_a_wrong_row_in_the_middle_loses_nothing_else(team: Team, desk: Desk) -> None:
    """D-703, D-704, D-706. Each is told by line, column and reason, and comes back in the same format; corrected it is taken."""
    text = HEAD + 'C-1,One,ann,,\nC-2,,ann,,\nC-3,"=HYPERLINK(""x"")",nobody,+86,\nC-1,Again,ann,,\nC-5,Five,,,\nC-6,Six,ann,,\n'
    report = await desk.take("customers", text)
    assert counts(report) == (2, 0, 0, 4)
    assert reasons(report) == [
        (3, "名称", "required"),
        (4, "负责人账号 Owner account", "no_owner"),
        (5, "外部编号", "key_twice"),
        (6, "负责人账号 Owner account", "no_rule"),
    ]
    back = import_file.rejected(files.read(text.encode(), COMMAND), report, "zh")
    assert "'=HYPERLINK" in back.decode()
    again = files.read(back, COMMAND)
    assert [line.cells[0] for line in again.lines] == ["C-2", "C-3", "C-1", "C-5"]
    assert again.lines[2].cells[-1] == "外部编号: 与第 2 行相同，只取第一行"
    mended = back.decode().replace("nobody", "ann").replace("C-2,,", "C-2,Two,").replace("C-5,Five,,", "C-5,Five,bo,")
    report = await desk.take("customers", mended)
    assert (counts(report), report.unknown) == ((3, 1, 0, 0), ())
    await team.ann.sync()
    assert team.ann.customer(desk.id_of("customers", "C-3")).name == '=HYPERLINK("x")'


async def test_what_a_phone_wrote_since_stays_and_the_rest_changes(team: Team, desk: Desk) -> None:
    """D-705, P-450. By field group; sets too; what was deleted stays deleted."""
    head = "external_id,name,owner,phone,city,tags\n"
    await desk.take("customers", head + "C-1,One,ann,1,Old,a;b\n")
    await desk.take("contacts", "external_id,customer,name\nP-1,C-1,Wang\nP-2,C-1,Li\n")
    await team.ann.sync()
    shop, ann = desk.id_of("customers", "C-1"), team.ann
    ann.patch("customer", shop, phone="of the rep")
    ann.delete("contact", desk.id_of("contacts", "P-1"))
    await ann.sync()
    report = await desk.take("customers", head + "C-1,One & Sons,bo,2,,b;c\n")
    assert (counts(report), [(one.line, one.groups) for one in report.kept]) == ((0, 1, 0, 0), [(2, ("phone",))])
    contacts = await desk.take("contacts", "external_id,customer,name\nP-1,C-1,Wang\nP-2,C-1,Li Na\n")
    assert (counts(contacts), reasons(contacts)) == ((0, 1, 0, 1), [(2, "", "deleted")])
    await ann.sync()
    now = ann.customer(shop)
    assert (now.name, now.phone, now.city, [one.element for one in now.tags]) == ("One & Sons", "of the rep", "Old", ["b", "c"])
    history = await team.world.database.read(_decisions, shop)
    assert history == [("applied", "phone"), ("imported", "name"), ("imported", "tags")]


async def test_an_import_replaces_only_what_an_import_wrote_last(team: Team, desk: Desk) -> None:
    """D-705: not what a manager entered at the desk, not a rep's word that the manager corrected; a removed tag does not come back."""
    head, shop = "external_id,name,owner,phone,city,industry,tags\n", desk.id_of("customers", "C-1")
    await desk.take("customers", head + "C-1,One,ann,1,Old,tea,a;b\n")
    await team.step()
    team.ann.patch("customer", shop, phone="of the rep")
    await team.step()
    seen = team.ann.customer(shop)
    removed = tuple(one for one in seen.tags if one.element == "b")
    values = CUSTOMER.patch_type(phone="of the manager", industry="coffee", tags=WordChange(remove=removed))
    asked = ChangeCustomer(shop, values, dict.fromkeys(("phone", "industry"), seen.rev))
    await team.world.database.write(act, team.manager.claims, asked, team.world.now_ms)
    for name in ("One & Sons", "One & Daughters"):
        report = await desk.take("customers", head + f"C-1,{name},ann,1,Old,tea,a;b\n")
        assert (counts(report), [one.groups for one in report.kept]) == ((0, 1, 0, 0), [("industry", "phone", "tags")])
    await team.step()
    now = team.ann.customer(shop)
    assert (now.name, now.phone, now.industry, sets.distinct(now.tags)) == ("One & Daughters", "of the manager", "coffee", ("a",))


def _decisions(conn: sa.Connection, record_id: bytes) -> list[tuple[str, str]]:
    change = metadata.tables["change"]
    rows = conn.execute(sa.select(change).where(change.c.id == record_id).order_by(change.c.rev, change.c.group_name))
    return [(row.decision, row.group_name) for row in rows if row.decision != "created"]


async def test_an_edit_that_was_on_its_way_meets_the_import_as_any_other(team: Team, desk: Desk) -> None:
    """P-401, D-705: the rep had not seen what the file changed; both values stand on a card, and the card says who wrote."""
    await desk.take("customers", "external_id,name,owner,phone\nC-1,One,ann,1\n")
    await team.ann.sync()
    shop = desk.id_of("customers", "C-1")
    team.ann.patch("customer", shop, phone="2")
    await desk.take("customers", "external_id,name,owner,phone\nC-1,One,ann,3\n")
    await team.ann.sync()
    (card,) = team.ann.inbox()
    (member,) = card.members
    assert (member.mine, member.theirs, member.before, member.their_user_id) == (
        {"phone": "2"},
        {"phone": "3"},
        {"phone": "1"},
        desk.claims.user_id,
    )


async def test_a_customer_goes_to_a_pool_and_its_card_changes_with_it(team: Team, desk: Desk) -> None:
    """D-706, D-122: the pool by name; what the card shows follows the file."""
    pool = await team.world.database.write(tables.save, desk.claims, PoolRequest(name="Old shops"), team.world.now_ms)
    head = "external_id,name,pool,city\n"
    assert counts(await desk.take("customers", head + "C-1,One,old shops,A\nC-2,Two,nowhere,\n")) == (1, 0, 0, 1)
    assert counts(await desk.take("customers", head + "C-1,One,Old shops,B\n")) == (0, 1, 0, 0)
    shown = await team.world.database.read(_cards)
    assert shown == [(desk.id_of("customers", "C-1"), pool.id, "B", 2, 1)]


def _cards(conn: sa.Connection) -> list[tuple[bytes, bytes, str, int, int]]:
    card = RECORD_TABLES["pool_card"]
    return [(bytes(row.id), bytes(row.pool_id), row.city, row.rev, row.epoch) for row in conn.execute(sa.select(card))]


async def test_custom_fields_are_columns_by_key_or_label(team: Team, desk: Desk) -> None:
    """D-401, D-702."""
    asked = [
        ("floor_area", FieldKind.number, "面积", ()),
        ("opened", FieldKind.date, "开业", ()),
        ("size", FieldKind.choice, "规模", ("s", "l")),
    ]
    for key, kind, zh, choices in asked:
        wanted = FieldDefinitionRequest(entity=1, key=key, kind=kind, label_zh=zh, label_en=key.title(), choices=choices)
        await team.world.database.write(tables.save, desk.claims, wanted, team.world.now_ms)
    head = "external_id,name,owner,面积,opened,Size\n"
    report = await desk.take("customers", head + "C-1,One,ann,12.5,2026年1月5日,L\nC-2,Two,ann,,5/1/2026,\n")
    assert (counts(report), reasons(report)) == ((1, 0, 0, 1), [(3, "opened", "day_ambiguous")])
    await team.ann.sync()
    assert team.ann.customer(desk.id_of("customers", "C-1")).extra == {"floor_area": 12_500, "opened": 20_458, "size": "l"}


async def test_a_dry_run_says_the_same_and_writes_nothing(team: Team, desk: Desk) -> None:
    """D-707, over several chunks, one row of which changes what another begins."""
    text = HEAD + "".join(f"C-{at},Shop {at},{'ann' if at % 50 else 'nobody'},,\n" for at in range(ROWS_AT_ONCE + 10))
    await desk.take("customers", HEAD + "C-1,Before,ann,,\nC-2,Shop 2,ann,,\n")
    before = await rows_of(team.world)
    dry = await desk.take("customers", text, dry_run=True)
    assert await rows_of(team.world) == before
    assert counts(dry) == (ROWS_AT_ONCE + 10 - 2 - 5, 1, 1, 5)
    assert await desk.take("customers", text) == dry


async def test_an_import_never_touches_another_organisation(team: Team, desk: Desk) -> None:
    """D-701. The same external ids there are other records; a contact does not find a customer of another organisation."""
    other = await World(team.world.database, org_id=2).open()
    boss = await other.phone(await other.user("boss", Role.admin))
    eve = await other.phone(await other.user("ann"))
    there = Desk(other, boss.claims)
    text = HEAD + "C-1,Theirs,ann,1,\n"
    await there.take("customers", text)
    before = await rows_of(other, 2)
    await desk.take("customers", HEAD + "C-1,Ours,ann,2,\nC-2,Ours too,ann,,\n")
    assert await rows_of(other, 2) == before
    lost = await there.take("contacts", "external_id,customer,name\nP-1,C-2,Wang\n")
    assert reasons(lost) == [(2, "客户外部编号 Customer external id", "no_customer")]
    await eve.sync()
    await team.ann.sync()
    assert eve.customer(there.id_of("customers", "C-1")).name == "Theirs"
    assert desk.id_of("customers", "C-1") != there.id_of("customers", "C-1")
    assert team.ann.customer(desk.id_of("customers", "C-1")).name == "Ours"


async def test_only_who_may_imports(team: Team, desk: Desk) -> None:
    """D-702, D-703: nor is anything written when the file as a whole is refused."""
    for phone, kind in ((team.ann, "customers"), (team.manager, "users")):
        with pytest.raises(Problem) as told:
            await Desk(team.world, phone.claims).take(kind, HEAD + "C-1,One,ann,,\n")
        assert told.value.code is Code.forbidden
    before = await rows_of(team.world)
    for text, name in (
        ("名称,电话\nOne,1\n", "column_missing"),
        ("name,名称,external_id\n", "column_twice"),
        (HEAD + 'C-1,"One\n', "quotes"),
    ):
        with pytest.raises(SheetError) as refused:
            await desk.take("customers", text)
        assert refused.value.flaw.name == name
        assert "{" not in said(refused.value.flaw, "zh")
    assert await rows_of(team.world) == before


async def test_two_imports_of_one_file_at_the_same_time_are_one(team: Team, desk: Desk) -> None:
    """D-701: who loses the race finds the rows there."""
    text = HEAD + "".join(f"C-{at},Shop {at},ann,,\n" for at in range(ROWS_AT_ONCE))
    both = await asyncio.gather(desk.take("customers", text), desk.take("customers", text))
    assert sorted(counts(one) for one in both) == [(0, 0, ROWS_AT_ONCE, 0), (ROWS_AT_ONCE, 0, 0, 0)]


async def test_an_owner_is_an_active_rep_or_manager_of_the_house(team: Team, desk: Desk) -> None:
    """D-706."""
    gone, clerk = await team.world.user("gone"), await team.world.user("clerk", Role.finance)
    await team.world.database.write(_end, gone)
    assert clerk
    report = await desk.take("customers", HEAD + "C-1,A,gone,,\nC-2,B,clerk,,\nC-3,C,manager,,\n")
    assert (counts(report), [name for _, _, name in reasons(report)]) == ((1, 0, 0, 2), ["no_owner", "no_owner"])


def _end(conn: sa.Connection, user_id: bytes) -> None:
    person = RECORD_TABLES["person"]
    conn.execute(sa.update(person).where(person.c.id == user_id).values(active=False))


async def test_a_removal_of_before_does_not_mean_what_a_file_adds_anew(team: Team, desk: Desk) -> None:
    """D-705, P-412: each time a file adds an element it bears another tag; the rep took away the one that was on the screen."""
    head, shop = "external_id,name,owner,tags\n", desk.id_of("customers", "C-1")
    await desk.take("customers", head + "C-1,One,ann,a;b\n")
    await team.ann.sync()
    on_screen = tuple(one for one in team.ann.customer(shop).tags if one.element == "b")
    team.ann.patch("customer", shop, tags=WordChange(remove=on_screen))
    await desk.take("customers", head + "C-1,One,ann,a\n")
    await desk.take("customers", head + "C-1,One,ann,a;b\n")
    await team.ann.sync()
    assert [one.element for one in team.ann.customer(shop).tags] == ["a", "b"]
