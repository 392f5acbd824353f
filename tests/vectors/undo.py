"""Vectors of `sync/undo.py`: histories of every kind of line, some by others, some too old, some taken back."""

import random
from typing import Any

import msgspec

from shared_schema.elements import IdChange, TaggedWord, WordChange
from shared_schema.records.customer import Customer
from shared_schema.registry import BY_NUMBER, BY_RECORD, ENTITIES
from shared_schema.rest import Event
from sync import sets, undo
from sync.device import Edit
from sync.state import WHOLE
from sync.steps import DAY_MS, UNDO_DAYS
from tests.vectors.cases import Case, Cases, told
from tests.vectors.values import CHANCE, an_id, filled

NOW_MS = 1_800_000_000_000
ME = bytes(range(16))
AGES_MS = (0, 1, UNDO_DAYS * DAY_MS - 1, UNDO_DAYS * DAY_MS, UNDO_DAYS * DAY_MS + 1)
WHATS = ("applied", "merged", "undone", "deleted", "restored", "created", "visit", "submit", "of a newer server")


def cases() -> Cases:
    """Single lines, and histories."""
    dice = random.Random(423)
    events = [event(dice, number, what) for number in (*sorted(BY_NUMBER), 999) for what in WHATS]
    histories = [history(dice) for _ in range(40)]
    return {
        "sync.undo:undo_of": [Case({"event": told(one)}, edit_told(undo.undo_of(one))) for one in events],
        "sync.undo:undoable": [undoable_case(one) for one in [[], *alone(dice), *histories]],
    }


def event(dice: random.Random, number: int, what: str, record_id: bytes = b"r" * 16, at_ms: int = NOW_MS) -> Event:
    """One line: of a group, of a set or of the whole record, as the history tells it."""
    entity = BY_NUMBER.get(number)
    groups = [WHOLE, *(entity.groups if entity else ()), *(entity.sets if entity else ())]
    group = WHOLE if what in ("deleted", "restored", "created") else dice.choice(groups)
    before, values = sides(dice, number, group)
    return Event(at_ms=at_ms, what=what, user_id=ME if dice.random() < 0.7 else an_id(dice), entity=number, id=record_id,
                 customer_id=None, group=group, values=values, rev=dice.randrange(1, 9), before=before)  # fmt: skip


def sides(dice: random.Random, number: int, group: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values before a change and after it."""
    entity = BY_NUMBER.get(number)
    if entity is None:
        return {}, {}
    if group in entity.sets:
        made_of: Any = entity.sets[group]
        elements: list[Any] = [("vip" if made_of is TaggedWord else an_id(dice)), ("茶" if made_of is TaggedWord else an_id(dice))]
        stood = tuple(sorted({made_of(dice.choice(elements), dice.randrange(3), n) for n in range(3)}))
        change = (WordChange if made_of is TaggedWord else IdChange)(add=tuple(elements[:1]), remove=stood[:1])
        return {group: sets.listed(stood)}, {group: sets.listed(sets.changed(stood, change, (2, 7)))}
    slots = entity.groups.get(group) or tuple(slot for slot in entity.slots if slot in entity.group_of or slot in entity.sets)
    return values_of(dice, number, slots), values_of(dice, number, slots)


def values_of(dice: random.Random, number: int, slots: tuple[str, ...]) -> dict[str, Any]:
    """Some value of each slot, a set as it is listed."""
    entity = BY_NUMBER[number]
    made = {slot: filled(entity.hints[slot], CHANCE, dice) for slot in slots if slot != "extra"}
    return {slot: sets.listed(value) if slot in entity.sets else value for slot, value in made.items()}


def edit_told(edit: Edit | None) -> Any:
    """An entry by the parts that the client's has."""
    if edit is None:
        return None
    values = {
        slot: change_told(value) if isinstance(value, dict) and sets.REMOVE in value else told(value) for slot, value in edit.values.items()
    }
    return {"kind": int(edit.kind), "entity": edit.entity.number, "id": told(edit.id), "values": values, "bases": dict(edit.bases or {})}


def change_told(value: dict[str, Any]) -> dict[str, Any]:
    """An operation on a set."""
    return {sets.ADD: told(value[sets.ADD]), sets.REMOVE: told(value[sets.REMOVE])}


def history(dice: random.Random) -> list[Event]:
    """Newest first, over a few records, from today to beyond the days to undo; few deletions, since they hide what was before."""
    records = [(BY_RECORD[Customer].number, bytes([place]) * 16) for place in range(3)] + [(dice.choice(ENTITIES).number, b"d" * 16)]
    ages = sorted(dice.choice((*AGES_MS, dice.randrange(40 * DAY_MS))) for _ in range(dice.randrange(12)))
    made = []
    for age in ages:
        number, record_id = dice.choice(records)
        what = dice.choice(WHATS[:3]) if dice.random() < 0.8 else dice.choice(WHATS[:7])
        made.append(event(dice, number, what, record_id, NOW_MS - age))
    return made


def alone(dice: random.Random) -> list[list[Event]]:
    """One change by oneself, at each age."""
    number = BY_RECORD[Customer].number
    return [
        [msgspec.structs.replace(event(dice, number, what, b"c" * 16, NOW_MS - age), user_id=ME)] for what in WHATS[:4] for age in AGES_MS
    ]


def undoable_case(events: list[Event]) -> Case:
    """The places of the lines that can be undone."""
    found = undo.undoable(events, ME, NOW_MS)
    places = [place for place, one in enumerate(events) if any(one is each for each in found)]
    return Case({"events": told(events), "user_id": told(ME), "now_ms": NOW_MS}, places)
