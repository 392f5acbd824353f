"""Whereabouts: a person's consent, and visits that bear a position by it."""

from collections.abc import Iterator, Mapping
from typing import Final

import sqlalchemy as sa

from shared_schema.records.activity import Visit
from shared_schema.records.inbox import Value
from shared_schema.records.whereabouts import Consent, ConsentAnswer
from shared_schema.registry import BY_NAME
from shared_schema.wire import Kind, Result
from sync.device import Edit
from tests.prove.crash_listed import Operation, sending
from tests.prove.crash_rows import every
from tests.prove.crash_stage import Stage
from tests.prove.handset import Handset
from tests.prove.history import History
from tests.prove.proof import Author, Proof
from tests.prove.watch import need
from tests.world import Phone

CONSENT: Final = BY_NAME["consent"]
OWN: Final = "29 a consent is the person's own"


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
    for one in found:
        need(one.id == one.user_id and one.answer is not ConsentAnswer.unknown and one.received_ms > 0, OWN, "a consent is nobody's")


async def prepare(stage: Stage, reps: Mapping[str, Phone]) -> None:
    """A rep is about to say no, and to check in with a position all the same, as an app does that knows no such question."""
    rep = reps["hal"]
    shop_id = rep.create("customer", name="Shop of a visit nowhere")
    await rep.sync()

    def enter(phone: Phone) -> None:
        phone.enter(Edit(Kind.create, CONSENT, rep.user_id, {"user_id": rep.user_id, "answer": 2, "asked_in": 1}))
        at: dict[str, Value] = {"latitude_e6": 31_230_400, "longitude_e6": 121_473_700, "datum": 1, "accuracy_mm": 9_000}
        phone.create("visit", customer_id=shop_id, device_ms=stage.world.now_ms, **at)

    await stage.about_to("consent", rep.user_id, enter)


def agree(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """Who said no from the beginning has no visit with a position."""
    refused = {one.user_id: one.received_ms for one in every(conn, org_id, Consent) if one.answer is ConsentAnswer.no}
    for one in every(conn, org_id, Visit):
        since_ms = refused.get(one.author_id or b"")
        if since_ms is not None and one.received_ms >= since_ms and one.latitude_e6 is not None:
            yield f"visit {one.id.hex()}: its author said no, and it bears a position"


def canary(author: Author) -> None:
    """The author's own answer."""
    user_id = author.raw_id("user ann")
    author.enter(Kind.create, "consent", {"id": user_id, "user_id": user_id, "answer": 1, "asked_in": 1})


def _entered() -> list[list[Edit]]:
    """An answer."""
    return [[Edit(Kind.create, CONSENT, b"u" * 16, {"user_id": b"u" * 16, "answer": 1, "asked_in": 1})]]


PROOF: Final = Proof(
    actions={answer: 1},
    judge=judge,
    invariants=(OWN,),
    operations=(
        Operation(
            "say no, and check in all the same",
            sending("consent"),
            same=True,
            results=frozenset({Result.applied}),
            touches=("consent", "visit"),
        ),
    ),
    prepare=prepare,
    agree=agree,
    canary=canary,
    entered=_entered(),
)
