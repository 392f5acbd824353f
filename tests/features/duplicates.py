"""Customers that bear one number: a rep enters one that exists, and a manager decides about a pair."""

import uuid
from collections.abc import Iterator, Mapping
from typing import Any, Final

import sqlalchemy as sa

from mobile_api.routes.desk.verbs import body_of
from server.database import Database
from server.domain.desk import VERB_OF
from server.domain.duplicates import pair_id
from server.jobs.compare import run
from server.services.act import act
from shared_schema.records.customer import Customer
from shared_schema.records.duplicate import DecideDuplicate, Duplicate
from shared_schema.wire import ENCODER, Kind, Result
from tests.prove.crash_listed import Operation, sending
from tests.prove.crash_rows import every
from tests.prove.crash_stage import Scene, Stage
from tests.prove.proof import CANARY, Author, Proof
from tests.world import Phone

PATH: Final = VERB_OF[DecideDuplicate].path
NUMBER: Final = "13800138000"
OTHER: Final = "13800138001"


async def prepare(stage: Stage, reps: Mapping[str, Phone]) -> None:
    """A pair that waits for its decision, a number that waits to be compared, and a customer that somebody is about to enter again."""
    for name, number in (("first", NUMBER), ("known", OTHER)):
        stage.ids[f"{name} of a pair"] = reps["cy"].create("customer", name=f"The {name} of a pair", phone=number)
    await reps["cy"].sync()
    stage.ids["second of a pair"] = reps["dee"].create("customer", name="The second of a pair", phone=NUMBER)
    await reps["dee"].sync()
    await run(stage.world.database)
    reps["dee"].create("customer", name="Nobody has compared it", phone=OTHER)
    await reps["dee"].sync()
    await stage.about_to("again", reps["fay"].user_id, lambda phone: phone.create("customer", name="Known", phone=OTHER))


async def decide(database: Database, scene: Scene) -> object:
    first, second = scene.ids["first of a pair"], scene.ids["second of a pair"]
    asked = DecideDuplicate(pair_id(first, second), first, second, "same", None, "one shop")
    return ENCODER.encode(await database.write(act, scene.claims["manager"], asked, scene.now_ms))


async def compare(database: Database, _: Scene) -> object:
    return await run(database)


def agree(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """A pair is of two customers that are there."""
    customers = {one.id for one in every(conn, org_id, Customer)}
    pairs = [one for one in every(conn, org_id, Duplicate) if not {one.first_id, one.second_id} <= customers]
    yield from (f"pair {one.id.hex()}: a customer is nowhere" for one in pairs)


def canary(author: Author) -> None:
    """A second customer of the author's with the number of the first."""
    first, first_id = author.ids["customer"], author.raw_id("customer")
    author.enter(Kind.create, "customer", {"name": CANARY, "registration_number": CANARY})
    author.ids["duplicate"] = str(uuid.UUID(bytes=pair_id(first_id, author.raw_id("customer"))))
    author.ids["second of a pair"], author.ids["customer"] = author.ids["customer"], first


def theft(ids: Mapping[str, str]) -> dict[str, Any]:
    return {"first_id": ids["customer"], "second_id": ids["second of a pair"], "verdict": "different"}


PROOF: Final = Proof(
    operations=(
        Operation(
            "enter a customer that exists",
            sending("again"),
            same=True,
            results=frozenset({Result.applied}),
            touches=("customer", "standing", "number_change"),
        ),
        Operation(
            "compare the numbers that phones entered",
            compare,
            apart=True,
            touches=("duplicate", "customer_number", "number_change", "notification"),
        ),
        Operation("decide about two customers", decide, same=True, touches=("duplicate", "standing", "ownership_event", "notification")),
    ),
    prepare=prepare,
    agree=agree,
    canary=canary,
    asks={PATH: theft},
    bodies={PATH: (body_of(VERB_OF[DecideDuplicate]), {"first_id": b"f" * 16, "second_id": b"s" * 16, "verdict": "different"})},
)
