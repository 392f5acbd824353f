"""The rules of a pool: a rep whose claim they refuse reads why, how far and from when, and wins it then."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import expect

from server.models import RECORD_TABLES
from tests.browser.desk import WIDE, Desk, opened
from tests.browser.flow_desk_customer import pane
from tests.browser.flow_pool import HERE, POOLED, at_home, to_pool, told
from tests.browser.handset import Handset, NewHandset
from tests.browser.house import House
from tests.browser.office import REPS, Office, of

FAR = {"latitude": 31.40, "longitude": 121.52}


def pooled(house: House, **rules: Any) -> None:
    """A pool with these rules, and one customer in it within a kilometre of the rep and of another customer."""
    near = {"values": {"latitude_e6": 31_230_000, "longitude_e6": 121_520_000, "datum": 1}, "bases": {"position": house.customer(0)["rev"]}}
    told(house, f"/v1/desk/customers/{house.customer_ids[0]}", near)
    pool = told(house, "/v1/desk/pools", {"name": "East", **rules})
    place = {"latitude_e6": 31_224_000, "longitude_e6": 121_524_000, "datum": 1}
    values = {"name": POOLED, "city": "上海", "industry": "hardware"} | place
    made = told(house, "/v1/desk/customers", {"id": str(uuid.uuid4()), "owner_id": house.rep_id, "values": values})
    told(house, f"/v1/desk/customers/{made['id']}/release", {"pool_id": pool["id"]})


def flow_a_rep_who_is_too_far_away_reads_how_far_and_claims_nearby(house: House, handset: NewHandset) -> None:
    """D-135: from 19 km away the claim is refused; from here it is won."""
    pooled(house, claim_radius_m=2_000)
    window = handset(None, geolocation=FAR, permissions=["geolocation"]).signed_in()
    card = to_pool(window)
    expect(card).to_contain_text("about")
    card.get_by_role("button", name="Claim").click()
    window.settled()
    expect(card).to_contain_text("You were too far away to claim this customer")
    window.place("inbox")
    lost = window.page.locator("article.decision")
    expect(lost).to_contain_text(POOLED)
    expect(lost).to_contain_text(re.compile(r"You were 20 km from the place on the card; the pool wants you within 2\.0 km"))
    lost.get_by_role("button", name="Dismiss").click()
    window.settled()
    window.page.context.set_geolocation({"latitude": HERE["latitude"], "longitude": HERE["longitude"]})
    card = to_pool(window)
    expect(card).to_contain_text(re.compile(r"about \d+ m"))
    card.get_by_role("button", name="Claim").click()
    window.settled()
    expect(window.page.locator("main .card a.row", has_text=POOLED)).to_contain_text("yours now")


def flow_a_newcomer_says_from_when(house: House, handset: NewHandset) -> None:
    """D-132: in the list of the pool and on the card."""
    pooled(house, newcomer_hold_hours=5)
    window = at_home(handset)
    card = to_pool(window)
    card.get_by_role("button", name="Claim").click()
    window.settled()
    expect(card).to_contain_text(re.compile(r"only just come into the pool · from .*\d\d:\d\d"))
    window.place("inbox")
    lost = window.page.locator("article.decision")
    expect(lost).to_contain_text(re.compile(r"You may claim it from .*\d\d:\d\d"))


def flow_an_admin_says_whom_a_pool_fits(house: House, handset: NewHandset) -> None:
    """D-195, D-197: regions of the table of cities, industries, priority, and a department's capacity."""
    told(house, "/v1/desk/cities", {"name": "上海", "region": "华东"})
    desk = Desk(handset(**WIDE), "boss")
    desk.go("Pools")
    sheet = desk.new("New pool")
    sheet.get_by_role("textbox", name="Name").fill("East")
    sheet.get_by_role("checkbox", name="华东").check()
    sheet.get_by_label("Industries").fill("hardware\n茶")
    sheet.get_by_label("Priority").fill("2")
    sheet.get_by_label("Customers a department may own").fill("300")
    desk.save()
    pools = {one["name"]: one for one in house.boss.get("/v1/desk/pools").json()["items"]}
    names = ("regions", "industries", "priority", "department_capacity")
    assert [pools["East"][name] for name in names] == [["华东"], ["hardware", "茶"], 2, 300]
    sheet = desk.open("East")
    expect(sheet.get_by_role("checkbox", name="华东")).to_be_checked()
    expect(sheet.get_by_label("Industries")).to_have_value("hardware\n茶")


def flow_a_release_suggests_the_pool_that_fits(profile: Handset, manned: Office) -> None:
    """D-196: the customer goes into the pool of its region."""
    shop = manned.customer("wang", "Quay Books")
    asked = (
        ("cities", {"name": "上海", "region": "华东"}),
        ("pools", {"name": "Rest", "priority": 9}),
        ("pools", {"name": "East", "regions": ["华东"], "priority": 2}),
    )
    for path, body in asked:
        assert manned.boss.post(f"/v1/desk/{path}", body).status_code == 200
    desk = opened(profile)
    beside = pane(desk, "Quay Books")
    beside.get_by_role("button", name="Into a pool…").click()
    dialog = desk.page.get_by_role("dialog")
    expect(dialog.get_by_role("combobox")).to_have_value("pool:fit")
    dialog.get_by_role("button", name="Release into the pool").click()
    expect(dialog).to_contain_text("Done: 1 customer")
    dialog.get_by_role("button", name="Close").click()
    pools = {one["id"]: one["name"] for one in manned.boss.get("/v1/desk/pools").json()["items"]}
    assert pools[manned.site.write(_pool, of(shop))] == "East"


def flow_a_manager_gives_away_a_customer_of_a_pool(profile: Handset, manned: Office) -> None:
    """D-198: the manager is no user of the pool's department, and looks after the pool; the card shows no more than the pool lets it."""
    shop = manned.customer("wang", "Quay Books")
    far = manned.boss.post("/v1/desk/departments", {"name": "Far"}).json()["id"]
    rules = {"department_id": far, "hidden": ["name"], "admin_ids": [manned.manager_id]}
    pool = manned.boss.post("/v1/desk/pools", {"name": "Far away", **rules}).json()
    assert manned.boss.post(f"/v1/desk/customers/{shop}/release", {"pool_id": pool["id"]}).status_code == 200
    desk = opened(profile)
    desk.go("Pools", "Pooled customers")
    row = desk.row("Name hidden")
    expect(row).to_contain_text("Far away")
    expect(row).to_contain_text("上海")
    row.get_by_role("checkbox").check()
    desk.page.get_by_role("button", name="Give to a rep…").click()
    dialog = desk.page.get_by_role("dialog")
    dialog.get_by_role("combobox").select_option(label=REPS["li"])
    dialog.get_by_role("button", name="Transfer to").click()
    expect(dialog).to_contain_text("Done: 1 customer")
    dialog.get_by_role("button", name="Close").click()
    expect(desk.page.locator("main")).to_contain_text("There is no customer in the pools of which you are a member.")
    standing = manned.manager.get(f"/v1/records/standing/{shop}").json()
    assert standing["owner_id"] == manned.rep_ids["li"]


def _pool(conn: sa.Connection, customer_id: bytes) -> str:
    standing = RECORD_TABLES["standing"]
    return str(uuid.UUID(bytes=conn.execute(sa.select(standing.c.pool_id).where(standing.c.id == customer_id)).scalar_one()))


def flow_an_admin_sets_the_rules_of_a_pool(house: House, handset: NewHandset) -> None:
    """D-128: an empty limit is none; what stands comes back into the form."""
    desk = Desk(handset(**WIDE), "boss")
    desk.go("Pools")
    sheet = desk.new("New pool")
    sheet.get_by_role("textbox", name="Name").fill("East")
    sheet.get_by_label("Claims a day for each user").fill("20")
    sheet.get_by_label("Claimed from within (m)").fill("2000")
    sheet.get_by_label("Days until the last owner may claim again").fill("7")
    desk.save()
    (pool,) = house.boss.get("/v1/desk/pools").json()["items"]
    rules = ("claim_daily_limit", "capacity", "claim_radius_m", "cool_off_days", "newcomer_hold_hours")
    assert [pool[name] for name in rules] == [20, None, 2_000, 7, 0]
    sheet = desk.open("East")
    expect(sheet.get_by_label("Claims a day for each user")).to_have_value("20")
    sheet.get_by_label("Claims a day for each user").fill("")
    sheet.get_by_label("Claimed from within (m)").fill("200")
    desk.save()
    (pool,) = house.boss.get("/v1/desk/pools").json()["items"]
    assert [pool[name] for name in rules] == [None, None, 200, 7, 0]


def flow_a_customer_is_left_alone_until_a_day(profile: Handset, manned: Office) -> None:
    """D-133: at the desk, while it has an owner; an empty day ends it."""
    manned.customer("wang", "Quay Books")
    desk = opened(profile)
    beside = pane(desk, "Quay Books")
    for day, told_day in ((datetime.now(UTC).date() + timedelta(days=9), True), (None, False)):
        beside.get_by_role("button", name="Leave alone…").click()
        desk.page.get_by_role("dialog").get_by_label("Left alone until").fill("" if day is None else day.isoformat())
        desk.save()
        expect(beside.get_by_text("Left alone until")).to_have_count(int(told_day))
