"""Fills the fold's questions with the business rules: one dispatch by record for each question."""

from typing import Final

import msgspec

from server.domain import custom_fields, customers, quotes
from server.domain.access import holding
from server.domain.facts import Telling, complete_log, complete_visit
from shared_schema.commands import Submit
from shared_schema.problem import Code, Problem
from shared_schema.records.activity import ContactLog, Visit
from shared_schema.records.base import Record
from shared_schema.records.customer import Contact, Customer, FollowUp, Preference
from shared_schema.records.quote import Quote, QuoteLine
from shared_schema.registry import EXTRA, Entity
from sync.rules import Actor, Entry, Moment, Rules
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
        case QuoteLine() as line:
            return quotes.complete_line(state, line)
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
    match record:
        case Customer() as customer:
            customers.guard(customer)
        case Quote() as quote:
            quotes.require_draft(quote)
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


def _guard_family(state: State, record: Record) -> None:
    """A child belongs to a customer that exists (D-105)."""
    customer_id = getattr(record, "customer_id", None)
    if isinstance(customer_id, bytes) and state.standing(customer_id) is None:
        raise Problem(Code.out_of_scope, "no such customer of yours", field="customer_id")


RULES: Final = Rules(holding=holding, complete=complete, guard=guard, guard_delete=guard_delete, commands={Submit: quotes.submit})
"""The rules of Outrider, as the fold takes them."""
