"""Two customers that may be one and the same in the world, and what a manager decides about them."""

from enum import IntEnum
from typing import Annotated, Final, Literal

from msgspec import Struct

from shared_schema.entity import Entity
from shared_schema.policy import SEARCHED, SERVER, Lane, OfUsers, Policy
from shared_schema.records.base import Record
from shared_schema.scalars import EpochMs, Id, Line


class AlikeBy(IntEnum):
    """The number that both customers bear."""

    unknown = 0
    by_registration = 1
    by_phone = 2


class DuplicateState(IntEnum):
    """The manager's decision about the pair (D-154)."""

    unknown = 0
    undecided = 1
    same = 2
    different = 3


class Duplicate(Record, frozen=True, array_like=True):
    """A pair of customers that bear one number. `first_id`: the one that bore it first; `second_id`: the one that was entered or changed.

    `author_id`: the user who entered or changed that one. `decider_id`: the manager who is to decide; None: an admin is. The id derives
    from the pair, so a pair is flagged once.
    """

    first_id: Annotated[Id, SERVER, SEARCHED]
    second_id: Annotated[Id, SERVER, SEARCHED]
    alike_by: Annotated[AlikeBy, SERVER] = AlikeBy.unknown
    state: Annotated[DuplicateState, SERVER] = DuplicateState.undecided
    author_id: Annotated[Id | None, SERVER, SEARCHED] = None
    decider_id: Annotated[Id | None, SERVER] = None
    found_ms: Annotated[EpochMs, SERVER] = 0
    decided_by: Annotated[Id | None, SERVER] = None
    decided_ms: Annotated[EpochMs | None, SERVER] = None
    reason: Annotated[Line, SERVER] = ""


class DecideDuplicate(Struct, frozen=True, forbid_unknown_fields=True):
    """Decide whether two customers are one and the same (D-154). Both are named, as they were on the screen.

    `pool_id`: where the second customer goes if they are the same and the first one is in a pool.
    """

    duplicate_id: Id
    first_id: Id
    second_id: Id
    verdict: Literal["same", "different"]
    pool_id: Id | None = None
    reason: Line = ""


ENTITIES: Final = (Entity(30, Duplicate, Policy.server, Lane.now, OfUsers(("decider_id",))),)
