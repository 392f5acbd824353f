"""What the server may keep of an entry, beyond whether it is in order."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from shared_schema.records.base import Record
from sync.state import State

Fields = Mapping[str, Any]
"""Of an entry, as its author sent them: nothing says that they fit."""


class Allowed(Struct, frozen=True):
    """What an entry of a kind may say.

    `of`: records under the author's own id by which `fields` judges; it returns its argument where all is allowed. The engine takes out the
    rest before anything of the entry is kept, also on a card, and of an entry that is refused.
    """

    of: tuple[type[Record], ...]
    fields: Callable[[State, bytes, bytes, Fields], Fields]
    """State, the author's id, the record's id, the fields."""
