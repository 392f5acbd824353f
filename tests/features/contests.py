"""Contests of reclaims: a manager decides about one, a visit whose time is proven brings a customer back by itself.

`tests/integration/test_contests.py` and `test_contests_proven.py` play the late visits.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import sqlalchemy as sa
from msgspec.structs import replace

from mobile_api.routes.desk.verbs import body_of
from server.database import Database
from server.domain.contests import contest_id
from server.domain.desk import VERB_OF
from server.domain.local_times import DAY_MS, HOUR_MS
from server.models import RECORD_TABLES
from server.services.act import act
from shared_schema.places import Datum
from shared_schema.records.activity import Visit
from shared_schema.records.contest import Contest, ContestState, DecideContest
from shared_schema.records.customer import CustomerKind, GiveToPool, Standing
from shared_schema.records.inbox import Value
from shared_schema.records.reclaim import ReclaimRule
from shared_schema.registry import BY_RECORD
from shared_schema.wire import ENCODER, Result
from tests.prove.crash_listed import Operation, sending
from tests.prove.crash_rows import every
from tests.prove.crash_stage import Scene, Stage
from tests.prove.proof import CANARY, Author, Proof
from tests.world import START_MS, Phone, put

HERE: Final[dict[str, Value]] = {"latitude_e6": 31_230_400, "longitude_e6": 121_473_700, "datum": int(Datum.wgs84)}
STANDING: Final = RECORD_TABLES["standing"]
RUNNING_MS: Final = 2 * DAY_MS
"""So long the device has run when it tells of the visit."""
PATH: Final = VERB_OF[DecideContest].path


def _made(standing: Standing, claimant_id: bytes, decider_id: bytes, reason: str) -> Contest:
    """A contest as a late visit opens it."""
    number = BY_RECORD[Visit].number
    return Contest(
        contest_id(standing, claimant_id), 0, standing.id, claimant_id, number, b"a late visit 000", START_MS, START_MS + 1, START_MS + 2,
        decider_id=decider_id, reason=reason, customer_name=reason, note=reason,
    )  # fmt: skip


async def prepare(stage: Stage, reps: Mapping[str, Phone]) -> None:
    """A customer in a pool, to which its former owner was in time."""
    customer_id = stage.ids["contested"] = reps["cy"].create("customer", name="Contested")
    await reps["cy"].sync()
    pooled = GiveToPool(customer_id, stage.ids["pool"], None, "fell")
    await stage.world.database.write(act, stage.admin, pooled, stage.world.now_ms)
    standing = Standing(customer_id, 0, reclaimed_ms=START_MS + 1)
    made = _made(standing, reps["cy"].user_id, stage.manager.user_id, "")
    stage.ids["contest"] = made.id
    await stage.world.database.write(put, stage.world.org_id, made, stage.world.now_ms)
    await _about_to_prove(stage, reps["cy"].user_id)


async def _about_to_prove(stage: Stage, user_id: bytes) -> None:
    """A phone that last pushed five hours ago, and was at a customer two hours later; an hour after that the customer fell."""
    world, now_ms = stage.world, stage.world.now_ms
    rule = ReclaimRule(b"reclaim rule 000", 0, 1, now_ms // DAY_MS - 10, stage.admin.user_id, now_ms, stage.ids["pool"], unknown_days=300)
    await world.database.write(put, world.org_id, rule, now_ms)
    world.now_ms = now_ms - 5 * HOUR_MS
    phone = await world.phone(user_id)
    phone.boot = "b1"
    customer_id = stage.ids["given back"] = phone.create("customer", name="Proven", kind=int(CustomerKind.shop), **HERE)
    await phone.sync()
    world.now_ms = now_ms
    await world.database.write(act, stage.admin, GiveToPool(customer_id, stage.ids["pool"], None, "fell"), now_ms)
    fell = {"reclaimed_from_id": user_id, "reclaimed_ms": now_ms - 2 * HOUR_MS}
    await world.database.write(_fallen, customer_id, fell)
    world.now_ms = at_ms = now_ms - 3 * HOUR_MS
    ran: dict[str, Value] = {"uptime_ms": RUNNING_MS - 3 * HOUR_MS, "boot": phone.boot, "fix_ms": at_ms - 2_000, "accuracy_mm": 12_000}
    phone.create("visit", customer_id=customer_id, device_ms=at_ms, note="was there", **HERE, **ran)
    world.now_ms = now_ms
    stage.requests["proven visit"] = ENCODER.encode(replace(phone.ask(), uptime_ms=RUNNING_MS))
    stage.claims["proven visit"] = phone.claims


def _fallen(conn: sa.Connection, customer_id: bytes, fell: Mapping[str, object]) -> None:
    conn.execute(sa.update(STANDING).where(STANDING.c.id == customer_id).values(fell))


async def decide(database: Database, scene: Scene) -> object:
    asked = DecideContest(scene.ids["contest"], scene.ids["contested"], "restored", "was there")
    return ENCODER.encode(await database.write(act, scene.claims["admin"], asked, scene.now_ms))


def agree(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """A customer that was given back is its former owner's."""
    owners = {one.id: one.owner_id for one in every(conn, org_id, Standing)}
    for one in every(conn, org_id, Contest):
        if one.state is ContestState.restored and owners.get(one.customer_id) != one.claimant_id:
            yield f"contest {one.id.hex()}: restored, and not the former owner's"


def canary(author: Author) -> None:
    """A contest of the author's customer, as a late visit opens it."""
    standing = Standing(author.raw_id("customer"), 0, reclaimed_ms=START_MS + 1)
    author.put(_made(standing, author.raw_id("user ann"), author.raw_id("user mia"), CANARY))


PROOF: Final = Proof(
    operations=(
        Operation(
            "a proven visit brings a customer back",
            sending("proven visit"),
            same=True,
            results=frozenset({Result.applied}),
            touches=("contest", "standing", "pool_card", "ownership_event", "visit", "notification"),
        ),
        Operation("decide a contest", decide, same=True, touches=("contest", "standing", "pool_card", "ownership_event", "notification")),
    ),
    prepare=prepare,
    agree=agree,
    canary=canary,
    shown=("contest",),
    asks={PATH: lambda ids: {"customer_id": ids["customer"], "verdict": "kept"}},
    bodies={PATH: (body_of(VERB_OF[DecideContest]), {"customer_id": b"c" * 16, "verdict": "kept", "reason": "late"})},
)
