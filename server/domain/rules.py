"""Fills the fold's questions with the business rules: one dispatch by record for each question."""

from collections.abc import Mapping
from typing import Final

import msgspec

from server.domain import contributions, custom_fields, customers, pools, quote_decisions, quotes, samples, team
from server.domain.access import holding
from server.domain.facts import Telling, complete_log, complete_visit, guard_amendment
from server.domain.quote_states import require_editable
from shared_schema.commands import Approve, Claim, GiveReceipt, Reject, Release, ReturnQuote, Revise, Settle, Submit
from shared_schema.elements import ELEMENTS_MAX
from shared_schema.problem import Code, Problem
from shared_schema.records.activity import ContactLog, Visit
from shared_schema.records.base import Record
from shared_schema.records.customer import Contact, Customer, FollowUp, Preference
from shared_schema.records.quote import Quote, QuoteLine
from shared_schema.records.sample import SampleEntry
from shared_schema.records.team import TeamNote
from shared_schema.registry import EXTRA, Entity
from sync.rules import Actor, Decider, Entry, Moment, Rules
from sync.state import State


def complete(actor: Actor, state: State, entry: Entry, moment: Moment) -> tuple[Record, ...]:
    """Fill what the server owns; the record first, then neighbours in which something changes. Raises Problem(forbidden)."""
    match entry.record:
        case Customer() as customer:
            before = entry.before if isinstance(entry.before, Customer) else None
            return customers.complete(actor, customer, before, moment)
        case Visit() as visit:
            return complete_visit(state, visit, Telling(actor, moment, entry.late))
        case ContactLog() as log:
            return complete_log(state, log, Telling(actor, moment, entry.late))
        case SampleEntry() as sample:
            return samples.complete(state, sample, Telling(actor, moment, entry.late))
        case QuoteLine() as line:
            return quotes.complete_line(state, line)
        case TeamNote() as note:
            return team.complete(actor, state, note, moment)
        case (FollowUp() | Quote()) as own if entry.before is None:
            return (msgspec.structs.replace(own, author_id=actor.user_id),)
    return (entry.record,)


def guard(state: State, entity: Entity, record: Record) -> None:
    """Judge a record as it would stand, before `state` takes it in: what `state` holds under its id is what stood.

    Raises Problem(out_of_scope | custom_field_unknown | custom_field_type | rule_broken | state_wrong).
    """
    _guard_family(state, record)
    if entity.has_extra:
        held = state.get(entity, record.id)
        before = getattr(held.record, EXTRA) if held is not None else {}
        custom_fields.judge(state, entity, before, getattr(record, EXTRA))
    _guard_sets(entity, record)
    match record:
        case Customer() as customer:
            customers.guard(customer)
        case (Visit() | ContactLog()) as fact:
            guard_amendment(state, fact)
        case Quote() as quote:
            require_editable(quote)
        case QuoteLine() as line:
            quotes.guard_line(state, line)


def guard_delete(state: State, entity: Entity, record: Record) -> tuple[Record, ...]:
    """What changes when a record is deleted. Raises Problem(rule_broken | state_wrong) when it may not be (D-106)."""
    match record:
        case Contact() | FollowUp() | Preference():
            return ()
        case QuoteLine() as line:
            return quotes.without_line(state, line)
        case Quote() as quote:
            quotes.guard_delete(state, quote)
            return ()
    raise Problem(Code.rule_broken, f"a {entity.name} is not deleted by phone")


def _guard_sets(entity: Entity, record: Record) -> None:
    """A set holds a bounded number of tagged elements (D-115)."""
    for slot in entity.sets:
        if len(getattr(record, slot)) > ELEMENTS_MAX:
            raise Problem(Code.rule_broken, f"at most {ELEMENTS_MAX} elements in one set", field=slot)


def _guard_family(state: State, record: Record) -> None:
    """A child belongs to a customer that exists (D-105)."""
    customer_id = getattr(record, "customer_id", None)
    if isinstance(customer_id, bytes) and state.standing(customer_id) is None:
        raise Problem(Code.out_of_scope, "no such customer of yours", field="customer_id")


COMMANDS: Final[Mapping[type, Decider]] = {
    Submit: quotes.submit,
    Approve: quote_decisions.decide,
    Reject: quote_decisions.decide,
    ReturnQuote: quote_decisions.decide,
    Revise: quote_decisions.revise,
    GiveReceipt: team.give_receipt,
    Claim: pools.claim,
    Release: pools.release,
    Settle: contributions.settle,
}
RULES: Final = Rules(holding=holding, complete=complete, guard=guard, guard_delete=guard_delete, commands=COMMANDS)
"""The rules of Outrider, as the fold takes them."""
