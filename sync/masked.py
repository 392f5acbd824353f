"""A text out of which an erased person was masked is still the one that was entered (D-489)."""

import re

from shared_schema.records.inbox import Value
from sync import sets
from sync.erasing import MASK


def same(stands: Value, entered: Value) -> bool:
    """Whether a value that stands is the one that was entered, but for words that were masked since."""
    if sets.stands(stands, sets.plain(entered)):
        return True
    if not isinstance(stands, str) or not isinstance(entered, str) or MASK not in stands:
        return False
    return re.fullmatch(".+".join(map(re.escape, stands.split(MASK))), entered, re.DOTALL) is not None
