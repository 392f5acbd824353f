"""Places that visits propose for a customer: made when a visit arrives, confirmed or declined at the desk (D-216 to D-219)."""

import hashlib
from collections.abc import Iterable
from typing import Any, Final

from msgspec.structs import replace

from geo.distance import distance_mm
from server.domain import customers, ownership, pools
from server.domain.feature import Feature, Listing, Patch, Verb, shown
from server.domain.learned_places import NEAR_MM, Sighting, fitting_datum, gathered, good_at
from server.domain.locks import time_zone
from server.domain.needs import Asking, Every, Latest, Leavers, Need, Rows, Whole
from shared_schema.places import Datum, Position
from shared_schema.problem import Code, Problem
from shared_schema.records.activity import Visit
from shared_schema.records.base import Record
from shared_schema.records.customer import Customer
from shared_schema.records.placing import ConfirmPlacing, DeclinePlacing, PlaceValues, Placing, PlacingKind, PlacingState
from shared_schema.records.pool import Pool
from shared_schema.records.reference import Department
from sync.agreed.days import local_day
from sync.rules import Actor, Entered
from sync.state import State

VISITS_MAX: Final = 60
"""The latest visits at the customer, corrections among them."""


def placing_id(customer_id: bytes) -> bytes:
    """A customer has one proposal at most."""
    return hashlib.sha256(b"placing:" + customer_id).digest()[:16]


# proposing


def of_visit(customer_id: bytes) -> Iterable[Need]:
    """The latest visits at the customer, of all its followers, and its proposal."""
    yield Latest(Visit, "customer_id", customer_id, "occurred_ms", VISITS_MAX)
    yield Rows(Placing, frozenset({placing_id(customer_id)}))


def proposed(state: State, visit: Visit, now_ms: int) -> tuple[Placing, ...]:
    """The proposal as it stands with this visit; nothing where nothing changes (D-216, D-217)."""
    customer, known = state.find(Customer, visit.customer_id), state.find(Placing, placing_id(visit.customer_id))
    if customer is None:
        return ()
    found = _found(state, customer, visit, (known.decided_ms or 0) if known is not None else 0)
    waits = known is not None and known.state is PlacingState.proposed
    if found is None:
        return (replace(known, state=PlacingState.outdated),) if known is not None and waits else ()
    made = replace(found, proposed_ms=now_ms)
    if known is None:
        return (made,)
    if waits and _is_near(known, made):
        return ()
    return (replace(made, rev=known.rev, decided_ms=known.decided_ms, decided_by=known.decided_by),)


def _found(state: State, customer: Customer, visit: Visit, since_ms: int) -> Placing | None:
    gathering = gathered(_sightings(state, visit, since_ms))
    if gathering is None:
        return None
    at = gathering.at
    told: tuple[PlacingKind, int, int, Datum] = (PlacingKind.learned, *at, Datum.wgs84)
    if customer.latitude_e6 is not None and customer.longitude_e6 is not None and customer.wgs_latitude_e6 is not None:
        place = Position(customer.latitude_e6, customer.longitude_e6)
        datum = fitting_datum(customer.datum, place, at)
        if datum is None:
            return None
        told = (PlacingKind.other_datum, *place, datum)
    kind, latitude_e6, longitude_e6, datum = told
    return Placing(
        placing_id(customer.id), 0, customer.id, kind, PlacingState.proposed, latitude_e6, longitude_e6, datum, *at,
        gathering.visits, gathering.days, gathering.spread_mm, 0,
    )  # fmt: skip


def _sightings(state: State, visit: Visit, since_ms: int) -> list[Sighting]:
    """The good ones of the latest visits at the customer that happened since, without those that their author took back."""
    found: dict[bytes, Any] = {visit.id: visit}
    for held in state.held.values():
        if isinstance(held.record, Visit) and held.record.customer_id == visit.customer_id:
            found.setdefault(held.record.id, held.record)
    latest = sorted(found.values(), key=lambda one: (one.occurred_ms, one.id), reverse=True)[:VISITS_MAX]
    back = {one.amends_id for one in latest if one.withdrawn}
    firsts = [one for one in latest if one.amends_id is None and one.id not in back and not one.late and one.occurred_ms > since_ms]
    placed = ((one, good_at(one)) for one in firsts)
    return [Sighting(local_day(one.occurred_ms, time_zone(state)), at) for one, at in placed if at is not None]


def _is_near(known: Placing, made: Placing) -> bool:
    """What waits on a manager's screen stays as it is for a few steps more or less."""
    if known.placing is not made.placing or known.placing is PlacingKind.other_datum:
        return (known.placing, _asked(known)) == (made.placing, _asked(made))
    return distance_mm(*_at(known), *_at(made)) <= NEAR_MM


def _at(known: Placing) -> Position:
    return Position(known.wgs_latitude_e6, known.wgs_longitude_e6)


def _asked(known: Placing) -> tuple[int, int, Datum]:
    return known.latitude_e6, known.longitude_e6, known.datum


def closed(bare: Placing) -> Placing:
    """A proposal without its place proposes nothing (D-478)."""
    return replace(bare, state=PlacingState.outdated) if bare.state is PlacingState.proposed else bare


# deciding


def to_confirm(asking: Asking, asked: ConfirmPlacing) -> Iterable[Need]:
    """The proposal, and the card of a customer in a pool."""
    yield Rows(Placing, frozenset({placing_id(asked.customer_id)}))
    yield from customers.to_follow(asked.customer_id)


def confirm(actor: Actor, state: State, asked: ConfirmPlacing, entered: Entered) -> tuple[Record, ...]:
    """The desk has entered the place as any change (D-113); the proposal is closed, and the pool's card follows.

    Raises Problem(not_found | state_wrong).
    """
    decided = _decided(actor, state, asked, PlacingState.confirmed, entered)
    customer = state.find(Customer, asked.customer_id)
    return (*decided, *(pools.followed(state, customer) if customer is not None else ()))


def to_decline(_asking: Asking, asked: DeclinePlacing) -> Iterable[Need]:
    """The proposal, and what tells whether the actor disposes of the customer."""
    yield from (Whole(asked.customer_id), Rows(Placing, frozenset({placing_id(asked.customer_id)})))
    yield from (Leavers(), Every(Pool), Every(Department))


def decline(actor: Actor, state: State, asked: DeclinePlacing, entered: Entered) -> tuple[Record, ...]:
    """Nothing moves; the visits until now propose nothing more. Raises Problem(out_of_scope | not_found | state_wrong)."""
    ownership.disposed(actor, state, asked.customer_id)
    return _decided(actor, state, asked, PlacingState.declined, entered)


def _decided(
    actor: Actor, state: State, asked: ConfirmPlacing | DeclinePlacing, verdict: PlacingState, entered: Entered
) -> tuple[Placing, ...]:
    """The closed proposal; the same decision again changes nothing."""
    known, values = state.find(Placing, placing_id(asked.customer_id)), asked.values
    if known is None:
        raise Problem(Code.not_found, "no place is proposed for this customer")
    same = PlaceValues(*_asked(known)) == values
    if known.state is verdict and same:
        return ()
    if known.state is not PlacingState.proposed or not same:
        raise Problem(Code.state_wrong, "this is not what is proposed by now")
    return (replace(known, state=verdict, decided_by=actor.user_id, decided_ms=entered.moment.now_ms),)


PATH: Final = f"{customers.PATH}/{{customer_id}}/placing"
FEATURE: Final = Feature(
    forgets={Placing: closed},
    verbs=(
        Verb(
            f"{PATH}/confirm",
            ConfirmPlacing,
            Placing,
            lambda state, asked, _: shown(state, Placing, placing_id(asked.customer_id)),
            confirm,
            to_confirm,
            lambda asked: Patch(Customer, asked.customer_id, asked.values, asked.bases),
        ),
        Verb(
            f"{PATH}/decline",
            DeclinePlacing,
            Placing,
            lambda state, asked, _: shown(state, Placing, placing_id(asked.customer_id)),
            decline,
            to_decline,
        ),
    ),
    lists=(
        Listing(
            Placing,
            "List the places that visits propose for customers, the newest first (D-218).",
            filters=("state", "customer_id"),
            newest="proposed_ms",
        ),
    ),
)
