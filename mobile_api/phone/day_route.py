"""What the terminal's phone knows of today's stops (D-450 to D-453), and where each of them is."""

import time
from collections.abc import Iterable, Mapping
from typing import Final

from geo.datum import known_position
from geo.day_plan import DAY_MS, Fall, Known, Planned, day_plan
from geo.distance import flat_distance_mm
from mobile_api.phone.countdown import Countdowns
from mobile_api.phone.measures import EPOCH
from mobile_api.phone.screen import Screen
from shared_schema.places import Position
from shared_schema.records.activity import ContactLog, Visit
from shared_schema.records.customer import Collaborator, Customer, FollowUp, Standing
from shared_schema.records.instruction import Decline, Finish, Instruction
from shared_schema.registry import BY_RECORD
from sync import overlay
from sync.agreed.amendments import Fact, facts_with_amendments
from sync.agreed.tiers import cadences

ANSWERS: Final = (Finish, Decline)


def planned(screen: Screen, start: Position | None) -> list[Planned]:
    """The stops of today; customers whose cadence asks are taken from around the start."""
    phone, organisation = screen.phone, screen.organisation()
    now_ms, standings = phone.clock(), phone.views(Standing)
    begins_ms = midnight_ms(now_ms)
    visits, logs = _own(screen, phone.views(Visit)), _own(screen, phone.views(ContactLog))
    visited, logged = ({one.customer_id: _at_ms(one) for one in facts if _at_ms(one) >= begins_ms} for facts in (visits, logs))
    known = {one.id: one.last_contact_ms or 0 for one in standings}
    for one in (*visits, *logs):
        known[one.customer_id] = max(known.get(one.customer_id, 0), _at_ms(one))
    here = places(screen)
    return day_plan(
        Known(
            user_id=phone.seat().user_id,
            now_ms=now_ms,
            day=(screen.today() - EPOCH).days,
            begins_ms=begins_ms,
            cadence_days=cadences(screen.tier_policy(), organisation.cadence_days),
            follow_up_by_visit=organisation.follow_up_by_visit,
            standings=standings,
            collaborators=phone.views(Collaborator),
            follow_ups=phone.views(FollowUp),
            instructions=[one for one in phone.views(Instruction) if not _is_answered(screen, one)],
            last_ms=known,
            visited_ms=visited,
            contacted_ms={**logged, **visited},
            falls=dict(_falls(screen, standings)),
            far_mm={} if start is None else {one: flat_distance_mm(*start, *at) for one, at in here.items()},
            left_out=(),
        )
    )


def midnight_ms(now_ms: int) -> int:
    """When today began, by the calendar of this machine."""
    local = time.localtime(now_ms / 1000)
    return round(time.mktime((local.tm_year, local.tm_mon, local.tm_mday, 0, 0, 0, 0, 0, -1)) * 1000)


def places(screen: Screen) -> Mapping[bytes, Position]:
    """Where each customer is, in WGS-84: as the server has it, or as an entry says that it does not have yet."""
    found = {}
    for one in screen.phone.views(Customer):
        at = known_position(one.datum, one.latitude_e6, one.longitude_e6)
        if one.wgs_latitude_e6 is not None and one.wgs_longitude_e6 is not None:
            at = Position(one.wgs_latitude_e6, one.wgs_longitude_e6)
        if at is not None:
            found[one.id] = at
    return found


def _own(screen: Screen, facts: Iterable[Fact]) -> list[Fact]:
    """Those of this user, as they show, without those taken back."""
    user_id = screen.phone.seat().user_id
    shown = (one.shown for one in facts_with_amendments(facts))
    return [one for one in shown if not one.withdrawn and (one.rev == 0 or one.author_id == user_id)]


def _at_ms(fact: Fact) -> int:
    return fact.occurred_ms or fact.device_ms


def _is_answered(screen: Screen, instruction: Instruction) -> bool:
    """Whether the rep has finished or declined it, and the server has not said yet what becomes of that."""
    key = (BY_RECORD[Instruction].number, instruction.id)
    return any(isinstance(intent.command, ANSWERS) for _, intent in overlay.own(screen.phone.shelf, key))


def _falls(screen: Screen, standings: Iterable[Standing]) -> Iterable[tuple[bytes, Fall]]:
    countdowns = Countdowns(screen)
    for one in standings:
        counted = countdowns.of(one)
        if counted is not None:
            moves = counted.touched_day is not None and counted.touched_day > counted.due_day
            yield one.id, Fall(counted.days, moves, counted.kept_by != "" and counted.kept_until_ms is None)


def minutes_until(until_ms: int | None, now_ms: int) -> int | None:
    """A deadline as minutes from now on."""
    return None if until_ms is None else max(0, (until_ms - now_ms) // (DAY_MS // 1_440))
