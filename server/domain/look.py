"""Records that are read together with others: one with its children, and the tiles of the places of which the actor is a member."""

from collections.abc import Callable
from typing import Generic, TypeVar

from msgspec import Struct

from shared_schema.records.base import Record
from shared_schema.registry import BY_RECORD
from sync.rules import Actor
from sync.state import State

R = TypeVar("R", bound=Record)
A = TypeVar("A", bound=Struct)


class Look(Struct, Generic[A], frozen=True):
    """A record that every user who may see it reads by GET together with its children, which name it in the slot `by`.

    `beside`: records of the same id.
    """

    record: type[Record]
    child: type[Record]
    by: str
    tells: str
    gives: type[A]
    show: Callable[[State, bytes], A]
    beside: tuple[type[Record], ...] = ()

    @property
    def path(self) -> str:
        """Where it is read, the id in its place at the end."""
        name = BY_RECORD[self.record].name
        return f"/v1/{name.replace('_', '-')}s/{{{name}_id}}"

    @property
    def route(self) -> str:
        """Its row of the matrix."""
        return f"GET {self.path}"


class Places(Struct, Generic[R], frozen=True):
    """The tiles (`InTile`) into which an actor looks: those of the records that `of_member` finds when all of these `kinds` are loaded.

    A record that is no longer open still shows its tiles as long as a customer stands in it.
    """

    kinds: tuple[type[Record], ...]
    of_member: Callable[[Actor, State], list[R]]
    is_open: Callable[[R], bool]
