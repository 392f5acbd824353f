"""Quotes: totals kept by the server, drafts, deletes, submission and numbers."""

import hashlib
from typing import Any

import msgspec
import pytest

from server.domain.quote_lines import lines_of
from server.domain.quotes import counter_key
from shared_schema.records.customer import Customer
from shared_schema.records.quote import Quote, QuoteLine, QuoteStatus
from shared_schema.wire import ENCODER, Result
from sync.agreed.quotes import content_hash
from sync.rules import Moment
from sync.state import State
from tests.unit.domain.day import (
    ACTOR,
    CUSTOMER,
    FOREIGN,
    NOON_MS,
    OTHER,
    QUOTE,
    REP,
    Phone,
    key,
    line,
    organisation,
    quoted,
    refusal,
    stored,
    world,
)

LINE: dict[str, Any] = {"customer_id": CUSTOMER, "quote_id": QUOTE, "product_id": key(500), "unit": "box"}


def quote_of(phone: Phone, quote_id: bytes = QUOTE) -> Quote:
    found = phone.state.find(Quote, quote_id)
    assert found is not None
    return found


def totals(phone: Phone) -> tuple[int, int, int]:
    quote = quote_of(phone)
    return quote.net_minor, quote.tax_minor, quote.gross_minor


def submitted_state() -> State:
    return quoted(world(), line(301), status=QuoteStatus.submitted, number="Q2025-000001", net_minor=1_000, gross_minor=1_000)


def shown_hash(phone: Phone) -> bytes:
    return content_hash(quote_of(phone), lines_of(phone.state, QUOTE))


def test_author_of_a_quote_is_who_created_it() -> None:
    """D-208."""
    phone = Phone(quoted(world()))
    assert phone.create(Quote, key(201), customer_id=CUSTOMER, currency="CNY").result is Result.applied
    phone.patch(Quote, QUOTE, {"title": 2}, title="For spring")
    assert (quote_of(phone, key(201)).author_id, quote_of(phone).author_id) == (REP, OTHER)


def test_totals_follow_each_line() -> None:
    """D-303, D-304, D-309."""
    phone = Phone(quoted(world()))
    phone.create(QuoteLine, key(301), **LINE, quantity_thousandths=1_500, price_minor=1_001, tax_bps=1_300)
    assert totals(phone) == (1_502, 195, 1_697)
    phone.create(QuoteLine, key(302), **LINE, quantity_thousandths=1_000, price_minor=98)
    assert totals(phone) == (1_600, 195, 1_795)
    phone.patch(QuoteLine, key(302), {"line": 1}, product_id=key(500), unit="box", quantity_thousandths=2_000, price_minor=98)
    assert totals(phone) == (1_698, 195, 1_893)
    assert phone.delete(QuoteLine, key(301)).result is Result.applied
    assert totals(phone) == (196, 0, 196)
    assert phone.delete(QuoteLine, key(302)).result is Result.applied
    assert totals(phone) == (0, 0, 0)


def test_prices_with_tax_follow_the_organisation() -> None:
    """D-302."""
    phone = Phone(organisation(quoted(world()), include_tax=True))
    phone.create(QuoteLine, key(301), **LINE, quantity_thousandths=1_000, price_minor=1_130, tax_bps=1_300)
    assert totals(phone) == (1_000, 130, 1_130)


def test_a_quote_moves_only_when_its_totals_do() -> None:
    """D-304."""
    phone = Phone(quoted(world(), line(301), net_minor=1_000, gross_minor=1_000))
    phone.patch(QuoteLine, key(301), {"position": 1}, position="b")
    assert quote_of(phone).rev == 2
    phone.delete(QuoteLine, key(301))
    assert quote_of(phone).rev == 3


@pytest.mark.parametrize(
    "fields",
    [
        {"quantity_thousandths": 10**10, "price_minor": 10**8},
        {"quantity_thousandths": 1_000, "price_minor": 10**14},
        {"quantity_thousandths": 1_000, "price_minor": 10**14 - 100, "tax_bps": 100},
    ],
)
def test_amounts_have_a_bound(fields: dict[str, int]) -> None:
    """D-305: one line alone, and the total with what stands."""
    phone = Phone(quoted(world(), line(301), net_minor=1_000, gross_minor=1_000))
    assert refusal(phone.create(QuoteLine, key(302), **LINE, **fields)) == ("rule_broken", "quantity_thousandths")
    assert totals(phone) == (1_000, 0, 1_000)


def test_a_line_is_bounded_even_where_another_outweighs_it() -> None:
    """D-305."""
    phone = Phone(quoted(world(), line(301, -(10**14)), net_minor=-(10**14), gross_minor=-(10**14)))
    beyond = phone.create(QuoteLine, key(302), **LINE, quantity_thousandths=1_001, price_minor=10**14)
    assert refusal(beyond) == ("rule_broken", "quantity_thousandths")


def test_a_line_belongs_to_a_quote_of_its_customer() -> None:
    """D-306: an unknown quote and a foreign one answer alike."""
    state = stored(quoted(world()), Quote(key(202), 1, FOREIGN, "CNY"))
    phone = Phone(state)
    rest = {"quantity_thousandths": 1_000, "price_minor": 1}
    answers = [phone.create(QuoteLine, key(300 + n), **{**LINE, "quote_id": key(n)}, **rest).problem for n in (202, 999)]
    assert str(answers[0]) == str(answers[1]) == "rule_broken: no such quote at this customer"
    assert phone.state.find(Quote, key(202)) == Quote(key(202), 1, FOREIGN, "CNY")


def test_only_a_draft_changes() -> None:
    """D-307, D-308, D-309."""
    phone = Phone(submitted_state())
    before = quote_of(phone)
    body = {"product_id": key(500), "unit": "box", "quantity_thousandths": 2_000, "price_minor": 98}
    refused = [
        phone.patch(Quote, QUOTE, {"title": 2}, title="Other"),
        phone.create(QuoteLine, key(302), **LINE, quantity_thousandths=1_000, price_minor=1),
        phone.patch(QuoteLine, key(301), {"line": 1}, **body),
        phone.delete(QuoteLine, key(301)),
        phone.delete(Quote, QUOTE),
    ]
    assert [refusal(one)[0] for one in refused] == ["state_wrong"] * 4 + ["rule_broken"]
    assert quote_of(phone) == before
    assert lines_of(phone.state, QUOTE) == [line(301)]


def test_a_quote_with_lines_is_not_deleted() -> None:
    """D-308."""
    phone = Phone(quoted(world(), line(301)))
    assert refusal(phone.delete(Quote, QUOTE)) == ("rule_broken", None)
    phone.delete(QuoteLine, key(301))
    assert phone.delete(Quote, QUOTE).result is Result.applied


def test_a_quote_that_was_sent_once_is_not_deleted() -> None:
    """D-308: one that was returned can be edited until it has no line left, and stays."""
    phone = Phone(quoted(world(), line(301), status=QuoteStatus.returned))
    assert phone.delete(QuoteLine, key(301)).result is Result.applied
    assert refusal(phone.delete(Quote, QUOTE)) == ("rule_broken", None)


def test_submit_numbers_and_freezes() -> None:
    """D-311, D-312."""
    phone = Phone(quoted(world(), line(301, tax_bps=1_300), title="Spring"))
    phone.state.counters["quote:2025"] = 122
    assert phone.submit(shown_hash(phone)).result is Result.applied
    quote = quote_of(phone)
    assert (quote.status, quote.number, quote.submitted_ms) == (QuoteStatus.submitted, "Q2025-000123", NOON_MS)
    assert totals(phone) == (1_000, 130, 1_130)
    assert quote.rev == 3
    assert refusal(phone.submit(shown_hash(phone))) == ("state_wrong", None)
    assert phone.state.counters == {"quote:2025": 123}


def test_nothing_is_submitted_that_was_not_on_screen() -> None:
    """D-311: a refused submission uses no number."""
    phone = Phone(quoted(world(), line(301)))
    shown = shown_hash(phone)
    phone.create(QuoteLine, key(302), **LINE, quantity_thousandths=1_000, price_minor=98)
    assert refusal(phone.submit(shown)) == ("content_changed", None)
    assert (quote_of(phone).status, phone.state.counters) == (QuoteStatus.draft, {})


def test_an_empty_quote_and_another_record_are_not_submitted() -> None:
    """D-311."""
    phone = Phone(quoted(world()))
    assert refusal(phone.submit(shown_hash(phone))) == ("rule_broken", None)
    assert refusal(phone.submit(bytes(32), Customer, CUSTOMER)) == ("command_unknown", None)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "x"},
        {"note": "x"},
        {"valid_until_day": 20_000},
        {"currency": "USD"},
        {"local_number": "L-7-1"},
        {"price_book_id": key(5)},
        {"extra": {"a": 1}},
        {"id": key(6)},
    ],
)
def test_the_hash_sees_every_entered_slot_of_the_header(change: dict[str, Any]) -> None:
    """D-310."""
    quote = Quote(QUOTE, 2, CUSTOMER, "CNY")
    assert content_hash(msgspec.structs.replace(quote, **change), []) != content_hash(quote, [])


@pytest.mark.parametrize(
    "change",
    [
        {"product_id": key(5)},
        {"unit": "kg"},
        {"quantity_thousandths": 5},
        {"price_minor": 5},
        {"list_price_minor": 5},
        {"discount_bps": 5},
        {"tax_bps": 5},
        {"note": "x"},
        {"position": "b"},
    ],
)
def test_the_hash_sees_every_entered_slot_of_a_line(change: dict[str, Any]) -> None:
    """D-310."""
    quote = Quote(QUOTE, 2, CUSTOMER, "CNY")
    assert content_hash(quote, [msgspec.structs.replace(line(301), **change)]) != content_hash(quote, [line(301)])


def test_the_hash_does_not_see_what_the_server_writes() -> None:
    """D-310; and the bytes as the rule describes them, written by hand."""
    quote = Quote(QUOTE, 2, CUSTOMER, "CNY")
    server = msgspec.structs.replace(quote, rev=7, number="Q", status=QuoteStatus.submitted, net_minor=1, submitted_ms=2, author_id=REP)
    assert content_hash(server, []) == content_hash(quote, [])
    header = {"currency": "CNY", "customer_id": CUSTOMER, "id": QUOTE}
    rest = {"price_minor": 1_000, "product_id": key(500), "quantity_thousandths": 1_000, "quote_id": QUOTE, "unit": "box"}
    lines = [{"customer_id": CUSTOMER, "id": key(number), **rest} for number in (301, 302)]
    assert content_hash(quote, [line(302), line(301)]) == hashlib.sha256(ENCODER.encode([header, lines])).digest()


@pytest.mark.parametrize(
    ("hours", "zone", "year"),
    [(11, "Asia/Shanghai", 2025), (12, "Asia/Shanghai", 2026), (12, "UTC", 2025), (24, "America/New_York", 2025), (26, "UTC", 2026)],
)
def test_year_of_a_number_is_the_organisations(hours: int, zone: str, year: int) -> None:
    """D-312."""
    now_ms = NOON_MS + hours * 3_600_000
    assert counter_key(now_ms, zone) == f"quote:{year}"
    phone = Phone(organisation(quoted(world(), line(301)), time_zone=zone), ACTOR, Moment(now_ms))
    phone.submit(shown_hash(phone))
    assert quote_of(phone).number == f"Q{year}-000001"


def test_a_product_nobody_knows_is_taken() -> None:
    """D-313."""
    phone = Phone(quoted(world()))
    verdict = phone.create(QuoteLine, key(301), **{**LINE, "product_id": key(998)}, quantity_thousandths=1, price_minor=1)
    assert verdict.result is Result.applied
