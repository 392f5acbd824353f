"""The evaluation on the screens: an admin puts a model into force and reads why, the rep sees points and bands (D-65x)."""

import re
import time
import uuid
from typing import Final

import sqlalchemy as sa
from playwright.sync_api import expect

from server.domain.local_times import local_day
from server.domain.profit import month_of
from server.jobs import evaluate
from server.models import profit_month
from shared_schema.records.order import SalesOrder
from tests.browser.desk import WIDE, Desk
from tests.browser.handset import NewHandset
from tests.browser.house import NAMES, House
from tests.integration.site import beside
from tests.world import put

ZONE: Final = "Asia/Shanghai"
PROFIT_MINOR: Final = 23_456_700


def bought(conn: sa.Connection, customer_id: str, org_id: int, now_ms: int) -> None:
    """An order of last week that brought a profit."""
    today, key = local_day(now_ms, ZONE), uuid.UUID(customer_id).bytes
    put(conn, org_id, SalesOrder(uuid.uuid4().bytes, 1, key, "S-1", today - 7, "CNY", 90_000_000), now_ms)
    kept = {column.name: 0 for column in profit_month.columns}
    values = {"org_id": org_id, "customer_id": key, "product_id": bytes(16), "month": month_of(today), "profit": PROFIT_MINOR}
    conn.execute(sa.insert(profit_month).values({**kept, **values, "revenue": 90_000_000}))


def flow_a_customer_is_evaluated_by_its_profit(house: House, handset: NewHandset) -> None:
    customer_id = house.customer_ids[0]
    org_id, now_ms = house.boss.claims.org_id, time.time_ns() // 1_000_000
    house.site.write(bought, customer_id, org_id, now_ms)

    desk = Desk(handset(**WIDE, locale="zh-CN"), "boss")
    page = desk.page
    desk.go("评分模型")
    expect(page.locator("main")).to_contain_text("还没有评分模型")
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_role("table")).to_contain_text("未分级")
    expect(page.locator("main")).to_contain_text(NAMES[0])
    page.get_by_role("button", name="让此版本生效").click()
    expect(page.locator("main")).to_contain_text("生效中：第 1 版")
    beside(house.site.url, evaluate.run)

    page.goto(f"{desk.address}customers/{customer_id}")
    pane = page.locator(".customer-pane").last
    expect(pane).to_contain_text("等级依据")
    expect(pane).to_contain_text("234,567")
    pane.get_by_role("button", name="设定等级").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_text("A", exact=True).click()
    sheet.get_by_label("有效至").fill(time.strftime("%Y-%m-%d", time.gmtime(time.time() + 20 * 86_400)))
    sheet.get_by_label("原因").fill("将开十家分店")
    sheet.get_by_role("button", name="保存").click()
    expect(pane).to_contain_text("将开十家分店")

    window = handset(locale="zh-CN").signed_in()
    window.show(0)
    main = window.page.locator("main")
    expect(main).to_contain_text("由经理设定")
    assert "234" not in main.inner_text()
    window.page.get_by_role("button", name=re.compile("我的评分")).click()
    sheet = window.page.get_by_role("dialog")
    sheet.get_by_text("4", exact=True).click()
    sheet.get_by_role("button", name="保存").click()
    expect(main).to_contain_text("★★★★☆")
