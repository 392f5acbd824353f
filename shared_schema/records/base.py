"""The parts that every record has, an id and a revision, as slots 0 and 1; and those of every command, request and answer of REST."""

from typing import Annotated, ClassVar

import msgspec

from shared_schema.policy import SERVER
from shared_schema.scalars import Id, Revision


class Record(msgspec.Struct, frozen=True, array_like=True):
    """One row of one entity. On the wire an array of its slots; a shorter array means defaults."""

    id: Annotated[Id, SERVER]
    rev: Annotated[Revision, SERVER]


class Command(msgspec.Struct, frozen=True, tag_field="command", forbid_unknown_fields=True):
    """The body of a mutation of kind `command`, tagged by name: guarded, never merged.

    `quiet`: a receipt, which the device gives beside what its user enters: no screen counts it as waiting, and no history tells of it.
    """

    quiet: ClassVar[bool] = False


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The common part of every request: a field it does not know is refused."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """The common part of every answer."""
