"""Add-wins sets as pure functions: an add bears the tag of its mutation, a remove takes the tags which its author saw (P-412 to P-417)."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from shared_schema.elements import ELEMENTS_MAX, REMOVES_MAX, IdChange, SetChange, Tagged, TaggedId, TaggedWord, WordChange
from shared_schema.records.inbox import Value, Values
from shared_schema.scalars import WIRE_INTEGER_MAX
from sync.state import Stamp, Stamps

Tag = tuple[int, int]
"""(device line, n) of the mutation that adds."""
Stood = tuple[Tagged, ...]
Listed = list[list[Any]]
"""[[element, device line, n], …]"""
OTHERS: Final = "<"
"""`tags<`: the stamp of the newest operation on `tags` by another line than the newest's. With both, a delete sees every operation that its
author has not seen, and none of the author's own."""
ADD: Final = "add"
REMOVE: Final = "remove"
CHANGES: Final = frozenset({WordChange, IdChange})


def is_change(value: object) -> bool:
    """Whether a value of a patch is an operation on a set."""
    return type(value) in CHANGES


def filled(made_of: type[Any], elements: Iterable[str | bytes], tag: Tag) -> Stood:
    """The set which a create gives as a plain list."""
    return tuple(sorted({made_of(element, *tag) for element in elements}))


def changed(stood: Stood, change: SetChange, tag: Tag) -> Stood:
    """The set after an operation: the tags it lists are gone, all others stay, and an added element bears the operation's own tag.

    The desk, which has line 0, adds no element that stands: its request again has another tag, and would fill the set.
    """
    made_of: type[Any] = TaggedWord if isinstance(change, WordChange) else TaggedId
    kept = set(stood).difference(change.remove)
    standing = set() if tag[0] else {one.element for one in kept}
    return tuple(sorted({*kept, *filled(made_of, [one for one in change.add if one not in standing], tag)}))


def resolved(before: Values, wanted: Values, tag: Tag) -> Values:
    """The values as they would stand: operations become the set after them."""
    return {slot: changed(before[slot], value, tag) if is_change(value) else value for slot, value in wanted.items()}


def stamped(stamps: Stamps, slot: str, writer: Stamp) -> Stamps:
    """The stamps after an operation. They name no writer of a value: only a delete asks them."""
    last = stamps.get(slot)
    others = {} if last is None or last.line_no == writer.line_no else {slot + OTHERS: last}
    return {**stamps, **others, slot: writer}


# on the screen


def distinct(stood: Stood) -> tuple[Any, ...]:
    """Each element once, in order: the same one added by two lines is one on the screen."""
    return tuple(sorted({one.element for one in stood}))


def adding(made_of: type[Any], *elements: Any) -> SetChange:
    """The operation that adds these elements."""
    return WordChange(add=elements) if made_of is TaggedWord else IdChange(add=elements)


def removing(made_of: type[Any], stood: Stood, *elements: Any) -> SetChange:
    """The operation that removes these elements, each with every tag that is on the screen."""
    seen: tuple[Any, ...] = tuple(one for one in stood if one.element in elements)
    return WordChange(remove=seen) if made_of is TaggedWord else IdChange(remove=seen)


def inverse(before: Listed, after: Listed) -> dict[str, list[Any]]:
    """The operation that undoes another, as its history line tells it: it takes back the added tags and adds the removed elements
    (P-417)."""
    return {ADD: elements([one for one in before if one not in after]), REMOVE: [one for one in after if one not in before]}


def elements(listed: Listed) -> list[Any]:
    """The elements of a listed set, each once."""
    return list(dict.fromkeys(one[0] for one in listed))


def renumbered(change: SetChange, line_no: int, numbers: Mapping[int, Tag]) -> SetChange:
    """The operation on a new line: where it names an own add that goes again under another tag, it names both (P-416)."""
    again = [msgspec.structs.replace(one, line_no=numbers[one.n][0], n=numbers[one.n][1])
             for one in change.remove if one.line_no == line_no and one.n in numbers]  # fmt: skip
    return msgspec.structs.replace(change, remove=(*change.remove, *again))


# on an inbox card


def listed(stood: tuple[Any, ...]) -> Listed:
    """A set, or a plain list of a record, as the history and a card hold it."""
    return [[one.element, one.line_no, one.n] if isinstance(one, Tagged) else one for one in stood]


def plain(value: Any) -> Any:
    """A value as a card holds it: an operation as {add: [element], remove: [[element, line, n]]}, a set of a create as a list."""
    if is_change(value):
        return {ADD: list(value.add), REMOVE: listed(value.remove)}
    return list(value) if isinstance(value, tuple) else value


def shown(value: object) -> bool:
    """Whether a loosely read value is an operation, or a list of elements, that a card can hold."""
    if isinstance(value, dict):
        removed = value.get(REMOVE, [])
        return value.keys() <= {ADD, REMOVE} and _elements(value.get(ADD, [])) and isinstance(removed, list) and all(map(_is_tag, removed))
    return _elements(value)


def _elements(value: object) -> bool:
    return isinstance(value, list) and len(value) <= ELEMENTS_MAX and any(all(type(one) is kind for one in value) for kind in (str, bytes))


def _is_tag(value: object) -> bool:
    if not (isinstance(value, list) and [type(part) for part in value] in ([str, int, int], [bytes, int, int])):
        return False
    return all(0 <= part <= WIRE_INTEGER_MAX for part in value[1:])


def stands(stood: Value, wanted: Value) -> bool:
    """Whether the wanted values (as on a card) are those that stand: of an operation all its adds, and none of its removes."""
    if not isinstance(stood, tuple):
        return stood == wanted
    if not all(isinstance(one, Tagged) for one in stood):  # a plain list of a record: one value, no set
        return list(stood) == wanted
    if isinstance(wanted, dict):
        tags = {(one.element, one.line_no, one.n) for one in stood}
        return set(wanted.get(ADD, ())) <= {*distinct(stood)} and tags.isdisjoint(map(tuple, wanted.get(REMOVE, ())))
    return isinstance(wanted, list) and list(distinct(stood)) == sorted(set(wanted))


def gathered(earlier: Values, later: Values) -> Values:
    """The values that wait on a card after a further entry: the later value; of operations both, without adds that the later removes."""
    both = {slot: _both(earlier[slot], later[slot]) for slot in earlier.keys() & later.keys()}
    return {**earlier, **later, **both}


def fits(values: Values) -> bool:
    """Whether one mutation can hold the values that wait on a card."""
    operations = [value for value in values.values() if isinstance(value, dict)]
    return all(len(one.get(ADD, ())) <= ELEMENTS_MAX and len(one.get(REMOVE, ())) <= REMOVES_MAX for one in operations)


def _both(earlier: Value, later: Value) -> Value:
    if not isinstance(earlier, dict) or not isinstance(later, dict):
        return later
    removed = [one[0] for one in later.get(REMOVE, ())]
    add = [one for one in earlier.get(ADD, ()) if one not in removed]
    return {
        ADD: add + [one for one in later.get(ADD, ()) if one not in add],
        REMOVE: earlier.get(REMOVE, []) + [one for one in later.get(REMOVE, ()) if one not in earlier.get(REMOVE, ())],
    }
