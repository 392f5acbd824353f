"""The order of a day: near the best one, what presses first, what is kept where it was put, windows, and the bounds."""

import random
from itertools import permutations

import pytest

from geo.distance import flat_distance_mm
from geo.route import STOPS_MAX, Stop, by_road_mm, legs_mm, route
from geo.windows import LATE, MINUTE_MM, STAY_MM
from shared_schema.places import Position
from tests.prove.geo_route import EXCESS_MAX, a_day, cost, excesses, optimum, routed

HERE = Position(31_230_400, 121_473_700)


def east(*steps: int, **values: int) -> list[Stop]:
    """Stops so many hundred metres east of here."""
    return [Stop(HERE.latitude_e6, HERE.longitude_e6 + step * 1_000, **values) for step in steps]


def test_the_way_goes_from_here_to_the_nearest_and_on() -> None:
    """D-454."""
    found = route(east(5, 1, 3), HERE)
    assert found.order == (1, 2, 0)
    assert found.legs_mm == tuple(flat_distance_mm(*HERE, HERE.latitude_e6, HERE.longitude_e6 + step * 1_000) for step in (1, 2, 2))
    assert route(east(5, 1, 3), HERE) == found, "the same every time"


def test_an_end_draws_the_last_stop_to_it() -> None:
    """D-454."""
    home = Position(HERE.latitude_e6, HERE.longitude_e6 - 500)
    found = route(east(-1, 3), HERE, home)
    assert found.order == (1, 0)
    assert len(found.legs_mm) == 3
    assert route(east(-1, 3), HERE).order == (0, 1)


def test_without_a_start_the_way_begins_at_a_stop() -> None:
    """D-454."""
    found = route(east(2, 9, 1, 5))
    assert found.order in ((2, 0, 3, 1), (1, 3, 0, 2))
    assert found.legs_mm[0] == 0


def test_what_presses_comes_earlier_than_it_lies() -> None:
    """D-455: a hundred points of weight are worth a kilometre for each place; fifty points do not turn the rep round for 700 m."""
    near, far = east(-1, 7)
    assert route([near, far], HERE).order == (0, 1)
    assert route([near, far._replace(weight=100)], HERE).order == (1, 0)
    assert route([near, far._replace(weight=10)], HERE).order == (0, 1)


def test_what_the_rep_has_put_somewhere_stays_there() -> None:
    """D-455."""
    stops = east(1, 2, 3, 4, 5)
    kept = [stops[0], stops[1], stops[2]._replace(place=0), stops[3], stops[4]._replace(place=2)]
    order = route(kept, HERE).order
    assert (order[0], order[2]) == (2, 4)
    best = min(permutations(range(5)), key=lambda one: (one[0] != 2 or one[2] != 4, sum(legs_mm([stops[at] for at in one], HERE))))
    assert sum(route(kept, HERE).legs_mm) == sum(legs_mm([stops[at] for at in best], HERE))


def test_a_deadline_is_kept_where_the_detour_is_worth_it() -> None:
    """D-455: after the near one the far one would be late."""
    near, far = east(2, -40)
    assert route([near, far], HERE).order == (0, 1)
    assert route([near, far._replace(until_minute=20)], HERE).order == (1, 0)
    assert route([near._replace(from_minute=60), far], HERE).order == (1, 0)


def test_with_windows_the_order_is_the_best_one_of_small_days() -> None:
    """D-455, against all orders of six stops, by a sum of its own."""
    dice = random.Random(455)
    for _ in range(8):
        day = a_day(dice, 6, pressing=True)
        stops = [stop._replace(place=None, until_minute=dice.choice((None, dice.randrange(150)))) for stop in day.stops]
        day = type(day)(stops, day.start)

        def whole(order: tuple[int, ...], stops: list[Stop] = stops, day: object = day, start: Position = day.start) -> int:
            gone, late = 0, 0
            for leg, number in zip(legs_mm([stops[at] for at in order], start), order, strict=True):
                gone += leg
                until = stops[number].until_minute
                late += 0 if until is None else max(0, gone - until * MINUTE_MM)
                gone += STAY_MM
            return cost(day, order) + LATE * late  # type: ignore[arg-type]

        best = min(whole(order) for order in permutations(range(6)))
        assert whole(route(stops, day.start).order) <= best * 1.05


@pytest.mark.parametrize("pressing", [False, True])
def test_small_days_are_within_a_hundredth_of_the_optimum(pressing: bool) -> None:
    """D-454; two hundred days of eleven stops are played by the proof."""
    dice = random.Random(454)
    found = excesses([a_day(dice, 8, pressing=pressing) for _ in range(25)])
    assert min(found) >= 0
    assert sum(found) / len(found) <= EXCESS_MAX / 5


def test_the_optimum_is_that_of_all_orders() -> None:
    dice = random.Random(11)
    for pressing in (False, True):
        day = a_day(dice, 6, pressing=pressing)
        fits = [
            order for order in permutations(range(6)) if all(day.stops[number].place in (None, place) for place, number in enumerate(order))
        ]
        assert optimum(day) == min(cost(day, order) for order in fits)


def test_both_languages_take_the_same_way() -> None:
    """D-454."""
    found = routed(454, 3)
    assert found["route_differences"] == 0
    assert found["route_50_ms_typescript"] > 0


def test_the_way_by_road_is_an_estimate() -> None:
    """D-456."""
    assert [by_road_mm(one) for one in (0, 10, 1_000_000, 7)] == [0, 13, 1_300_000, 9]


def test_what_is_no_day_is_refused() -> None:
    """D-454."""
    one = east(1)[0]
    assert route([]) == ((), ())
    assert len(route([one] * STOPS_MAX, HERE).order) == STOPS_MAX
    for stops in ([one] * (STOPS_MAX + 1), [one._replace(weight=101)], [one._replace(place=1)], [one._replace(place=0)] * 2):
        with pytest.raises(ValueError, match="no route"):
            route(stops, HERE)
