"""Vectors of `geo/route.py`: days in towns and in the country, with what presses, what is kept at its place, and windows."""

import random
from collections.abc import Iterator
from typing import Any, Final

from geo import route
from geo.route import Stop
from shared_schema.places import Position
from tests.vectors.cases import Case, Cases, answered

COUNTS: Final = (0, 1, 2, 3, 4, 5, 7, 9, 11, 12, 13, 17, 25, 31, 50)
SPREADS_E6: Final = (0, 3, 2_000, 20_000, 200_000)
"""From a house in which all stops are to a province."""
KINDS: Final = ("plain", "pressing", "kept", "windows", "all")


def cases() -> Cases:
    """All rules of the room."""
    dice = random.Random(454)
    days = [a_day(dice, count, kind) for count in COUNTS for kind in KINDS for _ in range(4 if count < 25 else 1)]
    orders = [{"stops": day["stops"][:count], "start": day["start"], "end": day["end"]} for day in days[:40] for count in (0, 1, 5)]
    return {
        "geo.route:route": [*(case(day) for day in days), *(case(day) for day in wrong())],
        "geo.route:legs_mm": [Case(named(order), list(route.legs_mm(**order))) for order in orders],
        "geo.route:by_road_mm": [Case({"length_mm": one}, route.by_road_mm(one)) for one in (0, 1, 7, 10, 999, 1_000, 2**40 + 3)],
    }


def case(day: dict[str, Any]) -> Case:
    """A route, or a refusal."""
    return Case(named(day), answered(route.route, day))


def named(day: dict[str, Any]) -> dict[str, Any]:
    """The arguments as the client holds them."""
    ends = {name: None if day[name] is None else day[name]._asdict() for name in ("start", "end")}
    return {"stops": [stop._asdict() for stop in day["stops"]], **ends}


def a_day(dice: random.Random, count: int, kind: str) -> dict[str, Any]:
    """Stops around a place, some of them in one house; a start and an end, or neither."""
    spread, middle = dice.choice(SPREADS_E6), (dice.randrange(-55_000_000, 55_000_000), dice.randrange(-180_000_000, 180_000_000))

    def point() -> tuple[int, int]:
        return middle[0] + dice.randint(-spread, spread), middle[1] + dice.randint(-spread, spread)

    points = [point() for _ in range(count)]
    stops = [Stop(*(dice.choice(points) if dice.random() < 0.1 else one)) for one in points]
    start = Position(*point()) if dice.random() < 0.8 else None
    end = dice.choice((None, start, Position(*point())))
    return {"stops": list(changed(dice, stops, kind)), "start": start, "end": end}


def changed(dice: random.Random, stops: list[Stop], kind: str) -> Iterator[Stop]:
    """What this kind of a day asks of its stops."""
    places = list(range(len(stops)))
    dice.shuffle(places)
    for stop, place in zip(stops, places, strict=True):
        more: dict[str, Any] = {}
        if kind in ("pressing", "all") and dice.random() < 0.6:
            more["weight"] = dice.choice((1, 10, 30, 60, 100))
        if kind in ("kept", "all") and dice.random() < 0.3:
            more["place"] = place
        if kind in ("windows", "all") and dice.random() < 0.3:
            begins = dice.choice((None, dice.randrange(300)))
            more |= {"from_minute": begins, "until_minute": dice.choice((None, max(0, (begins or 0) + dice.randrange(-40, 200))))}
        yield stop._replace(**more)


def wrong() -> Iterator[dict[str, Any]]:
    """What is refused: two at one place, places and weights that are none, too many stops, a latitude that is none."""
    here = Stop(31_230_400, 121_473_700)
    for stops in (
        [here._replace(place=0), here._replace(place=0)],
        [here, here._replace(place=2)],
        [here, here._replace(place=-1)],
        [here._replace(weight=101)],
        [here._replace(weight=-1)],
        [here] * 61,
        [here, here._replace(latitude_e6=90_000_001)],
    ):
        yield {"stops": stops, "start": None, "end": None}
