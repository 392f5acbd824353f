"""Visits and contact logs: their author, their time, their proof, and the customer's last contact that follows from them (D-2xx)."""

from typing import Final, TypeVar

import msgspec

from geo.verify import Evidence, judge
from server.domain.feature import Feature, Kind
from shared_schema.places import Position
from shared_schema.problem import Code, Problem
from shared_schema.records.activity import ContactLog, Visit
from shared_schema.records.customer import Customer, CustomerKind, Standing
from sync.rules import Actor, Entry, Moment
from sync.state import State

FENCE_M: Final = {CustomerKind.shop: 100, CustomerKind.plant: 500, CustomerKind.office: 200, CustomerKind.unknown: 300}
"""How far from the customer's position a check-in still counts, by kind (D-203)."""


Fact = TypeVar("Fact", Visit, ContactLog)


def complete_visit(actor: Actor, state: State, entry: Entry, visit: Visit, moment: Moment) -> tuple[Visit] | tuple[Visit, Standing]:
    """The visit with author, times, verdict and flags; then the standing if its last contact advanced."""
    customer = state.find(Customer, visit.customer_id)
    judgement = judge(_evidence(visit, moment), _position(customer), _fence_m(customer))
    judged = msgspec.structs.replace(visit, distance_mm=judgement.distance_mm, verdict=judgement.verdict, flags=int(judgement.flags))
    return told(actor, state, entry, judged, moment)


def told(actor: Actor, state: State, entry: Entry, fact: Fact, moment: Moment) -> tuple[Fact] | tuple[Fact, Standing]:
    """The fact with its author and times; then the standing if its last contact advanced."""
    occurred_ms = moment.occurred_ms(fact.device_ms)
    known = msgspec.structs.replace(fact, author_id=actor.user_id, received_ms=moment.now_ms, occurred_ms=occurred_ms, late=entry.late)
    standing = state.standing(fact.customer_id)
    if standing is None or entry.late or fact.withdrawn or occurred_ms <= (standing.last_contact_ms or 0):
        return (known,)
    return known, msgspec.structs.replace(standing, last_contact_ms=occurred_ms)


def guard_amendment(state: State, fact: Visit | ContactLog) -> None:
    """A correction names a fact of the same kind, customer and author that is itself none. Raises Problem(rule_broken) (D-209)."""
    if fact.amends_id is None:
        if fact.withdrawn:
            raise Problem(Code.rule_broken, "a withdrawal names the fact that it takes back", field="withdrawn")
        return
    first = state.find(type(fact), fact.amends_id)
    if first is None or (first.customer_id, first.author_id, first.amends_id) != (fact.customer_id, fact.author_id, None):
        raise Problem(Code.rule_broken, "a correction names a fact of your own at this customer", field="amends_id")


def _evidence(visit: Visit, moment: Moment) -> Evidence:
    return Evidence(
        device_ms=visit.device_ms,
        corrected_ms=visit.device_ms - moment.skew_ms,
        received_ms=moment.now_ms,
        latitude_e6=visit.latitude_e6,
        longitude_e6=visit.longitude_e6,
        datum=visit.datum,
        accuracy_mm=visit.accuracy_mm,
        fix_ms=visit.fix_ms,
        mock=visit.mock,
    )


def _position(customer: Customer | None) -> Position | None:
    if customer is None or customer.wgs_latitude_e6 is None or customer.wgs_longitude_e6 is None:
        return None
    return Position(customer.wgs_latitude_e6, customer.wgs_longitude_e6)


def _fence_m(customer: Customer | None) -> int:
    return FENCE_M[customer.kind if customer is not None else CustomerKind.unknown]


FEATURE: Final = Feature(kinds=(Kind(Visit, complete_visit, guard_amendment), Kind(ContactLog, told, guard_amendment)))
