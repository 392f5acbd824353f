"""Laws of the day on which a customer falls (D-142 to D-149): a touch moves it later, nobody falls unwarned, a preview is true."""

from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from server.domain import reclaim, reclaims
from server.domain.local_times import DAY_MS, HOUR_MS, local_day, moment_ms
from server.domain.notifications import settle
from server.domain.reminder import FOR_ALL, Row, judged
from shared_schema.records.customer import Customer, Standing, Tier
from shared_schema.records.notification import Notification, NotificationState
from shared_schema.records.pool import Pool
from shared_schema.records.reclaim import ReclaimBasis, ReclaimRule, ReclaimTerms
from shared_schema.records.reference import Organisation
from sync.agreed.reclaim import Around, countdown, due_day, notice_days
from sync.state import State

ZONES: Final = ("Asia/Shanghai", "UTC", "America/Los_Angeles", "Pacific/Kiritimati")
START: Final = 20_500
POOL, OWNER, ORG = b"p" * 16, b"o" * 16, b"g" * 16
MOMENTS: Final = st.integers((START - 200) * DAY_MS, START * DAY_MS)
MAYBE: Final = st.none() | MOMENTS
STANDINGS: Final = st.builds(
    Standing,
    st.binary(min_size=16, max_size=16),
    st.just(1),
    owner_id=st.just(OWNER),
    owned_since_ms=MOMENTS,
    tier=st.sampled_from(Tier),
    last_contact_ms=MAYBE,
    last_visit_ms=MAYBE,
    locked_until_ms=st.none() | st.integers((START - 20) * DAY_MS, (START + 60) * DAY_MS),
    extended_until_ms=st.none() | st.integers((START - 20) * DAY_MS, (START + 60) * DAY_MS),
    undisturbed_until_day=st.none() | st.integers(START - 20, START + 20),
)
DAYS: Final = st.integers(5, 120)
RULES: Final = st.builds(
    ReclaimRule,
    st.just(b"r" * 16),
    st.just(1),
    version=st.just(1),
    effective_from_day=st.integers(START, START + 5),
    made_by_id=st.just(OWNER),
    made_ms=st.just(0),
    pool_id=st.just(POOL),
    basis=st.sampled_from([ReclaimBasis.contact, ReclaimBasis.visit, ReclaimBasis.held]),
    unknown_days=DAYS,
    a_days=DAYS,
    b_days=DAYS,
    c_days=DAYS,
    grace_days=st.integers(0, 60),
    warn_days=st.sampled_from([(7, 3, 1), (5,), (14, 7)]),
    min_warning_hours=st.sampled_from([1, 24, 48]),
    exempt=st.sampled_from([(), ("locked",), ("extended", "locked", "quote")]),
)


@given(STANDINGS, RULES, st.sampled_from(ZONES), MOMENTS, st.booleans())
def test_a_touch_only_moves_the_day_later(standing: Standing, rule: ReclaimRule, zone: str, at_ms: int, is_visit: bool) -> None:
    """D-142: by the moment at which it happened, in whatever order touches arrive."""
    touched = replace(standing, last_contact_ms=max(at_ms, standing.last_contact_ms or 0))
    if is_visit:
        touched = replace(touched, last_visit_ms=max(at_ms, standing.last_visit_ms or 0))
    before, after = (due_day(one, rule, zone) for one in (standing, touched))
    assert after >= before
    assert due_day(touched, rule, zone) >= rule.effective_from_day + notice_days(rule)


@given(STANDINGS, RULES, st.sampled_from(ZONES), st.integers(START * DAY_MS, (START + 90) * DAY_MS))
def test_a_lock_and_an_extension_keep_the_customer(standing: Standing, rule: ReclaimRule, zone: str, until_ms: int) -> None:
    """D-143."""
    rule = replace(rule, exempt=("extended", "locked"))
    for locked in (replace(standing, locked_until_ms=until_ms), replace(standing, extended_until_ms=until_ms)):
        assert moment_ms(due_day(locked, rule, zone), 0, zone) >= until_ms


@settings(max_examples=300, deadline=None)
@given(STANDINGS, RULES, st.sampled_from(ZONES), st.integers((START - 5) * DAY_MS, (START + 90) * DAY_MS), st.sampled_from([0, 200]))
def test_a_device_counts_the_days_that_the_server_warns_of(
    standing: Standing, rule: ReclaimRule, zone: str, now_ms: int, older_days: int
) -> None:
    """D-156: with nothing unsent, the day of the countdown is that of the sweep, and its days are those in the warning."""
    rule = replace(rule, effective_from_day=rule.effective_from_day - older_days)
    state = opened([standing], [rule], zone)
    known = reclaim.fate(state, standing, now_ms)
    counted = countdown(standing, [rule], Around(now_ms, zone))
    if known is None or counted is None:
        assert known is None
        assert counted is None
        return
    assert counted.due_day == known.due_day
    assert str(counted.days) == reclaims._warning(state, standing, known, 0, now_ms).facts["days"]


def opened(standings: list[Standing], rules: list[ReclaimRule], zone: str) -> State:
    state = State()
    for one in (Organisation(ORG, 1, "Acme", time_zone=zone), Pool(POOL, 1, "East"), *rules):
        state.keep(one)
    for standing in standings:
        state.keep(Customer(standing.id, 1, "Shop"))
        state.keep(standing)
    return state


class Played:
    """One customer, by the moments at which the server looks at it: each warning is delivered after `lag_ms`."""

    def __init__(self, state: State, standing: Standing, lag_ms: int) -> None:
        self.state, self.standing, self.lag_ms = state, standing, lag_ms
        self.falls_ms: int | None = None

    def turn(self, now_ms: int) -> None:
        self.state.spoke_ms[OWNER] = now_ms
        self.state.notices.clear()
        found = list(reclaims.occasions(self.state, self.standing, now_ms))
        heard = judged(found, {OWNER: "UTC"}, Row("reclaim", self.standing.id, FOR_ALL, 0, 0), now_ms).heard
        self.state.notices.extend(heard)
        settle(self.state, now_ms)
        for one in [held.record for held in self.state.held.values() if isinstance(held.record, Notification)]:
            if one.state == NotificationState.made and now_ms - one.made_ms >= self.lag_ms:
                self.state.write(replace(one, state=NotificationState.delivered, delivered_ms=one.made_ms + self.lag_ms))
        at_ms = reclaim.falls_ms(self.state, self.standing, now_ms)
        if at_ms is not None and at_ms <= now_ms:
            self.falls_ms = now_ms


@settings(max_examples=200, deadline=None)
@given(st.lists(STANDINGS, min_size=1, max_size=3, unique_by=lambda one: one.id), RULES, st.sampled_from(ZONES))
def test_a_preview_is_what_happens(standings: list[Standing], rule: ReclaimRule, zone: str) -> None:
    """D-149: each falls with the beginning of the day that the preview told, when nobody touches it and warnings are taken within hours."""
    terms = ReclaimTerms(**{name: getattr(rule, name) for name in ReclaimTerms.__struct_fields__})
    draft = reclaims._version(opened(standings, [], zone), terms, ReclaimRule(bytes(16), 0, 1, 0, OWNER, 0))
    for standing in standings:
        told = due_day(standing, draft, zone)
        played = Played(opened([standing], [rule], zone), standing, HOUR_MS)
        moments = [moment_ms(day, minute, zone) for day in range(rule.effective_from_day, told + 1) for minute in (0, 480, 600)]
        for now_ms in moments:
            played.turn(now_ms)
            if played.falls_ms is not None:
                break
        assert played.falls_ms is not None
        assert local_day(played.falls_ms, zone) == told


@settings(max_examples=200, deadline=None)
@given(STANDINGS, RULES, RULES, st.integers(0, 40), st.integers(0, 5 * 24))
def test_a_tightened_rule_takes_nobody_before_its_warning(
    standing: Standing, first: ReclaimRule, second: ReclaimRule, day: int, lag_hours: int
) -> None:
    """D-143, D-145: a fall comes `min_warning_hours` after a warning of that day was delivered, whatever the rule was before."""
    second = replace(second, id=b"s" * 16, version=2, effective_from_day=first.effective_from_day + day)
    played = Played(opened([standing], [first, second], "Asia/Shanghai"), standing, lag_hours * HOUR_MS)
    for now_ms in range(first.effective_from_day * DAY_MS, (START + 150) * DAY_MS, 8 * HOUR_MS):
        played.turn(now_ms)
        if played.falls_ms is not None:
            break
    if played.falls_ms is None:
        return
    known = reclaim.fate(played.state, standing, played.falls_ms)
    assert known is not None
    told = [held.record for held in played.state.held.values() if isinstance(held.record, Notification)]
    counted = [one.delivered_ms for one in told if one.delivered_ms is not None and one.facts["due"] <= known.due]
    assert counted, "nobody falls by a warning of a later day"
    assert played.falls_ms >= min(counted) + known.rule.min_warning_hours * HOUR_MS
    if known.rule.version == 2:
        assert local_day(played.falls_ms, "Asia/Shanghai") >= second.effective_from_day + notice_days(second)


def test_a_warning_of_before_a_touch_counts_no_more() -> None:
    """D-145: also where the day of the fall is the same, because a lock ends on it."""
    standing = Standing(b"c" * 16, 1, OWNER, owned_since_ms=START * DAY_MS, locked_until_ms=(START + 40) * DAY_MS)
    rule = ReclaimRule(b"r" * 16, 1, 1, START, OWNER, 0, POOL, unknown_days=5, exempt=("locked",))
    played = Played(opened([standing], [rule], "UTC"), standing, 0)
    played.turn((START + 34) * DAY_MS)
    touched = replace(standing, last_contact_ms=(START + 34) * DAY_MS + HOUR_MS)
    before, after = (reclaim.fate(played.state, one, (START + 35) * DAY_MS) for one in (standing, touched))
    assert before is not None
    assert after is not None
    assert before.due_day == after.due_day
    assert reclaim.warned_ms(played.state, standing, before, (START + 35) * DAY_MS) is not None
    assert reclaim.warned_ms(played.state, touched, after, (START + 35) * DAY_MS) is None


def test_a_warning_of_a_later_day_is_none_of_an_earlier_one() -> None:
    """D-145: a rule is tightened after the first warning was delivered; the second one reaches no device."""
    standing = Standing(b"c" * 16, 1, OWNER, owned_since_ms=START * DAY_MS)
    first = ReclaimRule(b"r" * 16, 1, 1, START, OWNER, 0, POOL, unknown_days=40)
    second = replace(first, id=b"s" * 16, version=2, effective_from_day=START + 35, unknown_days=5)
    played = Played(opened([standing], [first, second], "UTC"), standing, 0)
    played.turn((START + 34) * DAY_MS)
    played.lag_ms = 90 * DAY_MS
    for day in range(35, 60):
        played.turn((START + day) * DAY_MS)
    assert played.falls_ms is None
    found = [held.record for held in played.state.held.values() if isinstance(held.record, Notification)]
    assert [one.facts["days"] for one in sorted(found, key=lambda one: one.made_ms)] == ["6", "2", "0", "0", "0"]
