"""The reclaim rule at the desk: a draft is refused at its field, previewed as list and curve, and put into force as previewed."""

import re
from typing import Any, Final

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect

from server.domain.local_times import DAY_MS
from server.models import RECORD_TABLES
from shared_schema.problem import Code
from shared_schema.records.reclaim import PAGE_MAX
from tests.browser.desk import Desk, opened
from tests.browser.handset import Handset
from tests.browser.office import REPS, Office, of, text

RULES: Final = "/v1/desk/reclaim-rules"
PREVIEW: Final = "/v1/desk/reclaim/preview"
SPAN_DAYS: Final = 90
AGES_DAYS: Final = (1, 3, 5, 8, 9, 15, 21, 22, 28, 40, 55, 70)


def aged(conn: sa.Connection, customer_id: bytes, days: int, tier: int) -> None:
    """The owner has had the customer for so many days: no phone waits for them to pass."""
    standing = RECORD_TABLES["standing"]
    since = standing.c.owned_since_ms - days * DAY_MS
    conn.execute(sa.update(standing).where(standing.c.id == customer_id).values(owned_since_ms=since, tier=tier))


def crowded(conn: sa.Connection, customer_id: bytes, count: int) -> None:
    """So many more customers like this one: more than the server previews in a page."""
    for table in (RECORD_TABLES["customer"], RECORD_TABLES["standing"]):
        row = dict(conn.execute(sa.select(table).where(table.c.id == customer_id)).mappings().one())
        conn.execute(sa.insert(table), [row | {"id": bytes([255]) * 12 + at.to_bytes(4, "big")} for at in range(count)])


def neglected(manned: Office) -> list[str]:
    """Customers of all reps and tiers that nobody has touched for a while; of one a quote waits for its decision."""
    made = []
    for login in REPS:
        for at, customer_id in enumerate(manned.customers(login, len(AGES_DAYS))):
            manned.site.write(aged, of(customer_id), AGES_DAYS[at] + list(REPS).index(login), at % 4)
            made.append(customer_id)
    manned.quote("wang", made[3], "年货 New Year")
    return made


@pytest.fixture
def zone() -> dict[str, Any]:
    """The rule's days are the organisation's: for eight hours of each day London's calendar is a day behind."""
    return {"timezone_id": "Asia/Shanghai"}


@pytest.fixture
def desk(manned: Office, profile: Handset) -> Desk:
    """Sign the admin in, where customers are neglected and a pool is there."""
    neglected(manned)
    manned.pool("华东公海 East")
    return opened(profile, "boss")


def begun(desk: Desk, **fields: str) -> Locator:
    """The form of the next version, with another text in these fields."""
    desk.go("Pools", "Reclaim rule")
    desk.page.get_by_role("link", name="New version").click()
    form = desk.page.locator(".reclaim-form")
    form.get_by_label("Where a customer falls").select_option(label="华东公海 East")
    for name, written in fields.items():
        form.locator(f"[name={name}]").fill(written)
    return form


def previewed(form: Locator) -> Locator:
    """What the draft would do, once the server has told all of it."""
    form.get_by_role("button", name="Preview").click()
    outcome = form.page.locator(".reclaim-outcome")
    expect(outcome.locator("[aria-busy=true]")).to_have_count(0)
    return outcome


def told_by_server(manned: Office, terms: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Customer → when it would fall and what keeps it, as the server answers to these terms."""
    answer = manned.boss.post(PREVIEW, terms)
    assert answer.status_code == 200, answer.text
    return {one["customer_id"]: one for one in answer.json()["items"]}


def terms_of(rule: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in rule.items() if name not in ("id", "rev", "version", "made_by_id", "made_ms")}


def drawn(page: Page, kind: str) -> list[int]:
    """The bars of the curve, from the left."""
    return [int(one.get_attribute(f"data-{kind}") or "-1") for one in page.locator(".curve g[data-falls]").all()]


def figure(outcome: Locator, name: str) -> int:
    return int((outcome.locator(f"[data-figure={name}] dd").text_content() or "").replace(",", ""))


def flow_a_draft_is_previewed_and_counts_as_it_was_previewed(desk: Desk, manned: Office) -> None:
    """D-141, D-149: list, curve and figures agree with each other, and with what the server says of the version that it became."""
    form = begun(desk, a_days="12")
    outcome, page = previewed(form), desk.page
    listed = sorted(outcome.locator("tbody th .two > span").all_text_contents())
    activate = outcome.get_by_role("button", name=re.compile("Put into force"))
    for step in ("By week", "By day"):
        page.get_by_role("button", name=step).click()
        assert sum(drawn(page, "falls")) == figure(outcome, "in_span")
        assert sum(drawn(page, "falls")) + sum(drawn(page, "kept")) + figure(outcome, "later_than") == len(listed)
    assert len(drawn(page, "falls")) == SPAN_DAYS
    assert figure(outcome, "kept_now") == 1
    expect(outcome.locator("tbody tr", has_text="open quote")).to_have_count(1)
    form.locator("[name=c_days]").fill("91")
    expect(activate).to_be_disabled()
    expect(outcome).to_contain_text("The draft has changed since its preview")
    form.locator("[name=c_days]").fill("90")
    expect(activate).to_be_enabled()
    activate.click()
    expect(desk.row("Version 1")).to_contain_text("to come")
    (rule,) = manned.boss.get(RULES).json()["items"]
    assert listed == sorted(one["name"] for one in told_by_server(manned, terms_of(rule)).values())
    assert (rule["a_days"], rule["pool_id"] is not None) == (12, True)


def flow_a_draft_leaves_the_pool_to_the_fit(desk: Desk, manned: Office) -> None:
    """D-196: the list names the pool of each customer; the version says so."""
    (east,) = manned.boss.get("/v1/desk/pools").json()["items"]
    asked = (
        ("cities", {"name": "苏州", "region": "江南"}),
        ("pools", {"name": "South", "regions": ["江南"]}),
        ("pools", {"id": east["id"], "name": east["name"], "priority": 9}),
    )
    for path, body in asked:
        assert manned.boss.post(f"/v1/desk/{path}", body).status_code == 200
    desk.page.reload()
    form = begun(desk)
    form.get_by_label("into the pool that fits").check()
    form.get_by_label("Where a customer falls").select_option(label="(nobody falls)")
    form.get_by_role("button", name="Preview").click()
    expect(form.locator("[data-field=pool_id]")).to_contain_text("Choose the pool of the customers that no pool fits")
    form.get_by_label("Where a customer falls").select_option(label="华东公海 East")
    outcome = previewed(form)
    found = outcome.locator("tbody tr")
    for at in range(found.count()):
        row = found.nth(at).text_content() or ""
        assert ("South" in row) == ("苏州" in row), row
    outcome.get_by_role("button", name=re.compile("Put into force")).click()
    expect(desk.row("Version 1")).to_contain_text("the pool that fits, else 华东公海 East")


def flow_all_pages_of_a_preview_are_fetched(desk: Desk, manned: Office) -> None:
    """D-149: the server looks at 1,000 customers a page; figures and list are of all pages."""
    known = manned.customer("wang", "Like many")
    manned.site.write(crowded, of(known), PAGE_MAX)
    outcome = previewed(begun(desk))
    whole = PAGE_MAX + 1 + len(AGES_DAYS) * len(REPS)
    expect(outcome.locator(".tablecount")).to_contain_text(f"{whole:,} rows")
    outcome.get_by_label("Filter").fill("Like many")
    expect(outcome.locator(".tablecount")).to_contain_text(f"{PAGE_MAX + 1:,} of {whole:,} rows")


def flow_the_curve_says_its_values_to_keys_and_pointer(desk: Desk, manned: Office) -> None:
    """Each bar by the arrow keys, the last one with all that fall; the bars are what the server says of each day."""
    outcome, page = previewed(begun(desk)), desk.page
    page.get_by_role("button", name="By day").click()
    curve = page.get_by_role("slider", name=re.compile("When they fall"))
    curve.focus()
    curve.press("End")
    in_all = figure(outcome, "in_span")
    expect(curve).to_have_attribute("aria-valuetext", re.compile(rf"{in_all} in all$"))
    curve.press("Home")
    expect(curve).to_have_attribute("aria-valuetext", "today: 0 fall, 0 in all")
    curve.press("ArrowRight")
    expect(page.locator(".curve-words")).to_have_text("tomorrow: 0 fall, 0 in all")
    draft = {"pool_id": manned.boss.get("/v1/desk/pools").json()["items"][0]["id"], "effective_from_day": tomorrow(page)}
    would = [one["due_day"] for one in told_by_server(manned, draft).values() if not one["exempt"]]
    first = draft["effective_from_day"] - 1
    assert drawn(page, "falls") == [would.count(first + at) for at in range(SPAN_DAYS)]
    assert sum(drawn(page, "falls")) > 0
    curve.hover()
    expect(page.locator(".curve-words")).to_have_text(re.compile(r"in all$"))


def tomorrow(page: Page) -> int:
    """The day that the form proposes, as days since 1970."""
    begins: int = page.locator("[name=effective_from_day]").evaluate("(one) => one.valueAsNumber / 86400000")
    return begins


def flow_a_tighter_draft_says_whom_it_takes_sooner(desk: Desk, manned: Office) -> None:
    """The next version begins as the one in force; the difference is that of the server's two answers."""
    pool_id = manned.boss.get("/v1/desk/pools").json()["items"][0]["id"]
    first: dict[str, Any] = {"id": text(bytes(15) + b"1"), "pool_id": pool_id, "a_days": 40}
    desk.go("Pools", "Reclaim rule")
    desk.page.get_by_role("link", name="New version").click()
    today = tomorrow(desk.page) - 1
    assert manned.boss.post(RULES, first | {"effective_from_day": today}).status_code == 200
    desk.go("Pools", "Reclaim rule")
    expect(desk.page.get_by_role("heading", name="In force: version 1, since today")).to_be_visible()
    form = begun(desk)
    expect(form).to_contain_text("It begins as version 1")
    expect(form.locator("[name=a_days]")).to_have_value("40")
    form.locator("[name=a_days]").fill("20")
    form.locator("[name=effective_from_day]").evaluate("(one) => { one.valueAsNumber -= 86400000 }")
    outcome = previewed(form)
    terms = {"pool_id": pool_id, "effective_from_day": today}
    before, after = (told_by_server(manned, terms | {"a_days": days}) for days in (40, 20))
    sooner = sum(one["due_day"] < before[customer_id]["due_day"] for customer_id, one in after.items())
    assert sooner > 0
    expect(outcome.locator("[data-difference=sooner]")).to_have_text(f"{sooner} sooner than now")
    expect(outcome.locator("[data-difference=as_before]")).to_have_text(f"{len(after) - sooner} same day as now")


def flow_a_manager_reads_the_rule_and_changes_nothing(manned: Office, profile: Handset) -> None:
    """In Chinese, on a phone: the versions, and no way to the next one."""
    rule = {"id": text(bytes(15) + b"1"), "pool_id": manned.pool("华东公海"), "effective_from_day": 100_000}
    assert manned.boss.post(RULES, rule).status_code == 200
    desk = opened(profile)
    desk.page.set_viewport_size({"width": 360, "height": 780})
    desk.go("Me")
    desk.page.get_by_role("button", name="中文").click()
    desk.go("公海", "回收规则")
    expect(desk.row("第 1 版")).to_contain_text("待生效")
    expect(desk.page.get_by_text("回收规则由管理员设置")).to_be_visible()
    expect(desk.page.get_by_role("link", name="新建版本")).to_have_count(0)
    sheet = desk.open("第 1 版")
    expect(sheet).to_contain_text("30 / 60 / 90 / 90")
    desk.page.keyboard.press("Escape")
    desk.page.goto(f"{desk.address}pools/reclaim/new")
    expect(desk.row("第 1 版")).to_be_visible()
    expect(desk.page.locator(".reclaim-form")).to_have_count(0)


def flow_a_refused_draft_shows_its_field(desk: Desk, manned: Office, profile: Handset) -> None:
    """D-141: what the server refuses stands at the field in the reader's words, and nothing of it is put into force."""
    profile.refusals |= {Code.rule_broken.status, Code.body_malformed.status}
    form = begun(desk, b_days="1")
    outcome = previewed(form)
    expect(form.locator("[data-field=b_days] .refusal")).to_have_text("At least 2 days.")
    expect(form.locator("[name=b_days]")).to_be_focused()
    expect(form.locator("[aria-invalid=true]")).to_have_count(1)
    expect(outcome.get_by_role("button", name=re.compile("Put into force"))).to_have_count(0)
    for name, written, words in (
        ("b_days", "4000", "This is out of range."),
        ("b_days", "sixty", "Write a whole number."),
        ("warn_days", "1", "The first warning comes at least 2 days before: else the owner has too little time."),
        ("warn_days", "7, soon", "Write days with commas between, such as 7, 3, 1."),
        ("effective_from_day", "2020-01-01", "Not before today."),
    ):
        field = form.locator(f"[name={name}]")
        before = {"b_days": "60", "warn_days": "7, 3, 1", "effective_from_day": field.input_value()}[name]
        form.locator("[name=b_days]").fill("60")
        field.fill(written)
        form.get_by_role("button", name="Preview").click()
        expect(form.locator(".refusal")).to_have_text(words)
        expect(form.locator(f"[data-field={name}] .refusal")).to_be_visible()
        field.fill(before)
    assert manned.boss.get(RULES).json()["items"] == []
