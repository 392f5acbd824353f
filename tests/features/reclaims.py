"""Reclaim rules: the desk puts versions into force, and asks who would fall; `tests/integration/test_reclaim.py` plays the fall."""

from typing import Final

from mobile_api.routes.desk.verbs import body_of
from server.database import Database
from server.domain.desk import VERB_OF
from server.domain.local_times import DAY_MS
from server.services.act import act
from shared_schema.records.reclaim import NewReclaimRule, ReclaimPreview
from shared_schema.wire import ENCODER
from tests.prove.crash_listed import Operation
from tests.prove.crash_stage import Scene
from tests.prove.proof import Proof

MAKE: Final = VERB_OF[NewReclaimRule]
ASK: Final = VERB_OF[ReclaimPreview]
FAR_DAY: Final = 100_000


async def make(database: Database, scene: Scene) -> object:
    """A version that begins in three days: all customers are judged anew by it."""
    asked = NewReclaimRule(id=b"reclaim rule one", effective_from_day=scene.now_ms // DAY_MS + 3, pool_id=scene.ids["pool"])
    return ENCODER.encode(await database.write(act, scene.claims["admin"], asked, scene.now_ms))


async def ask(database: Database, scene: Scene) -> object:
    """A draft: nothing is written."""
    asked = ReclaimPreview(effective_from_day=scene.now_ms // DAY_MS + 3, pool_id=scene.ids["pool"])
    return len((await database.write(act, scene.claims["admin"], asked, scene.now_ms)).items)


PROOF: Final = Proof(
    operations=(
        Operation("make a version of the reclaim rule", make, same=True, touches=("reclaim_rule", "due")),
        Operation("ask who would fall", ask, same=True),
    ),
    asks={
        MAKE.path: lambda ids: {"id": ids["reclaim_rule"], "effective_from_day": FAR_DAY, "pool_id": ids["pool"]},
        ASK.path: lambda ids: {"effective_from_day": FAR_DAY, "pool_id": ids["pool"]},
    },
    bodies={
        MAKE.path: (body_of(MAKE), {"id": b"r" * 16, "effective_from_day": FAR_DAY, "pool_id": b"p" * 16, "warn_days": [7, 3, 1]}),
        ASK.path: (body_of(ASK), {"effective_from_day": FAR_DAY, "pool_id": b"p" * 16, "exempt": ["locked"], "basis": 2}),
    },
)
