"""A tier and its policy change at the desk; with the next sync the phone, the quote's limit, the cadence and the reclaim day know it."""

import time
import uuid
from typing import Any, Final

from mobile_api.phone.countdown import Countdowns
from mobile_api.phone.day_route import planned
from mobile_api.phone.phone import Phone
from mobile_api.phone.screen import Screen
from mobile_api.phone.words import Words
from server import chance, clock
from shared_schema.records.customer import Standing, Tier
from shared_schema.records.reference import Price
from sync.agreed.days import local_day
from sync.agreed.tiers import discount_limit_bps
from tests.integration.test_terminal import Terminal, lin, served
from tests.integration.tiering import evaluated

__all__ = ["lin", "served"]

ZONE: Final = "Asia/Shanghai"
DAY_MS: Final = 86_400_000
HAD_DAYS: Final = 16


def asked(lin: Terminal, path: str, **terms: Any) -> None:
    """The admin asks the desk."""
    answer = lin.served.admin().post(path, terms)
    assert answer.status_code == 200, answer.text


def had(lin: Terminal, name: str) -> bytes:
    """A customer that the rep has had for some days."""
    boss = lin.served.admin()
    owner = next(one["id"] for one in boss.get("/v1/desk/users").json()["items"] if one["login"] == "lin")
    clock.simulate(-HAD_DAYS * DAY_MS)
    try:
        made = boss.post("/v1/desk/customers", {"id": str(uuid.uuid4()), "owner_id": owner, "values": {"name": name}})
    finally:
        clock.simulate(0)
    assert made.status_code == 200, made.text
    return uuid.UUID(made.json()["id"]).bytes


class Seen:
    """What the rep's phone says of a customer after a sync, each by what it holds alone: limit in basis points, day left, in the plan."""

    def __init__(self, lin: Terminal, customer_id: bytes) -> None:
        lin.type("sync")
        phone = Phone(lin.file)
        screen = Screen(phone, Words("en"), lin.file)
        standing = phone.view(Standing, customer_id)
        assert standing is not None
        (price,) = phone.views(Price)
        counted = Countdowns(screen).of(standing)
        self.limit_bps = discount_limit_bps(screen.tier_policy(), standing.tier, price)
        self.days_left = counted.days if counted is not None else None
        self.is_planned = customer_id in {stop.customer_id for stop in planned(screen, None)}
        phone.close()


def test_a_changed_tier_and_a_changed_policy_reach_the_phone_with_the_next_sync(lin: Terminal) -> None:
    """D-672 to D-675: over HTTP; nobody enters anything on the phone meanwhile."""
    customer_id = had(lin, "Night Market")
    before = Seen(lin, customer_id)
    assert (before.limit_bps, before.days_left, before.is_planned) == (None, None, False), "no policy, no rule, a cadence of 30 days"
    assert "what the tier gives" not in lin.type("show", "Night")
    today = local_day(time.time_ns() // 1_000_000, ZONE)
    asked(lin, "/v1/desk/tier-policies", id=str(uuid.uuid4()), effective_from_day=today)
    pool = lin.served.admin().post("/v1/desk/pools", {"name": "East"}).json()["id"]
    days = dict.fromkeys(("unknown_days", "a_days", "b_days", "c_days"), 0)
    asked(lin, "/v1/desk/reclaim-rules", id=str(uuid.uuid4()), effective_from_day=today, pool_id=pool, **days)
    first = Seen(lin, customer_id)
    assert (first.limit_bps, first.days_left, first.is_planned) == (300, 90 - HAD_DAYS, False)
    lin.served.write(evaluated, lin.served.admin().session["org_id"], customer_id, Tier.a, chance.now_ms())
    rated = Seen(lin, customer_id)
    assert (rated.limit_bps, rated.days_left, rated.is_planned) == (1_500, 30 - HAD_DAYS, True), "A: 14 days between contacts"
    assert "A: discount up to 15" in lin.type("show", "Night")
    asked(
        lin,
        "/v1/desk/tier-policies",
        id=str(uuid.uuid4()),
        effective_from_day=today,
        discounts_bps=[300, 1_200, 800, 300],
        contact_days=[90, 20, 30, 90],
        held_days=[90, 25, 60, 90],
    )
    after = Seen(lin, customer_id)
    assert (after.limit_bps, after.days_left, after.is_planned) == (1_200, 25 - HAD_DAYS, False)
    (price,) = lin.served.admin().get("/v1/desk/prices").json()["items"]
    named = {name: price[name] for name in ("id", "price_book_id", "product_id", "price_minor")}
    asked(lin, "/v1/desk/prices", **named, max_discount_bps=500)
    assert Seen(lin, customer_id).limit_bps == 500, "the smaller of both holds"
