"""Laws of profit and of the age of receivables (D-336, D-340 to D-343), on the pure core alone."""

import re
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from server.domain.aging import NAMES, bucket
from server.domain.currencies import digits
from server.domain.profit import NOTHING, Fact, Line, converted, fact, first_day, last_day, month_of
from shared_schema.entity import Entity
from shared_schema.registry import ENTITIES

CURRENCIES = st.sampled_from(("JPY", "CNY", "KWD"))
UNITS = {"JPY": 1, "CNY": 100, "KWD": 1_000}
KNOWN = st.builds(
    Line,
    quantity_thousandths=st.integers(1, 10**7),
    price_minor=st.integers(0, 10**9),
    discount_minor=st.integers(0, 10**6),
    is_return=st.just(False),
    unit_cost_minor=st.integers(0, 10**9),
    rate_e9=st.integers(1, 10**12),
)
ANY = st.builds(lambda line, lacks: replace(line, **dict.fromkeys(lacks)), KNOWN, st.sets(st.sampled_from(("unit_cost_minor", "rate_e9"))))


def rounded(exact: Fraction) -> int:
    """Halves away from zero, said in another way than the code says it."""
    whole, rest = divmod(abs(exact), 1)
    return int(whole + (rest >= Fraction(1, 2))) * (-1 if exact < 0 else 1)


@settings(max_examples=300, deadline=None, database=None, print_blob=True)
@given(st.integers(-(10**12), 10**12), st.integers(1, 10**12), CURRENCIES, CURRENCIES)
def test_money_is_converted_by_both_minor_units(amount_minor: int, rate_e9: int, of: str, to: str) -> None:
    """D-343: currencies of 0, 2 and 3 decimals."""
    exact = Fraction(amount_minor, UNITS[of]) * Fraction(rate_e9, 10**9) * UNITS[to]
    assert converted(amount_minor, rate_e9, of, to) == rounded(exact)
    assert 10 ** digits(of) == UNITS[of]


@settings(max_examples=300, deadline=None, database=None, print_blob=True)
@given(KNOWN, CURRENCIES, CURRENCIES)
def test_what_comes_back_undoes_what_was_sold(line: Line, currency: str, home: str) -> None:
    """D-341: a sale and the return of the same line leave nothing."""
    both = fact(line, currency, home) + fact(replace(line, is_return=True), currency, home)
    assert both.profit == 0
    assert both.revenue - both.discounts - both.returns == 0


@settings(max_examples=300, deadline=None, database=None, print_blob=True)
@given(st.lists(ANY, max_size=8), CURRENCIES, CURRENCIES)
def test_a_month_is_the_sum_of_its_lines_and_each_can_be_taken_out(lines: list[Line], of: str, to: str) -> None:
    """D-340, D-342: the sum is of rounded lines; what is unknown is counted, and its profit is none."""
    facts = [fact(line, of, to) for line in lines]
    month = sum(facts, NOTHING)
    assert month == sum(reversed(facts), NOTHING)
    lacking = [line for line in lines if line.unit_cost_minor is None or line.rate_e9 is None]
    assert (month.unknown, month.unrated) == (len(lacking), sum(line.rate_e9 is None for line in lines))
    assert (month.profit is None) == bool(lacking)
    if not lacking:
        assert month.profit == sum(one.revenue - one.cost - one.discounts - one.returns for one in facts)
    for one in facts:
        month += -one
    assert month == Fact()


@pytest.mark.parametrize(("of", "day"), [(197001, 0), (202402, 19_782), (202412, 20_088), (202501, 20_089)])
def test_a_month_begins_and_ends_with_its_days(of: int, day: int) -> None:
    """D-340: the month of a day."""
    assert month_of(day) == of
    assert [month_of(one) for one in (first_day(of), last_day(of))] == [of, of]
    assert month_of(last_day(of) + 1) != of
    assert first_day(of) == 0 or month_of(first_day(of) - 1) != of


AGES = {-400: 0, -1: 0, 0: 0, 1: 1, 30: 1, 31: 2, 60: 2, 61: 3, 90: 3, 91: 4, 180: 4, 181: 5, 4_000: 5}


@pytest.mark.parametrize("age", AGES)
def test_the_edges_of_age(age: int) -> None:
    """D-336: not due · 1–30 · 31–60 · 61–90 · 91–180 · 181 and more."""
    assert bucket(20_000 + age, 20_000) == AGES[age]
    assert len(NAMES) == 6


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_no_record_has_a_slot_for_a_cost(entity: Entity) -> None:
    """D-330: what a device holds has no place for what anything cost."""
    assert not [slot for slot in entity.slots if re.search("cost|profit|margin", slot)]
