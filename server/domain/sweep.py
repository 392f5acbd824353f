"""Sweeps: records that the clock changes when a moment has come, each in a transaction of its own, judged again under its locks (D-147)."""

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from msgspec import Struct

from server.domain.needs import Asking, DeskNeed
from shared_schema.records.base import Record
from sync.rules import Actor, Entered
from sync.state import State

R = TypeVar("R", bound=Record)


class Sweep(Struct, Generic[R], frozen=True):
    """Records of one kind that change by themselves. Their rows in the due index are written by the reminder that names the sweep.

    `name`: of those rows, for ever. `beside`: kinds of records, few of each, on which the locks depend. `locks`: the needs that must be
    locked, from the record and those kinds alone; if they are others under the lock, the record is looked at again at the next turn.
    `wants`: further needs. `next_ms`: when to look at it next; now or before: it is decided; None: its row goes.
    """

    name: str
    record: type[R]
    beside: tuple[type[Record], ...]
    locks: Callable[[State, R, int], Iterable[DeskNeed]]
    wants: Callable[[Asking, R], Iterable[DeskNeed]]
    next_ms: Callable[[State, R, int], int | None]
    decide: Callable[[Actor, State, R, Entered], tuple[Record, ...]]


AnySweep = Sweep[Any]
