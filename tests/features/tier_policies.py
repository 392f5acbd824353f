"""Tier policies: the desk makes versions, and asks whom a draft concerns; `tests/integration/test_tier_policies.py` plays the rest."""

from typing import Final
from uuid import uuid4

from mobile_api.routes.desk.verbs import body_of
from server.database import Database
from server.domain.desk import VERB_OF
from server.domain.local_times import DAY_MS
from server.services.act import act
from shared_schema.records.tier_policy import NewTierPolicy, TierPolicyPreview
from shared_schema.wire import ENCODER
from tests.prove.crash_listed import Operation
from tests.prove.crash_stage import Scene
from tests.prove.proof import Proof

MAKE: Final = VERB_OF[NewTierPolicy]
ASK: Final = VERB_OF[TierPolicyPreview]
FAR_DAY: Final = 100_000


async def make(database: Database, scene: Scene) -> object:
    """A version that begins in three days: all customers are judged anew by it."""
    asked = NewTierPolicy(id=b"tier policy one.", effective_from_day=scene.now_ms // DAY_MS + 3, contact_days=(90, 7, 14, 30))
    return ENCODER.encode(await database.write(act, scene.claims["admin"], asked, scene.now_ms))


async def ask(database: Database, scene: Scene) -> object:
    """A draft: nothing is written."""
    asked = TierPolicyPreview(effective_from_day=scene.now_ms // DAY_MS + 3)
    return len((await database.write(act, scene.claims["admin"], asked, scene.now_ms)).items)


PROOF: Final = Proof(
    operations=(
        Operation("make a version of the tier policy", make, same=True, touches=("tier_policy", "due")),
        Operation("ask whom a tier policy concerns", ask, same=True),
    ),
    asks={
        MAKE.path: lambda _ids: {"id": str(uuid4()), "effective_from_day": FAR_DAY},
        ASK.path: lambda _ids: {"effective_from_day": FAR_DAY},
    },
    bodies={
        MAKE.path: (body_of(MAKE), {"id": b"t" * 16, "effective_from_day": FAR_DAY, "discounts_bps": [300, 1_500, 800, 300]}),
        ASK.path: (body_of(ASK), {"effective_from_day": FAR_DAY, "contact_days": [90, 7, 14, 30]}),
    },
)
