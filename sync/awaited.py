"""Which cards wait for records that are not there, or not their author's, and for which records they wait (P-511 to P-513)."""

import hashlib
from collections.abc import Iterator
from typing import Final

from shared_schema.entity import HEAD
from shared_schema.policy import Policy
from shared_schema.problem import Code
from shared_schema.records.inbox import InboxItem, ItemState, Member, Values
from shared_schema.registry import BY_NAME, BY_NUMBER
from shared_schema.wire import Kind
from sync.access import family_of
from sync.agreed.claims import FACTS, is_asking
from sync.asked import asked_for
from sync.contribution import concerned, entries
from sync.rules import Actor, Holding, Rules
from sync.state import Key, State

ITEM: Final = BY_NAME["inbox_item"].number
ENTERED: Final = frozenset({Policy.register, Policy.fact})
"""Policies of the records that an entry may name: a record that it patches, a fact that it corrects."""
WAITING: Final = frozenset({Code.moved.word, Code.out_of_scope.word, Code.rule_broken.word})
"""Refusals of an entry that names a record which is not there, or not its author's."""


def parents(number: int, values: Values) -> Iterator[Key]:
    """The records that an entry with these values names as parents of its own record, in the order of its slots."""
    for slot, name in BY_NUMBER[number].parents.items() if number in BY_NUMBER else ():
        if isinstance(values.get(slot), bytes):
            yield BY_NAME[name].number, values[slot]


def awaited(item: InboxItem) -> frozenset[bytes]:
    """Ids for which an open card waits: the records that its entries name and do not make themselves, and the customer that left its
    author, that its author asked for in vain (P-513), or that stands already and is another user's (P-512).

    None for a card with another command, one that was sent up, and one that was refused for another reason.
    """
    asked_id = asked_for(item)
    waits = [one for one in entries(item) if asked_id is None or not is_asking(one)]
    commands = any(one.kind == Kind.command for one in waits)
    refused = asked_id is not None or item.code in WAITING
    if not refused or item.state != ItemState.open or item.origin_id is not None or commands:
        return frozenset()
    made = {one.id for one in waits if one.kind == Kind.create}
    named = {key for one in waits for key in parents(one.entity, one.mine)}
    if item.code == Code.rule_broken.word:  # the record that a rule asks for; the customer is asked for before any rule
        return frozenset(record_id for number, record_id in named if BY_NUMBER[number].name != HEAD) - made
    stands = {one.id for one in waits if one.kind == Kind.create and BY_NUMBER[one.entity].name == HEAD}
    left = stands | {one for one in (item.customer_id, asked_id) if one is not None}
    return frozenset(({record_id for _, record_id in named} | {one.id for one in waits}) - made | left)


def place_of(record_id: bytes) -> bytes:
    """The id under which a store keeps that a card waits for a record. A change of the record does not look under this id."""
    return hashlib.sha256(b"awaited:" + record_id).digest()[:16]


def may_enter(state: State, item: InboxItem, author: Actor, rules: Rules, *, own: bool) -> bool:
    """Whether all of a card is about one customer and its author may enter it.

    `own`: the state knows which customers the author held once, so the author's facts are taken as late (D-207).
    """
    customer_id = concerned(state, item)
    holding = rules.holding(author, state, customer_id) if customer_id is not None else Holding.none
    late = holding == Holding.former and own and all(one.entity in FACTS for one in entries(item))
    return holding == Holding.holder or late


def unguarded(state: State) -> bool:
    """Whether a card just began to wait for a record that no family's lock keeps from coming meanwhile (P-512).

    All records that such a card names must come at one customer. If the card is about a customer whose standing is here, its family is
    locked, or made by this batch: any other batch that brings a record there comes before or after. If it is about none, or about one that
    is not here, another batch may bring the record at this moment.
    """
    return any(_begins(state, key) for key in state.touched if key[0] == ITEM)


def _begins(state: State, key: Key) -> bool:
    item, before = state.held[key].record, state.originals.get(key) if key not in state.created else None
    if not isinstance(item, InboxItem):
        return False
    known = awaited(before.record) if before is not None and isinstance(before.record, InboxItem) else frozenset[bytes]()
    if awaited(item) <= known:
        return False
    customer_id = concerned(state, item)
    return customer_id is None or state.standing(customer_id) is None


def is_there(state: State, item: InboxItem) -> bool:
    """Whether every record that a card names is there, at its customer. A record at another customer counts as absent (P-424)."""
    customer_id = concerned(state, item)
    waits = [one for one in entries(item) if not is_asking(one)]
    made = {(one.entity, one.id) for one in waits if one.kind == Kind.create}
    return all(_is_of(state, customer_id, key) for key in {key for one in waits for key in _named(one)} - made)


def _named(one: Member) -> set[Key]:
    return {(one.entity, one.id), *parents(one.entity, one.mine)}


def _is_of(state: State, customer_id: bytes | None, key: Key) -> bool:
    held = state.held.get(key)
    return (family_of(BY_NUMBER[key[0]], held.record) if held is not None else state.tombstone_customers.get(key)) == customer_id
