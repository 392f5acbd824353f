"""The rules of a pool about claims and holds: for whom, from when, from how far away, and how many (D-128 to D-136, D-191)."""

from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

import msgspec

from geo.datum import known_position
from geo.distance import distance_mm
from server.domain.local_times import HOUR_MS, local_day, moment_ms
from server.domain.needs import Asking, Counter, Many, Need, Rows
from server.domain.tree import parents_of, subtree
from shared_schema.problem import Code, Problem
from shared_schema.records.base import Record
from shared_schema.records.customer import Standing
from shared_schema.records.hold import PoolHold, TakeHold
from shared_schema.records.pool import Claim, Pool, PoolCard
from shared_schema.records.reference import Organisation, Person
from shared_schema.registry import BY_RECORD
from sync.agreed.holds import held_for
from sync.rules import Actor
from sync.state import State


class Naming(NamedTuple):
    """A kind of record, and its slot that names a user. `ahead`: the slot that says how long it counts; empty: as long as it is there."""

    record: type[Record]
    slot: str
    ahead: str = ""

    def by(self, user_id: bytes) -> Many:
        """How many there are of a user."""
        return Many(self.record, self.slot, user_id, self.ahead)


OWNED: Final = Naming(Standing, "owner_id")
HELD: Final = Naming(PoolHold, "holder_id", "until_ms")
"""A hold counts until its end by the server's clock, whether or not the job has come (D-191)."""
CLAIMS_MAX: Final = 10_000
"""A counter holds day * CLAIMS_MAX + the claims of that day, so that each user has one row in each pool, and the number only rises."""
ACCURACY_MAX_MM: Final = 200_000
"""No phone is believed to be nearer by more than this, whatever accuracy it names."""


class Wish(msgspec.Struct, frozen=True):
    """A claim or a hold that is judged: the pool, the card and the standing as they are under the lock. `void`: the holder whom the card
    names, if any, may no longer claim it."""

    pool: Pool
    card: PoolCard
    standing: Standing
    command: Claim | TakeHold
    void: bool = False


# the needs


def counted(asking: Asking, pool: Pool) -> list[Need]:
    """The locks and counts by which the pool limits the claims of the actor; of a department, behind one lock, whatever each user owns."""
    user_id, department_id = asking.actor.user_id, asking.actor.department_id
    found: list[Need] = []
    if pool.claim_daily_limit is not None:
        found.append(Counter(_used_key(user_id, pool)))
    if pool.capacity is not None:
        found += [Counter(f"owned:{user_id.hex()}"), OWNED.by(user_id), HELD.by(user_id)]
    if pool.department_capacity is not None and department_id is not None:
        below = subtree(parents_of(asking.state), department_id)
        found += [Counter(f"owned_below:{department_id.hex()}"), Rows(Person, below, by="department_id")]
        found += [at.by(each) for each in users_below(asking.actor, asking.state) for at in (OWNED, HELD)]
    return found


def users_below(actor: Actor, state: State) -> frozenset[bytes]:
    """The users of the actor's department and of all below it, also those who left: what they own is the department's still (D-197)."""
    if actor.department_id is None:
        return frozenset()
    below = subtree(parents_of(state), actor.department_id)
    found = (held.record for held in state.held.values())
    return frozenset(one.id for one in found if isinstance(one, Person) and one.department_id in below)


def _used_key(user_id: bytes, pool: Pool) -> str:
    return f"claims:{pool.id.hex()}:{user_id.hex()}"


# the judgement


def judge(actor: Actor, state: State, wish: Wish, now_ms: int) -> None:
    """A claim under an own hold was judged when the hold was taken (D-191).

    Raises Problem(held | cool_off | newcomer_hold | do_not_disturb | position_missing | too_far | capacity_full | quota_exhausted).
    """
    if is_held(actor.user_id, wish.card, now_ms):
        return
    holder_id = held_for(wish.card, now_ms)
    if holder_id is not None and not wish.void:
        raise Problem(Code.held, "a colleague holds this customer", retry_at_ms=wish.card.held_until_ms, first_id=holder_id)
    _free_by_now(actor, state, wish, now_ms)
    _near(wish)
    capacity = wish.pool.capacity
    if capacity is not None and had(frozenset({actor.user_id}), state, now_ms) >= capacity:
        raise Problem(Code.capacity_full, f"who owns {capacity} customers claims none in this pool")
    capacity = wish.pool.department_capacity
    if capacity is not None and had(users_below(actor, state), state, now_ms) >= capacity:
        detail = f"a department that owns {capacity} customers claims none in this pool"
        raise Problem(Code.capacity_full, detail, field="department_capacity")
    limit = wish.pool.claim_daily_limit
    if limit is not None and used(actor.user_id, state, wish.pool, now_ms) >= limit:
        again_ms = moment_ms(_spent(actor.user_id, state, wish.pool, now_ms)[0] + 1, 0, _time_zone(state))
        raise Problem(Code.quota_exhausted, f"{limit} claims a day in this pool", retry_at_ms=again_ms)


def _free_by_now(actor: Actor, state: State, wish: Wish, now_ms: int) -> None:
    pool, standing = wish.pool, wish.standing
    if pool.cool_off_days and standing.last_owner_id == actor.user_id and standing.last_owned_until_ms is not None:
        time_zone = _time_zone(state)
        over_ms = moment_ms(local_day(standing.last_owned_until_ms, time_zone) + pool.cool_off_days, 0, time_zone)
        _wait(Code.cool_off, now_ms, over_ms, "the last owner claims the customer again after a while")
    if pool.newcomer_hold_hours:
        over_ms = wish.card.pooled_ms + pool.newcomer_hold_hours * HOUR_MS
        _wait(Code.newcomer_hold, now_ms, over_ms, "the customer is new in the pool")
    if standing.undisturbed_until_day is not None:
        over_ms = moment_ms(standing.undisturbed_until_day, 0, _time_zone(state))
        _wait(Code.do_not_disturb, now_ms, over_ms, "the customer wants to be left alone")


def _wait(code: Code, now_ms: int, over_ms: int, detail: str) -> None:
    if now_ms < over_ms:
        raise Problem(code, detail, retry_at_ms=over_ms)


def _near(wish: Wish) -> None:
    """By the place that the card shows: nothing here knows the exact one (D-135)."""
    radius_m, card, command = wish.pool.claim_radius_m, wish.card, wish.command
    if radius_m is None or card.latitude_e6 is None or card.longitude_e6 is None:
        return
    at = known_position(command.datum, command.latitude_e6, command.longitude_e6)
    if at is None:
        raise Problem(Code.position_missing, f"this pool is claimed from within {radius_m} m; the phone had no position")
    away_mm = distance_mm(*at, card.latitude_e6, card.longitude_e6)
    if away_mm - min(command.accuracy_mm or 0, ACCURACY_MAX_MM) > radius_m * 1000:
        problem = Problem(Code.too_far, f"this pool is claimed from within {radius_m} m of the place on the card")
        problem.distance_mm = away_mm
        raise problem


def is_held(user_id: bytes, card: PoolCard, now_ms: int) -> bool:
    """Whether this user holds the customer at this moment."""
    return held_for(card, now_ms) == user_id


def owned(user_id: bytes, state: State) -> int:
    """Customers that the user owns now."""
    return naming(state, OWNED, frozenset({user_id}), 0)


def had(user_ids: AbstractSet[bytes], state: State, now_ms: int) -> int:
    """Customers that these users own or hold now (D-191)."""
    return naming(state, OWNED, user_ids, now_ms) + naming(state, HELD, user_ids, now_ms)


def naming(state: State, at: Naming, user_ids: AbstractSet[bytes], now_ms: int) -> int:
    """Records that name one of the users now: those counted behind the lock, and what this batch changed."""
    number, slot = BY_RECORD[at.record].number, at.slot
    stored = sum(state.many.get((number, slot, user_id), 0) for user_id in user_ids)
    for key in [key for key in state.touched if key[0] == number]:
        before = state.originals.get(key) if key not in state.created else None
        stored += _names(state.held[key].record, at, user_ids, now_ms) - (
            before is not None and _names(before.record, at, user_ids, now_ms)
        )
    return stored


def _names(record: Record, at: Naming, user_ids: AbstractSet[bytes], now_ms: int) -> bool:
    return getattr(record, at.slot) in user_ids and (not at.ahead or getattr(record, at.ahead) > now_ms)


# the quota


def used(user_id: bytes, state: State, pool: Pool, now_ms: int) -> int:
    """Claims that the user won in this pool on the local day of the organisation (D-129)."""
    return _spent(user_id, state, pool, now_ms)[1]


def _spent(user_id: bytes, state: State, pool: Pool, now_ms: int) -> tuple[int, int]:
    """(the day that counts, its claims): a day that comes once more, because the calendar was set back, is counted on."""
    day, count = divmod(state.counters.get(_used_key(user_id, pool), 0), CLAIMS_MAX)
    today = local_day(now_ms, _time_zone(state))
    return (day, count) if day >= today else (today, 0)


def spend(user_id: bytes, state: State, pool: Pool, now_ms: int) -> None:
    """Count a claim that was won, or a hold that was taken; the caller has locked and loaded the counter."""
    if pool.claim_daily_limit is not None:
        day, count = _spent(user_id, state, pool, now_ms)
        state.counters[_used_key(user_id, pool)] = day * CLAIMS_MAX + count + 1


def _time_zone(state: State) -> str:
    if not isinstance(state.organisation, Organisation):
        raise TypeError("the state was loaded without its organisation")
    return state.organisation.time_zone
