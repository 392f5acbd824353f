"""A customer's page: the timeline, people, what a customer likes and has, fields of the organisation's own; a new customer."""

import re
import uuid
from typing import Any, Final

from playwright.sync_api import Locator, Page, expect

from tests.browser.handset import NewHandset, Window
from tests.browser.house import NAMES, House

HERE: Final[dict[str, Any]] = {"permissions": ["geolocation"], "geolocation": {"latitude": 31.2304, "longitude": 121.4737, "accuracy": 12}}
CUSTOMER: Final = 1
NUMBER, CHOICE = 2, 3


def give(house: House, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """What the admin makes at the desk."""
    answer = house.boss.post(f"/v1/desk/{path}", body)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def kept(house: House, kind: str) -> list[dict[str, Any]]:
    """What the server has of the first customer."""
    answer = house.witness.get(f"/v1/records/{kind}?customer_id={house.customer_ids[0]}")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def filled(page: Page, button: str, fields: dict[str, str]) -> None:
    """Open a sheet by its button, fill its fields in, save."""
    page.get_by_role("button", name=button).click()
    sheet = page.get_by_role("dialog")
    for label, value in fields.items():
        sheet.locator("label", has_text=re.compile(f"^{label}")).locator("input, textarea").fill(value)
    sheet.get_by_role("button", name="Save").click()
    expect(sheet).to_be_hidden()


def shown(house: House, handset: NewHandset, **options: Any) -> Window:
    """The first customer on a phone of the rep."""
    window = handset(house.office, **options).signed_in()
    window.show()
    return window


def flow_people_are_added_changed_and_deleted(house: House, handset: NewHandset) -> None:
    window = shown(house, handset)
    page = window.page
    filled(page, "Add a person", {"Name": "王芳", "Title": "buyer", "Phone": "139-1", "Further phones": "021-7\n021-8"})
    expect(page.get_by_role("link", name="Call 王芳")).to_have_attribute("href", "tel:139-1")
    filled(page, "Edit 王芳", {"Title": "owner", "Further phones": "021-8\n021-9"})
    window.settled()
    [person] = kept(house, "contact")
    assert (person["name"], person["title"], person["phone"]) == ("王芳", "owner", "139-1")
    assert [one["element"] for one in person["phones"]] == ["021-8", "021-9"]
    page.get_by_role("button", name="Edit 王芳").click()
    has_a_birthday(page, page.get_by_role("dialog"))
    window.settled()
    assert [one["birthday"] for one in kept(house, "contact")] == ["lunar leap 06-30"]
    page.get_by_role("button", name="Edit 王芳").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("button", name="Edit 王芳")).to_have_count(0)
    window.settled()
    assert kept(house, "contact") == []


def has_a_birthday(page: Page, sheet: Locator) -> None:
    """D-118: a day that no month has is told on the form and not saved; by the lunar calendar it is possible, and shown on the page."""
    year, month, day, calendar = (sheet.locator(f"[name=birth_{part}]") for part in ("year", "month", "day", "calendar"))
    month.select_option("6")
    day.select_option("31")
    sheet.get_by_role("button", name="Save").click()
    expect(sheet.get_by_role("alert")).to_contain_text("There is no such birthday.")
    day.select_option("30")
    year.fill("85")
    sheet.get_by_role("button", name="Save").click()
    expect(sheet.get_by_role("alert")).to_contain_text("a year is 1900 to 2100, or empty")
    year.fill("1985")
    sheet.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Edit 王芳")).to_contain_text("birthday 30 Jun 1985")
    page.get_by_role("button", name="Edit 王芳").click()
    year.fill("")
    calendar.select_option("leap")
    sheet.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Edit 王芳")).to_contain_text("birthday lunar leap month 6, day 30")


def flow_tags_interests_preferences_and_samples(house: House, handset: NewHandset) -> None:
    product = give(house, "products", {"code": "T-1", "name": "Green Tea", "unit": "box"})["id"]
    window = shown(house, handset)
    page = window.page
    filled(page, "Add a tag", {"Tag": "vip"})
    filled(page, "Add a tag", {"Tag": "late payer"})
    page.get_by_role("button", name="Take late payer away").click()
    expect(page.get_by_role("button", name="Take late payer away")).to_have_count(0)
    page.locator(".toast").get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Take vip away").click()
    page.get_by_role("button", name="Add a product of interest").click()
    page.get_by_role("dialog").get_by_role("button", name="Green Tea").click()
    expect(page.get_by_role("button", name="Take Green Tea away")).to_be_visible()
    filled(page, "Add a preference", {"About": "delivery", "Wish": "before nine"})
    filled(page, "Edit delivery", {"Wish": "before eight"})
    page.get_by_role("button", name="Add a sample").click()
    page.get_by_role("dialog").get_by_role("button", name="Green Tea").click()
    page.get_by_role("dialog").locator("[name=quantity]").fill("3")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    samples = page.locator("section", has=page.get_by_role("heading", name="Samples"))
    expect(samples.locator(".row")).to_contain_text("3")
    expect(page.locator(".timeline")).to_contain_text("3 × Green Tea")
    window.settled()
    expect(samples.locator(".row")).to_contain_text("3")
    customer = house.customer()
    assert [one["element"] for one in customer["tags"]] == ["late payer"]
    assert [one["element"] for one in customer["interests"]] == [product]
    assert [(one["subject"], one["wish"]) for one in kept(house, "preference")] == [("delivery", "before eight")]
    assert [(one["product_id"], one["quantity"]) for one in kept(house, "sample_count")] == [(product, 3)]


def flow_fields_of_the_organisation_are_asked_by_their_kind(house: House, handset: NewHandset) -> None:
    names = {"label_zh": "货架（米）", "label_en": "Shelf (m)"}
    give(house, "field-definitions", {"entity": CUSTOMER, "key": "shelf", "kind": NUMBER, **names})
    names = {"label_zh": "付款", "label_en": "Payment"}
    give(house, "field-definitions", {"entity": CUSTOMER, "key": "pay", "kind": CHOICE, "choices": ["cash", "monthly"], **names})
    window = shown(house, handset)
    page = window.page
    page.get_by_role("button", name="Edit Shelf (m)").click()
    page.get_by_role("dialog").get_by_label("Shelf (m)").fill("twelve")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("takes a number")
    page.get_by_role("dialog").get_by_label("Shelf (m)").fill("12.5")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Edit Shelf (m)").locator(".value")).to_have_text("12.5")
    page.get_by_role("button", name="Edit Payment").click()
    page.get_by_role("dialog").get_by_label("Payment").select_option("monthly")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    window.settled()
    assert house.customer()["extra"] == {"shelf": 12_500, "pay": "monthly"}


def flow_facts_are_edited_by_group_and_tell_who_changed_them(house: House, handset: NewHandset) -> None:
    window = shown(house, handset, **HERE)
    page = window.page
    window.edit_phone("021-9")
    page.get_by_role("button", name="Edit Kind").click()
    page.get_by_role("dialog").get_by_text("Plant").click()
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.locator(".who")).to_contain_text("Plant")
    page.get_by_role("button", name="Edit Position").click()
    expect(page.get_by_role("dialog")).to_contain_text("within 12 m")
    page.get_by_role("button", name="Use my position").click()
    expect(page.get_by_role("link", name="Route")).to_have_attribute(
        "href", f"geo:31.2304,121.4737?q=31.2304,121.4737({escaped(NAMES[0])})"
    )
    window.settled()
    told = house.customer()
    assert (told["phone"], told["kind"], told["latitude_e6"], told["datum"]) == ("021-9", 2, 31_230_400, 1)
    page.get_by_role("button", name="Edit Phone").click()
    page.get_by_role("button", name="Who changed it").click()
    changes = page.get_by_role("list", name="Who changed it").get_by_role("listitem")
    expect(changes.first).to_contain_text("021-55500000 → 021-9")
    expect(changes.first).to_contain_text("Lin")
    expect(changes.last).to_contain_text("created")


def escaped(name: str) -> str:
    """A name as it stands in an address."""
    return "".join(f"%{byte:02X}" for byte in name.encode())


def flow_a_new_customer_is_entered_where_one_stands(house: House, handset: NewHandset) -> None:
    window = handset(**HERE).signed_in()
    page = window.page
    window.place("customers")
    page.get_by_role("link", name="New customer").click()
    house.wire.cut()
    page.get_by_label("Phone").fill("5550 0003")
    alike = page.locator(".alike a.row")
    expect(alike).to_have_count(1)
    expect(alike).to_contain_text(NAMES[3])
    page.get_by_label("Phone").fill("021-1234567")
    page.get_by_label("Name").fill("大华五金")
    expect(alike).to_contain_text(NAMES[1])
    page.get_by_label("Name").fill("Lakeside Inn")
    expect(alike).to_have_count(0)
    expect(page.locator(".check")).to_contain_text("within 12 m")
    page.get_by_role("button", name="Save customer").click()
    expect(page.locator("h1")).to_have_text("Lakeside Inn")
    window.waits(1, offline=True)
    expect(page.get_by_role("link", name="Route")).to_contain_text("0 m")
    page.reload()
    expect(page.locator("h1")).to_have_text("Lakeside Inn")
    house.wire.heal()
    window.network_is_back()
    window.settled()
    made = house.witness.get("/v1/records/customer").json()["items"]
    [inn] = [one for one in made if one["name"] == "Lakeside Inn"]
    assert (inn["phone"], inn["latitude_e6"], inn["longitude_e6"]) == ("021-1234567", 31_230_400, 121_473_700)
    assert uuid.UUID(inn["id"]).version == 7


def flow_a_correction_shows_once_and_what_is_new_here_shows_too(house: House, handset: NewHandset) -> None:
    window = shown(house, handset, locale="zh-CN")
    page = window.page
    expect(page.get_by_text("还没有动态")).to_be_visible()
    page.get_by_role("button", name="记联系").click()
    page.get_by_role("dialog").locator("textarea").fill("谈了价格")
    page.get_by_role("dialog").get_by_role("button", name="保存").click()
    line = page.locator(".timeline li")
    expect(line).to_have_count(1)
    expect(line).to_contain_text("谈了价格")
    window.settled()
    expect(line.locator(".chip.wait")).to_have_count(0)
    expect(line).to_contain_text("Lin")
    line.locator("a").click()
    page.get_by_role("button", name="更正").click()
    page.get_by_role("dialog").locator("textarea").fill("谈了交期")
    page.get_by_role("dialog").get_by_role("button", name="保存").click()
    page.get_by_role("button", name="返回").click()
    expect(line).to_have_count(1)
    expect(line).to_contain_text("谈了交期")
    expect(line).to_contain_text("已更正")
    window.place("today")
    expect(page.locator("section", has_text="今天完成").locator("a.row")).to_contain_text("谈了交期")
