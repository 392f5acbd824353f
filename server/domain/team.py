"""Team notes: the departments to which a user may write, the notes that a correction may amend (D-5xx), and receipts that only rise
(P-530)."""

import hashlib
from collections.abc import Iterable
from typing import Final

import msgspec

from server.domain.feature import Answer, Feature, Kind
from server.domain.needs import Asking, Need, Rows
from shared_schema.problem import Code, Problem
from shared_schema.records.team import GiveReceipt, Receipt, ReceiptLevel, TeamNote
from sync.decode import Intent
from sync.rules import Actor, Entered, Entry, Moment
from sync.state import State


def complete(actor: Actor, state: State, _entry: Entry, note: TeamNote, moment: Moment) -> tuple[TeamNote]:
    """The note with its author and when it was received.

    Raises Problem(forbidden | out_of_scope).
    """
    if note.department_id not in actor.addressed_ids:
        raise Problem(Code.forbidden, "you write to your own department; a manager also to those below it", field="department_id")
    if note.amends_id is not None:
        amended = state.find(TeamNote, note.amends_id)
        if amended is None or amended.department_id != note.department_id:
            raise Problem(Code.out_of_scope, "no such note of this department", field="amends_id")
    return (msgspec.structs.replace(note, author_id=actor.user_id, received_ms=moment.now_ms),)


def receipt_id(note_id: bytes, user_id: bytes) -> bytes:
    """A user has one receipt of a note, from whichever device it comes first."""
    return hashlib.sha256(b"receipt:" + note_id + user_id).digest()[:16]


def give_receipt(actor: Actor, state: State, note: TeamNote, command: GiveReceipt, entered: Entered) -> tuple[Receipt, ...]:
    """The actor's receipt of a note, at the level given (P-530).

    Returns nothing if the level is not higher than the stored one, so the order of arrival does not matter. Raises Problem(rule_broken).
    """
    if command.level == ReceiptLevel.unknown:
        raise Problem(Code.rule_broken, "a receipt names how far you have come with the note", field="level")
    own = receipt_id(note.id, actor.user_id)
    known = state.find(Receipt, own) or Receipt(own, 0, note.id, actor.user_id, note.author_id)
    if command.level <= known.level:
        return ()
    return (msgspec.structs.replace(known, level=command.level, at_ms=entered.moment.now_ms),)


def own_receipt(asking: Asking, intent: Intent) -> Iterable[Need]:
    """The receipt that the actor may have given before."""
    yield Rows(Receipt, frozenset({receipt_id(intent.mutation.id, asking.actor.user_id)}))


FEATURE: Final = Feature(kinds=(Kind(TeamNote, complete),), answers=(Answer(TeamNote, GiveReceipt, give_receipt, own_receipt),))
