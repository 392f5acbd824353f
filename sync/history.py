"""The part of an inbox card that a record's history gives: the values that its author had on screen, and the writer of the values that
stand (P-501)."""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from shared_schema.records.inbox import InboxItem, Member, Value, Values
from sync import sets
from sync.state import WHOLE, Change


class Earlier(NamedTuple):
    """One line of a record's history, as far as a card needs it; comes in order of rev."""

    rev: int
    group: str
    before: Values
    user_id: bytes


def is_bare(one: Member) -> bool:
    """Whether a member prints values as theirs whose writer is not named yet."""
    return bool(one.theirs) and one.their_user_id is None


def has_bare(item: InboxItem) -> bool:
    """Whether a card has a member that the history can complete."""
    return any(is_bare(one) for one in (*item.members, *item.earlier))


def earlier_of(one: Member, changes: Iterable[Change]) -> list[Earlier]:
    """The lines that concern a member, of changes that are not stored yet."""
    return [
        Earlier(new.rev, new.group, new.before, new.user_id)
        for new in changes
        if new.key == (one.entity, one.id) and one.base_rev < new.rev <= one.their_rev and one.group in (WHOLE, new.group)
    ]


def completed(one: Member, lines: Iterable[Earlier]) -> Member:
    """The member with the values that stood at its base, and the last writer of the values that it prints as theirs.

    `lines`: the record's history after the base, up to the card's rev. The first change of a slot after the base replaced the value that
    the author saw. The writer of other slots has no place on the card.
    """
    known = [line for line in sorted(lines) if line.group == WHOLE or not one.theirs.keys().isdisjoint(line.before)]
    if not known:
        return one
    before: Values = {}
    for line in known if one.base_rev else ():
        before |= {slot: _plain(value) for slot, value in line.before.items() if slot in one.theirs and slot not in before}
    return msgspec.structs.replace(one, before=before, their_user_id=known[-1].user_id)


def _plain(value: Value) -> Value:
    """As the history stores it: a set is a list of lists."""
    return sets.listed(value) if isinstance(value, tuple) else value
