"""Money against exact fractions: the rounding rule, tax, totals (D-301 to D-303)."""

from fractions import Fraction

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared_schema.records.quote import Quote, QuoteLine
from sync.agreed.money import MONEY_MINOR_MAX, Amounts, bounded, divided, line_amount, line_amounts, total
from sync.agreed.quotes import content_hash, priced

ID = bytes(16)
HALF = Fraction(1, 2)
LINES = st.builds(
    QuoteLine,
    st.binary(min_size=16, max_size=16),
    st.just(1),
    st.just(ID),
    st.just(ID),
    st.just(ID),
    st.just("box"),
    st.integers(1, 10**10) | st.integers(1, 20_000),
    st.integers(-(10**14), 10**14) | st.integers(-2_000, 2_000),
    discount_bps=st.integers(0, 10_000),
    tax_bps=st.sampled_from([0, 300, 600, 900, 1_300, 10_000]) | st.integers(0, 10_000),
    position=st.sampled_from(["", "a", "am", "b"]),
)


def line(price_minor: int, quantity_thousandths: int = 1_000, discount_bps: int = 0, tax_bps: int = 0) -> QuoteLine:
    return QuoteLine(ID, 1, ID, ID, ID, "box", quantity_thousandths, price_minor, discount_bps=discount_bps, tax_bps=tax_bps)


def rounded(exact: Fraction) -> int:
    """The rule once more, from its words: the nearest integer; of two equally near, the one further from zero."""
    near = [int(exact) + step for step in (-1, 0, 1)]
    return min(near, key=lambda whole: (abs(exact - whole), -abs(whole)))


@settings(max_examples=300, deadline=None)
@given(st.integers(-(10**30), 10**30), st.integers(1, 10**10))
def test_division_rounds_halves_away_from_zero(numerator: int, denominator: int) -> None:
    """D-301."""
    assert divided(numerator, denominator) == rounded(Fraction(numerator, denominator))


@settings(max_examples=300, deadline=None)
@given(LINES)
def test_line_amount_is_the_exact_product_rounded_once(one: QuoteLine) -> None:
    """D-301."""
    exact = Fraction(one.price_minor) * Fraction(one.quantity_thousandths, 1_000) * Fraction(10_000 - one.discount_bps, 10_000)
    assert line_amount(one) == rounded(exact)
    assert abs(line_amount(one) - exact) <= HALF


@settings(max_examples=300, deadline=None)
@given(LINES, st.booleans())
def test_tax_is_exact_to_half_a_unit_and_always_adds_up(one: QuoteLine, include: bool) -> None:
    """D-302."""
    amount = line_amount(one)
    net, tax, gross = line_amounts(one, prices_include_tax=include)
    assert net + tax == gross
    rate = Fraction(one.tax_bps, 10_000)
    if include:
        assert gross == amount
        assert net == rounded(amount / (1 + rate))
    else:
        assert net == amount
        assert tax == rounded(amount * rate)
    assert tax * amount >= 0


@settings(max_examples=100, deadline=None)
@given(st.lists(LINES, max_size=8), st.booleans())
def test_header_is_the_sum_of_its_lines_in_any_order(lines: list[QuoteLine], include: bool) -> None:
    """D-303."""
    apart = [line_amounts(one, prices_include_tax=include) for one in lines]
    summed = total(reversed(lines), prices_include_tax=include)
    assert summed == tuple(sum(column) for column in zip(*apart, strict=True)) if apart else summed == (0, 0, 0)
    quote = priced(Quote(ID, 1, ID, "CNY"), lines, prices_include_tax=include)
    assert (quote.net_minor, quote.tax_minor, quote.gross_minor) == summed
    assert priced(quote, lines, prices_include_tax=include) is quote


@settings(max_examples=100, deadline=None)
@given(st.lists(LINES, max_size=6, unique_by=lambda one: one.id), st.randoms(use_true_random=False))
def test_content_hash_knows_no_order_of_arrival(lines: list[QuoteLine], chance: object) -> None:
    """D-310."""
    quote = Quote(ID, 1, ID, "CNY", extra={"a": 1, "b": 2})
    turned = msgspec.structs.replace(quote, rev=9, net_minor=5, extra={"b": 2, "a": 1})
    shuffled = list(lines)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert content_hash(quote, lines) == content_hash(turned, shuffled)


@pytest.mark.parametrize(
    ("one", "amount"),
    [
        (line(1, 500), 1),
        (line(1, 499), 0),
        (line(-1, 500), -1),
        (line(-1, 499), 0),
        (line(999, 1_000, 10_000), 0),
        (line(12_345, 1_500, 250), 18_055),
    ],
)
def test_line_amounts_by_hand(one: QuoteLine, amount: int) -> None:
    """D-301: 12,345 × 1.5 × 0.975 = 18,054.5625."""
    assert line_amount(one) == amount


def test_one_cent_of_tax_by_hand() -> None:
    """D-302: 13 % of 10.00 and out of 11.30; half a fen of tax on 0.50 at 1 % goes up."""
    assert line_amounts(line(1_000, tax_bps=1_300), prices_include_tax=False) == Amounts(1_000, 130, 1_130)
    assert line_amounts(line(1_130, tax_bps=1_300), prices_include_tax=True) == Amounts(1_000, 130, 1_130)
    assert line_amounts(line(50, tax_bps=100), prices_include_tax=False).tax_minor == 1
    assert line_amounts(line(100, tax_bps=1_300), prices_include_tax=True) == Amounts(88, 12, 100)


def test_bound_of_money() -> None:
    """D-305."""
    assert bounded(Amounts(MONEY_MINOR_MAX, 0, -MONEY_MINOR_MAX))
    assert not bounded(Amounts(0, 0, MONEY_MINOR_MAX + 1))
    assert not bounded(Amounts(-MONEY_MINOR_MAX - 1, 0, 0))
