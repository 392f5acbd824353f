"""Which customers bear the same numbers: what a transaction changes in the index of numbers, and whom it meets there (D-150)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Final, NamedTuple

from msgspec import Struct

from server.domain.needs import Asking, Need
from shared_schema.records.customer import Customer
from shared_schema.registry import BY_RECORD
from sync.rules import Actor, Moment
from sync.state import Key, State

BEARERS_MAX: Final = 3
"""Customers that the index keeps for one number: a number that many bear is compared with the first of them, and no more."""
CUSTOMER: Final = BY_RECORD[Customer].number
Form = Callable[[str, str], str | None]
"""(text of a number, region of the organisation) → the form in which it is compared, None: not at all."""


class Met(NamedTuple):
    """A customer (`second_id`) got a number that another one (`first_id`) bears already. `author_id`: the user who entered it."""

    kind: str
    first_id: bytes
    second_id: bytes
    author_id: bytes


class Alike(Struct, frozen=True):
    """What the business says about customers that may be one and the same. The engine compares what phones enter behind their pushes, what
    the desk and imports enter at once.

    `numbers`: kind of number → slot of the customer, and the form of its text; the strongest kind first. `flag` writes what follows when
    customers met, with what it `wants` loaded.
    """

    numbers: Mapping[str, tuple[str, Form]]
    wants: Callable[[Asking, Sequence[Met]], Iterable[Need]]
    flag: Callable[[State, Sequence[Met], Moment], None]


class Number(NamedTuple):
    """A number of a kind."""

    kind: str
    value: str


class Written(Struct, frozen=True, array_like=True):
    """A customer whose numbers somebody changed: kind of number → its text before and after, empty for none. It waits in this form until
    it is compared."""

    customer_id: bytes
    author_id: bytes
    texts: dict[str, tuple[str, str]]


class Renumbered(NamedTuple):
    """The numbers that a customer got, and the kinds of those that it bears no more."""

    customer_id: bytes
    author_id: bytes
    got: tuple[Number, ...]
    lost: tuple[str, ...]


class Settled(NamedTuple):
    """The changes of the index, (customer, kind of number) → its value, empty for none; and whom they met there."""

    rows: dict[tuple[bytes, str], str]
    met: list[Met]


def changed(state: State, actor: Actor, numbers: Mapping[str, tuple[str, Form]]) -> list[Written]:
    """The customers whose numbers a transaction changes, in the order in which they were written.

    The author of an entry that waited is its own; else it is the actor.
    """
    read, none = attrgetter("id", *(slot for slot, _ in numbers.values())), ("",) * len(numbers)
    found: list[tuple[Key, dict[str, tuple[str, str]]]] = []
    for key in state.touched:
        if key[0] != CUSTOMER:
            continue
        held = state.originals.get(key) if key not in state.created else None
        before, after = read(held.record)[1:] if held is not None else none, read(state.held[key].record)[1:]
        if before != after:
            found.append((key, {kind: (old, new) for kind, old, new in zip(numbers, before, after, strict=True) if old != new}))
    authors = {one.key: one.user_id for one in state.changes if one.key[0] == CUSTOMER} if found else {}
    return [Written(key[1], authors.get(key, actor.user_id), texts) for key, texts in found]


def renumbered(written: Written, numbers: Mapping[str, tuple[str, Form]], region: str) -> Renumbered:
    """What a change of a customer changes in the index."""
    got, lost = [], []
    for kind, (before, after) in written.texts.items():
        _, form = numbers[kind]
        value, was = form(after, region), form(before, region)
        if value != was and value is not None:
            got.append(Number(kind, value))
        if value != was and before:  # also a number as an earlier region read it
            lost.append(kind)
    return Renumbered(written.customer_id, written.author_id, tuple(got), tuple(lost))


def settle(batches: Iterable[Sequence[Renumbered]], bearers: Mapping[Number, Sequence[bytes]]) -> Settled:
    """Whom the new numbers meet. `batches`: what came together, the earliest first: a number that goes from one customer to another there
    meets nobody. `bearers`: the customers that stand in the index for each of the new numbers."""
    standing = {number: list(ids) for number, ids in bearers.items()}
    borne = {(one, number.kind): number for number, ids in bearers.items() for one in ids}
    settled = Settled({}, [])
    for batch in batches:
        for place in ((each.customer_id, kind) for each in batch for kind in each.lost):
            settled.rows[place] = ""
            if place in borne:
                standing[borne.pop(place)].remove(place[0])
        for one, number in ((each, number) for each in batch for number in each.got):
            ids = standing.setdefault(number, [])
            settled.met.extend(Met(number.kind, other, one.customer_id, one.author_id) for other in ids if other != one.customer_id)
            if len(ids) < BEARERS_MAX and one.customer_id not in ids:
                ids.append(one.customer_id)
                borne[one.customer_id, number.kind] = number
                settled.rows[one.customer_id, number.kind] = number.value
    return settled
