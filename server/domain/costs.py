"""Costs of products and rates of currencies, by day: the lines to which one applies count by it from then on (D-342, D-345)."""

from server.domain.books import ExchangeRate, OrderLine, ProductCost, home, write_line
from server.domain.orders import by_dates
from shared_schema.problem import Code, Problem
from sync.state import State


def price_out(state: State, cost: ProductCost) -> str:
    """A cost of a product from a day on; lines that name a cost of their own keep it. Returns taken, changed or same."""
    known = state.beside.find(ProductCost, *cost.key)
    if not state.beside.put(cost):
        return "same"
    for line in state.beside.every(OrderLine, lambda one: one.product_id == cost.product_id and one.day >= cost.from_day):
        write_line(state, by_dates(state, line))
    return "taken" if known is None else "changed"


def rate(state: State, given: ExchangeRate) -> str:
    """A rate from a day on. Returns taken, changed or same. Raises Problem(rule_broken) for the organisation's own currency."""
    if given.currency == home(state):
        raise Problem(Code.rule_broken, "this is the organisation's own currency", field="currency")
    known = state.beside.find(ExchangeRate, *given.key)
    if not state.beside.put(given):
        return "same"
    for line in state.beside.every(OrderLine, lambda one: one.currency == given.currency and one.day >= given.from_day):
        write_line(state, by_dates(state, line))
    return "taken" if known is None else "changed"
