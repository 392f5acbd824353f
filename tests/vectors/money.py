"""Vectors of `sync/agreed/money.py`: halves, signs, products beyond 2^53, and totals of rounded lines."""

import random
from collections.abc import Iterator
from typing import Any

from shared_schema.records.quote import QuoteLine
from sync.agreed import money
from tests.vectors.cases import Case, Cases, told

ID = bytes(range(16))
HUGE = 10**14


def cases() -> Cases:
    """All rules of the room."""
    asked = list(lines())
    return {
        "sync.agreed.money:divided": [divided_case(*one) for one in quotients()],
        "sync.agreed.money:line_amount": [Case({"line": told(one)}, money.line_amount(one)) for one in asked],
        "sync.agreed.money:line_amounts": [line_case(one, included=included) for one in asked for included in (False, True)],
        "sync.agreed.money:total": [total_case(some, included=included) for some in baskets(asked) for included in (False, True)],
        "sync.agreed.money:bounded": [Case({"amounts": one._asdict()}, money.bounded(one)) for one in edges()],
    }


def divided_case(numerator: int, denominator: int) -> Case:
    """The numbers go as text: JSON readers round beyond 2^53."""
    given = {"numerator": str(numerator), "denominator": str(denominator)}
    return Case(given, str(money.divided(numerator, denominator)))


def quotients() -> Iterator[tuple[int, int]]:
    """Around halves, around zero, and beyond 2^53 and 2^64."""
    dice = random.Random(301)
    for sign in (1, -1):
        for denominator in (1, 2, 3, 10_000, 10_007, 10**7, 11_300):
            yield from ((sign * (denominator * whole + half), denominator) for whole in (0, 1, 7) for half in around_half(denominator))
    yield from ((dice.randrange(-(10**28), 10**28), dice.randrange(1, 10**9)) for _ in range(40))


def around_half(denominator: int) -> set[int]:
    """The remainders next to one half."""
    return {max(0, denominator // 2 - 1), denominator // 2, (denominator + 1) // 2, denominator // 2 + 1}


def line(**values: Any) -> QuoteLine:
    """A line with these numbers."""
    named = {"unit": "box", "quantity_thousandths": 1_000, "price_minor": 0, **values}
    return QuoteLine(ID, 1, ID, ID, ID, **named)


def lines() -> Iterator[QuoteLine]:
    """Lines at the bounds, at halves, and by chance; old rows hold prices below zero."""
    for price in (0, 1, 5, 333, -5, HUGE, -HUGE, 90_071_992_547_409):
        yield from (line(price_minor=price, quantity_thousandths=quantity, discount_bps=discount, tax_bps=tax)
                    for quantity, discount, tax in ((1, 0, 0), (500, 0, 1_300), (1_500, 3_333, 10_000), (10**10, 0, 600)))  # fmt: skip
    dice = random.Random(302)
    for _ in range(60):
        price, quantity = (
            dice.randrange(-(10 ** dice.randrange(1, 15)), 10 ** dice.randrange(1, 15)),
            dice.randrange(1, 10 ** dice.randrange(1, 11)),
        )
        yield line(price_minor=price, quantity_thousandths=quantity, discount_bps=dice.randrange(10_001), tax_bps=dice.randrange(10_001))


def line_case(one: QuoteLine, *, included: bool) -> Case:
    """One line, with or without tax in its price."""
    amounts = money.line_amounts(one, prices_include_tax=included)
    return Case({"line": told(one), "prices_include_tax": included}, amounts._asdict())


def baskets(asked: list[QuoteLine]) -> Iterator[list[QuoteLine]]:
    """None, one, and several lines."""
    dice = random.Random(303)
    yield []
    yield [line(price_minor=5, quantity_thousandths=100)] * 3  # the sum of the rounded, not the rounded sum
    yield from (dice.sample(asked, dice.randrange(1, 12)) for _ in range(30))


def total_case(some: list[QuoteLine], *, included: bool) -> Case:
    """The totals of some lines."""
    return Case({"lines": told(some), "prices_include_tax": included}, money.total(some, prices_include_tax=included)._asdict())


def edges() -> Iterator[money.Amounts]:
    """Amounts next to their bound, in each place and with both signs."""
    for one in (HUGE - 1, HUGE, HUGE + 1):
        for sign in (1, -1):
            yield from (money.Amounts(sign * one, 0, 0), money.Amounts(0, sign * one, 0), money.Amounts(0, 0, sign * one))
