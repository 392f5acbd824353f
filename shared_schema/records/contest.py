"""A contest: the former owner of a reclaimed customer was there in time, and the server learned it too late (D-170 to D-174)."""

from enum import IntEnum
from typing import Annotated, Final, Literal

from msgspec import Struct

from shared_schema.entity import Entity
from shared_schema.places import Verdict
from shared_schema.policy import SEARCHED, SERVER, Lane, OfUsers, Policy
from shared_schema.records.base import Record
from shared_schema.scalars import EpochMs, Id, Line, Text


class ContestState(IntEnum):
    """The manager's decision about a contest (D-172)."""

    unknown = 0
    undecided = 1
    restored = 2
    kept = 3


class Contest(Record, frozen=True, array_like=True):
    """A visit or contact log (`fact_id`, of kind `fact_entity`) that would have kept a customer, and arrived after the reclaim.

    `claimant_id`: the former owner, its author. `decider_id`: the manager who is to decide; None: an admin is. The id derives from the
    customer, the reclaim and the claimant: one contest of each reclaim.
    """

    customer_id: Annotated[Id, SERVER, SEARCHED]
    claimant_id: Annotated[Id, SERVER, SEARCHED]
    fact_entity: Annotated[int, SERVER]
    fact_id: Annotated[Id, SERVER]
    occurred_ms: Annotated[EpochMs, SERVER]
    reclaimed_ms: Annotated[EpochMs, SERVER]
    made_ms: Annotated[EpochMs, SERVER]
    state: Annotated[ContestState, SERVER] = ContestState.undecided
    decider_id: Annotated[Id | None, SERVER] = None
    decided_by: Annotated[Id | None, SERVER] = None
    decided_ms: Annotated[EpochMs | None, SERVER] = None
    reason: Annotated[Line, SERVER] = ""
    customer_name: Annotated[Line, SERVER] = ""
    """As it was when the contest opened: the manager who decides may hold neither customer nor fact."""
    note: Annotated[Text, SERVER] = ""
    """What the claimant wrote about the contact."""
    verdict: Annotated[Verdict, SERVER] = Verdict.unknown
    """Of a visit, what its evidence tells."""
    proven_ms: Annotated[EpochMs | None, SERVER] = None
    """When the visit happened by the server's own clock; None: nothing proves it (D-175)."""
    silent_from_ms: Annotated[EpochMs | None, SERVER] = None
    """Of a proven visit, when its device had pushed last before it."""


class DecideContest(Struct, frozen=True, forbid_unknown_fields=True):
    """Decide whether the former owner gets a customer back (D-172). The customer is named, as it was on the screen."""

    contest_id: Id
    customer_id: Id
    verdict: Literal["restored", "kept"]
    reason: Line = ""


ENTITIES: Final = (Entity(33, Contest, Policy.server, Lane.now, OfUsers(("decider_id", "claimant_id"))),)
