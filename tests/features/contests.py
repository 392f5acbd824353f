"""Contests of reclaims: a manager decides about one; `tests/integration/test_contests.py` plays the late visit."""

from collections.abc import Iterator, Mapping
from typing import Final

import sqlalchemy as sa

from mobile_api.routes.desk.verbs import body_of
from server.database import Database
from server.domain.contests import contest_id
from server.domain.desk import VERB_OF
from server.services.act import act
from shared_schema.records.activity import Visit
from shared_schema.records.contest import Contest, ContestState, DecideContest
from shared_schema.records.customer import GiveToPool, Standing
from shared_schema.registry import BY_RECORD
from shared_schema.wire import ENCODER
from tests.prove.crash_listed import Operation
from tests.prove.crash_rows import every
from tests.prove.crash_stage import Scene, Stage
from tests.prove.proof import CANARY, Author, Proof
from tests.world import START_MS, Phone, put

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
        Operation("decide a contest", decide, same=True, touches=("contest", "standing", "pool_card", "ownership_event", "notification")),
    ),
    prepare=prepare,
    agree=agree,
    canary=canary,
    shown=("contest",),
    asks={PATH: lambda ids: {"customer_id": ids["customer"], "verdict": "kept"}},
    bodies={PATH: (body_of(VERB_OF[DecideContest]), {"customer_id": b"c" * 16, "verdict": "kept", "reason": "late"})},
)
