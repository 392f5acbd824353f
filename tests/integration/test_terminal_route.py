"""The terminal shows today's route, offline too: the order, the way to each stop, and why."""

import re
import uuid
from typing import Any

from tests.integration.test_terminal import Terminal, lin, served

__all__ = ["lin", "served"]


def placed(lin: Terminal, name: str, north_e6: int) -> None:
    """A customer of the rep, so many micro-degrees north of the Bund."""
    boss = lin.served.admin()
    owner = next(one["id"] for one in boss.get("/v1/desk/users").json()["items"] if one["login"] == "lin")
    values: dict[str, Any] = {"name": name, "latitude_e6": 31_230_400 + north_e6, "longitude_e6": 121_473_700, "datum": 1}
    made = boss.post("/v1/desk/customers", {"id": str(uuid.uuid4()), "owner_id": owner, "values": values})
    assert made.status_code == 200, made.text


def test_the_stops_of_today_in_their_order_and_what_is_done_is_gone(lin: Terminal) -> None:
    """D-450, D-451, D-454, D-456: without a network, and a visit that is not sent yet counts."""
    for name, north_e6 in (("Far Door", 90_000), ("Near Door", 10_000), ("Quiet Door", 20_000)):
        placed(lin, name, north_e6)
    lin.type("sync")
    assert "Nobody is to be visited today" in lin.type("route")
    lin.type("offline")
    for name in ("Far", "Near"):
        lin.type("follow-up", name, "--on", "today", "--purpose", "call")
    told = lin.type("route", "--from", "31.2304,121.4737", "--to", "31.2304,121.4737")
    assert re.search(r"^1 .*Near Door .*follow-up today: call .* 1\.1 km$", told, re.MULTILINE)
    assert re.search(r"^2 .*Far Door .* 8\.9 km$", told, re.MULTILINE)
    assert "2 stops, 20.0 km as the crow flies, about 25.9 km by road (an estimate)" in told
    assert "Quiet" not in told
    lin.type("visit", "Near")
    told = lin.type("route")
    assert "Near" not in told
    assert re.search(r"^1 .*Far Door .* first$", told, re.MULTILINE)
