"""The decisions of an author about inbox cards: use mine, keep theirs, dismiss, send to the manager (P-5xx). Pure over a shelf."""

from collections.abc import Iterable

from shared_schema.entity import EXTRA_PREFIX
from shared_schema.policy import Policy
from shared_schema.problem import Code
from shared_schema.records.base import Record
from shared_schema.records.inbox import InboxItem, ItemState, Member, Value
from shared_schema.registry import BY_NUMBER, BY_RECORD
from shared_schema.wire import ENCODER, Kind
from sync import sets
from sync.device import PUSH_BYTES, Edit
from sync.overlay import server_record
from sync.shelf import Shelf
from sync.state import WHOLE

ITEM = BY_RECORD[InboxItem]
AGAIN = frozenset(
    {Code.conflict, Code.record_waits, Code.moved, Code.gone, Code.rule_broken, Code.state_wrong, Code.content_changed, Code.server_error}
)
"""Codes of cards from which the author may enter the same again: parked entries (P-508), and entries on which the server failed (P-323)."""


def use_mine(shelf: Shelf, item: InboxItem) -> list[list[Edit]]:
    """The edits which put the author's values in place. They are based on what the author saw: on the card, or when the entry was made
    (P-503).

    The author gives a command anew, so no edit repeats it. The edits are one atomic group. A card that gathered more than a request carries
    is entered in several groups, in order: an entry that refers to a refused creation joins its card again.
    """
    groups: list[list[Edit]] = []
    size_bytes = 0
    for edit in (_again(shelf, item, one) for one in item.members if one.kind != Kind.command):
        own_bytes = len(ENCODER.encode(edit.values))
        if not groups or size_bytes + own_bytes > PUSH_BYTES:
            groups.append([])
            size_bytes = 0
        groups[-1].append(edit)
        size_bytes += own_bytes
    return groups


def _again(shelf: Shelf, item: InboxItem, one: Member) -> Edit:
    entity = BY_NUMBER[one.entity]
    if one.kind == Kind.delete:
        return Edit(Kind.delete, entity, one.id, bases={WHOLE: _seen(item, one)})
    if one.kind == Kind.restore and server_record(shelf, (one.entity, one.id)) is None:
        return Edit(Kind.restore, entity, one.id, one.mine, bases={WHOLE: _seen(item, one)})
    exists = server_record(shelf, (one.entity, one.id)) is not None
    if one.kind == Kind.create and (not exists or entity.policy == Policy.fact):  # a fact is told again: the same, or refused (P-320)
        return Edit(Kind.create, entity, one.id, one.mine)
    plain = {slot: value for slot, value in one.mine.items() if slot in entity.group_of or slot.startswith(EXTRA_PREFIX)}
    groups = {slot if slot.startswith(EXTRA_PREFIX) else entity.group_of[slot] for slot in plain}
    values = {**plain, **{slot: _operation(one.mine[slot]) for slot in entity.sets if slot in one.mine}}
    return Edit(Kind.patch, entity, one.id, values, bases=dict.fromkeys(groups, _seen(item, one)))


def _seen(item: InboxItem, one: Member) -> int:
    """The rev that the card's holder saw last (P-503).

    It is the rev of the value that the card prints as standing. If the card prints none, it is the base of the entry itself. On a card that
    came up it is then 0: its holder may never have seen what the author had on screen.
    """
    return one.their_rev or (one.base_rev if item.origin_id is None else 0)


def _operation(value: Value) -> Value:
    """On a record that exists by now, the set of a create is an operation that adds it."""
    return {sets.ADD: value} if isinstance(value, list) else value


def decision(item: InboxItem, command: bytes) -> Edit:
    """Keep theirs, or dismiss: a command on the item."""
    return Edit(Kind.command, ITEM, item.id, command=command)


def decide_each(items: Iterable[InboxItem], command: bytes) -> list[list[Edit]]:
    """The same decision on many open items, each an atomic group of its own, so that one that is refused holds up none (P-534)."""
    return [[decision(item, command)] for item in items if item.state == ItemState.open]


def inbox(shelf: Shelf) -> list[InboxItem]:
    """Every inbox item on the device, oldest first."""
    items: list[Record] = [ITEM.read(body) for _, body in shelf.rows(ITEM.number)]
    return sorted((item for item in items if isinstance(item, InboxItem)), key=lambda item: (item.created_ms, item.id))
