"""The table of cities: a city lies in one region (D-180)."""

from collections.abc import Iterable
from typing import Final

import msgspec

from server.domain.city_names import city_name
from server.domain.feature import Feature, Listing, Table
from server.domain.imports.cities import CITIES
from server.domain.imports.cities import NAME as TURN
from server.domain.needs import Asking, DeskNeed, Every, InTurn
from shared_schema.problem import Code, Problem
from shared_schema.records.region import City, CityRequest
from shared_schema.text import plain
from sync.state import State


def all_cities(_asking: Asking, _asked: CityRequest) -> Iterable[DeskNeed]:
    """All cities: of two makers of one name at once the second sees the first."""
    yield InTurn(TURN)
    yield Every(City)


def judge(state: State, city: City) -> tuple[City]:
    """The city by the name under which it is kept. Raises Problem(rule_broken) for a name without letters, and for one that is there."""
    kept = msgspec.structs.replace(city, name=city_name(city.name), region=plain(city.region))
    for slot in ("name", "region"):
        if not getattr(kept, slot):
            raise Problem(Code.rule_broken, "blanks are no name", field=slot)
    others = (held.record for held in state.held.values() if isinstance(held.record, City) and held.record.id != city.id)
    if any(one.name == kept.name for one in others):
        raise Problem(Code.rule_broken, "this city is in the table already", field="name")
    return (kept,)


FEATURE: Final = Feature(
    lists=(Listing(City, "List the cities with their regions (D-180)."),),
    tables=(Table(City, CityRequest, "Make or change a city of a region (D-180).", wants=all_cities, judge=judge),),
    imports=(CITIES,),
)
