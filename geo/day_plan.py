"""The stops of a rep's day, each with its reasons and its weight, from what the phone holds alone (D-450 to D-453)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import IntEnum
from typing import Final

from msgspec import Struct

from shared_schema.records.customer import Collaborator, FollowUp, Standing
from shared_schema.records.instruction import Instruction, InstructionState, Priority
from shared_schema.scalars import Id

DAY_MS: Final = 86_400_000
PLANNED_MAX: Final = 50
DAY_STOPS: Final = 12
"""Customers whose cadence alone asks for them fill a day up to so many stops."""
SOON_DAYS: Final = 7
WEIGHT_MAX: Final = 100
OVERDUE_MAX: Final = 10
CADENCE_WEIGHT: Final = 5
NOWHERE_MM: Final = 2**53 - 1


class ReasonKind(IntEnum):
    """Why a stop belongs to the day."""

    unknown = 0
    instruction = 1
    fall = 2
    follow_up = 3
    cadence = 4


class Fall(Struct, frozen=True):
    """Of a customer that may fall into a pool: days left; whether a touch moves the day; whether something keeps it, nobody knows until
    when."""

    days: int
    moves: bool
    kept: bool


class Known(Struct, frozen=True):
    """What the phone knows. `day`: today by the phone's calendar; `begins_ms`: when it began.

    By customer, `last_ms`: the last contact that the phone knows of; `visited_ms`, `contacted_ms`: of today, by this user, the last visit,
    and the last visit or logged contact. `far_mm`: how far a customer is from the start. `left_out`: stops that the user leaves out today.
    `cadence_days`: in the order of `Tier`.
    """

    user_id: bytes
    now_ms: int
    day: int
    begins_ms: int
    cadence_days: Sequence[int]
    follow_up_by_visit: bool
    standings: Sequence[Standing]
    collaborators: Sequence[Collaborator]
    follow_ups: Sequence[FollowUp]
    instructions: Sequence[Instruction]
    last_ms: Mapping[bytes, int]
    visited_ms: Mapping[bytes, int]
    contacted_ms: Mapping[bytes, int]
    falls: Mapping[bytes, Fall]
    far_mm: Mapping[bytes, int]
    left_out: Collection[bytes]


class Reason(Struct, frozen=True):
    """`days`: overdue, left until the fall, or since the last contact; of an instruction 0. `record_id`: of the follow-up or instruction,
    else of the customer."""

    kind: ReasonKind
    record_id: Id
    days: int
    weight: int


class Planned(Struct, frozen=True):
    """A stop: a customer, or (`customer_id` None) the place of an instruction, whose id it has. `until_ms`: a deadline of today."""

    id: Id
    customer_id: Id | None
    weight: int
    until_ms: int | None
    reasons: tuple[Reason, ...]


class _Because(Struct, frozen=True):
    customer_id: bytes | None
    reason: Reason
    until_ms: int | None = None


def day_plan(known: Known) -> list[Planned]:
    """The stops of today, those first that press most; at most PLANNED_MAX."""
    own = {one.id: one for one in known.standings if one.owner_id == known.user_id}
    found: dict[bytes, list[_Because]] = {}
    for one in (*_instructions(known), *_falls(known, own), *_follow_ups(known, own)):
        found.setdefault(one.customer_id or one.reason.record_id, []).append(one)
    for stop in known.left_out:
        found.pop(stop, None)
    idle = [one for one in _idle(known, own) if one.reason.record_id not in known.left_out]
    room = DAY_STOPS - len(found.keys() | known.visited_ms.keys() | set(known.left_out))
    for one in idle:
        if one.reason.record_id in found:
            found[one.reason.record_id].append(one)
        elif room > 0:
            found[one.reason.record_id] = [one]
            room -= 1
    stops = (_stop(stop, because) for stop, because in found.items())
    return sorted(stops, key=lambda stop: (-stop.weight, stop.id))[:PLANNED_MAX]


def _stop(stop: bytes, because: Sequence[_Because]) -> Planned:
    reasons = tuple(one.reason for one in because)
    until_ms = min((one.until_ms for one in because if one.until_ms is not None), default=None)
    return Planned(stop, because[0].customer_id, min(WEIGHT_MAX, sum(one.weight for one in reasons)), until_ms, reasons)


def _instructions(known: Known) -> Iterator[_Because]:
    """Those that are open, and at a customer or a place; at a customer visited today only those given since."""
    for one in known.instructions:
        has_place = one.place != "" or one.wgs_latitude_e6 is not None
        if one.rep_id != known.user_id or one.state >= InstructionState.declined or not (one.customer_id or has_place):
            continue
        if one.customer_id is not None and one.sent_ms <= known.visited_ms.get(one.customer_id, -1):
            continue
        due_ms = one.due_ms if one.due_ms is not None and one.due_ms < known.begins_ms + DAY_MS else None
        weight = 10 if due_ms is None else 40 if due_ms <= known.now_ms else 30
        weight += 20 if one.priority == Priority.urgent else 0
        until_ms = due_ms if due_ms is not None and due_ms > known.now_ms else None
        yield _Because(one.customer_id, Reason(ReasonKind.instruction, one.id, 0, weight), until_ms)


def _falls(known: Known, own: Mapping[bytes, Standing]) -> Iterator[_Because]:
    """Own customers that fall soon, and that a touch keeps."""
    for customer_id, fall in known.falls.items():
        if customer_id in own and customer_id not in known.visited_ms and fall.days <= SOON_DAYS and fall.moves and not fall.kept:
            yield _Because(customer_id, Reason(ReasonKind.fall, customer_id, fall.days, 50 - 5 * fall.days))


def _follow_ups(known: Known, own: Mapping[bytes, Standing]) -> Iterator[_Because]:
    """Those of today and before that are the user's to do (D-923), and that no contact of today completes (D-924)."""
    shared = {(one.customer_id, one.user_id) for one in known.collaborators if one.until_ms is None or one.until_ms > known.now_ms}
    standing = {one.id for one in known.standings}
    for one in known.follow_ups:
        customer_id, author_id = one.customer_id, known.user_id if one.rev == 0 else one.author_id
        is_own = customer_id in own or customer_id not in standing
        is_author = author_id == known.user_id and (is_own or (customer_id, author_id) in shared)
        if one.done or one.due_day > known.day or not (is_author or (is_own and (customer_id, author_id) not in shared)):
            continue
        if customer_id in known.visited_ms or (known.follow_up_by_visit and customer_id in known.contacted_ms):
            continue
        days = known.day - one.due_day
        yield _Because(customer_id, Reason(ReasonKind.follow_up, one.id, days, 20 + 2 * min(days, OVERDUE_MAX)))


def _idle(known: Known, own: Mapping[bytes, Standing]) -> list[_Because]:
    """Own customers with whom nobody has been in touch for the cadence of their tier, the nearest first, then the longest."""
    found = []
    for one in own.values():
        last_ms = max(known.last_ms.get(one.id, 0), one.owned_since_ms)
        days = -((last_ms - known.begins_ms) // DAY_MS)
        if days >= known.cadence_days[one.tier] and one.id not in known.visited_ms:
            found.append((known.far_mm.get(one.id, NOWHERE_MM), -days, one.id))
    return [_Because(stop, Reason(ReasonKind.cadence, stop, -days, CADENCE_WEIGHT)) for _, days, stop in sorted(found)]
