"""The tier policy: an admin writes, previews and activates a version; the rep's phone shows what a tier gives, and quotes go by it."""

import time
import uuid
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from shared_schema.records.customer import Tier
from sync.agreed.days import local_day
from tests.browser.desk import Desk, opened
from tests.browser.flow_pool import told
from tests.browser.flow_quotes import catalogue, new_quote
from tests.browser.flow_visits import visit_customer
from tests.browser.handset import Handset, NewHandset, Window
from tests.browser.house import NAMES, House
from tests.browser.office import Office, of
from tests.integration.tiering import evaluated

POLICIES: Final = "/v1/desk/tier-policies"
TODAY: Final = local_day(time.time_ns() // 1_000_000, "Asia/Shanghai")
PHONES: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("zh", {"locale": "zh-CN", "viewport": {"width": 390, "height": 844}}),
    ("en", {"locale": "en-GB", "viewport": {"width": 390, "height": 844}}),
)
SHEETS: Final = {"zh": ("A 级", "最高 15 %", "每 14 天", "4 小时内"), "en": ("Tier A", "up to 15 %", "every 14 days", "within 4 hours")}
INTERNAL: Final = ("回收", "公海", "reclaim", "pool", "margin", "points", "cost")


def activated(house: House, **terms: Any) -> None:
    """A version from today on."""
    told(house, POLICIES, {"id": str(uuid.uuid4()), "effective_from_day": TODAY, **terms})


def rated(house: House, at: int, tier: Tier) -> None:
    """The evaluation gives a customer a tier; another change wakes the phones, for the evaluation writes beside the server here."""
    org_id = house.boss.session["org_id"]
    house.site.write(evaluated, org_id, uuid.UUID(house.customer_ids[at]).bytes, tier, time.time_ns() // 1_000_000)
    told(house, "/v1/desk/cities", {"name": f"City {uuid.uuid4().hex[:6]}", "region": "East"})


def benefits(page: Page) -> Any:
    """The line of a customer's page that leads to its benefit sheet."""
    return page.locator("main button[aria-haspopup=dialog]", has=page.locator(".chip"))


@pytest.mark.parametrize(("language", "options"), PHONES)
def flow_a_rep_shows_a_customer_what_its_tier_gives(house: House, handset: NewHandset, language: str, options: dict[str, Any]) -> None:
    """D-672, D-674, D-677: nothing without a policy; then the tier beside the next better one, nothing internal; a new tier by sync."""
    window: Window = handset(**options).signed_in()
    page = window.page
    window.list()
    window.show()
    expect(benefits(page)).to_have_count(0)
    activated(house)
    rated(house, 0, Tier.b)
    expect(benefits(page)).to_be_visible()
    benefits(page).click()
    sheet = page.get_by_role("dialog")
    text = sheet.inner_text().replace("\xa0", " ")
    assert [words for words in SHEETS[language] if words not in text] == [], text
    assert [word for word in INTERNAL if word in text.lower()] == [], text
    expect(sheet.locator("thead th")).to_have_count(2)
    page.keyboard.press("Escape")
    rated(house, 0, Tier.a)
    expect(benefits(page)).to_contain_text(SHEETS[language][0])
    benefits(page).click()
    expect(sheet.locator("thead th")).to_have_count(1)


def flow_an_admin_activates_the_policy_that_was_previewed(manned: Office, profile: Handset) -> None:
    """D-670, D-676: a line with a word is refused at its place; a changed draft cannot be activated; what was previewed counts."""
    customer = of(manned.customers("wang", 2)[0])
    manned.site.write(evaluated, manned.boss.session["org_id"], customer, Tier.a, time.time_ns() // 1_000_000)
    desk: Desk = opened(profile, "boss")
    page = desk.page
    page.goto(desk.address + "pools/tiers/new")
    form = page.locator(".reclaim-form")
    form.locator("[name='contact_days.1']").fill("soon")
    form.get_by_role("button", name="Preview").click()
    expect(form.locator("[data-field=contact_days]")).to_contain_text("one of them is no number")
    form.locator("[name='contact_days.1']").fill("10")
    form.locator("[name='discounts_bps.1']").fill("12.5")
    form.get_by_role("button", name="Preview").click()
    outcome = page.locator(".reclaim-outcome")
    expect(outcome.locator(".marks")).to_contain_text("Tier A: 1")
    activate = outcome.get_by_role("button", name="Put into force")
    form.locator("[name='ticket_hours.1']").fill("5")
    expect(activate).to_be_disabled()
    form.locator("[name='ticket_hours.1']").fill("4")
    activate.click()
    expect(desk.row("Version 1")).to_contain_text("to come")
    (made,) = manned.boss.get(POLICIES).json()["items"]
    assert (made["discounts_bps"], made["contact_days"]) == ([300, 1250, 800, 300], [90, 10, 30, 90])


def limit_of(page: Page, product: str) -> Any:
    """What stands beside the fields of a new line; the sheet stays open."""
    page.get_by_role("button", name="Add a product").tap()
    page.get_by_role("dialog").get_by_role("searchbox").fill(product[:3].lower())
    page.get_by_role("dialog").get_by_role("button", name=product).tap()
    return page.get_by_role("dialog", name=product).locator(".beside")


def flow_the_limit_of_a_line_is_the_smaller_of_tier_and_price(house: House, handset: NewHandset) -> None:
    """D-673: tea may have 10 % by its price, and 8 % by tier B; of A the price's holds; cups name no limit."""
    catalogue(house)
    activated(house)
    rated(house, 0, Tier.b)
    page = handset().signed_in().page
    visit_customer(page, NAMES[0])
    new_quote(page, "tea")
    beside = limit_of(page, "Green tea")
    expect(beside).to_contain_text("Highest discount 8")
    page.get_by_role("dialog").get_by_label("Discount").fill("9")
    expect(beside.locator(".odd")).to_contain_text("Above the highest discount of 8")
    rated(house, 0, Tier.a)
    expect(beside).to_contain_text("Highest discount 10")
    page.keyboard.press("Escape")
    expect(limit_of(page, "Cups")).to_contain_text("Highest discount 15")
