"""Locks and more time: reps ask for it, the desk decides, customers move meanwhile."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeGuard

import sqlalchemy as sa

from mobile_api.routes.desk.verbs import body_of
from server import chance
from server.database import Database
from server.domain.desk import VERB_OF
from server.domain.local_times import DAY_MS, local_day
from server.services.act import act
from shared_schema.records.base import Record
from shared_schema.records.customer import LockCustomer, Standing, Transfer
from shared_schema.records.customer_lock import CustomerLock, CustomerLockState
from shared_schema.records.extension import DecideExtension, Extension, ExtensionState
from shared_schema.records.inbox import Value
from shared_schema.registry import BY_NAME
from shared_schema.wire import ENCODER, Kind, Result
from sync.device import Edit
from tests.prove import desk
from tests.prove.crash_listed import Operation, sending
from tests.prove.crash_rows import every
from tests.prove.crash_stage import Scene, Stage
from tests.prove.entries import shown
from tests.prove.handset import Handset
from tests.prove.history import History
from tests.prove.moves import at_desk
from tests.prove.proof import CANARY, Author, Proof
from tests.prove.watch import need
from tests.world import Phone

EXTENSION: Final = BY_NAME["extension"]
LOCK: Final = VERB_OF[LockCustomer]
DECIDE: Final = VERB_OF[DecideExtension]
ONE_WAITS: Final = "36 one request for more time waits, its author owns the customer"
LOCK_TOLD: Final = "37 a lock stands in the timeline as long as it lasts"
FAR_DAYS: Final = 120
"""Beyond what is granted: some requests name it."""
AGAIN_SHARE: Final = 0.3
SHANGHAI: Final = "Asia/Shanghai"


def ask_for_time(history: History, phone: Handset) -> bool:
    """A rep asks for more time with a customer on the screen, also with one that somebody else owns; some ask twice at once."""
    customer = shown(history, phone, "customer")
    if customer is None:
        return False
    for _ in range(1 + (history.dice.random() < AGAIN_SHARE)):
        day = _today(history) + history.dice.choice((1, 10, 30, FAR_DAYS))
        values: dict[str, Value] = {"customer_id": customer.id, "until_day": day, "reason": history.word() or "busy"}
        phone.enter([Edit(Kind.create, EXTENSION, history.new_id(), values)], None, history.now_ms)
    if history.dice.random() < AGAIN_SHARE and not phone.shelf.seat().forked:
        history.sync(phone)
    return True


def decide_about_time(history: History, _: Handset) -> bool:
    """The director decides about one that waits, or about any; the same decision again changes nothing."""
    found = sorted(_all(history), key=lambda one: (one.state is not ExtensionState.asked, one.id))
    if not found:
        return False
    one = found[0]
    verdict = history.dice.choice(("granted", "granted", "refused"))
    asked = DecideExtension(one.id, one.customer_id, verdict, None, "as agreed")  # type: ignore[arg-type]
    done = at_desk(history, desk.ask, asked)
    if done and history.dice.random() < AGAIN_SHARE:
        before = {one.id: one for one in _all(history)}
        at_desk(history, desk.ask, asked)
        need({one.id: one for one in _all(history)} == before, ONE_WAITS, "the same decision changed a request")
    return done


def lock_customer(history: History, _: Handset) -> bool:
    """The director locks a customer, or takes the lock off; some move it at once."""
    standings = sorted((one for one in _records(history) if isinstance(one, Standing)), key=lambda one: one.id)
    if not standings:
        return False
    one = history.dice.choice(standings)
    day = None if one.locked_until_ms is not None else _today(history) + history.dice.randint(1, 180)
    done = at_desk(history, desk.ask, LockCustomer(one.id, day, "kept"))
    if done and history.dice.random() < AGAIN_SHARE:
        at_desk(history, desk.ask, Transfer(one.id, history.dice.choice(history.handsets[:3]).user.id))
    return done


def judge(history: History) -> None:
    """Of a customer one request waits at most, and its author owns it; who is nobody's is neither locked nor extended."""
    standings = {one.id: one for one in _records(history) if isinstance(one, Standing)}
    for standing in standings.values():
        lasting = {one.until_ms for one in _records(history) if _lasts(one, standing.id, history.now_ms)}
        shown = {standing.locked_until_ms} if (standing.locked_until_ms or 0) > history.now_ms else set()
        need(lasting == shown, LOCK_TOLD, "a lock and its record differ")
        history.counts[LOCK_TOLD] += len(lasting)
        kept = (standing.locked_until_ms, standing.extended_until_ms, standing.lock_reason)
        need(standing.owner_id is not None or kept == (None, None, ""), ONE_WAITS, "a pooled customer is locked or extended")
    waiting: set[bytes] = set()
    for one in _all(history):
        history.counts[ONE_WAITS] += 1
        need(one.state is not ExtensionState.granted or one.decided_by_id is not None, ONE_WAITS, "granted by nobody")
        if one.state is ExtensionState.asked:
            need(one.customer_id not in waiting, ONE_WAITS, "two requests for one customer wait")
            need(standings[one.customer_id].owner_id == one.author_id, ONE_WAITS, "a request waits of a rep who lost the customer")
            waiting.add(one.customer_id)


def _lasts(one: Record, customer_id: bytes, now_ms: int) -> TypeGuard[CustomerLock]:
    return isinstance(one, CustomerLock) and one.customer_id == customer_id and one.state is CustomerLockState.set and one.until_ms > now_ms


def _records(history: History) -> list[Record]:
    return [held.record for held in history.store.records.values()]


def _all(history: History) -> list[Extension]:
    return [one for one in _records(history) if isinstance(one, Extension)]


def _today(history: History) -> int:
    return local_day(history.now_ms, SHANGHAI)


async def prepare(stage: Stage, reps: Mapping[str, Phone]) -> None:
    """A request that waits, and one that a rep is about to make."""
    rep = reps["cy"]
    today = local_day(stage.world.now_ms, SHANGHAI)
    stage.ids["to extend"] = rep.create("customer", name="Slow shop")
    stage.ids["extension"] = rep.create("extension", customer_id=stage.ids["to extend"], until_day=today + 30, reason="harvest")
    other_id = rep.create("customer", name="Slower shop")
    stage.ids["locked"] = rep.create("customer", name="Locked shop")
    await rep.sync()
    await stage.world.database.write(act, stage.admin, LockCustomer(stage.ids["locked"], today + 60, "a tender"), stage.world.now_ms)

    def enter(phone: Phone) -> None:
        phone.create("extension", customer_id=other_id, until_day=today + 10, reason="ill")

    await stage.about_to("more time", rep.user_id, enter)


async def decide(database: Database, scene: Scene) -> object:
    asked = DecideExtension(scene.ids["extension"], scene.ids["to extend"], "granted", None, "go on")
    return ENCODER.encode(await database.write(act, scene.claims["manager"], asked, scene.now_ms))


async def refuse(database: Database, scene: Scene) -> object:
    asked = DecideExtension(scene.ids["extension"], scene.ids["to extend"], "refused", None, "too long")
    return ENCODER.encode(await database.write(act, scene.claims["manager"], asked, scene.now_ms))


async def lock(database: Database, scene: Scene) -> object:
    asked = LockCustomer(scene.ids["to extend"], scene.now_ms // DAY_MS + 90, "a tender")
    return (await database.write(act, scene.claims["manager"], asked, scene.now_ms)).epoch


async def unlock(database: Database, scene: Scene) -> object:
    asked = LockCustomer(scene.ids["locked"], None, "lost it")
    return (await database.write(act, scene.claims["manager"], asked, scene.now_ms)).epoch


def agree(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """A customer whose request was granted has an extension as long as it has the owner who asked."""
    standings = {one.id: one for one in every(conn, org_id, Standing)}
    locks = [one for one in every(conn, org_id, CustomerLock) if one.state is CustomerLockState.set]
    for locked in standings.values():
        if locked.locked_until_ms not in {one.until_ms for one in locks if one.customer_id == locked.id} | {None}:
            yield f"standing {locked.id.hex()}: locked, and no record says so"
    for one in every(conn, org_id, Extension):
        standing = standings[one.customer_id]
        if one.state is ExtensionState.granted and standing.owner_id == one.author_id and standing.extended_until_ms is None:
            yield f"extension {one.id.hex()}: granted, and the standing does not say so"


def canary(author: Author) -> None:
    """A request of the author's, and a lock."""
    values = {"customer_id": author.raw_id("customer"), "until_day": local_day(chance.now_ms(), SHANGHAI) + 30, "reason": CANARY}
    author.enter(Kind.create, "extension", values)
    lasting = chance.now_ms(), chance.now_ms() + DAY_MS
    author.put(CustomerLock(b"a lock of ann 00", 0, author.raw_id("customer"), author.raw_id("user ann"), *lasting, CANARY))


def theft(ids: Mapping[str, str]) -> dict[str, Any]:
    return {"customer_id": ids["customer"], "verdict": "granted"}


PROOF: Final = Proof(
    actions={ask_for_time: 4, decide_about_time: 3, lock_customer: 2},
    judge=judge,
    invariants=(ONE_WAITS, LOCK_TOLD),
    operations=(
        Operation(
            "ask for more time",
            sending("more time"),
            same=True,
            results=frozenset({Result.applied}),
            touches=("extension", "notification"),
        ),
        Operation("grant more time", decide, same=True, touches=("extension", "standing", "notification")),
        Operation("refuse more time", refuse, same=True, touches=("extension", "notification")),
        Operation("lock a customer", lock, same=True, touches=("standing", "customer_lock", "notification")),
        Operation("unlock a customer", unlock, same=True, touches=("standing", "customer_lock", "notification")),
    ),
    prepare=prepare,
    agree=agree,
    canary=canary,
    shown=("extension", "customer_lock"),
    asks={LOCK.path: lambda _: {"until_day": None}, DECIDE.path: theft},
    bodies={
        LOCK.path: (body_of(LOCK), {"until_day": 20_000, "reason": "a tender"}),
        DECIDE.path: (body_of(DECIDE), {"customer_id": b"c" * 16, "verdict": "granted", "until_day": 20_000, "reply": "go on"}),
    },
)
