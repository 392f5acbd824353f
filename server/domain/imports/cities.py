"""Cities and their regions from a file: known by their name, also those that the desk made (D-181)."""

from collections.abc import Iterable, Sequence
from typing import Final

from server.domain.city_names import city_name
from server.domain.imports import cells
from server.domain.imports.frame import Asking, Column, Import, Need, Planned, Row, filled, imported_id
from server.domain.needs import Every, InTurn, Rows
from shared_schema.records.region import City, Place

NAME: Final = "cities"


def read_city(cell: str) -> str:
    """The name as it is kept: a row of 上海 and a row of 上海市 are one city. Raises FlawError."""
    return city_name(cells.word(Place)(cell))


def wants(asking: Asking, rows: Sequence[Row]) -> Iterable[Need]:
    """All cities: of two makers of one name at once the second sees the first."""
    yield InTurn(NAME)
    yield Every(City)
    found = {one.id for one in asking.all(City)}
    yield Rows(City, frozenset(found | {imported_id(asking.actor.org_id, NAME, *row.key) for row in rows}))


def plan(asking: Asking, row: Row) -> Planned:
    """The city."""
    name = row.key[0]
    known = next((one for one in asking.all(City) if one.name == name), None)
    return Planned((filled(CITIES, known or City(imported_id(asking.actor.org_id, NAME, name), 0, name, row.values["region"]), row),))


CITIES: Final = Import(
    name=NAME,
    zh="城市与大区",
    en="Cities and regions",
    record=City,
    key=("city",),
    wants=wants,
    plan=plan,
    columns=(
        Column("city", "城市", "City", read_city, "上海", required=True, slot="name"),
        Column("region", "大区", "Region", cells.word(Place), "华东", required=True, slot="region", also=("区域",)),
    ),
)
