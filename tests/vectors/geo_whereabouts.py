"""Vectors of `geo/whereabouts.py`: visits of every kind, at their places, nowhere, and off the globe, rounded once and twice."""

import random
from collections.abc import Iterator

from msgspec.structs import replace

from geo import whereabouts
from shared_schema.places import Position
from shared_schema.records.activity import Visit
from tests.vectors.cases import Cases, played
from tests.vectors.geo_verify import PLACES, a_visit


def cases() -> Cases:
    """The one rule of the room."""
    return {"geo.whereabouts:coarse": played(whereabouts.coarse, ({"visit": one} for one in visits(random.Random(473))))}


def visits(dice: random.Random) -> Iterator[Visit]:
    """Near four places and by chance on the globe; then at its borders."""
    for _ in range(150):
        place = dice.choice((*PLACES, Position(dice.randrange(-80_000_000, 80_000_001), dice.randrange(-170_000_000, 170_000_001))))
        visit = a_visit(dice, place)
        yield from (visit, whereabouts.coarse(visit))
    visit = a_visit(dice, PLACES[0])
    for latitude, longitude in ((0, 0), (0, 1), (90_000_000, 180_000_000), (-90_000_000, -180_000_000), (90_000_001, 0), (-120_000_000, 7)):
        for accuracy in (None, 0, 1, whereabouts.ACCURACY_MAX_MM):
            yield replace(visit, latitude_e6=latitude, longitude_e6=longitude, accuracy_mm=accuracy)
