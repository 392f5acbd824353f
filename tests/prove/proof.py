"""The shape of what one noun brings to the proof. The engine of the proof takes it from the list in `tests/features`, and names no noun."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

import sqlalchemy as sa
from msgspec import Struct

from shared_schema.records.base import Record
from shared_schema.wire import Kind
from sync.device import Edit
from sync.shelf import Shelf
from tests.prove.crash_listed import Operation
from tests.prove.crash_stage import Stage
from tests.prove.handset import Handset
from tests.prove.history import History
from tests.world import Phone

Action = Callable[[History, Handset], bool]
"""Something that may happen in a history, on one phone; whether it did."""
CANARY: Final = "CANARYfamily"
"""What only those may read who hold the records of the tenancy matrix's rep: it stands in every text of them."""


class Author(Protocol):
    """The rep of the tenancy matrix. `ids`: of a record of each kind that strangers must not see, as text; "user ann" is the rep's own."""

    ids: dict[str, str]

    def raw_id(self, noun: str) -> bytes:
        """The 16 bytes of the id of a kind."""
        ...

    def enter(self, kind: Kind, noun: str, values: dict[str, Any]) -> None:
        """Enter something on the rep's phone: a new record, which `ids` names from then on, or something about the one that it names.
        A new one gets the `id` that stands among the values, or any."""
        ...

    def put(self, record: Record) -> None:
        """Write a record as the server's clock or a late entry would."""
        ...

    def led(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """What the desk answers when the rep's manager asks this."""
        ...


class Proof(Struct, frozen=True):
    """What a noun brings.

    The simulator and the stack take `actions`: what happens in a history, and how often; `always`: whether in every history, for the core
    shows much of itself by this noun alone, or only when the noun is drawn into the cast; `judge`: what must hold of the noun at its end,
    raises Break; `invariants`: what is counted there, so that each must have happened.
    The shadow takes `computed`: what a phone computes of its screens as the server does, by id.
    The crash matrix takes `operations`; `prepare`: what they find, given the phone of each rep; `agree`: what disagrees in the tables.
    The tenancy matrix takes `canary`: enters a record of each kind with CANARY in each text; `shown`: kinds in which it must be found;
    `attacks`: commands that strangers try on every id; `asks`: path → what strangers post there, given the ids of what is not theirs.
    Both are in order but for whose the records are: a refusal for another reason proves nothing.
    The fuzz takes `entered`: what a device queued; `bodies`: path → the type of an honest body, and one.
    A path stands as its `Verb` or `Table` says it.
    """

    actions: Mapping[Action, int] = {}
    always: bool = False
    judge: Callable[[History], None] | None = None
    invariants: tuple[str, ...] = ()
    computed: Callable[[Shelf], list[tuple[bytes, bytes]]] | None = None
    operations: tuple[Operation, ...] = ()
    prepare: Callable[[Stage, Mapping[str, Phone]], Awaitable[None]] | None = None
    agree: Callable[[sa.Connection, int], Iterator[str]] | None = None
    canary: Callable[[Author], None] | None = None
    shown: tuple[str, ...] = ()
    attacks: tuple[dict[str, Any], ...] = ()
    asks: Mapping[str, Callable[[Mapping[str, str]], dict[str, Any]]] = {}
    entered: Sequence[Sequence[Edit]] = ()
    bodies: Mapping[str, tuple[Any, dict[str, Any]]] = {}
