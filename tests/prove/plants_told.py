"""Planted bugs of what is told and never changed, and of what goes up to a manager. `plants.py` lists them."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from server.domain import rules, samples, team
from server.domain.rules import RULES
from shared_schema.commands import Command, GiveReceipt
from shared_schema.records.inbox import InboxItem
from shared_schema.records.sample import SampleEntry
from shared_schema.records.team import Receipt
from sync import handing, inbox
from sync.rules import Actor, Entered
from sync.state import Held, State
from tests.prove import server

Put = Callable[[Any, str, Any], None]


def late_samples_uncounted(put: Put) -> None:
    """A total knows nothing of entries that came after the loss of the customer."""
    complete = samples.complete
    put(samples, "complete", lambda state, entry, telling: complete(state, entry, telling)[: 1 if telling.late else 2])


def last_sample_counts(put: Put) -> None:
    """A total is what the last entry says."""

    def completing(state: State, entry: SampleEntry, telling: Any) -> Any:
        told, *total = complete(state, entry, telling)
        return told, *(msgspec.structs.replace(one, quantity=entry.quantity) for one in total)

    complete = samples.complete
    put(samples, "complete", completing)


def corrected_by_anybody(put: Put) -> None:
    """Whoever likes corrects what somebody told."""
    put(rules, "guard_amendment", lambda *_: None)


def last_receipt_stands(put: Put) -> None:
    """A receipt that comes later counts, also a lower one."""

    def give(actor: Actor, state: State, held: Held, command: Command, entered: Entered) -> tuple[Receipt, ...]:
        own = team.receipt_id(held.record.id, actor.user_id)
        known = state.find(Receipt, own) or Receipt(own, 0, held.record.id, actor.user_id, getattr(held.record, "author_id", None))
        assert isinstance(command, GiveReceipt)
        return (msgspec.structs.replace(known, level=command.level, at_ms=entered.moment.now_ms),)

    put(server, "RULES", msgspec.structs.replace(RULES, commands={**RULES.commands, GiveReceipt: give}))


def decided_above_alone(put: Put) -> None:
    """What the manager decides stays with him: its author goes on waiting."""
    close = inbox.close

    def closing(state: State, item: InboxItem, *rest: Any) -> InboxItem:
        return close(state, msgspec.structs.replace(item, origin_id=None), *rest)

    for where in (inbox, handing):
        put(where, "close", closing)


def manager_sees_all(put: Put) -> None:
    """A card that goes up prints what stands, of whosever customer."""
    put(handing, "may_see", lambda *_: True)


def earlier_left_below(put: Put) -> None:
    """What was entered first in one place does not go up with the last."""
    send = handing.send

    def sending(state: State, rules_: Any, item: InboxItem, moment: Any) -> InboxItem:
        return send(state, rules_, msgspec.structs.replace(item, members=item.members[:1], earlier=()), moment)

    put(handing, "send", sending)


ALL: Final[tuple[Callable[[Put], None], ...]] = (
    *(late_samples_uncounted, last_sample_counts, corrected_by_anybody, last_receipt_stands),
    *(decided_above_alone, manager_sees_all, earlier_left_below),
)
