"""The names of cities, and the region in which a city lies (D-180)."""

from collections.abc import Iterable

from shared_schema.records.region import City
from shared_schema.text import plain


def city_name(text: str) -> str:
    """The name of a city as it is kept and compared: NFKC, trimmed, without one 市 at its end."""
    name = plain(text)
    return name.removesuffix("市").strip() or name


def region_of(cities: Iterable[City], city: str) -> str:
    """The region of a city; empty for a city that is not in the table."""
    wanted = city_name(city)
    return next((one.region for one in cities if one.name == wanted), "")
