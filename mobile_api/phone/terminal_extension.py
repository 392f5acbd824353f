"""Terminal command about more time with a customer: ask the manager for it, and read what became of it."""

from collections.abc import Mapping
from typing import Final

import click

from mobile_api.phone.measures import UnclearError, day, day_text
from mobile_api.phone.screen import Screen
from shared_schema.records.customer import Customer
from shared_schema.records.extension import Extension
from shared_schema.records.inbox import Value


@click.command("more-time")
@click.argument("customer", required=False)
@click.option("--until", "until", metavar="DATE", help="2026-01-31 or +30: how long you want to keep it.")
@click.option("--reason", default="", help="Why you need the time.")
@click.pass_obj
def more_time(screen: Screen, customer: str | None, until: str | None, reason: str) -> None:
    """Ask your manager for more time with a CUSTOMER; without a day list what became of your requests."""
    found = screen.customer(customer) if customer is not None else None
    if found is not None and until is not None:
        if not reason.strip():
            raise UnclearError("no_reason")
        values: dict[str, Value] = {"customer_id": found.id, "until_day": day(until, screen.today()), "reason": reason.strip()}
        screen.enter([screen.create(Extension, values)])
        screen.entered("more_time")
        return
    asked = [each for each in screen.phone.views(Extension) if found is None or each.customer_id == found.id]
    if not asked:
        screen.say("no_extensions")
    for each in sorted(asked, key=lambda one: (one.asked_ms, one.id)):
        screen.say("extension_line", **_facts(screen, each), waits=screen.waits(each))


def _facts(screen: Screen, asked: Extension) -> dict[str, str]:
    customer = screen.phone.view(Customer, asked.customer_id)
    until = asked.granted_until_day if asked.granted_until_day is not None else asked.until_day
    return {
        "customer": customer.name if customer is not None else "",
        "until": day_text(until),
        "state": screen.words.known(asked.state.name),
        "words": " · ".join(one for one in (asked.reason, asked.reply) if one),
    }


COMMANDS: Final = (more_time,)
TEXTS: Final[Mapping[str, tuple[str, str]]] = {  # English, Chinese
    "more_time": ("Your request for more time", "延期申请"),
    "no_extensions": (
        "Nobody has asked for more time. Next: outrider device more-time CUSTOMER --until +30 --reason TEXT",
        "没有延期申请。下一步：outrider device more-time 客户 --until +30 --reason 文字",
    ),
    "extension_line": ("{customer}: until {until} [{state}]{waits} {words}", "{customer}：至 {until} [{state}]{waits} {words}"),
}
HELP: Final[Mapping[str, str]] = {
    "Ask your manager for more time with a CUSTOMER; without a day list what became of your requests.": (
        "为客户（CUSTOMER）向经理申请延期；不写日期则列出申请的结果。"
    ),
    "2026-01-31 or +30: how long you want to keep it.": "2026-01-31 或 +30：希望保留到的日期。",
    "Why you need the time.": "申请延期的原因。",
}
