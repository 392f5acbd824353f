"""The terminal tells how long a customer stays, offline too: in its line of the list, and on its page."""

import re
import time
import uuid
from typing import Any, Final

from server import clock
from sync.agreed.days import local_day
from tests.integration.test_terminal import Terminal, lin, served

__all__ = ["lin", "served"]

ZONE: Final = "Asia/Shanghai"
DAY_MS: Final = 86_400_000


def ruled(lin: Terminal, **terms: Any) -> None:
    """A rule of 20 days, from today on."""
    boss = lin.served.admin()
    pool = boss.post("/v1/desk/pools", {"name": "East"}).json()["id"]
    days = dict.fromkeys(("unknown_days", "a_days", "b_days", "c_days"), 20)
    today = local_day(time.time_ns() // 1_000_000, ZONE)
    asked = {"id": str(uuid.uuid4()), "effective_from_day": today, "pool_id": pool, **days, **terms}
    answer = boss.post("/v1/desk/reclaim-rules", asked)
    assert answer.status_code == 200, answer.text


def had_for(lin: Terminal, days: int) -> None:
    """A second customer, which the rep has had for so many days."""
    boss = lin.served.admin()
    owner = next(one["id"] for one in boss.get("/v1/desk/users").json()["items"] if one["login"] == "lin")
    clock.simulate(-days * DAY_MS)
    try:
        made = boss.post("/v1/desk/customers", {"id": str(uuid.uuid4()), "owner_id": owner, "values": {"name": "Night Market"}})
    finally:
        clock.simulate(0)
    assert made.status_code == 200, made.text


def line(lin: Terminal, name: str) -> str:
    """A customer's line of the list."""
    return next(each for each in lin.type("customers").splitlines() if name in each)


def test_the_days_stand_in_the_customers_line(lin: Terminal) -> None:
    """D-156, D-157: nothing without a rule; a visit without a network moves the day at once, and it stays moved when it is sent."""
    had_for(lin, 18)
    lin.type("sync")
    assert "falls into the pool" not in lin.type("customers") + lin.type("show", "Night")
    ruled(lin)
    lin.type("sync")
    assert re.search(r" 2 d, \d{4}-\d\d-\d\d *$", line(lin, "Night Market"))
    assert re.search(r" 20 d, ", line(lin, "Harbour Books"))
    assert re.search(r"2 d, .* · a contact or a visit keeps it until \d{4}", lin.type("show", "Night"))
    lin.type("offline")
    lin.type("visit", "Night", "--note", "two boxes")
    assert " 20 d, " in line(lin, "Night Market")
    lin.type("online")
    lin.type("sync")
    assert " 20 d, " in line(lin, "Night Market")
    lin.language = "zh_CN.UTF-8"
    assert "还剩 20 天" in line(lin, "Night Market")


def test_a_visit_that_must_be_judged_counts_later(lin: Terminal) -> None:
    """D-157."""
    had_for(lin, 18)
    ruled(lin, basis=2)
    lin.type("sync")
    assert "a visit that the server finds at the customer keeps it" in lin.type("show", "Night")
    lin.type("offline")
    lin.type("visit", "Night")
    assert "2 d, " in line(lin, "Night Market")
    assert "your visit counts after the server has judged it" in lin.type("show", "Night")
