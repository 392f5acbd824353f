"""Known distances, wrap-around, and what lies off the globe."""

import random
from collections.abc import Callable

import pytest
from geopy.distance import geodesic

from geo.distance import distance_mm, flat_distance_mm


def test_one_degree_of_latitude_and_of_longitude_at_the_equator() -> None:
    # Textbook values for WGS-84: 110,574.389 m and 111,319.491 m.
    assert distance_mm(0, 0, 1_000_000, 0) == pytest.approx(110_574_389, abs=1)
    assert distance_mm(0, 0, 0, 1_000_000) == pytest.approx(111_319_491, abs=1)


def test_flinders_peak_to_buninyong() -> None:
    """The published test line of the Australian geodetic manual: 54,972.271 m (GRS80, equal to WGS-84 well below a millimetre here)."""
    line = (-37_951_033, 144_424_868, -37_652_821, 143_926_496)
    assert distance_mm(*line) == pytest.approx(54_972_271, abs=150)  # the ends are rounded to micro-degrees
    assert flat_distance_mm(*line) == pytest.approx(distance_mm(*line), abs=500)


@pytest.mark.parametrize("measure", [distance_mm, flat_distance_mm])
def test_same_point_is_zero_and_the_antimeridian_is_no_wall(measure: Callable[[int, int, int, int], int]) -> None:
    assert measure(31_230_400, 121_473_700, 31_230_400, 121_473_700) == 0
    assert measure(10_000_000, 179_999_000, 10_000_000, -179_999_000) == measure(10_000_000, 0, 10_000_000, 2_000)
    assert measure(10_000_000, 180_000_000, 10_000_000, -180_000_000) == 0


@pytest.mark.parametrize("seed", range(50))
def test_the_exact_distance_is_that_of_geopy(seed: int) -> None:
    """geopy measures by the same library, and brings clients of map services with it that no server needs at its start."""
    dice = random.Random(seed)
    line = [dice.randint(-bound, bound) for bound in (90_000_000, 180_000_000) * 2]
    degrees = [each / 1e6 for each in line]
    assert distance_mm(*line) == round(geodesic(degrees[:2], degrees[2:]).meters * 1000)


def test_flat_takes_the_geodesic_near_the_poles() -> None:
    across = (89_900_000, 0, 89_900_000, 180_000_000)
    assert flat_distance_mm(*across) == distance_mm(*across) < 23_000_000


@pytest.mark.parametrize("measure", [distance_mm, flat_distance_mm])
def test_latitude_beyond_a_pole_is_refused(measure: Callable[[int, int, int, int], int]) -> None:
    with pytest.raises(ValueError, match="90000001"):
        measure(90_000_001, 0, 0, 0)
