"""Visits and contact logs: their author, their time, their proof, and the customer's last contact that follows from them (D-2xx)."""

from collections.abc import Iterable
from typing import Final, TypeVar

import msgspec

from geo.verify import EARLIER_MAX, Around, fence_m, judge
from server.domain import contests, placings, whereabouts
from server.domain.feature import Feature, Kind, Listing
from server.domain.follow_ups import completed, of_customer
from server.domain.needs import Asking, Latest, Need, Rows
from server.domain.reclaim import AT_CUSTOMER
from shared_schema.places import Position, VisitFlag
from shared_schema.problem import Code, Problem
from shared_schema.records.activity import ContactLog, Visit
from shared_schema.records.base import Record
from shared_schema.records.customer import Customer, CustomerKind, Standing
from shared_schema.records.whereabouts import Consent
from sync.decode import Intent
from sync.rules import Actor, Entry, Moment
from sync.state import WHOLE, State

FILTERS: Final = ("author_id", "customer_id")
Fact = TypeVar("Fact", Visit, ContactLog)


def complete_visit(actor: Actor, state: State, entry: Entry, visit: Visit, moment: Moment) -> tuple[Record, ...]:
    """The visit with author, times, verdict and flags; then what changes by the contact."""
    first = state.find(Visit, visit.amends_id) if visit.amends_id is not None else None
    earlier = [held.record for held in state.held.values() if isinstance(held.record, Visit) and held.record.author_id == actor.user_id]
    visit = whereabouts.as_forgotten(state, whereabouts.as_allowed(state, actor.user_id, visit), first, moment.now_ms)
    customer = state.find(Customer, visit.customer_id)
    fence = fence_m(customer.kind if customer is not None else CustomerKind.unknown, state.organisation)
    around = Around(now_ms=moment.now_ms, skew_ms=moment.skew_ms, place=_position(customer), fence_m=fence, earlier=earlier)
    known, *others = told(actor, state, entry, judged(visit, around) if first is None else corrected(visit, first, around), moment)
    proposed = placings.proposed(state, known, moment.now_ms) if isinstance(known, Visit) and not entry.late else ()
    return (known, *others, *proposed)


def judged(visit: Visit, around: Around) -> Visit:
    """The visit with its verdict, by what is known now (D-203, D-212)."""
    found = judge(visit, around)
    return msgspec.structs.replace(
        visit, distance_mm=found.distance_mm, verdict=found.verdict, flags=int(found.flags), moved_mm=found.moved_mm, fence_m=around.fence_m
    )


def corrected(visit: Visit, first: Visit, around: Around) -> Visit:
    """A correction, with the verdict that `first` got; of its own it brings the check-out alone (D-213)."""
    left = {slot: getattr(visit, slot) for slot in Visit.__struct_fields__ if slot.startswith("left_")}
    leaving = judge(msgspec.structs.replace(first, **left), around)
    flags = (first.flags & ~VisitFlag.dwell) | (leaving.flags & VisitFlag.dwell)
    return msgspec.structs.replace(
        visit, distance_mm=first.distance_mm, verdict=first.verdict, flags=int(flags), moved_mm=leaving.moved_mm, fence_m=first.fence_m
    )


def told(actor: Actor, state: State, entry: Entry, fact: Fact, moment: Moment) -> tuple[Record, ...]:
    """The fact with its author and times; then the follow-ups that it completes, and the standing if its last contact advanced."""
    occurred_ms = moment.occurred_ms(fact.device_ms)
    known: Fact = msgspec.structs.replace(
        fact, author_id=actor.user_id, received_ms=moment.now_ms, occurred_ms=occurred_ms, late=entry.late
    )
    standing = state.standing(fact.customer_id)
    if standing is None or fact.withdrawn:
        return (known,)
    if entry.late:
        return (known, *contests.opened(state, known, moment))
    done: tuple[Record, ...] = completed(actor, state, fact.customer_id, occurred_ms)
    touched = _touched(standing, known, occurred_ms)
    return (known, *done) if touched == standing else (known, *done, touched)


def _touched(standing: Standing, fact: Visit | ContactLog, occurred_ms: int) -> Standing:
    """The standing after a contact: its moments only rise, in whatever order contacts arrive (D-142)."""
    if occurred_ms > (standing.last_contact_ms or 0):
        standing = msgspec.structs.replace(standing, last_contact_ms=occurred_ms)
    if isinstance(fact, Visit) and fact.verdict in AT_CUSTOMER and occurred_ms > (standing.last_visit_ms or 0):
        standing = msgspec.structs.replace(standing, last_visit_ms=occurred_ms)
    return standing


def guard_amendment(state: State, fact: Visit | ContactLog) -> None:
    """A correction names a fact of the same kind, customer and author that is itself none. Raises Problem(rule_broken) (D-209)."""
    if fact.amends_id is None:
        if fact.withdrawn:
            raise Problem(Code.rule_broken, "a withdrawal names the fact that it takes back", field="withdrawn")
        return
    first = state.find(type(fact), fact.amends_id)
    if first is None or (first.customer_id, first.author_id, first.amends_id) != (fact.customer_id, fact.author_id, None):
        raise Problem(Code.rule_broken, "a correction names a fact of your own at this customer", field="amends_id")


def _position(customer: Customer | None) -> Position | None:
    if customer is None or customer.wgs_latitude_e6 is None or customer.wgs_longitude_e6 is None:
        return None
    return Position(customer.wgs_latitude_e6, customer.wgs_longitude_e6)


def of_visit(asking: Asking, intent: Intent) -> Iterable[Need]:
    """As any contact; the author's consent, and the visits before it, by which it is judged; and those at the customer, which may tell
    where that is."""
    yield Rows(Consent, frozenset({asking.actor.user_id}))
    yield Latest(Visit, "author_id", asking.actor.user_id, "occurred_ms", EARLIER_MAX)
    customer_id = intent.values.get(WHOLE, {}).get("customer_id")
    if isinstance(customer_id, bytes):
        yield from placings.of_visit(customer_id)
    yield from of_fact(asking, intent)


def of_fact(asking: Asking, intent: Intent) -> Iterable[Need]:
    """What a contact completes, and what a late one may contest."""
    yield from of_customer(asking, intent)
    customer_id = intent.values.get(WHOLE, {}).get("customer_id")
    if isinstance(customer_id, bytes):
        yield from contests.to_open(asking, customer_id)


FEATURE: Final = Feature(
    kinds=(
        Kind(Visit, complete_visit, guard_amendment, wants=of_visit, allowed=whereabouts.ALLOWED),
        Kind(ContactLog, told, guard_amendment, wants=of_fact),
    ),
    lists=(
        Listing(Visit, "List the visits at the customers of the caller and of the reports.", filters=FILTERS, newest="occurred_ms"),
        Listing(ContactLog, "List the contacts with those customers.", filters=FILTERS, newest="occurred_ms"),
    ),
)
