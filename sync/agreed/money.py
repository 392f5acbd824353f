"""Money of quotes: one written rounding rule (D-301 to D-303), the same on the phone and on the server. Integers only."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from shared_schema.records.quote import QuoteLine

MONEY_MINOR_MAX: Final = 10**14
"""Bound of every amount, line or total, in minor units (D-305)."""
_WHOLE_BPS: Final = 10_000
_THOUSAND: Final = 1_000


class Amounts(NamedTuple):
    """Net, tax and gross in minor units; gross = net + tax, always."""

    net_minor: int
    tax_minor: int
    gross_minor: int


def divided(numerator: int, denominator: int) -> int:
    """Give numerator / denominator rounded to an integer, halves away from zero; the denominator is positive (D-301)."""
    whole = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -whole if numerator < 0 else whole


def line_amount(line: QuoteLine) -> int:
    """Price × quantity less discount in minor units, rounded once (D-301); with or without tax as the organisation's prices are."""
    exact = line.price_minor * line.quantity_thousandths * (_WHOLE_BPS - line.discount_bps)
    return divided(exact, _THOUSAND * _WHOLE_BPS)


def line_amounts(line: QuoteLine, *, prices_include_tax: bool) -> Amounts:
    """Net, tax and gross of one line, tax rounded per line (D-302)."""
    amount = line_amount(line)
    if prices_include_tax:
        net = divided(amount * _WHOLE_BPS, _WHOLE_BPS + line.tax_bps)
        return Amounts(net, amount - net, amount)
    tax = divided(amount * line.tax_bps, _WHOLE_BPS)
    return Amounts(amount, tax, amount + tax)


def total(lines: Iterable[QuoteLine], *, prices_include_tax: bool) -> Amounts:
    """Sum of the lines' rounded amounts; nothing is rounded again (D-303)."""
    amounts = [line_amounts(line, prices_include_tax=prices_include_tax) for line in lines]
    return Amounts(*(sum(one[place] for one in amounts) for place in range(3)))


def bounded(amounts: Amounts) -> bool:
    """Whether all three can be stored and sent (D-305)."""
    return all(abs(amount) <= MONEY_MINOR_MAX for amount in amounts)
