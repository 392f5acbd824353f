"""Plays one history of four phones against a real database: entries, moves, lost answers, small pages, purges, decisions."""

import random
from collections import Counter
from collections.abc import Awaitable, Callable

import sqlalchemy as sa

from server.database import Database
from server.models import feed, scope
from server.services.act import act
from shared_schema.entity import EXTRA_PREFIX, Entity
from shared_schema.problem import Problem
from shared_schema.records.base import Record
from shared_schema.records.customer import Collaborate, EndCollaboration, Transfer
from shared_schema.records.inbox import InboxItem, ItemState, Value
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME
from shared_schema.wire import OUTCOME_DECODER, Kind, SyncAnswer
from sync import decisions, overlay
from sync import device as reference
from sync.device import Edit
from sync.merge import value_of
from sync.state import Key
from tests.simulation.feed_oracle import differences, meant
from tests.simulation.ledger import Entered, Ledger, Removed
from tests.world import START_MS, Phone, World

TEN_YEARS_MS = 10 * 365 * 86_400_000
SLOTS = {
    "customer": ("phone", "note", "address", "city", "industry"),
    "contact": ("phone", "note", "email", "title"),
    "quote": ("title", "note"),
    "quote_line": ("note", "position"),
}
CHILDREN: dict[str, dict[str, Value]] = {
    "contact": {"name": "", "birthday": "lunar 12-30"},
    "contact_log": {"device_ms": START_MS, "note": ""},
    "visit": {"device_ms": START_MS, "note": ""},
}
Step = tuple[int, int, int]
"""(which phone, which action, a number that chooses the rest)."""


class History:
    """One organisation, two reps with three phones between them, a manager, and the ledger of what they enter."""

    def __init__(self, database: Database, org_id: int, counts: Counter[str]) -> None:
        self.world = World(database, org_id)
        self.ledger = Ledger()
        self.counts = counts
        self.phones: list[Phone] = []
        self.words = 0
        self.dice = random.Random(0)

    async def open(self) -> "History":
        """Make the organisation and its phones; ann has two."""
        await self.world.open()
        ann, bo = await self.world.user("ann"), await self.world.user("bo")
        manager = await self.world.user("manager", Role.manager)
        self.phones = [await self.world.phone(user_id) for user_id in (ann, bo, ann, manager)]
        self.create(self.phones[0])
        for phone in self.phones:
            await self.sync(phone)
        customer = self.shown(self.manager, "customer")
        assert customer is not None
        asked = Collaborate(customer.id, bo)
        await self._by_manager(act, self.manager.claims, asked, self.world.now_ms)
        for phone in self.phones:
            await self.sync(phone)
        return self

    @property
    def manager(self) -> Phone:
        return self.phones[3]

    async def step(self, one: Step) -> None:
        """Carry out one step."""
        which, action, number = one
        self.dice.seed(number)
        act = ACTIONS[action % len(ACTIONS)]
        self.counts[act.__name__] += 1
        done = act(self, self.phones[which % len(self.phones)])
        if done is not None:
            await done

    # entries

    def word(self) -> str:
        """A value that nobody enters twice."""
        self.words += 1
        return f"value {self.words}"

    def shown(self, phone: Phone, name: str) -> Record | None:
        """One of the records of a kind that are on the phone's screen."""
        found = overlay.views(phone.shelf, BY_NAME[name])
        return self.dice.choice(found) if found else None

    def enter(self, phone: Phone, *edits: Edit) -> None:
        """Enter a group, and write down each value and what was on screen."""
        screens = [overlay.view(phone.shelf, edit.entity, edit.id) for edit in edits]
        for edit, screen, n in zip(edits, screens, phone.enter(*edits), strict=True):
            self._write_down(phone, edit, screen, n)

    def _write_down(self, phone: Phone, edit: Edit, screen: Record | None, n: int) -> None:
        line_no = phone.shelf.seat().line_no
        key: Key = (edit.entity.number, edit.id)
        if edit.kind == Kind.delete and screen is not None:
            saw = {slot: getattr(screen, slot) for slot in edit.entity.slots}
            self.ledger.removed.append(Removed(line_no, n, key, saw))
        for slot, value in edit.values.items():
            if isinstance(value, str) and value.startswith("value "):
                saw_value = value_of(screen, slot) if screen is not None else None
                self.ledger.entered.append(Entered(line_no, n, (*key, slot), _group(edit.entity, slot), value, saw_value))

    def create(self, phone: Phone) -> None:
        """Enter a customer."""
        values: dict[str, Value] = {"name": self.word(), "phone": self.word()}
        self.enter(phone, Edit(Kind.create, BY_NAME["customer"], next(self.world.ids), values))

    def child(self, phone: Phone) -> None:
        """Enter a contact, a contact log or a visit."""
        customer = self.shown(phone, "customer")
        name = self.dice.choice(sorted(CHILDREN))
        if customer is not None:
            values = {slot: value if value != "" else self.word() for slot, value in CHILDREN[name].items()}
            self.enter(phone, Edit(Kind.create, BY_NAME[name], next(self.world.ids), {"customer_id": customer.id, **values}))

    def quote(self, phone: Phone) -> None:
        """Enter a quote with a line, as one group; some are not whole in themselves."""
        customer = self.shown(phone, "customer")
        if customer is not None:
            head_id, line_id = next(self.world.ids), next(self.world.ids)
            head = Edit(Kind.create, BY_NAME["quote"], head_id, {"customer_id": customer.id, "currency": "CNY", "title": self.word()})
            wrong = self.dice.random() < 0.2
            values: dict[str, Value] = {"customer_id": customer.id, "quote_id": line_id if wrong else head_id, "product_id": bytes(16)}
            values |= {"unit": "box", "quantity_thousandths": 1_000, "price_minor": 5, "note": self.word()}
            self.enter(phone, head, Edit(Kind.create, BY_NAME["quote_line"], line_id, values))

    def patch(self, phone: Phone) -> None:
        """Change one slot or two of a record on screen."""
        name = self.dice.choice(["customer", "customer", "customer", *sorted(SLOTS)])
        record = self.shown(phone, name)
        if record is not None:
            values = {slot: self.word() for slot in self.dice.sample(SLOTS[name], self.dice.randint(1, 2))}
            self.enter(phone, Edit(Kind.patch, BY_NAME[name], record.id, values))

    def refused(self, phone: Phone) -> None:
        """Enter what no server takes: a custom field which nobody defined."""
        customer = self.shown(phone, "customer")
        if customer is not None:
            self.enter(phone, Edit(Kind.patch, BY_NAME["customer"], customer.id, {"extra.unknown": self.word()}))

    def delete(self, phone: Phone) -> None:
        """Delete a contact or a quote line on screen."""
        name = self.dice.choice(["contact", "contact", "quote_line"])
        record = self.shown(phone, name)
        if record is not None:
            self.enter(phone, Edit(Kind.delete, BY_NAME[name], record.id))

    def decide(self, phone: Phone) -> None:
        """Take a card of one's own: use mine, keep theirs, or dismiss."""
        mine = [item for item in phone.inbox() if item.state == ItemState.open and item.holder_id == phone.user_id]
        if mine:
            item = self.dice.choice(mine)
            how = self.dice.choice(["use_mine", "use_mine", "keep_theirs", "dismiss"])
            self.counts[how] += 1
            if how == "use_mine":
                self._use_mine(phone, item)
            elif how == "keep_theirs":
                phone.keep_theirs(item)
            else:
                phone.dismiss(item)

    def _use_mine(self, phone: Phone, item: InboxItem) -> None:
        """The card is the screen: what it prints as theirs was seen."""
        (edits,) = decisions.use_mine(phone.shelf, item)
        line_no = phone.shelf.seat().line_no
        members = [member for member in item.members if member.kind != Kind.command]
        for edit, member, n in zip(edits, members, phone.enter(*edits), strict=True):
            key: Key = (edit.entity.number, edit.id)
            if edit.kind == Kind.delete:
                self.ledger.removed.append(Removed(line_no, n, key, dict(member.theirs)))
            for slot, value in edit.values.items():
                saw = member.theirs.get(slot)
                self.ledger.entered.append(Entered(line_no, n, (*key, slot), _group(edit.entity, slot), value, saw, card=True))

    # the network

    async def sync(self, phone: Phone) -> None:
        """Sync to the end."""
        self._count(await phone.sync())

    def _count(self, answers: list[SyncAnswer]) -> None:
        for answer in answers:
            for raw in answer.outcomes:
                outcome = OUTCOME_DECODER.decode(raw)
                self.counts[outcome.result.name] += 1
                self.counts[outcome.code or "no code"] += 1

    async def lost_answer(self, phone: Phone) -> None:
        """The server answers, and the phone never hears it."""
        await phone.answer(phone.ask())

    async def one_page(self, phone: Phone) -> None:
        """One answer of the smallest page, then the network is gone."""
        phone.page_bytes = 1
        answer = await phone.answer(phone.ask())
        assert reference.apply(phone.shelf, answer)
        phone.page_bytes = 10_000
        self._count([answer])

    # the desk

    async def transfer(self, _: Phone) -> None:
        """The manager gives a customer to a rep."""
        customer = self.shown(self.manager, "customer")
        if customer is not None:
            asked = Transfer(customer.id, self.dice.choice(self.phones[:2]).user_id)
            await self._by_manager(act, self.manager.claims, asked, self.world.now_ms)

    async def collaborate(self, _: Phone) -> None:
        """The manager lets a rep follow up too, or ends it."""
        customer = self.shown(self.manager, "customer")
        if customer is not None:
            user_id = self.dice.choice(self.phones[:2]).user_id
            if self.dice.random() < 0.7:
                asked = Collaborate(customer.id, user_id)
                await self._by_manager(act, self.manager.claims, asked, self.world.now_ms)
            else:
                await self._by_manager(act, self.manager.claims, EndCollaboration(customer.id, user_id), self.world.now_ms)

    async def _by_manager(self, service: Callable[..., object], *args: object) -> None:
        try:
            await self.world.database.write(service, *args)
            self.counts["moved scopes"] += 1
        except Problem as problem:
            self.counts[problem.code.word] += 1

    async def purge(self, _: Phone) -> None:
        """Old removals are forgotten; devices behind must reset."""
        await self.world.database.write(_purge, self.world.org_id)

    def clock(self, phone: Phone) -> None:
        """A phone's clock goes ten years wrong."""
        phone.ahead_ms = self.dice.choice([-TEN_YEARS_MS, 0, TEN_YEARS_MS])

    # the end

    async def settle(self) -> None:
        """Everybody syncs until nothing moves, then the oracles speak."""
        for phone in (*self.phones, *self.phones):
            await self.sync(phone)
        database = self.world.database
        differing = await database.read(differences, self.world.org_id)
        assert not differing, differing
        for phone in self.phones:
            fresh = await self.world.phone(phone.user_id)
            await fresh.sync()
            odd = {key for key in phone.holds().keys() | fresh.holds().keys() if _meant(phone, key) != _meant(fresh, key)}
            assert not odd, odd
            assert not phone.shelf.seat().forked
            waiting = [one.n for one in phone.shelf.pendings() if one.outcome is None or one.overlay]
            assert not waiting, waiting
        lost = await database.read(self.ledger.lost, self.world.org_id)
        assert not lost, lost
        self.counts["values"] += len(self.ledger.entered)


def _meant(phone: Phone, key: Key) -> object:
    body = phone.shelf.row(key)
    return meant(body) if body is not None else None


def _group(entity: Entity, slot: str) -> str:
    return slot if slot.startswith(EXTRA_PREFIX) else entity.group_of.get(slot, "")


def _purge(conn: sa.Connection, org_id: int) -> None:
    conn.execute(sa.delete(feed).where(feed.c.org_id == org_id, feed.c.gone != 0))
    conn.execute(sa.update(scope).where(scope.c.org_id == org_id).values(floor=scope.c.head))


Action = Callable[[History, Phone], Awaitable[None] | None]
ACTIONS: tuple[Action, ...] = (
    History.create,
    History.child,
    History.quote,
    *[History.patch] * 6,
    History.refused,
    History.delete,
    *[History.decide] * 3,
    *[History.sync] * 6,
    History.lost_answer,
    History.one_page,
    History.transfer,
    History.collaborate,
    History.purge,
    History.clock,
)
