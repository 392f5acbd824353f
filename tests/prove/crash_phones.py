"""What the crash matrix runs from phones beside the mixed batch: pools, restores, undo, sets, cards."""

from typing import Final

from server.database import Database
from server.services import targets
from shared_schema.rest import PushTargetRequest
from shared_schema.wire import Result
from tests.prove.crash_listed import Operation, sending
from tests.prove.crash_stage import Scene


async def register_target(database: Database, scene: Scene) -> object:
    """Bo's phone says where push reaches it."""
    asked = PushTargetRequest(kind="fcm_fid", address="dGVzdA")
    await database.write(targets.register, scene.claims["bo"], asked, (), scene.now_ms)
    return None


TAKEN: Final = frozenset({Result.applied})
OPERATIONS: Final = (
    Operation("restore what was deleted", sending("restore"), same=True, results=TAKEN, touches=("contact", "tombstone")),
    Operation("register a push target", register_target, same=True, touches=("push_target",)),
    Operation("undo", sending("undo"), same=True, results=TAKEN, touches=("customer", "change")),
    Operation("add and remove set elements", sending("elements"), same=True, results=TAKEN, touches=("customer", "change")),
    Operation("send a card up", sending("send up"), same=True, results=TAKEN, touches=("inbox_item", "notification", "push")),
    Operation("keep theirs", sending("keep theirs"), same=True, results=TAKEN, touches=("inbox_item",)),
    Operation("dismiss a card", sending("dismiss"), same=True, results=TAKEN, touches=("inbox_item",)),
    Operation("a manager decides a card", sending("decide"), same=True, results=TAKEN, touches=("customer", "inbox_item")),
)
