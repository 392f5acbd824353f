"""The changes of a planned row: a new record stands as in the file; of a known one the file changes only groups that an import wrote
last (D-705)."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from server.domain.imports.frame import Asking, Goal, Import, Planned, Row
from server.domain.imports.sheet import FlawError
from server.domain.rules import RULES
from shared_schema.elements import Tagged
from shared_schema.entity import EXTRA, EXTRA_PREFIX, Entity
from shared_schema.policy import Policy
from shared_schema.problem import Problem
from shared_schema.records.base import Record
from shared_schema.records.inbox import Values
from shared_schema.registry import BY_RECORD
from sync import sets
from sync.access import family_of
from sync.merge import read, write
from sync.state import WHOLE, Author, Change, Held, Stamp

IMPORTED: Final = "imported"
"""The name of a change of this kind in a record's history (P-450). A record that an import makes has no line: the record itself says so."""
AUTHOR: Final[Author] = (0, 1)
"""The author in the stamp of what an import writes. What the desk enters bears (0, 0)."""


class Settled(msgspec.Struct, frozen=True):
    """The result of a row: taken, changed or same. `kept`: field groups in which a person's word stands, and not the file's. `goal`: where
    the rules send it."""

    outcome: str
    kept: tuple[str, ...] = ()
    goal: Goal | None = None


def taken(asking: Asking, kind: Import, row: Row) -> Settled:
    """Put a row into the state, as its kind of import does. Raises FlawError, with nothing of the row in the state."""
    if kind.enter is None:
        return settle(asking, kind, row, kind.plan(asking, row))
    try:
        return Settled(kind.enter(asking, row))
    except Problem as problem:
        raise FlawError("rule_broken", _column(kind, problem.field), detail=problem.detail) from None


def settle(asking: Asking, kind: Import, row: Row, planned: Planned) -> Settled:
    """Put a row into the state. Raises FlawError, with nothing of the row in the state."""
    state, (main, *others) = asking.state, planned.records
    entity = BY_RECORD[type(main)]
    known = state.get(entity, main.id)
    try:
        if known is None:
            _take(asking, kind, main, others)
            settled = Settled("taken", goal=planned.goal)
        elif entity.policy is Policy.register:
            settled = _change(asking, kind, known, main)
        else:
            changed = [one for one in (main, *others) if _differs(asking, one)]
            for record in changed:
                state.write(record)
            settled = Settled("changed" if changed else "same")
    except Problem as problem:
        raise FlawError("rule_broken", _column(kind, problem.field), detail=problem.detail) from None
    if planned.account is not None:
        if asking.accounts.get(row.key[0]) not in (None, planned.account) and settled.outcome == "same":
            settled = Settled("changed")
        asking.accounts[row.key[0]] = planned.account
    return settled


def _take(asking: Asking, kind: Import, main: Record, others: Iterable[Record]) -> None:
    """A new record, and the records that come with it. A deleted record does not come back: somebody wanted it gone."""
    state, entity = asking.state, BY_RECORD[type(main)]
    if (entity.number, main.id) in state.tombstones:
        raise FlawError("deleted")
    own, *neighbours = kind.complete(asking, main)
    if entity.policy is Policy.register:
        RULES.guard(state, entity, own)
    rev = state.next_rev()
    state.put(entity, Held(_tagged(entity, msgspec.structs.replace(own, rev=rev), None), {WHOLE: Stamp(rev, *AUTHOR)}))
    for record in (*others, *neighbours):
        if _differs(asking, record):
            state.write(record)


def _change(asking: Asking, kind: Import, known: Held, wanted: Record) -> Settled:
    """Field group by field group: a group that a person wrote last stays, whatever the file says."""
    state, entity = asking.state, BY_RECORD[type(wanted)]
    rev = state.next_rev(known.record.rev)
    wanted = _tagged(entity, msgspec.structs.replace(wanted, rev=rev), known.record)
    taken: dict[str, tuple[Values, Values]] = {}
    kept = []
    for group, slots in _groups(entity, known.record, wanted):
        before, after = read(known.record, slots), read(wanted, slots)
        if before != after:
            if known.stamp(group)[1:] == AUTHOR:
                taken[group] = (before, after)
            else:
                kept.append(group)
    if not taken:
        return Settled("same", tuple(kept))
    values = {slot: value for _, after in taken.values() for slot, value in after.items()}
    own, *neighbours = kind.complete(asking, write(known.record, values, rev))
    RULES.guard(state, entity, own)
    state.put(entity, Held(own, {**known.stamps, **dict.fromkeys(taken, Stamp(rev, *AUTHOR))}))
    key, user_id, customer_id = (entity.number, own.id), asking.actor.user_id, family_of(entity, own) or None
    for group, (before, after) in taken.items():  # so that a reader of the history knows whose word stands
        state.changes.append(Change(key, rev, group, 0, 0, IMPORTED, _listed(before), _listed(after), user_id, customer_id))
    for record in neighbours:
        state.write(record)
    return Settled("changed", tuple(kept))


def _groups(entity: Entity, known: Record, wanted: Record) -> Iterable[tuple[str, dict[str, Any]]]:
    """Every group with its slots: registers, sets, and each custom field."""
    yield from ((group, dict.fromkeys(slots)) for group, slots in entity.groups.items())
    yield from ((slot, {slot: None}) for slot in entity.sets)
    if entity.has_extra:
        keys = sorted({**getattr(known, EXTRA), **getattr(wanted, EXTRA)})
        yield from ((EXTRA_PREFIX + key, {EXTRA_PREFIX + key: None}) for key in keys)


def _tagged(entity: Entity, wanted: Record, known: Record | None) -> Record:
    """Elements that stand keep their tags. An element that the file adds bears the rev of its own write, so no earlier removal can mean
    it."""
    slots: dict[str, tuple[Tagged, ...]] = {}
    for slot, made_of in entity.sets.items():
        stood: tuple[Any, ...] = getattr(known, slot) if known is not None else ()
        elements = sets.distinct(getattr(wanted, slot))
        standing = {one.element for one in stood}
        fresh = sets.filled(made_of, [one for one in elements if one not in standing], (0, wanted.rev))
        slots[slot] = tuple(sorted([*(one for one in stood if one.element in elements), *fresh]))
    return msgspec.structs.replace(wanted, **slots) if slots else wanted


def _listed(values: Values) -> Values:
    return {slot: sets.listed(value) if isinstance(value, tuple) else value for slot, value in values.items()}


def _differs(asking: Asking, record: Record) -> bool:
    known = asking.state.find(type(record), record.id)
    return known is None or msgspec.structs.replace(record, rev=known.rev) != known


def _column(kind: Import, field: str | None) -> str:
    """The column that fills the field at fault."""
    return next((one.name for one in kind.columns if field and one.slot == field), field or "")
