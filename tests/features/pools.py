"""Pools: reps ask for tiles, claim, release, come too late, and say what became of a late edit; the desk gives, assigns and masks.

Each request is judged in `tests/prove/pooled.py` and `rights.py`: who holds what is the core's matter.
"""

from collections.abc import Iterator, Mapping
from typing import Final, TypeGuard

import sqlalchemy as sa

from geo.grid import tile
from server.database import Database
from server.domain.desk import VERB_OF
from server.services import tables
from server.services.act import act
from shared_schema.problem import Code
from shared_schema.records.base import Record
from shared_schema.records.contribution import Contribution, ContributionState, Settle
from shared_schema.records.customer import Collaborate, Collaborator, GiveToPool, LeaveAlone, Release, Standing, Transfer
from shared_schema.records.inbox import Value
from shared_schema.records.pool import Claim, Pool, PoolCard, PoolRequest
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME
from shared_schema.wire import ENCODER, Kind, Result
from sync import device
from sync.device import Edit, keep_tiles
from tests.prove import desk, entries
from tests.prove.crash_listed import Operation, sending
from tests.prove.crash_rows import every
from tests.prove.crash_stage import Scene, Stage
from tests.prove.entries import CHILDREN, shown
from tests.prove.handset import Handset
from tests.prove.history import TILES, History, some_hidden, some_tiles
from tests.prove.moves import at_desk
from tests.prove.proof import CANARY, Author, Proof
from tests.world import START_MS, Phone

CARD: Final = BY_NAME["pool_card"]
STANDING: Final = BY_NAME["standing"]
WRONG_SHARE: Final = 0.15
"""How often a command names another epoch than that on the screen."""
CLOSED_SHARE: Final = 0.25
LOOKING_SHARE: Final = 0.4
FACTS: Final = ("contact_log", "visit")
PLACE: Final[Mapping[str, Value]] = {"latitude_e6": 31_230_400, "longitude_e6": 121_473_700, "datum": 1}
TILE: Final = tile(31_230_400, 121_473_700)
TAKEN: Final = frozenset({Result.applied})
STATE_WRONG: Final = frozenset({Code.state_wrong})


def ask_tiles(history: History, phone: Handset) -> bool:
    """The user travels: his phone asks for other tiles."""
    before = phone.shelf.seat().tiles
    device.keep_tiles(phone.shelf, some_tiles(history.dice))
    return phone.shelf.seat().tiles != before


def claim(history: History, phone: Handset) -> bool:
    """Take a pooled customer; some at once enter something about it, with the claim or beside it."""
    card = _card(history, phone)
    if card is None:
        return False
    taking = _claiming(history, card)
    chance = history.dice.random()
    if chance < 0.3:
        phone.enter([taking, _child(history, card.id, history.dice.choice(sorted(CHILDREN)))], None, history.now_ms)
        return True
    phone.enter([taking], None, history.now_ms)
    if chance < 0.6:
        phone.enter([_child(history, card.id, history.dice.choice(sorted(CHILDREN)))], None, history.now_ms)
    return True


def claim_at_once(history: History, phone: Handset) -> bool:
    """Two phones know the same card and claim it; one of them finds the network first."""
    if _card(history, phone) is None:
        return False
    own = {one.id: one for one in phone.shown("pool_card")}
    others = [(other, one.id) for other in history.handsets if other is not phone for one in other.shown("pool_card") if one.id in own]
    if not others:
        return False
    other, card_id = history.dice.choice(others)
    for one in (phone, other):
        card = next(card for card in one.shown("pool_card") if card.id == card_id)
        assert isinstance(card, PoolCard)
        one.enter([_claiming(history, card)], None, history.now_ms)
    for one in history.dice.sample([phone, other], 2):
        if not one.shelf.seat().forked:
            history.sync(one)
    return True


def release(history: History, phone: Handset) -> bool:
    """Give a customer to a pool, as its owner or his manager."""
    standing = shown(history, phone, "standing")
    if not isinstance(standing, Standing):
        return False
    command = Release(_pool(history, phone), standing.epoch - (history.dice.random() < WRONG_SHARE))
    phone.enter([_commanding(STANDING.name, standing.id, command)], None, history.now_ms)
    return True


def come_and_go(history: History, phone: Handset) -> bool:
    """Without the network: claim, tell a visit, give back, some claim again; each command names the one before it."""
    card = _card(history, phone)
    if card is None:
        return False
    taken = phone.enter([_claiming(history, card)], None, history.now_ms)[0].aliases[0][1]
    phone.enter([_child(history, card.id, history.dice.choice(FACTS))], None, history.now_ms)
    if history.dice.random() < 0.8:
        given = Release(_pool(history, phone), after=taken)
        entry = phone.enter([_commanding(STANDING.name, card.id, given)], None, history.now_ms)[0]
        phone.enter([_child(history, card.id, history.dice.choice(FACTS))], None, history.now_ms)
        if history.dice.random() < 0.5:
            again = Claim(after=entry.aliases[0][1])
            phone.enter([_commanding(CARD.name, card.id, again)], None, history.now_ms)
    return True


def come_late(history: History, phone: Handset) -> bool:
    """The customer goes while its holder is out of reach and works on; some get it back."""
    customer = shown(history, phone, "customer")
    held = history.store.records.get((STANDING.number, customer.id)) if customer is not None else None
    if customer is None or held is None or phone.shelf.seat().forked:
        return False
    if not at_desk(history, desk.ask, GiveToPool(customer.id, _some_pool(history))):
        return False
    slot = history.dice.choice(entries.SLOTS["customer"])
    phone.enter([Edit(Kind.patch, BY_NAME["customer"], customer.id, {slot: history.word()})], None, history.now_ms)
    phone.enter([_child(history, customer.id, history.dice.choice(sorted(CHILDREN)))], None, history.now_ms)
    history.sync(phone)
    if history.dice.random() < 0.5:
        at_desk(history, desk.ask, Transfer(customer.id, phone.user.id))
    return True


def settle(history: History, phone: Handset) -> bool:
    """Who holds the customer says what became of a late edit; where nobody can, the director gives it to somebody."""
    if not _late_edits(phone) and phone.user.role is Role.rep and not phone.shelf.seat().forked:
        waiting = sorted(held.record.customer_id for held in history.store.records.values() if _is_open(held.record))
        if waiting and at_desk(history, desk.ask, Transfer(history.dice.choice(waiting), phone.user.id)):
            history.sync(phone)
    near = _late_edits(phone)
    if not near:
        return False
    command = Settle(taken=history.dice.random() < 0.5)
    phone.enter([_commanding("contribution", history.dice.choice(near).id, command)], None, history.now_ms)
    return True


def _late_edits(phone: Handset) -> list[Contribution]:
    return [one for one in phone.shown("contribution") if _is_open(one)]


def _is_open(record: Record) -> TypeGuard[Contribution]:
    return isinstance(record, Contribution) and record.state == ContributionState.open


def release_at_desk(history: History, _: Handset) -> bool:
    """The director gives a customer to a pool."""
    owned = [held.record.id for held in history.store.records.values() if isinstance(held.record, Standing)]
    return bool(owned) and at_desk(history, desk.ask, GiveToPool(history.dice.choice(owned), _some_pool(history)))


def mask_pool(history: History, _: Handset) -> bool:
    """A pool hides other fields; some take no customer any more, until somebody thinks better of it."""
    pool, hidden, active = history.store.pools[_some_pool(history)], some_hidden(history.dice), history.dice.random() > CLOSED_SHARE
    asked = PoolRequest(id=pool.id, name=pool.name, department_id=pool.department_id, hidden=hidden, active=active)
    history.counts["scope pool closed"] += not asked.active
    return at_desk(history, desk.put, asked)


def _card(history: History, phone: Handset) -> PoolCard | None:
    """One of the cards on the screen; who sees none asks for all there are, now and then."""
    card = shown(history, phone, "pool_card")
    if card is None and not phone.shelf.seat().forked and history.dice.random() < LOOKING_SHARE:
        device.keep_tiles(phone.shelf, TILES)
        history.sync(phone)
        card = shown(history, phone, "pool_card")
    return card if isinstance(card, PoolCard) else None


def _claiming(history: History, card: PoolCard) -> Edit:
    return _commanding(CARD.name, card.id, Claim(card.epoch - (history.dice.random() < WRONG_SHARE)))


def _commanding(name: str, record_id: bytes, command: Claim | Release | Settle) -> Edit:
    return Edit(Kind.command, BY_NAME[name], record_id, command=ENCODER.encode(command))


def _child(history: History, customer_id: bytes, name: str) -> Edit:
    values: dict[str, Value] = {slot: value if value != "" else history.word() for slot, value in CHILDREN[name].items()}
    return Edit(Kind.create, BY_NAME[name], history.new_id(), {"customer_id": customer_id, **values})


def _pool(history: History, phone: Handset) -> bytes:
    """One that the phone knows, or an unknown one: a new phone knows none."""
    known = phone.shown("pool")
    return history.dice.choice(known).id if known else bytes(16)


def _some_pool(history: History) -> bytes:
    return history.dice.choice(sorted(history.store.pools))


async def prepare(stage: Stage, reps: Mapping[str, Phone]) -> None:
    """Fill a pool, and leave what its members are about to do."""
    database = stage.world.database
    pool = await database.write(tables.save, stage.admin, PoolRequest(name="East", hidden=("industry",)), stage.world.now_ms)
    stage.ids["pool"] = pool.id
    for name in ("first", "second"):
        stage.ids[f"{name} pooled"] = customer_id = await _customer(reps["cy"], f"The {name} pooled")
        await database.write(act, stage.manager.claims, GiveToPool(customer_id, pool.id, reason="idle"), stage.world.now_ms)
    stage.ids["to release"] = await _customer(reps["dee"], "To be given back")
    await _shared(stage, stage.ids["to release"], reps["fay"])
    await stage.about_to("claim", reps["gus"].user_id, lambda phone: _take(phone, stage), (TILE,))
    await stage.about_to("release", reps["dee"].user_id, lambda phone: _give(phone, stage))
    fresh = await stage.world.phone(reps["eve"].user_id)
    keep_tiles(fresh.shelf, (TILE,))
    stage.requests["tile"], stage.claims["tile"] = ENCODER.encode(fresh.ask()), fresh.claims


async def _customer(rep: Phone, name: str) -> bytes:
    """A customer with a place, and children of it that move along."""
    customer_id = rep.create("customer", name=name, phone="3", industry="food", city="Port", **PLACE)
    rep.create("contact", customer_id=customer_id, name="Ms Lin")
    rep.create("visit", customer_id=customer_id, device_ms=START_MS)
    await rep.sync()
    return customer_id


async def _shared(stage: Stage, customer_id: bytes, rep: Phone, until_ms: int | None = None) -> None:
    asked = Collaborate(customer_id, rep.user_id, until_ms)
    await stage.world.database.write(act, stage.manager.claims, asked, stage.world.now_ms)


def _take(phone: Phone, stage: Stage) -> None:
    """The claim and a visit that depends on it, one group."""
    customer_id = stage.ids["first pooled"]
    card = phone.view("pool_card", customer_id)
    assert isinstance(card, PoolCard)
    claim = Edit(Kind.command, BY_NAME["pool_card"], customer_id, command=ENCODER.encode(Claim(epoch=card.epoch)))
    phone.enter(claim, Edit(Kind.create, BY_NAME["visit"], next(stage.world.ids), {"customer_id": customer_id, "device_ms": START_MS}))


def _give(phone: Phone, stage: Stage) -> None:
    standing = phone.view("standing", stage.ids["to release"])
    assert isinstance(standing, Standing)
    phone.command("standing", standing.id, Release(stage.ids["pool"], epoch=standing.epoch, reason="too far"))


def agree(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """A customer in a pool is nobody's, nobody shares it, and it has the one card of it, which shows nothing that the pool hides."""
    standings: dict[bytes, Standing] = {one.id: one for one in every(conn, org_id, Standing)}
    pooled = {one.id: one.pool_id for one in standings.values() if one.pool_id is not None}
    cards: list[PoolCard] = [one for one in every(conn, org_id, PoolCard) if one.pooled]
    if {one.id: one.pool_id for one in cards} != pooled:
        yield "customers in pools and the cards of pools are not the same"
    yield from (f"standing {one.hex()}: in a pool, and somebody's" for one in pooled if standings[one].owner_id is not None)
    yield from (
        f"customer {one.customer_id.hex()}: in a pool, and shared" for one in every(conn, org_id, Collaborator) if one.customer_id in pooled
    )
    hidden = {pool.id: pool.hidden for pool in every(conn, org_id, Pool)}
    for card in cards:
        if card.epoch != standings[card.id].epoch:
            yield f"card {card.id.hex()}: epoch {card.epoch}, its standing has {standings[card.id].epoch}"
        yield from (f"card {card.id.hex()}: shows {field}, which its pool hides" for field in hidden[card.pool_id] if getattr(card, field))


async def give_at_desk(database: Database, scene: Scene) -> object:
    asked = GiveToPool(scene.ids["to release"], scene.ids["pool"], reason="idle")
    return (await database.write(act, scene.claims["manager"], asked, scene.now_ms)).moved


async def give_to_the_fitting(database: Database, scene: Scene) -> object:
    asked = GiveToPool(scene.ids["to release"], reason="idle", pool_by_fit=True)
    return (await database.write(act, scene.claims["manager"], asked, scene.now_ms)).moved


async def assign(database: Database, scene: Scene) -> object:
    """A pooled customer goes to a rep, its card goes from the tile."""
    move = Transfer(scene.ids["first pooled"], scene.ids["bo"], None, "nearer")
    return (await database.write(act, scene.claims["manager"], move, scene.now_ms)).moved


async def mask(database: Database, scene: Scene) -> object:
    """The pool hides two more fields: every card of it is written anew."""
    asked = PoolRequest(id=scene.ids["pool"], name="East", hidden=("name", "city", "industry"))
    return (await database.write(tables.save, scene.claims["admin"], asked, scene.now_ms)).hidden


async def leave_alone(database: Database, scene: Scene) -> object:
    """The manager says until when nobody claims a pooled customer."""
    asked = LeaveAlone(scene.ids["first pooled"], 30_000)
    return (await database.write(act, scene.claims["manager"], asked, scene.now_ms)).epoch


def canary(author: Author) -> None:
    """A customer of the author's in a pool."""
    first = author.ids["customer"]
    author.enter(Kind.create, "customer", {"name": CANARY})
    author.led(f"/v1/desk/customers/{author.ids['customer']}/release", {"pool_id": author.ids["pool"]})
    author.ids["customer"] = first


PROOF: Final = Proof(
    actions={
        ask_tiles: 3,
        claim: 6,
        claim_at_once: 3,
        release: 2,
        come_and_go: 3,
        come_late: 1,
        settle: 3,
        release_at_desk: 2,
        mask_pool: 1,
    },
    always=True,
    operations=(
        Operation(
            "claim a pooled customer, with a visit",
            sending("claim"),
            same=True,
            results=TAKEN,
            touches=("standing", "pool_card", "visit", "ownership_event"),
        ),
        Operation(
            "release by phone",
            sending("release"),
            same=True,
            results=TAKEN,
            touches=("standing", "pool_card", "collaborator", "ownership_event"),
        ),
        Operation("first sync of a tile", sending("tile"), same=True),
        Operation(
            "release at the desk", give_at_desk, again=STATE_WRONG, touches=("standing", "pool_card", "collaborator", "ownership_event")
        ),
        Operation(
            "release into the fitting pool",
            give_to_the_fitting,
            again=STATE_WRONG,
            touches=("standing", "pool_card", "collaborator", "ownership_event"),
        ),
        Operation("assign out of a pool", assign, again=STATE_WRONG, touches=("standing", "pool_card", "notification", "push")),
        Operation("leave a customer alone", leave_alone, same=True, touches=("standing",)),
        Operation("change what a pool hides", mask, touches=("pool", "pool_card")),
    ),
    prepare=prepare,
    agree=agree,
    canary=canary,
    shown=("pool_card",),
    attacks=(
        *({"command": "claim", "epoch": epoch} for epoch in (1, 2, 3)),
        *({"command": "release", "pool_id": b"p" * 16, "epoch": epoch} for epoch in (1, 2)),
    ),
    asks={
        VERB_OF[GiveToPool].path: lambda ids: {"pool_id": ids["pool"]},
        VERB_OF[LeaveAlone].path: lambda _: {"until_day": 30_000},
        "/v1/desk/pools": lambda ids: {"id": ids["pool"], "name": "Thief"},
    },
)
