"""Reminders: what a noun says about the moments at which users should hear of its records (D-92x)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Generic, NamedTuple, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from server.domain.local_times import moment_ms
from server.domain.needs import Asking, DeskNeed
from shared_schema.records.base import Record
from shared_schema.records.reference import Organisation
from sync.heard import Heard
from sync.state import State

R = TypeVar("R", bound=Record)


class Local(NamedTuple):
    """A wall time of the reader: `minute` of `day` (since 1970-01-01)."""

    day: int
    minute: int


class Occasion(Struct, frozen=True):
    """What a user should hear, and when: a wall time of the reader, or a moment in ms. `until`: from then on nobody need hear it; None:
    as long as its kind lasts."""

    heard: Heard
    at: Local | int
    until: Local | int | None = None


class Reminder(Struct, Generic[R], frozen=True):
    """The occasions of the records of one kind.

    `name`: of its rows in the due index, for ever. `slots`: those of the record on which the occasions depend; a later change of any other
    only moves them later. `earliest`: a moment in ms before which there is no occasion, from the record alone: wall times as of the most
    eastern zone; None: there is none. While it gives a moment there is an occasion ahead, or a change of `slots` makes the next one.
    `occasions`: all occasions of the record that are near `now_ms` or ahead of it; of those that are over, a reader hears the latest.
    `wants`: their needs; the record, its customer and the customer's followers are there. `shift_ms`: by how much occasions become earlier
    by a change of the organisation's settings.
    `is_anew`: whether such a change makes all records be judged anew: for a kind of few records.
    `anew_by`: kinds of records of which a new or changed one makes all records be judged anew; all of each kind are there.
    `then`: the sweep that looks at a record of which somebody hears.
    `moved_only`: a record is judged when the followers of its customer are others, and at no other time.
    """

    name: str
    record: type[R]
    slots: tuple[str, ...]
    earliest: Callable[[R], int | None]
    occasions: Callable[[State, R, int], Iterable[Occasion]]
    wants: Callable[[Asking, R], Iterable[DeskNeed]]
    shift_ms: Callable[[Organisation, Organisation], int] = lambda _before, _after: 0
    is_anew: Callable[[Organisation, Organisation], bool] = lambda _before, _after: False
    anew_by: tuple[type[Record], ...] = ()
    then: str | None = None
    moved_only: bool = False


class Row(NamedTuple):
    """One row of the due index: when a record is judged again for a reader; an empty reader: for all of them. `since_ms`: occasions before
    that are past: the record was changed after them."""

    rule: str
    subject_id: bytes
    reader_id: bytes
    at_ms: int
    since_ms: int


class Judged(NamedTuple):
    """What is heard now, and the rows that take the place of the old ones."""

    heard: tuple[Heard, ...]
    rows: tuple[Row, ...]


FOR_ALL: Final = b""
"""The reader of a row that was not judged yet."""


def judged(occasions: Iterable[Occasion], zones: Mapping[bytes, str], row: Row, now_ms: int) -> Judged:
    """What each reader hears now: the latest occasion that has come since `row.since_ms`; and when to judge next (D-922).

    `zones`: the time zone of each reader.
    """
    come: dict[bytes, tuple[int, Heard]] = {}
    ahead: dict[bytes, int] = {}
    for one in occasions:
        reader_id = one.heard.user_id
        at_ms = _at_ms(one.at, zones[reader_id])
        if at_ms > now_ms:
            ahead[reader_id] = min(at_ms, ahead.get(reader_id, at_ms))
        elif at_ms >= row.since_ms and at_ms >= come.get(reader_id, (0,))[0]:
            until_ms = _at_ms(one.until, zones[reader_id]) if one.until is not None else one.heard.until_ms
            come[reader_id] = at_ms, replace(one.heard, until_ms=until_ms)
    fresh = tuple(heard for _, heard in come.values() if heard.until_ms is None or heard.until_ms > now_ms)
    rows = (Row(row.rule, row.subject_id, reader_id, at_ms, row.since_ms) for reader_id, at_ms in sorted(ahead.items()))
    return Judged(fresh, tuple(rows))


def _at_ms(at: Local | int, time_zone: str) -> int:
    return moment_ms(at.day, at.minute, time_zone) if isinstance(at, Local) else at


AnyReminder = Reminder[Any]
