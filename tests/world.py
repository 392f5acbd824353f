"""An organisation in a real database with phones in memory: the smallest world in which the whole sync walk runs."""

import copy
import itertools
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec
import sqlalchemy as sa

from server.database import Database
from server.domain.tokens import Claims
from server.models import device, org
from server.services import sync_pull, sync_push
from server.services.act import act
from server.store import feed, identity, load
from server.store.convert import statements, to_row
from server.store.load import dialect_of
from server.store.write import save
from shared_schema.policy import Lane
from shared_schema.records.base import Command, Record
from shared_schema.records.customer import Collaborate, Customer, EndCollaboration, Moved, Transfer
from shared_schema.records.inbox import Dismiss, InboxItem, KeepTheirs, Value
from shared_schema.records.reference import Department, FieldDefinition, Organisation, Person, Role
from shared_schema.registry import BY_NAME, BY_RECORD
from shared_schema.wire import (
    ENCODER,
    OUTCOME_DECODER,
    PAGE_BYTES,
    PROTOCOL,
    SCHEMA,
    GroupPlace,
    Kind,
    Mutation,
    Outcome,
    SyncAnswer,
    SyncRequest,
)
from sync import decisions, overlay
from sync import device as phone
from sync.cursor import digest
from sync.rules import Actor
from sync.scope import EVERYBODY, REFERENCE, News, Reader
from sync.shelf import MemoryShelf, Seat, Shelf
from sync.state import Held, State
from tests import kept

KEY = b"k" * 32
START_MS = 1_780_000_000_000
CUSTOMER = BY_NAME["customer"]


def made_id(number: int) -> bytes:
    """A readable id."""
    return number.to_bytes(16, "big")


class World:
    """One organisation: a manager over one department, reps in it, and what they hold."""

    def __init__(self, database: Database, org_id: int = 1) -> None:
        self.database = database
        self.org_id = org_id
        self.now_ms = START_MS
        self.ids = (made_id(number) for number in itertools.count(org_id * 1_000_000 + 1000))
        self.department_id = next(self.ids)
        self.lines = itertools.count(1)

    def moment(self) -> "Moment":
        """How far this world has come."""
        found = Moment(self.now_ms, int.from_bytes(next(self.ids)), next(self.lines))
        self.at(found)
        return found

    def at(self, moment: "Moment") -> "World":
        """Go on from there."""
        self.now_ms = moment.now_ms
        self.ids = (made_id(number) for number in itertools.count(moment.next_id))
        self.lines = itertools.count(moment.next_line_no)
        return self

    async def open(self, *definitions: FieldDefinition) -> "World":
        """Make the organisation."""
        await self.database.write(self._open, definitions)
        return self

    def _open(self, conn: sa.Connection, definitions: tuple[FieldDefinition, ...]) -> None:
        values = {"org_id": self.org_id, "login": f"org{self.org_id}", "epoch": 7, "device_approval": False, "created_ms": self.now_ms}
        conn.execute(sa.insert(org).values(rev_floor=0, **values))
        identity.insert_scopes(conn, self.org_id, [REFERENCE, Reader(Lane.team, self.department_id)])
        self._insert(conn, Organisation(next(self.ids), 1, "Test"), Department(self.department_id, 1, "Sales"), *definitions)

    def _insert(self, conn: sa.Connection, *records: Record) -> None:
        numbers = feed.scope_numbers(conn, self.org_id, EVERYBODY)
        for record in records:
            entity = BY_RECORD[type(record)]
            conn.exec_driver_sql(statements(entity, dialect_of(conn)).insert, [to_row(entity, self.org_id, record, None)])
            news = [News(REFERENCE, (entity.number, record.id), Held(record, {}))]
            feed.publish(conn, self.org_id, feed.rows_of(news, numbers), self.now_ms)

    async def user(self, name: str, role: Role = Role.rep) -> bytes:
        """A user with his three lanes."""
        user_id = next(self.ids)
        await self.database.write(self._user, user_id, name, role)
        return user_id

    def _user(self, conn: sa.Connection, user_id: bytes, name: str, role: Role) -> None:
        row = {"login": name, "password_hash": "-", "language": "en", "created_ms": self.now_ms}
        identity.put_account(conn, self.org_id, user_id, new=True, **row)
        self._insert(conn, Person(user_id, 1, name, role, self.department_id))
        identity.insert_scopes(conn, self.org_id, [Reader(lane, user_id) for lane in BY_RECORD[Person].opens])

    async def phone(self, user_id: bytes) -> "Phone":
        """A phone of a user, enrolled."""
        line_no = next(self.lines)
        await self.database.write(self._line, user_id, line_no)
        return Phone(self, user_id, line_no, MemoryShelf())

    def _line(self, conn: sa.Connection, user_id: bytes, line_no: int) -> None:
        values = {"org_id": self.org_id, "line_no": line_no, "installation_id": next(self.ids), "user_id": user_id, "state": "active"}
        conn.execute(sa.insert(device).values(created_ms=self.now_ms, **values))


class Moment(msgspec.Struct, frozen=True):
    """How far a world has come: its clock, and the first id and line that nobody has yet."""

    now_ms: int
    next_id: int
    next_line_no: int


class Phone:
    """A reference device in memory, talking to the services of a real database."""

    def __init__(self, world: World, user_id: bytes, line_no: int, shelf: Shelf) -> None:
        self.world = world
        self.user_id = user_id
        self.shelf = shelf
        self.ahead_ms = 0
        self.session_id: bytes | None = None
        self.page_bytes = PAGE_BYTES
        self.boot = ""
        """Of the start since which it has run, at the beginning of this world; empty: it tells no running clock, as a browser."""
        if shelf.seat().line_no == 0:
            shelf.put_seat(Seat(world.org_id, user_id, line_no))

    @property
    def claims(self) -> Claims:
        return Claims(self.world.org_id, self.user_id, self.shelf.seat().line_no, self.session_id)

    def create(self, entity: str, **values: Value) -> bytes:
        """Enter a new record."""
        record_id = next(self.world.ids)
        self.enter(phone.Edit(Kind.create, BY_NAME[entity], record_id, values))
        return record_id

    def patch(self, entity: str, record_id: bytes, values: Mapping[str, Value] | None = None, **more: Value) -> None:
        """Enter a change."""
        self.enter(phone.Edit(Kind.patch, BY_NAME[entity], record_id, {**(values or {}), **more}))

    def delete(self, entity: str, record_id: bytes) -> None:
        """Enter a deletion."""
        self.enter(phone.Edit(Kind.delete, BY_NAME[entity], record_id))

    def command(self, entity: str, record_id: bytes, command: Command) -> None:
        """Enter a command."""
        self.enter(phone.Edit(Kind.command, BY_NAME[entity], record_id, command=ENCODER.encode(command)))

    def enter(self, *edits: phone.Edit) -> list[int]:
        """Enter one atomic group."""
        return phone.enter(self.shelf, edits, self.world.now_ms + self.ahead_ms)

    def use_mine(self, item: InboxItem) -> None:
        for edits in decisions.use_mine(self.shelf, item):
            self.enter(*edits)

    def keep_theirs(self, item: InboxItem) -> None:
        self.command("inbox_item", item.id, KeepTheirs())

    def dismiss(self, item: InboxItem) -> None:
        self.command("inbox_item", item.id, Dismiss())

    def inbox(self) -> list[InboxItem]:
        return decisions.inbox(self.shelf)

    def view(self, entity: str, record_id: bytes) -> Record | None:
        return overlay.view(self.shelf, BY_NAME[entity], record_id)

    def customer(self, record_id: bytes) -> Customer:
        found = self.view("customer", record_id)
        assert isinstance(found, Customer)
        return found

    def ask(self) -> SyncRequest:
        asked = phone.request(self.shelf, self.world.now_ms + self.ahead_ms, "test", self.page_bytes)
        return msgspec.structs.replace(asked, uptime_ms=self.world.now_ms - START_MS, boot=self.boot) if self.boot else asked

    async def answer(self, request: SyncRequest) -> SyncAnswer:
        """What the server answers: push, commit, then pull."""
        world = self.world
        world.now_ms += 1_000
        pushed = await world.database.write(sync_push.push, self.claims, request, KEY, world.now_ms)
        asked = sync_pull.Asked(request.cursor, request.page_bytes, tiles=request.tiles)
        pulled = await world.database.read(sync_pull.pull, self.claims, asked, KEY, world.now_ms)
        return SyncAnswer(
            PROTOCOL, pulled.epoch, world.now_ms, digest(request.cursor), pulled.cursor, pushed.last_n, pushed.backed_up_n,
            pushed.resend_from, [msgspec.Raw(one) for one in pushed.outcomes], pulled.drop, pulled.pages, pulled.more, not pulled.more,
            None, pulled.anew, pulled.beyond,
        )  # fmt: skip

    async def sync(self) -> list[SyncAnswer]:
        """Sync until nothing is left to send or to receive."""
        answers: list[SyncAnswer] = []
        while not answers or answers[-1].more or (self.ask().mutations and not self.shelf.seat().forked):
            answer = await self.answer(self.ask())
            assert phone.apply(self.shelf, answer)
            answers.append(answer)
            assert len(answers) < 10_000
        return answers

    def holds(self) -> dict[tuple[int, bytes], bytes]:
        """Every server row on the phone, by key."""
        return {(entity.number, record_id): body for entity in BY_NAME.values() for record_id, body in self.shelf.rows(entity.number)}

    async def push(self, *raws: bytes, acked_n: int = 0) -> sync_push.Pushed:
        """Send these bytes as a push under the cursor held, whatever the phone believes."""
        world = self.world
        world.now_ms += 1_000
        mutations = [msgspec.Raw(raw) for raw in raws]
        request = SyncRequest(PROTOCOL, SCHEMA, "test", self.shelf.seat().cursor, acked_n, world.now_ms, mutations)
        return await world.database.write(sync_push.push, self.claims, request, KEY, world.now_ms)

    async def pull(self, cursor: bytes, page_bytes: int = PAGE_BYTES) -> sync_pull.Pulled:
        """Pull from any cursor."""
        asked = sync_pull.Asked(cursor, page_bytes)
        return await self.world.database.read(sync_pull.pull, self.claims, asked, KEY, self.world.now_ms)


def put(conn: sa.Connection, org_id: int, record: Record, now_ms: int) -> None:
    """Write a record as the server's clock or somebody's entry would, without asking any rule."""
    state, nobody = State(load.rev_floor(conn, org_id)), Actor(org_id, bytes(16), 0, Role.unknown)
    state.write(record)
    save(conn, state, nobody, now_ms)


def said(answers: Iterable[SyncAnswer]) -> list[Outcome]:
    """The outcomes in these answers."""
    return [OUTCOME_DECODER.decode(raw) for answer in answers for raw in answer.outcomes]


def words(answers: Iterable[SyncAnswer]) -> list[tuple[str, str | None]]:
    """(result, code) of each outcome in these answers."""
    return [(one.result.name, one.code) for one in said(answers)]


class Entry(msgspec.Struct):
    """One mutation by hand, for what no honest phone sends."""

    n: int
    kind: Kind
    entity: str
    id: bytes
    values: dict[str, object] = {}
    bases: dict[str, int] = {}
    group: tuple[int, int, int] | None = None

    def raw(self) -> bytes:
        """The bytes on the wire."""
        body = msgspec.Raw(b"\xc0" if self.kind == Kind.delete else ENCODER.encode(self.values))
        place = GroupPlace(*(self.group or (self.n, 0, 1)))
        return ENCODER.encode(Mutation(self.n, place, self.kind, BY_NAME[self.entity].number, self.id, self.bases, body, START_MS))


class Team(msgspec.Struct, frozen=True):
    """A manager and two reps, a phone each, with one customer which both reps hold, all of them in step."""

    world: World
    manager: Phone
    ann: Phone
    bo: Phone
    customer_id: bytes

    async def move(self, to: Phone, customer_id: bytes | None = None) -> Moved:
        """Give the customer to somebody else."""
        asked = Transfer(customer_id or self.customer_id, to.user_id)
        return await self.world.database.write(act, self.manager.claims, asked, self.world.now_ms)

    async def collaborate(self, who: Phone, customer_id: bytes | None = None) -> Moved:
        """Let somebody follow up the customer too."""
        asked = Collaborate(customer_id or self.customer_id, who.user_id)
        return await self.world.database.write(act, self.manager.claims, asked, self.world.now_ms)

    async def part(self, who: Phone, customer_id: bytes | None = None) -> Moved:
        """End somebody's collaboration."""
        asked = EndCollaboration(customer_id or self.customer_id, who.user_id)
        return await self.world.database.write(act, self.manager.claims, asked, self.world.now_ms)

    async def step(self) -> None:
        """Everybody syncs until all have seen all."""
        for each in (self.ann, self.bo, self.manager, self.ann, self.bo):
            await each.sync()


async def team_of(database: Database, *definitions: FieldDefinition) -> Team:
    """A team in a world of its own, in an empty database: played by the first of the process, put there as it then stood for each other."""
    asked = (database.dialect, ENCODER.encode(definitions))
    if asked not in _TEAMS:
        team = await _played(World(database), definitions)
        shelves = [copy.deepcopy(phone.shelf) for phone in (team.manager, team.ann, team.bo)]
        _TEAMS[asked] = _Kept(await database.read(kept.taken), team.world.moment(), shelves, team.customer_id)
        return team
    known = _TEAMS[asked]
    await database.write(kept.put, known.rows)
    world = World(database).at(known.moment)
    manager, ann, bo = (Phone(world, one.seat().user_id, one.seat().line_no, copy.deepcopy(one)) for one in known.shelves)
    return Team(world, manager, ann, bo, known.customer_id)


class _Kept(msgspec.Struct, frozen=True):
    """A team that was played: its rows, its world's moment, the shelves of the manager, ann and bo."""

    rows: kept.Rows
    moment: Moment
    shelves: list[Shelf]
    customer_id: bytes


_TEAMS: Final[dict[tuple[str, bytes], _Kept]] = {}


async def _played(world: World, definitions: tuple[FieldDefinition, ...]) -> Team:
    """Everything as it comes about: people, phones, a customer, a collaboration, and all have heard of all."""
    await world.open(*definitions)
    manager = await world.phone(await world.user("manager", Role.manager))
    ann, bo = await world.phone(await world.user("ann")), await world.phone(await world.user("bo"))
    team = Team(world, manager, ann, bo, ann.create("customer", name="Corner Shop", phone="1"))
    await ann.sync()
    await team.collaborate(bo)
    await team.step()
    return team
