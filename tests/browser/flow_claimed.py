"""What a rep enters beneath a claim that waits: its page, the outbox, a killed phone, and what becomes of each entry, won or lost."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Locator, Page, Playwright, expect

from tests.browser import chromium
from tests.browser.chromium import Chromium
from tests.browser.flow_pool import HERE, to_pool, told, town
from tests.browser.handset import Handset, NewHandset, Window
from tests.browser.house import House
from tests.browser.witness import Witness

WAITS: Final = "Claimed here, waits for the server"
__all__ = ["town"]

NEVER_HELD: Final = "Canal Depot"
WINNER: Final = "mei"


class Phone:
    """One rep's phone that is killed and started again."""

    def __init__(self, playwright: Playwright, found: Chromium, folder: Path, complaints: list[Handset]) -> None:
        self.playwright, self.found, self.folder, self.complaints = playwright, found, folder, complaints

    @contextmanager
    def started(self, house: House, witness: Witness) -> Iterator[Handset]:
        """The app on the phone, until the phone is killed."""
        with chromium.running(self.found, self.folder, "--lang=en-GB") as running:
            handset = Handset(self.playwright.chromium.connect_over_cdp(running.endpoint).contexts[0], house, witness)
            self.complaints.append(handset)
            yield handset
            running.kill()


@pytest.fixture
def street(town: House) -> House:
    """One more pooled customer, which the rep has never held."""
    other = town.site.user(town.boss, WINNER)
    place = {"latitude_e6": 31_226_000, "longitude_e6": 121_526_000, "datum": 1}
    values = {"name": NEVER_HELD, "city": "上海", "industry": "hardware"} | place
    made = told(town, "/v1/desk/customers", {"id": str(uuid.uuid4()), "owner_id": other, "values": values})
    [pool] = town.boss.get("/v1/desk/pools").json()["items"]
    told(town, f"/v1/desk/customers/{made['id']}/release", {"pool_id": pool["id"]})
    return town


@pytest.fixture
def phone(playwright: Playwright, found_chromium: Chromium, tmp_path: Path, complaints: list[Handset]) -> Phone:
    """A profile that outlives the browser."""
    return Phone(playwright, found_chromium, tmp_path / "profile", complaints)


def claim_offline(window: Window) -> str:
    """Claim the customer without a network, and open its page from the word about it; the address of the page below the app's."""
    card = to_pool(window, NEVER_HELD)
    expect(card).to_be_visible()
    window.house.wire.cut()
    card.get_by_role("button", name=f"Claim {NEVER_HELD}").click()
    window.page.locator(".toast").get_by_role("link", name="Open").click()
    expect(window.page.locator("h1")).to_have_text(NEVER_HELD)
    expect(window.page.locator(".claim .chip")).to_have_text(WAITS)
    return window.page.url.partition("/app/")[2]


def save(page: Page, word: str = "Save") -> None:
    """Save the sheet that is open."""
    page.get_by_role("dialog").get_by_role("button", name=word, exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def enter_all(page: Page) -> None:
    """A visit, a contact, a follow-up, a person and a quote, on the page of the customer."""
    page.get_by_role("button", name="Check in").click()
    page.get_by_role("dialog").get_by_label("What was it about?").fill("met the owner")
    save(page, "Save the visit")
    page.get_by_role("button", name="Log contact").click()
    page.get_by_role("dialog").get_by_label("What was said?").fill("called before")
    save(page)
    page.get_by_role("button", name="Plan the next contact").click()
    page.get_by_role("dialog").get_by_label("To do what").fill("bring samples")
    save(page)
    page.get_by_role("button", name="Add a person").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Mr Gu")
    save(page)
    page.get_by_role("button", name="New quote").click()
    page.get_by_role("dialog").get_by_label("Title").fill("first order")
    save(page)
    expect(page.locator("h1")).to_contain_text("Draft quote")
    expect(page.get_by_role("link", name=NEVER_HELD)).to_be_visible()
    page.get_by_role("link", name=NEVER_HELD).click()
    expect(page.locator("h1")).to_have_text(NEVER_HELD)


def stands_whole(page: Page) -> None:
    """All five stand on the page."""
    main = page.locator("main")
    for words in ("met the owner", "called before", "bring samples", "Mr Gu", "first order"):
        expect(main).to_contain_text(words)


def beneath(window: Window) -> Locator:
    """The outbox's rows of the claim and of what was entered beneath it, the claim first."""
    window.mark.click()
    return window.page.locator(".claimed .act")


def flow_what_was_entered_beneath_a_claim_that_is_won_stands_at_the_customer(street: House, phone: Phone, witness: Witness) -> None:
    with phone.started(street, witness) as handset:
        window = handset.signed_in()
        window.can_start_alone()
        claim_offline(window)
        enter_all(window.page)
        stands_whole(window.page)
        rows = beneath(window)
        expect(rows).to_have_count(6)
        expect(rows.first).to_contain_text("Claim the customer")
    with phone.started(street, witness) as handset:
        window = handset.open()
        window.waits(6, offline=True)
        expect(beneath(window)).to_have_count(6)
        rows = beneath(window)
        rows.first.click()
        rows.first.get_by_role("link", name="See the customer").click()
        page = window.page
        expect(page.locator(".claim .chip")).to_have_text(WAITS)
        stands_whole(page)
        page.get_by_role("button", name="Check in").click()
        page.get_by_role("dialog").get_by_label("What was it about?").fill("half writ")
        street.wire.heal()
        window.network_is_back()
        window.settled()
        expect(page.locator(".claim")).to_have_count(0)
        expect(page.get_by_role("dialog").get_by_label("What was it about?")).to_have_value("half writ")
        save(page, "Save the visit")
        window.settled()
        stands_whole(page)
        expect(page.locator("main")).to_contain_text("half writ")
        expect(page.get_by_role("button", name="Release")).to_be_visible()
        assert street.cards() == []


def flow_of_a_claim_that_is_lost_the_visit_is_offered_and_all_else_waits(
    street: House, phone: Phone, handset: NewHandset, witness: Witness
) -> None:
    with phone.started(street, witness) as killed:
        window = killed.signed_in()
        window.can_start_alone()
        path = claim_offline(window)
        enter_all(window.page)
    winner = first_to_claim(handset(street.office, geolocation=HERE, permissions=["geolocation"]).open())
    with phone.started(street, witness) as killed:
        window = killed.open(path)
        page = window.page
        expect(page.locator(".claim .chip")).to_have_text(WAITS)
        stands_whole(page)
        street.wire.heal()
        window.network_is_back()
        expect(page.locator(".toast")).to_contain_text(f"{NEVER_HELD} went to {WINNER.title()}")
        window.settled()
        lost = page.locator("article.decision")
        expect(lost).to_contain_text("Somebody else was first")
        expect(lost).to_contain_text(f"{WINNER.title()} has claimed the customer")
        lost.get_by_role("button", name=re.compile(r"\d more")).click()
        told_of = [one.inner_text() for one in lost.locator(".part", has=page.locator(".became")).all()]
        assert [("Offered" in one, "Waits here" in one) for one in told_of] == [(True, False)] * 2 + [(False, True)] * 3, told_of
        rows = beneath(window)
        expect(rows).to_have_count(6)
        expect(rows.nth(1)).to_contain_text("kept with the claim")
        offered_to(winner)
        told(street, f"/v1/desk/{path}/transfer", {"to_user_id": street.rep_id})
        page.go_back()
        expect(page.locator("h1")).to_have_text(NEVER_HELD)
        stands_whole(page)
        window.place("inbox")
        expect(page.locator("article.decision")).to_have_count(0)


def first_to_claim(winner: Window) -> Window:
    """Another rep claims the customer, online."""
    winner.sign_in({"account": WINNER})
    winner.settled()
    winner.place("me")
    winner.page.get_by_role("link", name="Pool").click()
    winner.page.get_by_role("button", name="Ask for the pool around me").click()
    winner.page.get_by_role("button", name=f"Claim {NEVER_HELD}").click()
    winner.settled()
    return winner


def offered_to(winner: Window) -> None:
    """The winner reads the visit and the contact, and takes them over; nothing else."""
    winner.page.reload()
    winner.settled()
    winner.place("me")
    winner.page.get_by_role("link", name="Late edits").click()
    main = winner.page.locator("main")
    for words in ("met the owner", "called before"):
        expect(main).to_contain_text(words)
    expect(main).not_to_contain_text("Mr Gu")
