"""Planted bugs of what is told and never changed, and of what goes up to a manager. `plants.py` lists them."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from server.domain import rules, samples, team
from server.domain.rules import RULES
from shared_schema.records.activity import ContactLog, Visit
from shared_schema.records.base import Record
from shared_schema.records.inbox import InboxItem
from shared_schema.records.sample import SampleEntry
from shared_schema.records.team import GiveReceipt, Receipt, TeamNote
from sync import escalation, inbox
from sync.rules import Actor, Entered, Entry, Moment
from sync.state import State
from tests.prove import server

Put = Callable[[Any, str, Any], None]


def _put_kind(put: Put, record: type[Record], **says: Any) -> None:
    """Let the business say something else about one kind of record."""
    put(rules, "KINDS", {**rules.KINDS, record: msgspec.structs.replace(rules.KINDS[record], **says)})


def late_samples_uncounted(put: Put) -> None:
    """A total knows nothing of entries that came after the loss of the customer."""

    def completing(actor: Actor, state: State, entry: Entry, sample: SampleEntry, moment: Moment) -> Any:
        return samples.complete(actor, state, entry, sample, moment)[: 1 if entry.late else 2]

    _put_kind(put, SampleEntry, complete=completing)


def last_sample_counts(put: Put) -> None:
    """A total is what the last entry says."""

    def completing(actor: Actor, state: State, entry: Entry, sample: SampleEntry, moment: Moment) -> Any:
        told, *total = samples.complete(actor, state, entry, sample, moment)
        return told, *(msgspec.structs.replace(one, quantity=sample.quantity) for one in total)

    _put_kind(put, SampleEntry, complete=completing)


def corrected_by_anybody(put: Put) -> None:
    """Whoever likes corrects what somebody told."""
    unguarded = {record: msgspec.structs.replace(rules.KINDS[record], guard=None) for record in (Visit, ContactLog)}
    put(rules, "KINDS", {**rules.KINDS, **unguarded})


def last_receipt_stands(put: Put) -> None:
    """A receipt that comes later counts, also a lower one."""

    def give(actor: Actor, state: State, note: TeamNote, command: GiveReceipt, entered: Entered) -> tuple[Receipt, ...]:
        own = team.receipt_id(note.id, actor.user_id)
        known = state.find(Receipt, own) or Receipt(own, 0, note.id, actor.user_id, note.author_id)
        return (msgspec.structs.replace(known, level=command.level, at_ms=entered.moment.now_ms),)

    put(server, "RULES", msgspec.structs.replace(RULES, answers={**RULES.answers, (TeamNote, GiveReceipt): give}))


def decided_above_alone(put: Put) -> None:
    """What the manager decides stays with him: its author goes on waiting."""
    close = inbox.close

    def closing(state: State, item: InboxItem, *rest: Any) -> InboxItem:
        return close(state, msgspec.structs.replace(item, origin_id=None), *rest)

    for where in (inbox, escalation):
        put(where, "close", closing)


def manager_sees_all(put: Put) -> None:
    """A card that goes up prints what stands, of whosever customer."""
    put(escalation, "may_see", lambda *_: True)


def earlier_left_below(put: Put) -> None:
    """What was entered first in one place does not go up with the last."""
    send = escalation.send

    def sending(state: State, rules_: Any, item: InboxItem, moment: Any) -> InboxItem:
        return send(state, rules_, msgspec.structs.replace(item, members=item.members[:1], earlier=()), moment)

    put(escalation, "send", sending)


ALL: Final[tuple[Callable[[Put], None], ...]] = (
    *(late_samples_uncounted, last_sample_counts, corrected_by_anybody, last_receipt_stands),
    *(decided_above_alone, manager_sees_all, earlier_left_below),
)
