"""Late entries of a former holder about a customer: kept beside the customer, and shown to the users who hold it now."""

from enum import IntEnum
from typing import Annotated, Final

from shared_schema.entity import Entity
from shared_schema.policy import SERVER, Lane, OfFamily, Policy
from shared_schema.records.base import Command, Record
from shared_schema.records.inbox import Member
from shared_schema.scalars import EpochMs, Id


class ContributionState(IntEnum):
    """Where a contribution stands."""

    unknown = 0
    open = 1
    taken = 2
    declined = 3
    returned = 4
    """Its author holds the customer again: the author's entries were judged anew."""


class Contribution(Record, frozen=True, array_like=True):
    """Late edits of one author (P-510): the members of the author's inbox item, without anything that the author may not see."""

    customer_id: Annotated[Id, SERVER]
    author_id: Annotated[Id, SERVER]
    state: Annotated[ContributionState, SERVER]
    created_ms: Annotated[EpochMs, SERVER]
    members: Annotated[tuple[Member, ...], SERVER] = ()
    decided_by_id: Annotated[Id | None, SERVER] = None
    decided_ms: Annotated[EpochMs | None, SERVER] = None


class Settle(Command, frozen=True, tag="settle"):
    """Settle a contribution: taken over (by entries of one's own), or declined. On a contribution."""

    taken: bool


ENTITIES: Final = (Entity(13, Contribution, Policy.server, Lane.now, OfFamily(), commands=(Settle,)),)
