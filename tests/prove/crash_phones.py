"""What the crash matrix runs from phones beside the mixed batch: pools, restores, undo, sets, cards."""

from typing import Final

from shared_schema.wire import Result
from tests.prove.crash_listed import Operation, sending

TAKEN: Final = frozenset({Result.applied})
OPERATIONS: Final = (
    Operation("restore what was deleted", sending("restore"), same=True, results=TAKEN, touches=("contact", "tombstone")),
    Operation("undo", sending("undo"), same=True, results=TAKEN, touches=("customer", "change")),
    Operation("add and remove set elements", sending("elements"), same=True, results=TAKEN, touches=("customer", "change")),
    Operation("send a card up", sending("send up"), same=True, results=TAKEN, touches=("inbox_item", "notice")),
    Operation("keep theirs", sending("keep theirs"), same=True, results=TAKEN, touches=("inbox_item",)),
    Operation("dismiss a card", sending("dismiss"), same=True, results=TAKEN, touches=("inbox_item",)),
    Operation("a manager decides a card", sending("decide"), same=True, results=TAKEN, touches=("customer", "inbox_item")),
)
