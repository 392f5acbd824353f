"""Visits tell where a customer is; the manager sees both places and confirms, or leaves it (D-216 to D-218)."""

from typing import Any, Final

from playwright.sync_api import expect

from geo.datum import from_wgs84
from shared_schema.places import Datum
from tests.browser.desk import opened
from tests.browser.flow_desk import DAY_MS, noon
from tests.browser.handset import Handset
from tests.browser.office import CENTRE_E6, Office

AT: Final[dict[str, Any]] = {"latitude_e6": CENTRE_E6[0], "longitude_e6": CENTRE_E6[1], "datum": int(Datum.wgs84)}
PAIR: Final = from_wgs84(Datum.gcj02, *CENTRE_E6)


def visited(manned: Office, customer_id: str) -> None:
    for day in (5, 4, 3):
        manned.visit("wang", customer_id, noon() - day * DAY_MS, **{**AT, "latitude_e6": AT["latitude_e6"] + day * 30})


def change(manned: Office, customer_id: str, values: dict[str, Any]) -> None:
    """An admin changes where a customer is."""
    bases = {"position": manned.record("customer", customer_id)["rev"]}
    assert manned.boss.post(f"/v1/desk/customers/{customer_id}", {"values": values, "bases": bases}).status_code == 200


def flow_a_manager_confirms_one_position_and_leaves_another(profile: Handset, manned: Office) -> None:
    shops = [manned.customer("wang", name, at) for at, name in enumerate(("Quay Books", "Gate Tea"))]
    placed = {"latitude_e6": PAIR.latitude_e6, "longitude_e6": PAIR.longitude_e6, "datum": int(Datum.wgs84)}
    change(manned, shops[0], {"latitude_e6": None, "longitude_e6": None, "datum": int(Datum.unknown)})
    change(manned, shops[1], placed)
    for shop in shops:
        visited(manned, shop)
    desk = opened(profile)
    desk.go("Positions to confirm")
    learned, datum = (desk.page.get_by_role("article", name=name) for name in ("Quay Books", "Gate Tea"))
    expect(learned).to_contain_text("no position yet")
    expect(learned).to_contain_text("3 visits on 3 days")
    expect(learned.locator("svg .spot")).to_have_count(1)
    expect(datum).to_contain_text("read as GCJ-02")
    expect(datum.locator("svg .spot")).to_have_count(2)
    learned.get_by_role("button", name="Confirm").click()
    expect(learned).to_have_count(0)
    assert abs(manned.record("customer", shops[0])["wgs_latitude_e6"] - AT["latitude_e6"]) < 200
    datum.get_by_role("button", name="Leave it").click()
    expect(datum).to_have_count(0)
    expect(desk.page.locator("main")).to_contain_text("No position waits for you.")
    assert manned.record("customer", shops[1])["datum"] == int(Datum.wgs84)
