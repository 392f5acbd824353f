"""What a customer ordered and owes, at the desk (D-331, D-336)."""

import time
from typing import Final

from playwright.sync_api import expect

from tests.browser.desk import opened
from tests.browser.flow_desk_customer import pane
from tests.browser.handset import Handset
from tests.browser.office import Office

DAY_S: Final = 86_400


def flow_the_manager_sees_what_a_customer_ordered_and_owes(profile: Handset, manned: Office) -> None:
    customer_id, today = manned.customer("wang", "Quay Books"), int(time.time()) // DAY_S
    line = {"line": "1", "product_id": manned.product_id, "quantity_thousandths": 3_000, "price_minor": 12_000}
    days = {"day": today - 50, "promised_day": today + 5}
    order = {"external_id": "SO-7", "customer_id": customer_id, "number": "SO-7", **days, "lines": [line]}
    made = manned.boss.post("/v1/desk/sales-orders", order)
    assert made.status_code == 200, made.text
    for number, late_days, amount in (("R-1", 40, 36_000), ("R-2", -10, 5_000), ("R-3", 0, -1_000)):
        days = {"day": today - 50, "due_day": today - late_days}
        owed = {"external_id": number, "customer_id": customer_id, "number": number, **days, "amount_minor": amount}
        assert manned.boss.post("/v1/desk/receivables", owed).status_code == 200
    beside = pane(opened(profile), "Quay Books")
    orders, debts = (beside.locator("section").filter(has_text=word) for word in ("Orders", "Receivables"))
    expect(orders).to_contain_text("SO-7")
    expect(orders).to_contain_text("360.00")
    expect(orders).to_contain_text("open")
    expect(debts.locator(".row")).to_have_count(3)
    expect(debts).to_contain_text("31–60 days over")
    expect(debts).to_contain_text("Not due")
    expect(debts).to_contain_text("Credit")
