"""The stages of warning before a customer falls into a pool, and what keeps it; the day itself is `sync/agreed/reclaim.py` (D-14x).

Pure and total.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

from msgspec import Struct

from server.domain.local_times import DAY_MS, HOUR_MS, date_of, local_day, moment_ms
from server.domain.needs import Need, Rows
from server.domain.outages import days_off, heard_out_ms, worked_ms
from server.domain.reclaim_above import reader
from server.domain.tiers import policies_of, policy_on
from shared_schema.places import Verdict
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Standing, Tier
from shared_schema.records.customer_lock import CustomerLock
from shared_schema.records.notification import Notification
from shared_schema.records.quote import Quote
from shared_schema.records.reclaim import ReclaimRule
from shared_schema.records.tier_policy import TierPolicy
from sync.agreed.reclaim import BASES, DAY_MAX, ENDS, QUOTE, awaits_decision, by_policy, due_day, in_force, notice_days, since_ms
from sync.state import State

WARNING: Final = "reclaim_warning"
BELOW: Final = "reclaim_warning_below"
"""What the manager above an owner hears whose devices are silent."""
MORNING: Final = 8 * 60
"""The minute of the organisation's day at which a stage of warning begins."""
SILENT_MS: Final = 7 * 24 * HOUR_MS


class Exemption(Struct, frozen=True):
    """One thing that keeps a customer with its owner; one whose end the standing names is of `ENDS`, which a phone knows too.

    `waits`: whether it holds now, where nobody knows its end. `ended_ms`: when it last ended by somebody's word, which no due day tells;
    0: never. `wants`: the records at which the two look.
    """

    waits: Callable[[State, bytes], bool] = lambda _state, _customer_id: False
    ended_ms: Callable[[State, bytes], int] = lambda _state, _customer_id: 0
    wants: Callable[[frozenset[bytes]], Iterable[Need]] = lambda _ids: ()


def _awaits_decision(state: State, customer_id: bytes) -> bool:
    return awaits_decision((held.record for held in state.held.values() if isinstance(held.record, Quote)), customer_id)


def _decided_ms(state: State, customer_id: bytes) -> int:
    found = (held.record for held in state.held.values() if isinstance(held.record, Quote))
    return max((one.decided_ms or 0 for one in found if one.customer_id == customer_id), default=0)


def _unlocked_ms(state: State, customer_id: bytes) -> int:
    found = (held.record for held in state.held.values() if isinstance(held.record, CustomerLock))
    return max((one.ended_ms or 0 for one in found if one.customer_id == customer_id), default=0)


AT_CUSTOMER: Final = frozenset({Verdict.verified, Verdict.probable})
"""A visit so judged was one, as far as its evidence tells."""


EXEMPTIONS: Final[Mapping[str, Exemption]] = {
    **{name: Exemption() for name in ENDS},
    "locked": Exemption(ended_ms=_unlocked_ms, wants=lambda ids: (Rows(CustomerLock, ids, by="customer_id"),)),
    QUOTE: Exemption(_awaits_decision, _decided_ms, lambda ids: (Rows(Quote, ids, by="customer_id"),)),
}
"""Name, as a rule lists it → what keeps a customer. A further one is one entry here."""


class Fate(NamedTuple):
    """Of a customer that nobody touches: the version in force, the moment from which its days count, the day on which it falls.

    `freed_ms`: when what kept it was last ended by somebody; 0: never. No warning of before counts.
    """

    rule: ReclaimRule
    since_ms: int
    due_day: int
    freed_ms: int = 0

    @property
    def due(self) -> str:
        """The day as a date, which notices keep."""
        return date_of(self.due_day)


class Fall(NamedTuple):
    """Of a customer that nobody touches: the version by which it falls, the day, and the exemption that keeps it meanwhile, empty: none."""

    rule: ReclaimRule
    due_day: int
    kept_by: str


# the day


def stages(rule: ReclaimRule) -> list[int]:
    """The days before the fall on which the owner is warned, the first one first."""
    return sorted(set(rule.warn_days), reverse=True)


def warning_ms(due: int, stage: int, time_zone: str) -> int:
    """The morning of the organisation on which a stage of warning begins."""
    return moment_ms(max(0, due - stage), MORNING, time_zone)


# the version


def rules_of(state: State) -> list[ReclaimRule]:
    """All versions, the oldest first."""
    found = [held.record for held in state.held.values() if isinstance(held.record, ReclaimRule)]
    return sorted(found, key=lambda rule: rule.version)


def upcoming(state: State, day: int) -> list[int]:
    """The days ahead on which a version begins, of the rule or of the tier policy."""
    begins = {one.effective_from_day for one in rules_of(state)} | {one.effective_from_day for one in policies_of(state)}
    return sorted(one for one in begins if one > day)


def rule_on(state: State, tier: Tier, day: int) -> ReclaimRule | None:
    """The version in force on a day, as it counts for a tier (D-141, D-675); None: nobody falls."""
    rule = in_force(rules_of(state), day)
    return by_policy(rule, policy_on(state, day), tier) if rule is not None else None


def fate(state: State, standing: Standing, now_ms: int) -> Fate | None:
    """Of a customer under the version in force; None in a pool, and where no version takes anybody's customer."""
    if standing.owner_id is None or state.organisation is None:
        return None
    zone = state.organisation.time_zone
    rule = rule_on(state, standing.tier, local_day(now_ms, zone))
    if rule is None:
        return None
    freed_ms = max((EXEMPTIONS[name].ended_ms(state, standing.id) for name in rule.exempt if name in EXEMPTIONS), default=0)
    return Fate(rule, since_ms(standing, rule.basis), due_day(standing, rule, zone), freed_ms)


def would_fall(state: State, standing: Standing, today: int) -> Fall | None:
    """The day on which a customer that nobody touches falls, and what keeps it: a version counts until the next one begins (D-149).

    One that waits for a decision may fall by a later version that does not let it wait.
    """
    zone = state.organisation.time_zone if state.organisation is not None else "UTC"
    begins, kept = [today, *upcoming(state, today)], None
    for begin, end in zip(begins, [*begins[1:], DAY_MAX + 1], strict=True):
        rule = rule_on(state, standing.tier, begin)
        day = max(begin, due_day(standing, rule, zone)) if rule is not None else end
        if rule is None or day >= end:
            continue
        waits = waiting_for(state, rule, standing.id)
        if not waits:
            return Fall(rule, day, "")
        kept = kept or Fall(rule, day, waits)
    return kept


def waiting_for(state: State, rule: ReclaimRule, customer_id: bytes) -> str:
    """The exemption without a known end that keeps the customer now; empty: none (D-143)."""
    return next((name for name in rule.exempt if name in EXEMPTIONS and EXEMPTIONS[name].waits(state, customer_id)), "")


# warned


def warned_for_days(rule: ReclaimRule) -> int:
    """So many days a warning counts: one that names a day long past warns of nothing."""
    return max((*rule.warn_days, 0)) + notice_days(rule)


def once(known: Fate, stage: int, today: int) -> str:
    """What tells one warning from the next: the stage, the day, the period; and what let a day that is near or past begin to count anew."""
    again = max(0, today - known.due_day) // warned_for_days(known.rule)
    freed = f":{known.freed_ms}" if known.freed_ms > known.since_ms else ""
    return f"{stage}:{known.due_day}:{known.since_ms}{freed}" + (f":+{again}" if again else "")


def warnings(state: State, standing: Standing, known: Fate) -> list[Notification]:
    """The warnings that count: of this period, of this very day, and made since nothing but the days keeps the customer (D-145)."""
    found = (held.record for held in state.held.values() if isinstance(held.record, Notification))
    return [
        one
        for one in found
        if one.subject_id == standing.id
        and one.kind in (WARNING, BELOW)
        and one.facts.get("since") == str(known.since_ms)
        and one.facts.get("due") == known.due
        and one.made_ms >= known.freed_ms
    ]


def silent_from_ms(state: State, user_id: bytes) -> int:
    """From when on the user is silent, if none of the user's devices speaks to the server for seven days; no day without a server counts. A
    user who never had a device is silent always (D-146)."""
    seen_ms = state.spoke_ms.get(user_id)
    return worked_ms(seen_ms, SILENT_MS, days_off(state.outages)) if seen_ms is not None else 0


def unheard_from_ms(state: State, standing: Standing, known: Fate) -> int | None:
    """From when on the manager hears in the place of an owner whose devices speak and take no warning: seven days after the first one that
    none of them had, and none behind it; no day without a server counts. None: there is none, or no device spoke since (D-146)."""
    own = _own(state, standing, known)
    last_ms = max((one.made_ms for one in own if _receipts(one)), default=-1)
    made_ms = min((one.made_ms for one in own if one.made_ms > last_ms), default=None)
    from_ms = worked_ms(made_ms, SILENT_MS, days_off(state.outages)) if made_ms is not None else None
    spoke_ms = state.spoke_ms.get(standing.owner_id or b"", 0)
    return from_ms if from_ms is not None and spoke_ms >= from_ms else None


def above_from_ms(state: State, standing: Standing, known: Fate) -> int | None:
    """From when on the user above the owner hears in the owner's place; None: nobody owns the customer (D-146)."""
    if standing.owner_id is None:
        return None
    silent_ms, unheard_ms = silent_from_ms(state, standing.owner_id), unheard_from_ms(state, standing, known)
    return min(silent_ms, unheard_ms) if unheard_ms is not None else silent_ms


def _own(state: State, standing: Standing, known: Fate) -> list[Notification]:
    return [one for one in warnings(state, standing, known) if one.kind == WARNING and one.user_id == standing.owner_id]


def _receipts(one: Notification) -> list[int]:
    """When devices of its reader said that they have it."""
    return [at_ms for at_ms in (one.delivered_ms, one.seen_ms, one.opened_ms) if at_ms is not None]


def warned_ms(state: State, standing: Standing, known: Fate, now_ms: int) -> int | None:
    """When a device of the owner had the first warning that still counts, as it said itself; or when the user was told who hears now in
    the place of an owner whom no warning reaches (D-145, D-146)."""
    found = warnings(state, standing, known)
    moments = [at_ms for one in _own(state, standing, known) for at_ms in _receipts(one)]
    above_ms = above_from_ms(state, standing, known)
    if above_ms is not None and above_ms <= now_ms:
        reader_id = reader(state, known.rule, standing)
        moments += [one.made_ms for one in found if one.kind == BELOW and one.user_id == reader_id]
    return min((one for one in moments if one > now_ms - warned_for_days(known.rule) * DAY_MS), default=None)


def falls_ms(state: State, standing: Standing, now_ms: int) -> int | None:
    """When to look at the customer next: now, if it falls; None: when it is warned again (D-144, D-147, D-158)."""
    known, organisation = fate(state, standing, now_ms), state.organisation
    if known is None or organisation is None or not warnings(state, standing, known):
        return None
    begins_ms = moment_ms(known.due_day, 0, organisation.time_zone)
    if begins_ms > now_ms:
        return begins_ms
    if waiting_for(state, known.rule, standing.id):
        return now_ms + HOUR_MS
    heard_ms = warned_ms(state, standing, known, now_ms)
    if heard_ms is None:
        return now_ms + HOUR_MS
    return max(now_ms, heard_out_ms(max(begins_ms, heard_ms + known.rule.min_warning_hours * HOUR_MS), state.outages))


# what a version may say


def judge(rule: ReclaimRule, today: int, policy: TierPolicy | None) -> None:
    """Raises Problem(rule_broken) with the field at fault (D-141, D-675). `policy`: the tier policy in force when the version begins."""
    if rule.effective_from_day < today:
        raise Problem(Code.rule_broken, "a version begins today or later", field="effective_from_day")
    if rule.basis not in BASES:
        raise Problem(Code.rule_broken, "days count from a contact, from a visit, or from when the owner got the customer", field="basis")
    unknown = sorted(set(rule.exempt) - set(EXEMPTIONS))
    if unknown:
        raise Problem(Code.rule_broken, f"{unknown[0]} keeps no customer; {', '.join(EXEMPTIONS)} do", field="exempt")
    if rule.pool_by_fit and rule.pool_id is None:
        raise Problem(Code.rule_broken, "a rule that leaves the pool to the fit names the one where no pool fits", field="pool_id")
    least = notice_days(rule)
    if max(rule.warn_days, default=0) < least:
        raise Problem(Code.rule_broken, f"the first warning comes {least} days before, or earlier", field="warn_days")
    for field in ("unknown_days", "a_days", "b_days", "c_days"):
        days = getattr(rule, field)
        if days == 0 and policy is None:
            raise Problem(Code.rule_broken, "no tier policy names days by then, so the rule does", field=field)
        if 0 < days < least:
            raise Problem(Code.rule_broken, f"an owner has a customer for {least} days at least", field=field)
