"""Which records tell where somebody was, since when, and how each stands when it no longer does (D-474)."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from server.domain.features import FEATURES
from shared_schema.records.base import Record
from shared_schema.records.contribution import Contribution
from shared_schema.records.inbox import InboxItem
from shared_schema.registry import BY_RECORD
from sync.contribution import entries
from sync.forgetting import TELLING, forgotten, lost, telling, tells
from sync.state import Key, State

FORGETS: Final[Mapping[type[Record], Callable[[Any], Record]]] = {record: so for one in FEATURES for record, so in one.forgets.items()}
SinceMs = Callable[[bytes], int | None]
"""Card → since when it tells where somebody was, as stored; None: it tells nothing."""


class Noted(NamedTuple):
    """Of the records that a transaction wrote: those that tell where somebody was from now on or since another moment, and those that no
    longer do. `lost`: of which an entry that waits told it, and tells it no more."""

    since_ms: dict[Key, int]
    silent: list[Key]
    lost: set[Key]


def without(record: Record, days: int) -> Record:
    """The record without where somebody was; the very same object if it tells nothing. `days`: after how many."""
    bare = forgotten(record, days)
    return bare if bare is record or type(record) not in FORGETS else FORGETS[type(record)](bare)


def noted(state: State, stored: SinceMs) -> Noted:
    """What changes by the written records. A card and a late edit count from the first entry that told it."""
    found = Noted({}, [], set())
    for key in state.touched:
        if key[0] not in TELLING:
            continue
        record = state.held[key].record
        before = state.originals[key].record if key in state.originals and key not in state.created else None
        told = before is not None and tells(before)
        if before is not None:
            found.lost.update(lost(before, record))
        if not tells(record):
            found.silent.extend([key] if told or key in state.forgotten else [])
        elif not told or _said(before) != _said(record):
            found.since_ms[key] = _since_ms(state, record, stored)
    return found


def _said(record: Record | None) -> object:
    """The moment that a record itself names."""
    known = telling(BY_RECORD[type(record)]) if record is not None else None
    return getattr(record, known.since) if known is not None and known.since is not None else None


def _since_ms(state: State, record: Record, stored: SinceMs) -> int:
    """From when the days count: of a correction from the record that it corrects, of a card from the arrival of its oldest entry."""
    entity = BY_RECORD[type(record)]
    known = telling(entity)
    if known is not None and known.since is not None:
        firsts = (state.find(type(record), getattr(record, slot) or b"") for slot, name in entity.parents.items() if name == entity.name)
        return min(int(getattr(one, known.since)) for one in (record, *firsts) if one is not None)
    return min(_moments(state, record, stored))


def _moments(state: State, record: Record, stored: SinceMs) -> Iterator[int]:
    if isinstance(record, (InboxItem, Contribution)):
        yield record.created_ms
    if isinstance(record, InboxItem):
        yield from (state.arrived[record.line_no, one.n][0] for one in entries(record) if (record.line_no, one.n) in state.arrived)
        since_ms = stored(record.origin_id) if record.origin_id is not None else None
        if since_ms is not None:
            yield since_ms
