"""Holds of pooled customers: reps take them with the network, claim under them or too late, end them; the desk does too; time passes."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from mobile_api.routes.desk.verbs import body_of
from server.database import Database
from server.domain.desk import VERB_OF
from server.domain.holds import EXPIRE, HOLDS_MAX
from server.domain.local_times import HOUR_MS
from server.jobs.turn import run
from server.services import users
from server.services.act import act
from shared_schema.records.customer import GiveToPool, Standing, Transfer
from shared_schema.records.hold import EndHold, PoolHold, PoolHoldState, TakeHold
from shared_schema.records.pool import Claim, PoolCard
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME
from shared_schema.rest import UserRequest
from shared_schema.wire import ENCODER, Kind, Result
from sync.device import Edit, keep_tiles
from tests.prove import desk
from tests.prove.crash_listed import Operation, sending
from tests.prove.crash_rows import every
from tests.prove.crash_stage import Scene, Stage
from tests.prove.desk import Expire, Own
from tests.prove.entries import shown
from tests.prove.handset import Handset
from tests.prove.history import TILES, History
from tests.prove.moves import at_desk
from tests.prove.proof import CANARY, Author, Proof
from tests.prove.watch import need
from tests.world import START_MS, Phone

TAKE: Final = VERB_OF[TakeHold]
END: Final = VERB_OF[EndHold]
CARD: Final = BY_NAME["pool_card"]
ONE_HOLDER: Final = "16 a customer is held for one member, and its card says so"
CERTAIN: Final = "16 a claim within its hold wins"
HELD: Final = ("to hold", "held", "to claim", "outlasted", "lapsing")
AGAIN_SHARE: Final = 0.3
LOOKING_SHARE: Final = 0.5


def take_hold(history: History, phone: Handset) -> bool:
    """A rep holds a customer of which the phone has a card; some ask again, some take it back at once."""
    return _taken(history, phone) is not None


def claim_held(history: History, phone: Handset) -> bool:
    """A rep takes a hold, and claims the customer within it; others try meanwhile."""
    card_id = _taken(history, phone)
    if card_id is None or phone.shelf.seat().forked:
        return False
    history.sync(phone)
    card = next((one for one in phone.shown("pool_card") if one.id == card_id), None)
    other = history.dice.choice([one for one in history.handsets if one is not phone])
    theirs = next((one for one in other.shown("pool_card") if one.id == card_id), None)
    if isinstance(theirs, PoolCard) and not other.shelf.seat().forked:
        other.enter([_claiming(theirs)], None, history.now_ms)
        history.sync(other)
    if not isinstance(card, PoolCard) or phone.shelf.seat().forked:
        return True
    live = [one for one in _all(history) if one.customer_id == card_id and one.holder_id == phone.user.id and one.until_ms > history.now_ms]
    if live and not phone.shelf.seat().forked:
        phone.enter([_claiming(card)], None, history.now_ms)
    return True


def end_hold(history: History, phone: Handset) -> bool:
    """The holder ends one, or the director does; again it changes nothing."""
    live = _held(history, phone)
    if not live:
        return False
    one = history.dice.choice(live)
    asked = EndHold(one.id)
    if history.dice.random() < 0.5:
        return at_desk(history, desk.own, Own(one.user_id, asked))
    done = at_desk(history, desk.ask, asked)
    if done and history.dice.random() < AGAIN_SHARE:
        before = _all(history)
        at_desk(history, desk.ask, asked)
        need(_all(history) == before, ONE_HOLDER, "a hold ended twice")
    return done


def outlast_hold(history: History, phone: Handset) -> bool:
    """Hours pass, and the job ends a hold whose time is over, or whose holder is no member any more; none else."""
    live = _held(history, phone)
    history.now_ms += history.dice.randrange(6 * HOUR_MS)
    if not live:
        return False
    return at_desk(history, desk.expire, Expire(history.dice.choice(live).id, EXPIRE.name))


def move_held(history: History, phone: Handset) -> bool:
    """The director gives a held customer to somebody: the desk wins."""
    live = _held(history, phone)
    if not live:
        return False
    return at_desk(history, desk.ask, Transfer(history.dice.choice(live).customer_id, history.dice.choice(history.handsets[:3]).user.id))


def judge(history: History) -> None:
    """A live hold is of a pooled customer, one at a time, and its card names the holder; a user has five at most."""
    records = [held.record for held in history.store.records.values()]
    standings = {one.id: one for one in records if isinstance(one, Standing)}
    cards = {one.id: one for one in records if isinstance(one, PoolCard)}
    counted: dict[bytes, int] = {}
    for one in _all(history):
        history.counts[ONE_HOLDER] += 1
        is_live = one.state is PoolHoldState.live
        need(is_live == (one.holder_id is not None) == (one.ends_ms is not None), ONE_HOLDER, "a hold is half over")
        history.counts[CERTAIN] += one.state is PoolHoldState.claimed
        if is_live:
            need(standings[one.customer_id].pool_id == one.pool_id, ONE_HOLDER, "a customer that left its pool is held")
            card = cards[one.customer_id]
            need((card.held_by_id, card.held_until_ms) == (one.user_id, one.until_ms), ONE_HOLDER, "its card says something else")
            counted[one.user_id] = counted.get(one.user_id, 0) + 1
    need(max(counted.values(), default=0) <= HOLDS_MAX, ONE_HOLDER, "a user holds more than five")


def _taken(history: History, phone: Handset) -> bytes | None:
    """The customer that the rep holds from now on, if the server said so."""
    card = shown(history, phone, "pool_card")
    if card is None and not phone.shelf.seat().forked and history.dice.random() < LOOKING_SHARE:
        keep_tiles(phone.shelf, TILES)
        history.sync(phone)
        card = shown(history, phone, "pool_card")
    if not isinstance(card, PoolCard):
        return None
    asked = TakeHold(card.id, history.new_id(), card.epoch, history.dice.choice((1, 4, 24)))
    if not at_desk(history, desk.own, Own(phone.user.id, asked)):
        return None
    if history.dice.random() < AGAIN_SHARE:
        before = _all(history)
        at_desk(history, desk.own, Own(phone.user.id, asked))
        need(_all(history) == before, ONE_HOLDER, "the same request made another hold")
    return card.id


def _claiming(card: PoolCard) -> Edit:
    return Edit(Kind.command, CARD, card.id, command=ENCODER.encode(Claim(card.epoch)))


def _all(history: History) -> list[PoolHold]:
    found = (held.record for held in history.store.records.values())
    return sorted((one for one in found if isinstance(one, PoolHold)), key=lambda one: one.id)


def _held(history: History, phone: Handset) -> list[PoolHold]:
    """The live holds; the rep takes one first when there is none and a card to take it by."""
    return _live(history) or (_live(history) if _taken(history, phone) else [])


def _live(history: History) -> list[PoolHold]:
    return [one for one in _all(history) if one.state is PoolHoldState.live]


# the crash matrix


async def prepare(stage: Stage, reps: Mapping[str, Phone]) -> None:
    """Customers in the pool: one to hold, one held, whose holder is about to claim it, one whose hold is over, one of a leaver."""
    rep, world = reps["cy"], stage.world
    for name in HELD:
        stage.ids[f"hold {name}"] = rep.create("customer", name=name)
    await rep.sync()
    for name in HELD:
        await world.database.write(act, stage.admin, GiveToPool(stage.ids[f"hold {name}"], stage.ids["pool"], None, "idle"), world.now_ms)
    holder = await stage.phone(reps["gus"].user_id, (0,))
    stage.claims["holder"] = holder.claims
    for name, hours, ago in (("held", 8, 0), ("to claim", 8, 0), ("outlasted", 1, 2)):
        stage.ids[f"the {name}"] = next(world.ids)
        asked = TakeHold(stage.ids[f"hold {name}"], stage.ids[f"the {name}"], await _epoch(stage, f"hold {name}"), hours)
        await world.database.write(act, holder.claims, asked, world.now_ms - ago * HOUR_MS)
    await _held_by_leaver(stage)
    epoch = await _epoch(stage, "hold to claim")

    def enter(phone: Phone) -> None:
        phone.command("pool_card", stage.ids["hold to claim"], Claim(epoch))

    await stage.about_to("claim held", holder.user_id, enter, (0,))
    stage.ids["next hold"] = next(world.ids)


async def _held_by_leaver(stage: Stage) -> None:
    """The holder left, and the job has not come yet."""
    world = stage.world
    leaver = await stage.phone(await world.user("leaving holder"), (0,))
    asked = TakeHold(stage.ids["hold lapsing"], next(world.ids), await _epoch(stage, "hold lapsing"), 8)
    await world.database.write(act, leaver.claims, asked, world.now_ms)
    gone = UserRequest(id=leaver.user_id, login="leaving holder", name="leaving holder", role=Role.rep, language="en", active=False)
    await world.database.write(users.put, world.org_id, gone, None, world.now_ms)


async def _epoch(stage: Stage, name: str) -> int:
    standings: list[Standing] = await stage.world.database.read(lambda conn: list(every(conn, stage.world.org_id, Standing)))
    return next(one.epoch for one in standings if one.id == stage.ids[name])


async def take(database: Database, scene: Scene) -> object:
    customer_id = scene.ids["hold to hold"]
    standings = await database.read(lambda conn: [one for one in every(conn, scene.org_id, Standing) if one.id == customer_id])
    asked = TakeHold(customer_id, scene.ids["next hold"], standings[0].epoch, 4)
    return ENCODER.encode(await database.write(act, scene.claims["holder"], asked, scene.now_ms))


async def end(database: Database, scene: Scene) -> object:
    return ENCODER.encode(await database.write(act, scene.claims["manager"], EndHold(scene.ids["the held"]), scene.now_ms))


async def outlast(database: Database, _: Scene) -> object:
    """The job, when the time of a hold has come, and the holder of another has left."""
    return await run(database, EXPIRE)


def agree(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """A card shows the live hold of its customer, and no other."""
    live = {one.customer_id: one for one in every(conn, org_id, PoolHold) if one.holder_id is not None}
    for card in every(conn, org_id, PoolCard):
        hold = live.get(card.id)
        if card.pooled and (card.held_by_id, card.held_until_ms) != ((hold.user_id, hold.until_ms) if hold is not None else (None, None)):
            yield f"card {card.id.hex()}: its hold and its words differ"


# tenancy


def canary(author: Author) -> None:
    """A hold of the author's, as the server keeps it."""
    at = author.raw_id("customer"), author.raw_id("pool"), author.raw_id("user ann")
    author.put(PoolHold(b"a hold of ann 00", 0, *at, START_MS, START_MS + HOUR_MS, at[2], customer_name=CANARY))


def wanted(_: Mapping[str, str]) -> dict[str, Any]:
    return {"hold_id": str(UUID(bytes=b"h" * 16)), "epoch": 1, "hours": 4}


PROOF: Final = Proof(
    actions={take_hold: 3, claim_held: 4, end_hold: 2, outlast_hold: 2, move_held: 1},
    judge=judge,
    invariants=(ONE_HOLDER, CERTAIN),
    operations=(
        Operation("take a hold", take, same=True, touches=("pool_hold", "pool_card")),
        Operation("end a hold at the desk", end, same=True, touches=("pool_hold", "pool_card", "notification")),
        Operation(
            "claim under a hold",
            sending("claim held"),
            same=True,
            results=frozenset({Result.applied}),
            touches=("pool_hold", "pool_card", "standing", "ownership_event"),
        ),
        Operation("holds are over or lapse", outlast, apart=True, touches=("pool_hold", "pool_card")),
    ),
    prepare=prepare,
    agree=agree,
    canary=canary,
    shown=("pool_hold",),
    asks={TAKE.path: wanted, END.path: lambda _: {}},
    bodies={TAKE.path: (body_of(TAKE), {"hold_id": b"h" * 16, "epoch": 1, "hours": 8, "datum": 1})},
)
