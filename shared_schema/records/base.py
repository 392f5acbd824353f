"""What every record has: an id and a revision, as slots 0 and 1."""

from typing import Annotated

import msgspec

from shared_schema.policy import SERVER
from shared_schema.scalars import Id, Revision


class Record(msgspec.Struct, frozen=True, array_like=True):
    """One row of one entity. On the wire an array of its slots; a shorter array means defaults."""

    id: Annotated[Id, SERVER]
    rev: Annotated[Revision, SERVER]
