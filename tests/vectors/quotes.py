"""Vectors of `sync/agreed/quotes.py`: totals on a quote, the hash of its content, its revision and the ids of copied lines."""

import random
from collections.abc import Iterator
from typing import Any, Final

from msgspec.structs import replace

from shared_schema.records.quote import Quote, QuoteLine, QuoteStatus
from sync.agreed import quotes
from tests.vectors.cases import Case, Cases, told
from tests.vectors.values import TEXTS, an_id

EXTRAS: Final[tuple[dict[str, Any], ...]] = ({}, {"size": 3, "colour": "茶"})
Parts = tuple[Quote, list[QuoteLine]]


def cases() -> Cases:
    """All rules of the room."""
    dice = random.Random(310)
    asked = [*named(), *(by_chance(dice) for _ in range(60))]
    return {
        "sync.agreed.quotes:priced": [priced_case(quote, lines, included=included) for quote, lines in asked for included in (False, True)],
        "sync.agreed.quotes:content_hash": [Case(parts(one), told(quotes.content_hash(*one))) for one in asked],
        "sync.agreed.quotes:revision_of": [revision_case(one, an_id(dice)) for one in asked],
        "sync.agreed.quotes:copied_id": [copied_case(an_id(dice), an_id(dice)) for _ in range(12)],
    }


def parts(one: Parts) -> dict[str, Any]:
    """The quote and its lines as arguments."""
    return {"quote": told(one[0]), "lines": told(one[1])}


def priced_case(quote: Quote, lines: list[QuoteLine], *, included: bool) -> Case:
    """Also whether the very same object comes back."""
    after = quotes.priced(quote, lines, prices_include_tax=included)
    return Case({**parts((quote, lines)), "prices_include_tax": included}, {"quote": told(after), "same": after is quote})


def revision_case(one: Parts, new_id: bytes) -> Case:
    """The draft and its lines."""
    return Case({**parts(one), "new_id": told(new_id)}, told(list(quotes.revision_of(*one, new_id))))


def copied_case(new_id: bytes, line_id: bytes) -> Case:
    """The id of one copy."""
    return Case({"new_id": told(new_id), "line_id": told(line_id)}, told(quotes.copied_id(new_id, line_id)))


def named() -> Iterator[Parts]:
    """Every slot at its default; every slot set; lines in an order that only code points tell; a number longer than a label."""
    dice = random.Random(311)
    bare = Quote(an_id(dice), 0, an_id(dice), "CNY")
    yield bare, []
    yield replace(bare, extra={"colour": "", "size": 0}), [a_line(dice, bare)]
    yield replace(bare, number="𠮷" * 40, status=QuoteStatus.approved, revision=7), [a_line(dice, bare)]
    yield replace(bare, local_number="草稿" * 20, submitted_ms=5, author_id=an_id(dice)), []
    positions = ("\U0001f375", "\uff21", "a", "", "茶", "a\u0301", "Z", "a")  # UTF-16 puts the first before the second
    yield bare, [replace(a_line(dice, bare), position=one) for one in positions]
    free = a_line(dice, bare)
    yield bare, [replace(free, price_minor=0, quantity_thousandths=1), replace(a_line(dice, bare), tax_bps=0, discount_bps=0, note="")]
    priced = quotes.priced(bare, [free], prices_include_tax=False)
    yield priced, [free]


def by_chance(dice: random.Random) -> Parts:
    """A quote with a few lines: each slot of people's at its default or set, the server's by chance."""
    quote = Quote(
        an_id(dice), dice.randrange(9), an_id(dice), "EUR", local_number=dice.choice(TEXTS)[:40],
        price_book_id=dice.choice((None, an_id(dice))), title=dice.choice(TEXTS), valid_until_day=dice.choice((None, 0, 20_000)),
        note=dice.choice(TEXTS), status=dice.choice(list(QuoteStatus)), number=dice.choice(("", "A-12")), net_minor=dice.randrange(10**6),
        extra=dice.choice(EXTRAS), revision=dice.randrange(1, 5), decision_note=dice.choice(TEXTS),
    )  # fmt: skip
    return quote, [a_line(dice, quote) for _ in range(dice.randrange(5))]


def a_line(dice: random.Random, quote: Quote) -> QuoteLine:
    """A line of a quote."""
    return QuoteLine(
        an_id(dice), dice.randrange(4), quote.customer_id, quote.id, an_id(dice), dice.choice(("箱", "kg")), dice.randrange(1, 10**6),
        dice.randrange(10**6), list_price_minor=dice.choice((0, 990)), discount_bps=dice.choice((0, 250)), tax_bps=dice.choice((0, 1_300)),
        note=dice.choice(TEXTS)[:200], position=dice.choice(("", "a", "b", "茶", "\U0001f375")),
    )  # fmt: skip
