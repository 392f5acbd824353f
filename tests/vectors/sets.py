"""Vectors of `sync/sets.py`: operations on sets of words and of ids, also astral words, desk lines, and the same element under two tags."""

import random
from collections.abc import Iterator
from typing import Any

from shared_schema.elements import IdChange, SetChange, Tagged, TaggedId, TaggedWord, WordChange
from sync import sets
from tests.vectors.cases import Case, Cases, told
from tests.vectors.values import an_id

WORDS = ("vip", "茶馆", "\U0001f375", "\uff21", "𠮷", "", "a", "A")  # by UTF-16 units the third and the fifth come before the fourth
Stood = tuple[Tagged, ...]


def cases() -> Cases:
    """The rules that a phone evaluates, for words and for ids."""
    dice = random.Random(412)
    scenes = [scene(dice, made_of) for made_of in (TaggedWord, TaggedId) for _ in range(30)]
    return {
        "sync.sets:is_change": [Case({"value": told(value)}, sets.is_change(value)) for value in values(scenes)],
        "sync.sets:filled": [filled_case(dice, one) for one in scenes],
        "sync.sets:changed": [changed_case(stood, change, tag) for stood, change in scenes for tag in tags(dice)],
        "sync.sets:resolved": [resolved_case(stood, change, next(tags(dice))) for stood, change in scenes],
        "sync.sets:distinct": [Case({"stood": told(stood)}, told(sets.distinct(stood))) for stood, _ in scenes],
        "sync.sets:adding": [Case({"elements": told(change.add)}, told(sets.adding(kind(change), *change.add))) for _, change in scenes],
        "sync.sets:removing": [removing_case(dice, stood, change) for stood, change in scenes],
        "sync.sets:inverse": [inverse_case(stood, change, next(tags(dice))) for stood, change in scenes],
        "sync.sets:elements": [Case({"listed": told(stood)}, told(sets.elements(sets.listed(stood)))) for stood, _ in scenes],
        "sync.sets:renumbered": [renumbered_case(change) for _, change in scenes],
    }


def scene(dice: random.Random, made_of: type[Any]) -> tuple[Stood, SetChange]:
    """A set as it stands, and an operation: some tags of it, some that are gone, and elements that stand or do not."""
    elements: tuple[Any, ...] = WORDS if made_of is TaggedWord else tuple(an_id(dice) for _ in range(8))
    stood = {made_of(dice.choice(elements), dice.randrange(4), dice.randrange(1, 5)) for _ in range(dice.randrange(7))}
    removed = [one for one in sorted(stood) if dice.random() < 0.4] + [
        made_of(dice.choice(elements), dice.randrange(4), 9)
    ] * dice.randrange(2)
    added = tuple(dict.fromkeys(dice.choice(elements) for _ in range(dice.randrange(4))))
    change = WordChange(added, tuple(removed)) if made_of is TaggedWord else IdChange(added, tuple(removed))
    return tuple(sorted(stood)), change


def kind(change: SetChange) -> type[Any]:
    """What the set is made of."""
    return TaggedWord if isinstance(change, WordChange) else TaggedId


def tags(dice: random.Random) -> Iterator[sets.Tag]:
    """The desk's line, which adds nothing that stands; a line that is in the set; a new one."""
    yield from ((dice.choice((1, 3)), dice.randrange(1, 5)), (0, dice.randrange(1, 9)), (2**53 - 1, 2**53 - 1))


def values(scenes: list[tuple[Stood, SetChange]]) -> Iterator[object]:
    """What may stand in a patch."""
    yield from (None, True, 7, "add", [], ["add", "remove"], {"add": 1}, {"colour": 3})
    yield from (change for _, change in scenes[::6])


def filled_case(dice: random.Random, one: tuple[Stood, SetChange]) -> Case:
    """The set of a create."""
    stood, change = one
    tag = next(tags(dice))
    elements = [*change.add, *(each.element for each in stood)]
    return Case({"elements": told(elements), "tag": list(tag)}, told(sets.filled(kind(change), elements, tag)))


def changed_case(stood: Stood, change: SetChange, tag: sets.Tag) -> Case:
    """The set after one operation."""
    return Case({"stood": told(stood), "change": told(change), "tag": list(tag)}, told(sets.changed(stood, change, tag)))


def resolved_case(stood: Stood, change: SetChange, tag: sets.Tag) -> Case:
    """An operation beside a plain value."""
    before, wanted = {"tags": stood, "name": "old"}, {"name": "new", "tags": change}
    return Case({"before": told(before), "wanted": told(wanted), "tag": list(tag)}, told(sets.resolved(before, wanted, tag)))


def removing_case(dice: random.Random, stood: Stood, change: SetChange) -> Case:
    """Each element with every tag on the screen."""
    known = sorted({one.element for one in stood})
    elements = [one for one in known if dice.random() < 0.5] + list(change.add[:1])
    return Case({"stood": told(stood), "elements": told(elements)}, told(sets.removing(kind(change), stood, *elements)))


def inverse_case(stood: Stood, change: SetChange, tag: sets.Tag) -> Case:
    """The way back from an operation, as its history line holds both sets."""
    before, after = sets.listed(stood), sets.listed(sets.changed(stood, change, tag))
    return Case({"before": told(before), "after": told(after)}, told(sets.inverse(before, after)))


def renumbered_case(change: SetChange) -> Case:
    """The device was line 1; its entries 1, 2 and 9 go again on line 7."""
    numbers: dict[int, sets.Tag] = {1: (7, 1), 2: (7, 2), 9: (7, 3)}
    given = {"change": told(change), "line_no": 1, "numbers": [[n, list(tag)] for n, tag in numbers.items()]}
    return Case(given, told(sets.renumbered(change, 1, numbers)))
