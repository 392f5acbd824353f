"""Annotations on record fields: who may write a field, and which fields stand or fall together."""

from enum import IntEnum
from typing import Any, Final

import msgspec


class Group(msgspec.Struct, frozen=True):
    """A field of the named register group: fields that make sense only together, merged as one (P-4xx).

    `later`: appended when apps were out that know the group without it; they go on sending the others alone (P-331).
    """

    name: str
    later: bool = False


class Set(msgspec.Struct, frozen=True):
    """An add-wins set: changed by adds and removes that commute, never by a value (P-412)."""


class Fixed(msgspec.Struct, frozen=True):
    """A field which the device gives at creation and nobody changes."""


class Server(msgspec.Struct, frozen=True):
    """A field which only the server writes; a device that names it is refused by name."""


class Given(msgspec.Struct, frozen=True):
    """The narrower type in which a device gives a field from now on; what stands from before stays readable."""

    hint: Any


FIXED: Final = Fixed()
SET: Final = Set()
SERVER: Final = Server()


class Policy(IntEnum):
    """How records of one entity change."""

    register = 1
    """Field groups, merged by causality."""
    fact = 2
    """Append-only: inserted if absent, never changed."""
    server = 3
    """Only the server writes it."""


class Lane(IntEnum):
    """Order in which a device receives its records; each lane is a scope of its own."""

    now = 1
    work = 2
    history = 3
    reference = 4
    team = 5
    tile = 6
