"""The countdown of a device: the day on which a customer may fall, what would move it, and what keeps it now (D-156, D-157)."""

from typing import Any, Final

import pytest
from msgspec.structs import replace

from shared_schema.records.customer import Standing, Tier
from shared_schema.records.reclaim import ReclaimBasis, ReclaimRule
from sync.agreed.reclaim import Around, Countdown, countdown

ZONE: Final = "Asia/Shanghai"
DAY_MS: Final = 86_400_000
HOUR_MS: Final = 3_600_000
START: Final = 20_500
RULE: Final = ReclaimRule(
    b"r" * 16, 1, 1, START - 99, b"a" * 16, 0, b"p" * 16, unknown_days=20, a_days=10, exempt=("extended", "locked", "quote")
)


def at(day: int, hour: int = 12) -> int:
    """An hour of Shanghai on a day after the start."""
    return (START + day) * DAY_MS + (hour - 8) * HOUR_MS


SHOP: Final = Standing(b"s" * 16, 1, b"o" * 16, owned_since_ms=at(0), tier=Tier.unknown)


def told(standing: Standing = SHOP, rule: ReclaimRule = RULE, **known: Any) -> Countdown:
    """The countdown at noon of the 18th day."""
    found = countdown(standing, [rule], Around(at(18), ZONE, **known))
    assert found is not None
    return found


def test_it_tells_the_day_and_what_a_touch_now_would_make_of_it() -> None:
    """D-156."""
    assert told() == Countdown(START + 20, 2, ReclaimBasis.contact, START + 38, "", None, judged_later=False)
    assert told(replace(SHOP, tier=Tier.a)).days == 0, "due: it may fall at any hour"
    assert told(rule=replace(RULE, basis=ReclaimBasis.held)).touched_day is None


@pytest.mark.parametrize(
    ("standing", "rules"),
    [
        (SHOP, []),
        (SHOP, [replace(RULE, effective_from_day=START + 19)]),
        (SHOP, [RULE, replace(RULE, version=2, pool_id=None)]),
        (SHOP, [replace(RULE, basis=ReclaimBasis.unknown)]),
        (replace(SHOP, owner_id=None), [RULE]),
    ],
    ids=["no version", "a version ahead", "nobody falls", "a basis of a newer server", "in a pool"],
)
def test_nothing_is_told(standing: Standing, rules: list[ReclaimRule]) -> None:
    """D-156."""
    assert countdown(standing, rules, Around(at(18), ZONE)) is None


def test_a_lock_moves_the_day_and_is_named_while_it_lasts() -> None:
    """D-143, D-156: of two the one that ends last; one that is over is not named, and one that the rule does not list is nothing."""
    locked = replace(SHOP, locked_until_ms=at(30), extended_until_ms=at(25))
    assert (told(locked).days, told(locked).kept_by, told(locked).kept_until_ms) == (13, "locked", at(30))
    over = replace(SHOP, locked_until_ms=at(17))
    assert (told(over).days, told(over).kept_by) == (2, "")
    unlisted = told(locked, replace(RULE, exempt=("extended",)))
    assert (unlisted.days, unlisted.kept_by) == (8, "extended")


def test_what_waits_for_a_decision_has_no_end() -> None:
    """D-143, D-156."""
    waits = told(replace(SHOP, locked_until_ms=at(30)), waits=("quote",))
    assert (waits.kept_by, waits.kept_until_ms) == ("quote", None)
    assert told(rule=replace(RULE, exempt=()), waits=("quote",)).kept_by == ""


def test_a_contact_that_is_not_sent_moves_the_day_here() -> None:
    """D-157: by the moment at which it was entered; one of before the last touch moves nothing."""
    assert told(contact_ms=at(17)).days == 19
    assert told(replace(SHOP, last_contact_ms=at(15)), contact_ms=at(9)).days == 17


def test_a_visit_that_is_not_judged_counts_later() -> None:
    """D-157: the device does not judge its own visit."""
    judged = replace(RULE, basis=ReclaimBasis.visit)
    entered = told(rule=judged, contact_ms=at(17), visit_ms=at(17))
    assert (entered.days, entered.judged_later) == (2, True)
    assert not told(replace(SHOP, last_visit_ms=at(17)), judged, visit_ms=at(17)).judged_later
    assert not told(contact_ms=at(17), visit_ms=at(17)).judged_later
