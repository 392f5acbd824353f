"""The pool that fits a customer, by region and industry, and the one into which it goes where nobody chose one (D-195, D-196)."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from server.domain.city_names import region_of
from server.domain.needs import Entering, EnteringAny, Every, Need
from shared_schema.records.base import Record
from shared_schema.records.pool import Pool
from shared_schema.records.region import City
from shared_schema.text import plain
from sync.state import State

R = TypeVar("R", bound=Record)


class Situated(Protocol):
    """A customer, or the values from which one is made."""

    @property
    def city(self) -> str: ...
    @property
    def industry(self) -> str: ...


class Choice(Protocol):
    """Whatever sends customers into a pool: a rule, or a request of the desk."""

    @property
    def pool_id(self) -> bytes | None: ...
    @property
    def pool_by_fit(self) -> bool: ...


def to_choose(choice: Choice) -> Iterable[Need]:
    """The locks of the pools that a customer may enter, and the records that tell which one fits."""
    if choice.pool_by_fit:
        yield from (EnteringAny(), Every(Pool), Every(City))
    elif choice.pool_id is not None:
        yield Entering(choice.pool_id)


def chosen(state: State, customer: Situated, choice: Choice) -> Pool | None:
    """The pool in use into which the customer goes: the one that fits, where the choice leaves it to that, else the one that it names."""
    found = best(state, customer) if choice.pool_by_fit else None
    named = state.find(Pool, choice.pool_id) if found is None and choice.pool_id is not None else found
    return named if named is not None and named.active else None


def best(state: State, customer: Situated) -> Pool | None:
    """The fitting pool with the lowest priority number; of one priority the lower id is first (D-195)."""
    region, industry = region_of(_all(state, City), customer.city), plain(customer.industry)
    found = [one for one in _all(state, Pool) if one.active and _fits(one, region, industry)]
    return min(found, key=lambda one: (one.priority, one.id), default=None)


def _fits(pool: Pool, region: str, industry: str) -> bool:
    return (not pool.regions or region in pool.regions) and (not pool.industries or industry in pool.industries)


def kept(texts: Iterable[str]) -> tuple[str, ...]:
    """Regions or industries as they are kept and compared (D-180), each once."""
    return tuple(dict.fromkeys(text for each in texts if (text := plain(each))))


def _all(state: State, record: type[R]) -> list[R]:
    return [held.record for held in state.held.values() if isinstance(held.record, record)]
