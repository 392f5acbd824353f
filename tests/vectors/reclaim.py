"""Vectors of `sync/agreed/days.py` and `sync/agreed/reclaim.py`: days around midnight in odd zones, versions, due days, countdowns."""

import random
from collections.abc import Iterator
from typing import Any, Final

from msgspec.structs import replace

from shared_schema.records.customer import Standing, Tier
from shared_schema.records.quote import Quote, QuoteStatus
from shared_schema.records.reclaim import ReclaimBasis, ReclaimRule
from shared_schema.records.tier_policy import TierPolicy
from sync.agreed import days, reclaim
from sync.agreed.reclaim import Around
from tests.vectors.cases import Case, Cases, played, told
from tests.vectors.values import an_id

ZONES: Final = (
    "Asia/Shanghai",
    "UTC",
    "America/Los_Angeles",
    "Pacific/Kiritimati",
    "Pacific/Apia",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Nowhere/City",
    "",
)
DAY_MS: Final = 86_400_000
HOUR_MS: Final = 3_600_000
START: Final = 20_500
ENDING: Final = ("extended", "locked")
EXEMPT: Final[tuple[tuple[str, ...], ...]] = ((), ("locked",), ("extended", "locked", "quote"), ("order", "quote"), ("toString",))


def cases() -> Cases:
    """All rules of the room."""
    dice = random.Random(156)
    asked = [(a_standing(dice), a_rule(dice, 1), dice.choice(ZONES)) for _ in range(300)]
    customers = [an_id(dice) for _ in range(2)]
    return {
        "sync.agreed.days:local_day": played(days.local_day, moments(dice)),
        "sync.agreed.reclaim:in_force": played(reclaim.in_force, ({"rules": versions(dice), "day": START + at} for at in range(-2, 12))),
        "sync.agreed.reclaim:since_ms": played(
            reclaim.since_ms, ({"standing": one, "basis": basis} for one, _, _ in asked[:40] for basis in ReclaimBasis)
        ),
        "sync.agreed.reclaim:notice_days": played(
            reclaim.notice_days, ({"rule": replace(asked[0][1], min_warning_hours=hours)} for hours in (1, 23, 24, 25, 48, 49, 720))
        ),
        "sync.agreed.reclaim:due_day": played(
            reclaim.due_day, ({"standing": one, "rule": rule, "time_zone": zone} for one, rule, zone in [*asked, *bounds(dice)])
        ),
        "sync.agreed.reclaim:by_policy": played(
            reclaim.by_policy, ({"rule": rule, "policy": a_policy(dice), "tier": tier} for _, rule, _ in asked[:80] for tier in Tier)
        ),
        "sync.agreed.reclaim:awaits_decision": played(
            reclaim.awaits_decision,
            (
                {"quotes": [Quote(an_id(dice), 1, customers[0], "CNY", status=status)], "customer_id": one}
                for status in QuoteStatus
                for one in customers
            ),
        ),
        "sync.agreed.reclaim:countdown": [counted(one, [rule, *versions(dice)], around(dice)) for one, rule, _ in asked],
    }


def counted(standing: Standing, rules: list[ReclaimRule], known: Around) -> Case:
    """A countdown, or none."""
    given = {"standing": told(standing), "rules": told(rules), "around": told(known)}
    return Case(given, told(reclaim.countdown(standing, rules, known)))


def moments(dice: random.Random) -> Iterator[dict[str, Any]]:
    """Each zone around its midnights, on days with changes of the clock and on a day that one zone never had (Apia, 2011-12-30)."""
    for zone in ZONES:
        yield {"at_ms": 0, "time_zone": zone}
        for day in (10_957, 15_337, 15_338, 15_339, 20_000, 20_520, 20_758, 24_836):
            for hour in range(-14, 14):
                yield from ({"at_ms": day * DAY_MS + hour * HOUR_MS + more, "time_zone": zone} for more in (-1, 0, dice.randrange(HOUR_MS)))


def a_moment(dice: random.Random, span: int = 90) -> int:
    """Within so many days of the start; often at a midnight of Shanghai or just before."""
    day = (START + dice.randrange(-span, span)) * DAY_MS
    return day + dice.choice((0, 16 * HOUR_MS, 16 * HOUR_MS - 1, dice.randrange(DAY_MS)))


def maybe(dice: random.Random, span: int = 90) -> int | None:
    """A moment, or none."""
    return dice.choice((None, a_moment(dice, span)))


def a_standing(dice: random.Random) -> Standing:
    """A customer with an owner, now and then without."""
    return Standing(
        an_id(dice),
        1,
        owner_id=None if dice.random() < 0.1 else an_id(dice),
        owned_since_ms=a_moment(dice),
        tier=dice.choice(list(Tier)),
        last_contact_ms=maybe(dice),
        last_visit_ms=maybe(dice),
        locked_until_ms=maybe(dice),
        extended_until_ms=maybe(dice),
        undisturbed_until_day=dice.choice((None, None, START + dice.randrange(-90, 90))),
    )


def a_rule(dice: random.Random, version: int) -> ReclaimRule:
    """A version of around the start."""
    return ReclaimRule(
        an_id(dice),
        1,
        version=version,
        effective_from_day=START + dice.randrange(-60, 10),
        made_by_id=an_id(dice),
        made_ms=0,
        pool_id=None if dice.random() < 0.15 else an_id(dice),
        basis=dice.choice(list(ReclaimBasis)),
        grace_days=dice.randrange(60),
        min_warning_hours=dice.randrange(1, 100),
        exempt=dice.choice(EXEMPT),
        unknown_days=some_days(dice),
        a_days=some_days(dice),
        b_days=some_days(dice),
        c_days=some_days(dice),
    )


def some_days(dice: random.Random) -> int:
    """Often none: the tier policy names them."""
    return 0 if dice.random() < 0.3 else dice.randrange(1, 120)


def a_policy(dice: random.Random) -> TierPolicy | None:
    """A policy of before the start or after it, now and then with fewer days than a warning needs; or none."""
    days = tuple(dice.choice((1, dice.randrange(1, 120))) for _ in Tier)
    begins = START + dice.randrange(-60, 10)
    return None if dice.random() < 0.2 else TierPolicy(an_id(dice), 1, 1, begins, an_id(dice), 0, held_days=days)


def versions(dice: random.Random) -> list[ReclaimRule]:
    """None, or a few in any order."""
    found = [a_rule(dice, version) for version in range(2, 2 + dice.randrange(4))]
    dice.shuffle(found)
    return found


def around(dice: random.Random) -> Around:
    """A device within some days of the start."""
    return Around(
        a_moment(dice, 40),
        dice.choice(ZONES),
        maybe(dice, 40),
        maybe(dice, 40),
        dice.choice(((), ("quote",), ("order", "quote"))),
        a_policy(dice),
    )


def bounds(dice: random.Random) -> Iterator[tuple[Standing, ReclaimRule, str]]:
    """The last day; a lock that ends with a midnight, and one moment later; both ends in one moment."""
    rule = replace(a_rule(dice, 1), exempt=ENDING, effective_from_day=START)
    yield a_standing(dice), replace(rule, effective_from_day=200_000), "UTC"
    until = (START + 400) * DAY_MS + 16 * HOUR_MS
    for more in (-1, 0, 1):
        yield replace(a_standing(dice), locked_until_ms=until + more, extended_until_ms=until), rule, "Asia/Shanghai"
