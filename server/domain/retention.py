"""A record that no longer tells where somebody was, as its noun wants it then (D-474)."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from server.domain.features import FEATURES
from shared_schema.records.base import Record
from sync.forgetting import forgotten

FORGETS: Final[Mapping[type[Record], Callable[[Any], Record]]] = {record: so for one in FEATURES for record, so in one.forgets.items()}


def without(record: Record, days: int) -> Record:
    """The record without where somebody was; the very same object if it tells nothing. `days`: after how many."""
    bare = forgotten(record, days)
    return bare if bare is record or type(record) not in FORGETS else FORGETS[type(record)](bare)
