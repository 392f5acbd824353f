"""What rings no bell at the desk is heard all the same: on coming back to the window, and every ten seconds."""

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import expect

from tests.browser.desk import opened
from tests.browser.flow_desk import noon
from tests.browser.handset import Handset
from tests.browser.office import Office, of

NO_RHYTHM: Final = "window.setInterval = () => 0"
TWICE_AS_FAST: Final = "const real = setInterval; window.setInterval = (act, ms, ...more) => real(act, ms / 2, ...more)"
LITTLE_MORE_THAN_TEN_SECONDS_MS: Final = 13_000 // 2


@pytest.fixture
def deaf(profile: Handset) -> Iterator[Handset]:
    """No hint ever comes: each question for one stays open."""
    profile.context.route("**/v1/wake*", lambda _route: None)
    yield profile
    profile.context.unroute_all(behavior="ignoreErrors")


def flow_the_feed_is_asked_on_coming_back_to_the_window(deaf: Handset, manned: Office) -> None:
    shop, now = manned.customer("wang", "Quay Books"), noon()
    first = manned.visit("wang", shop, now, note="Ten boxes")
    deaf.context.add_init_script(NO_RHYTHM)
    desk = opened(deaf)
    feed = desk.page.get_by_role("list", name="What happens")
    expect(feed).to_contain_text("Ten boxes")
    desk.page.wait_for_timeout(1_000)  # what the first sync asked for is answered
    manned.visit("wang", shop, now, note="Eleven boxes", amends_id=of(first))
    desk.page.evaluate("dispatchEvent(new Event('focus'))")
    expect(feed).to_contain_text("Eleven boxes")


def flow_a_quote_that_nobody_announces_comes_within_ten_seconds(deaf: Handset, manned: Office) -> None:
    shop = manned.customer("wang", "Quay Books")
    deaf.context.add_init_script(TWICE_AS_FAST)
    desk = opened(deaf)
    desk.go("Decisions")
    expect(desk.page.locator("main")).to_contain_text("No quote waits for your decision")
    manned.quote("wang", shop, "Spring")
    expect(desk.page.get_by_role("article").filter(has_text="Spring")).to_be_visible(timeout=LITTLE_MORE_THAN_TEN_SECONDS_MS)


def flow_the_tools_of_the_instructions_stand_on_one_line(profile: Handset, manned: Office) -> None:
    """At 1280 pixels."""
    assert manned.manager.get("/v1/desk/instructions").status_code == 200
    desk = opened(profile)
    desk.go("Instructions")
    boxes = [desk.page.get_by_role("button", name=name).bounding_box() for name in ("Give an instruction", "Export to Excel")]
    assert len({box["y"] for box in boxes if box is not None}) == 1
