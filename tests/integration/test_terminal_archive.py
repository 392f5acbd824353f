"""The terminal says what became of a customer: that it is archived and what to do, and its locks with their ends."""

import time
from datetime import UTC, datetime

from mobile_api.phone.phone import Phone
from server.domain.local_times import DAY_MS, local_day
from shared_schema.records.customer import Customer
from shared_schema.twin import id_text
from tests.integration.test_terminal import Terminal, lin, served

__all__ = ["lin", "served"]
SHANGHAI = "Asia/Shanghai"


def harbour(lin: Terminal) -> str:
    """The customer's id as the desk names it."""
    phone = Phone(lin.file)
    [found] = [each.id for each in phone.views(Customer) if "Harbour" in each.name]
    phone.close()
    return id_text(found)


def told(lin: Terminal, path: str, body: dict[str, object]) -> None:
    answer = lin.served.admin().post(path, body)
    assert answer.status_code == 200, answer.text


def test_an_archived_customer_says_by_whom_why_and_what_to_do(lin: Terminal) -> None:
    """D-164, D-166: to its last owner, wherever a customer is named; to others nothing fits, and after the return it is there."""
    lin.type("sync")
    path = f"/v1/desk/customers/{harbour(lin)}"
    told(lin, f"{path}/archive", {"reason": "shut down"})
    lin.type("sync")
    for words in (("show", "Harbour"), ("customers", "harbour"), ("visit", "Harbour"), ("more-time", "Harbour")):
        said = lin.fail(*words)
        assert "was archived by" in said, said
        assert "nobody follows it up. Reason: shut down. Nothing you entered is lost. Next: ask" in said, said
        assert "or a manager above to bring it back" in said
    assert "Nothing here fits" in lin.fail("show", "zzzz")
    lin.language = "zh_CN.UTF-8"
    assert "归档，暂无人跟进。原因：shut down。你录入的内容均已保留。下一步：请" in lin.fail("show", "Harbour")


def test_the_page_of_a_customer_tells_its_locks_and_their_ends(lin: Terminal) -> None:
    """D-178, D-179."""
    lin.type("sync")
    path = f"/v1/desk/customers/{harbour(lin)}/lock"
    day = local_day(time.time_ns() // 1_000_000, SHANGHAI) + 30
    until = datetime.fromtimestamp(day * DAY_MS / 1000, UTC).strftime("%Y-%m-%d")
    told(lin, path, {"until_day": day, "reason": "a tender"})
    lin.type("sync")
    shown = lin.type("show", "Harbour")
    assert f", until {until} · a tender" in shown
    assert "taken off" not in shown
    told(lin, path, {"until_day": None, "reason": "we lost it"})
    lin.type("sync")
    shown = lin.type("show", "Harbour")
    line = next(one for one in shown.splitlines() if "a tender" in one)
    assert " · taken off 20" in line
    assert line.endswith("we lost it")
    lin.language = "zh_CN.UTF-8"
    assert f"，至 {until} · a tender · 已解除 20" in lin.type("show", "Harbour")
