"""Whereabouts: a person's consent, and visits that bear a position by it."""

from collections.abc import Iterator, Mapping
from typing import Final

import sqlalchemy as sa

from server.database import Database
from server.jobs import forget as job
from server.models import retained
from server.store.retained import GONE_MS
from shared_schema.records.activity import Visit
from shared_schema.records.inbox import Value
from shared_schema.records.whereabouts import Consent, ConsentAnswer
from shared_schema.registry import BY_NAME, BY_NUMBER
from shared_schema.wire import Kind, Result
from sync.device import Edit
from sync.forgetting import TELLING, tells
from tests.prove import desk
from tests.prove.crash_listed import Operation, sending
from tests.prove.crash_rows import every
from tests.prove.crash_stage import Scene, Stage
from tests.prove.handset import Handset
from tests.prove.history import History
from tests.prove.moves import at_desk
from tests.prove.proof import Author, Proof
from tests.prove.watch import need
from tests.world import Phone

CONSENT: Final = BY_NAME["consent"]
VISIT: Final = BY_NAME["visit"]
OWN: Final = "29 a consent is the person's own"
FORGOTTEN: Final = "29 a deleted place stays deleted"
SHARE: Final = 0.3
DAY_MS: Final = 86_400_000


def answer(history: History, phone: Handset) -> bool:
    """The person of this phone agrees or does not; made once, then changed."""
    user_id = phone.user.id
    said: dict[str, Value] = {"answer": history.dice.choice((1, 2)), "asked_in": history.dice.choice((1, 2))}
    if any(one.id == user_id for one in phone.shown("consent")):
        phone.enter([Edit(Kind.patch, CONSENT, user_id, said)], None, history.now_ms)
    else:
        phone.enter([Edit(Kind.create, CONSENT, user_id, {"user_id": user_id, **said})], None, history.now_ms)
    return True


def judge(history: History) -> None:
    """Each consent has the id of its person, an answer and a moment."""
    found = [held.record for held in history.store.records.values() if isinstance(held.record, Consent)]
    history.counts[OWN] += len(found)
    judge_places(history)
    for one in found:
        need(one.id == one.user_id and one.answer is not ConsentAnswer.unknown and one.received_ms > 0, OWN, "a consent is nobody's")


def visit_somewhere(history: History, phone: Handset) -> bool:
    """The person of this phone visits a customer, or corrects a visit, and tells where; sometimes the visit is not there: it waits."""
    customers = [one.id for one in phone.shown("customer")]
    if not customers:
        return False
    told = [one for one in phone.shown("visit") if isinstance(one, Visit) and one.amends_id is None]
    first = history.dice.choice(told) if told and history.dice.random() < SHARE else None
    first_id = first.id if first is not None else history.new_id() if history.dice.random() < SHARE else None
    at: dict[str, Value] = {"latitude_e6": 31_230_400 + history.dice.randrange(900), "longitude_e6": 121_473_700, "datum": 1, "boot": "b"}
    customer_id = first.customer_id if first is not None else history.dice.choice(customers)
    of: dict[str, Value] = {"customer_id": customer_id, "amends_id": first_id}
    phone.enter([Edit(Kind.create, VISIT, history.new_id(), {**of, **at, "device_ms": history.now_ms})], None, history.now_ms)
    return True


def forget_places(history: History, phone: Handset) -> bool:
    """Somebody visits; half a year and more passes, or some weeks; the server forgets where people were, and the phone, which has not heard
    of it, goes on."""
    visit_somewhere(history, phone)
    history.sync(phone)
    history.now_ms += history.dice.choice((40, 190, 190)) * DAY_MS
    done = at_desk(history, desk.forget, desk.Forget())
    visit_somewhere(history, phone)
    return done


def judge_places(history: History) -> None:
    """A place that was deleted does not come back: not in a visit, nor in a correction of it."""
    visits = {held.record.id: held.record for held in history.store.records.values() if isinstance(held.record, Visit)}
    for one in visits.values():
        first = visits.get(one.amends_id, one) if one.amends_id is not None else one
        if first.forgotten_days is not None:
            history.counts[FORGOTTEN] += 1
            need(one.latitude_e6 is None or (VISIT.number, one.id) in history.store.retained, FORGOTTEN, "a deleted place is there again")
            need(first.latitude_e6 is None and first.boot == "", FORGOTTEN, "a deleted place is there")


async def prepare(stage: Stage, reps: Mapping[str, Phone]) -> None:
    """A rep is about to say no, and to check in with a position all the same, as an app does that knows no such question."""
    rep = reps["hal"]
    shop_id = rep.create("customer", name="Shop of a visit nowhere")
    await rep.sync()

    def enter(phone: Phone) -> None:
        phone.enter(Edit(Kind.create, CONSENT, rep.user_id, {"user_id": rep.user_id, "answer": 2, "asked_in": 1}))
        at: dict[str, Value] = {"latitude_e6": 31_230_400, "longitude_e6": 121_473_700, "datum": 1, "accuracy_mm": 9_000}
        phone.create("visit", customer_id=shop_id, device_ms=stage.world.now_ms, **at)

    for reader in ("gus",):
        other = reps[reader]
        at: dict[str, Value] = {"latitude_e6": 31_230_400, "longitude_e6": 121_473_700, "datum": 1, "accuracy_mm": 9_000, "boot": "b"}
        met_id = other.create("customer", name="Shop of visits that grow old")
        other.create("visit", customer_id=met_id, device_ms=stage.world.now_ms, **at)
        other.create("visit", customer_id=met_id, device_ms=stage.world.now_ms, amends_id=next(stage.world.ids), **at)
        await other.sync()
    await stage.about_to("consent", rep.user_id, enter)


def agree(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """Who said no from the beginning has no visit with a position."""
    refused = {one.user_id: one.received_ms for one in every(conn, org_id, Consent) if one.answer is ConsentAnswer.no}
    for one in every(conn, org_id, Visit):
        since_ms = refused.get(one.author_id or b"")
        if since_ms is not None and one.received_ms >= since_ms and one.latitude_e6 is not None:
            yield f"visit {one.id.hex()}: its author said no, and it bears a position"
    listed = {
        (row.entity, bytes(row.id))
        for row in conn.execute(sa.select(retained).where(retained.c.org_id == org_id, retained.c.at_ms < GONE_MS))
    }
    told = {(number, one.id) for number in TELLING for one in every(conn, org_id, BY_NUMBER[number].record) if tells(one)}
    for number, record_id in listed ^ told:
        yield f"{BY_NUMBER[number].name} {record_id.hex()}: whether it tells where somebody was is not what the list says"


async def forget_whereabouts(database: Database, _: Scene) -> object:
    """As the job does half a year later: a transaction for each batch."""
    return await job.run(database)


def canary(author: Author) -> None:
    """The author's own answer."""
    user_id = author.raw_id("user ann")
    author.enter(Kind.create, "consent", {"id": user_id, "user_id": user_id, "answer": 1, "asked_in": 1})


def _entered() -> list[list[Edit]]:
    """An answer."""
    return [[Edit(Kind.create, CONSENT, b"u" * 16, {"user_id": b"u" * 16, "answer": 1, "asked_in": 1})]]


PROOF: Final = Proof(
    actions={answer: 1, visit_somewhere: 3, forget_places: 2},
    judge=judge,
    invariants=(OWN, FORGOTTEN),
    operations=(
        Operation(
            "say no, and check in all the same",
            sending("consent"),
            same=True,
            results=frozenset({Result.applied}),
            touches=("consent", "visit"),
        ),
        Operation("forget whereabouts", forget_whereabouts, on_day=181, apart=True, touches=("visit", "inbox_item", "payload", "retained")),
    ),
    prepare=prepare,
    agree=agree,
    canary=canary,
    entered=_entered(),
)
