"""More time with a customer, for which its owner asks, and what a manager decides about it."""

from enum import IntEnum
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from shared_schema.entity import Entity
from shared_schema.policy import FIXED, RISING, SEARCHED, SERVER, Lane, OfFamily, Policy
from shared_schema.records.base import Record
from shared_schema.scalars import Day, EpochMs, Id, Line

Why = Annotated[str, Meta(min_length=1, max_length=200)]
"""Why the owner needs the time, in the owner's words."""


class ExtensionState(IntEnum):
    """Where a request for more time stands (D-161); it only ever rises."""

    unknown = 0
    asked = 1
    granted = 2
    refused = 3
    lapsed = 4
    """The customer went to somebody else before anybody decided."""


class Extension(Record, frozen=True, array_like=True):
    """A request for more time. `until_day`: the first day on which the customer may fall again, as asked; `granted_until_day`: as given."""

    customer_id: Annotated[Id, FIXED]
    until_day: Annotated[Day, FIXED]
    reason: Annotated[Why, FIXED]
    author_id: Annotated[Id | None, SERVER, SEARCHED] = None
    asked_ms: Annotated[EpochMs, SERVER] = 0
    state: Annotated[ExtensionState, SERVER, RISING] = ExtensionState.asked
    granted_until_day: Annotated[Day | None, SERVER] = None
    decided_by_id: Annotated[Id | None, SERVER] = None
    decided_ms: Annotated[EpochMs | None, SERVER] = None
    reply: Annotated[Line, SERVER] = ""


class DecideExtension(Struct, frozen=True, forbid_unknown_fields=True):
    """Decide about more time (D-162). The customer is named as it was on the screen.

    `until_day`: of a granted one, another day than the one asked for. `reply`: the manager's words to the owner; a refusal needs some.
    """

    extension_id: Id
    customer_id: Id
    verdict: Literal["granted", "refused"]
    until_day: Day | None = None
    reply: Line = ""


ENTITIES: Final = (Entity(32, Extension, Policy.register, Lane.now, OfFamily()),)
