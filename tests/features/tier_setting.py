"""The tier by people: a manager sets one by hand until a day, the owner rates; `tests/integration/test_evaluation.py` plays the points."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import sqlalchemy as sa
from msgspec.structs import replace

from mobile_api.routes.desk.verbs import body_of
from server.database import Database
from server.domain.desk import VERB_OF
from server.domain.local_times import DAY_MS
from server.domain.tier_setting import END
from server.jobs import turn
from server.models import evaluated
from server.services import evaluation_models
from server.services.act import act
from server.store import load
from server.store.write import save
from shared_schema.records.customer import Rate, Standing, Tier
from shared_schema.records.reference import Role
from shared_schema.records.tier import SetTier
from shared_schema.registry import BY_RECORD
from shared_schema.rest_evaluation import NewEvaluationModel
from shared_schema.wire import ENCODER, Kind
from sync.device import Edit
from sync.rules import Actor
from sync.state import State
from tests.prove.crash_listed import Operation
from tests.prove.crash_rows import every
from tests.prove.crash_stage import Scene, Stage
from tests.prove.proof import Proof
from tests.world import Phone

SET: Final = VERB_OF[SetTier]
STANDING: Final = BY_RECORD[Standing]
FAR_DAY: Final = 100_000
RATE: Final = ENCODER.encode(Rate(4))


async def prepare(stage: Stage, reps: Mapping[str, Phone]) -> None:
    """A customer whose tier a manager set until a moment that has come."""
    rep = reps["cy"]
    stage.ids["set by hand"] = rep.create("customer", name="set by hand")
    await rep.sync()
    asked = SetTier(stage.ids["set by hand"], Tier.a, stage.world.now_ms // DAY_MS + 3, "big plans")
    await stage.world.database.write(act, stage.admin, asked, stage.world.now_ms)
    await stage.world.database.write(_over, stage.world.org_id, stage.ids["set by hand"], stage.world.now_ms)


def _over(conn: sa.Connection, org_id: int, customer_id: bytes, now_ms: int) -> None:
    """The moment has come; what follows the customer up hears of it."""
    state = State(load.rev_floor(conn, org_id))
    load.standings(conn, state, org_id, {customer_id})
    standing = state.standing(customer_id)
    assert standing is not None
    state.write(replace(standing, tier_set_until_ms=now_ms - 1))
    save(conn, state, Actor(org_id, bytes(16), 0, Role.unknown), now_ms)


async def set_tier(database: Database, scene: Scene) -> object:
    asked = SetTier(scene.ids["customer"], Tier.a, scene.now_ms // DAY_MS + 3, "big plans")
    return ENCODER.encode(await database.write(act, scene.claims["manager"], asked, scene.now_ms))


async def end(database: Database, _scene: Scene) -> object:
    """Job(Standing): the day has come."""
    return await turn.run(database, END)


async def make(database: Database, scene: Scene) -> object:
    """A version that begins in three days."""
    asked = NewEvaluationModel(id=b"evaluation model", effective_from_day=scene.now_ms // DAY_MS + 3)
    return ENCODER.encode(await database.write(evaluation_models.make, scene.claims["admin"], asked, scene.now_ms))


def agree(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """A tier that no hand set is the earned one, of each customer that was evaluated."""
    judged = {bytes(one) for one in conn.execute(sa.select(evaluated.c.customer_id).where(evaluated.c.org_id == org_id)).scalars()}
    for one in every(conn, org_id, Standing):
        if one.id in judged and one.tier_set_until_ms is None and one.tier is not one.earned_tier:
            yield f"standing {one.id.hex()}: the tier is not the earned one"


def setting(_ids: Mapping[str, str]) -> dict[str, Any]:
    return {"tier": 1, "until_day": FAR_DAY, "reason": "thief"}


PROOF: Final = Proof(
    operations=(
        Operation("set a tier by hand", set_tier, same=True, touches=("standing",)),
        Operation("end a tier that was set by hand", end, touches=("standing",), apart=True),
        Operation("make a version of the point model", make, same=True, touches=("evaluation_model",)),
    ),
    prepare=prepare,
    agree=agree,
    attacks=({"command": "rate", "rating": 1},),
    asks={SET.path: setting},
    entered=((Edit(Kind.command, STANDING, b"s" * 16, command=RATE),),),
    bodies={
        SET.path: (body_of(SET), {"tier": 1, "until_day": FAR_DAY, "reason": "thief"}),
    },
)
