"""The admin's desk: users with their codes and devices, departments, products and prices, custom fields, imports."""

import io
import re
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import openpyxl
import pytest
import sqlalchemy as sa
from playwright.sync_api import FilePayload, expect

from notifications.breaker import Breaker
from server import chance
from server.models import push
from server.store import providers, robots
from server.store.providers import Standing
from tests.browser.desk import WIDE, Desk
from tests.browser.handset import NewHandset, Window
from tests.browser.house import NAMES, House


@pytest.fixture
def desk(handset: NewHandset) -> Desk:
    """Sign the admin in at a wide screen."""
    return Desk(handset(**WIDE), "boss")


def flow_a_user_is_made_and_signs_in_with_the_code_of_the_desk(desk: Desk, house: House, handset: NewHandset) -> None:
    """The code follows at once; the QR code's address fills the form in, and leaves the address bar at once."""
    desk.go("People")
    sheet = desk.new("New user")
    sheet.get_by_label("Name").fill("陈静")
    sheet.get_by_label("Account").fill("chen")
    sheet.get_by_role("button", name="Save").click()
    expect(desk.page.get_by_role("dialog", name="A code for 陈静")).to_be_visible()
    address = desk.page.get_by_role("img", name="QR code to sign in").get_attribute("data-address") or ""
    told = urlsplit(address)
    assert (told.path, told.query) == ("/app/", "")
    assert set(parse_qs(told.fragment)) == {"organisation", "code"}
    phone = handset()
    page = phone.context.new_page()
    page.goto(address)
    expect(page.get_by_label("Organisation")).to_have_value("alpha")
    expect(page.get_by_label("Code", exact=False).last).not_to_have_value("")
    assert urlsplit(page.url).fragment == ""
    page.get_by_role("button", name="Sign in", exact=True).click()
    Window(page, house).settled()
    assert [one["name"] for one in house.boss.get("/v1/desk/users").json()["items"] if one["login"] == "chen"] == ["陈静"]
    desk.page.get_by_role("dialog").get_by_role("button", name="Done").click()
    sheet = desk.new("New user")
    for label, text in {"Name": "Song", "Account": "song", "New password": "long enough for it"}.items():
        sheet.get_by_label(label).fill(text)
    desk.save()
    expect(desk.row("Song")).to_be_visible()


def flow_a_device_is_revoked_after_its_meaning_was_read(desk: Desk, house: House, handset: NewHandset) -> None:
    handset().signed_in()
    desk.go("People", "Devices")
    app = desk.page.get_by_role("row").filter(has_text="outrider-app")
    app.get_by_role("button").click()
    sheet = desk.page.get_by_role("dialog")
    sheet.get_by_role("button", name="Revoke").click()
    expect(sheet).to_contain_text("all that it keeps is erased")
    sheet.get_by_role("button", name="Revoke this device").click()
    expect(app).to_contain_text("revoked")
    assert [one["state"] for one in house.devices()] == ["revoked"]


def flow_the_admin_sees_whether_notices_arrive_and_what_to_do(desk: Desk, house: House, handset: NewHandset) -> None:
    """D-946: the counts of the day, an ill provider in words with what to do, whose device is gone; without a network it says so."""
    handset().signed_in().settled()
    house.site.write(ill_push, house.rep_id)
    desk.go("People", "Delivery")
    page = desk.page
    expect(page.locator("dl.facts")).to_contain_text(re.compile(rf"Made\s*{len(NAMES)}"))
    told = page.get_by_role("list", name="Ways of push")
    expect(told).to_contain_text("Robot of a group · robot refused · since")
    expect(told).to_contain_text("Next: see whether the robot is still in the group")
    fcm = page.get_by_role("row").filter(has_text="Firebase (phone apps)")
    expect(fcm.get_by_role("cell")).to_have_text(["not set up", "0", "0", "1", "0", "1", *"000", "–"])
    expect(page.get_by_role("list", name="Devices no longer reached")).to_contain_text("Lin")
    desk.page.context.set_offline(True)
    expect(page.locator("main")).to_contain_text("There is no network")


def ill_push(conn: sa.Connection, user_id: str) -> None:
    """The group refuses the robot, and Firebase has named the rep's phone as gone."""
    now_ms = chance.now_ms()
    breaker = Breaker(openings=1, open_until_ms=now_ms + 60_000, since_ms=now_ms)
    mine = sa.select(push.c.org_id, push.c.notification_id).where(push.c.user_id == UUID(user_id).bytes).limit(1)
    row = conn.execute(mine).one()
    robots.put(conn, row.org_id, {"url": "https://oapi.dingtalk.com/robot/send", "secret": "", "mentions": b"\x80", "since_ms": now_ms})
    providers.add(conn, {(row.org_id, "robot"): Standing(breaker, sent=6, word="forbidden")})
    values = {"line_no": 1, "user_id": UUID(user_id).bytes, "state": "dead_gone", "channel": "fcm", "made_ms": now_ms, "tried_ms": now_ms}
    conn.execute(sa.insert(push).values(org_id=row.org_id, notification_id=row.notification_id, tries=1, **values))


def flow_departments_are_a_tree_and_products_keep_what_nobody_wrote(desk: Desk, house: House) -> None:
    desk.go("People", "Departments")
    for name, above in (("East", "(at the top)"), ("Shanghai", "East")):
        sheet = desk.new("New department")
        sheet.get_by_label("Name").fill(name)
        sheet.get_by_label("Above it").select_option(label=above)
        desk.save()
        expect(desk.page.get_by_role("list", name="Departments")).to_contain_text(name)
    east, shanghai = house.boss.get("/v1/desk/departments").json()["items"]
    assert (east["name"], shanghai["name"], shanghai["parent_id"]) == ("East", "Shanghai", east["id"])
    desk.go("Catalogue and settings")
    sheet = desk.new("New product")
    for label, text in {"Name": "Jasmine tea", "Code": "T-1", "Tax (%)": "13", "Grade": "A"}.items():
        sheet.get_by_label(label, exact=True).fill(text)
    desk.save()
    made = house.boss.get("/v1/desk/products").json()["items"][0]
    other = {name: made[name] for name in ("id", "code", "name", "unit", "active")} | {"grade": "B", "tax_bps": made["tax_bps"]}
    assert house.boss.post("/v1/desk/products", other).status_code == 200
    sheet = desk.open("Jasmine tea")
    sheet.get_by_label("Tax (%)").fill("9.5%")
    sheet.get_by_role("button", name="Save").click()
    expect(sheet.get_by_role("alert")).to_contain_text("“Tax” holds no such number")
    sheet.get_by_label("Tax (%)").fill("9.5")
    desk.save()
    stands = house.boss.get("/v1/desk/products").json()["items"]
    assert [(one["tax_bps"], one["grade"]) for one in stands] == [(950, "B")]


def flow_a_file_with_one_bad_row_is_checked_imported_and_the_row_given_back(desk: Desk, house: House) -> None:
    rows = ["external_id,name,owner,city,colour", "C-1,Blue Door,lin,Shanghai,red", "C-2,,lin,Shanghai,"]
    desk.go("Import")
    file = FilePayload(name="customers.csv", mimeType="text/csv", buffer="\n".join(rows).encode())
    desk.page.get_by_label("File", exact=True).set_input_files(file)
    expect(desk.row("3")).to_contain_text("this cell must not be empty")
    expect(desk.page.locator("main")).to_contain_text("Columns that are not known, and not imported: colour")
    with desk.page.expect_download() as saved:
        desk.page.get_by_role("button", name="Download the wrong rows").click()
    assert saved.value.suggested_filename == "customers.rejected.csv"
    assert "C-2" in saved.value.path().read_text("utf-8-sig")
    desk.page.get_by_role("button", name="Import the rows that are right: 1").click()
    expect(desk.page.get_by_role("heading", name="customers.csv is imported")).to_be_visible()
    names = [one["name"] for one in house.witness.get("/v1/records/customer").json()["items"]]
    assert sorted(names) == sorted([*NAMES, "Blue Door"])


def flow_a_table_is_sorted_by_keyboard_filtered_and_exported(desk: Desk, house: House) -> None:
    for code, name in (("P-1", "Apple"), ("P-2", "Cherry"), ("P-10", "Banana")):
        assert house.boss.post("/v1/desk/products", {"code": code, "name": name}).status_code == 200
    desk.go("Catalogue and settings")
    heads = desk.page.get_by_role("rowheader")
    expect(heads).to_have_text(["Apple", "Banana", "Cherry"])
    by_code = desk.page.get_by_role("columnheader", name="Code")
    for order, names in (("ascending", ["Apple", "Cherry", "Banana"]), ("descending", ["Banana", "Cherry", "Apple"])):
        by_code.get_by_role("button").press("Enter")
        expect(by_code).to_have_attribute("aria-sort", order)
        expect(heads).to_have_text(names)
    desk.page.get_by_label("Filter", exact=True).fill("an p-1")
    expect(heads).to_have_text(["Banana"])
    with desk.page.expect_download() as saved:
        desk.page.get_by_role("button", name="Export to Excel").click()
    sheet = openpyxl.load_workbook(io.BytesIO(saved.value.path().read_bytes())).active
    assert sheet is not None
    assert [row[:2] for row in sheet.iter_rows(values_only=True)] == [("Name", "Code"), ("Banana", "P-10")]


def flow_cities_and_assignment_rules_are_kept(desk: Desk, house: House) -> None:
    """D-180, D-182."""
    lin = next(one for one in house.boss.get("/v1/desk/users").json()["items"] if one["login"] == "lin")
    desk.go("Catalogue and settings", "Cities")
    sheet = desk.new("New city")
    for label, text in {"Name": "上海市", "Region": "华东"}.items():
        sheet.get_by_label(label).fill(text)
    desk.save()
    expect(desk.row("上海")).to_contain_text("华东")
    desk.go("Catalogue and settings", "Assignment rules")
    sheet = desk.new("New rule")
    for label, text in {"Name": "East", "Region": "华东"}.items():
        sheet.get_by_label(label).fill(text)
    sheet.get_by_label(lin["name"]).check()
    desk.save()
    expect(desk.row("East")).to_contain_text(lin["name"])
    stands = house.boss.get("/v1/desk/assignment-rules").json()["items"]
    assert [(one["region"], one["user_ids"], one["pool_id"], one["kind"]) for one in stands] == [("华东", [lin["id"]], None, 0)]
    sheet = desk.new("Try the rules")
    for city, answer in (("上海", f"By the rule “East” it would go to {lin['name']} now"), ("北京", "No rule fits")):
        sheet.get_by_label("City").fill(city)
        sheet.get_by_role("button", name="Where does it go?").click()
        expect(sheet.get_by_role("status")).to_contain_text(answer)
    desk.page.keyboard.press("Escape")
    desk.open("East").locator("[name=active][value=no]").check(force=True)
    desk.save()
    expect(desk.row("East")).to_have_count(0)
