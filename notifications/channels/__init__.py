"""A channel takes one notice and tells its result."""

from enum import StrEnum
from typing import Protocol, runtime_checkable

import msgspec

from shared_schema.notices import Language
from shared_schema.scalars import EpochMs, Id


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One notice for one user, in words; `deadline_ms` is when it stops being worth sending."""

    id: Id
    kind: str
    user_id: Id
    language: Language
    title: str
    body: str
    deadline_ms: EpochMs


class Reaction(StrEnum):
    """The next step of the outbox: mark the notice sent, try again later, or give it up."""

    sent = "sent"
    retry = "retry"
    drop = "drop"


@runtime_checkable
class Channel(Protocol):
    """A way to a person. A channel sends one notice at a time and keeps no state that a restart would miss."""

    async def deliver(self, notice: Notice) -> Reaction:
        """Send one notice; a provider's fault is a Reaction, never an exception."""
        ...
