"""The Chinese datums against published points, and what counts as a position."""

import pytest

from geo.datum import _gcj02_to_wgs84, _shifted, from_wgs84, known_position, to_wgs84
from geo.distance import distance_mm
from shared_schema.places import Datum, Position

CITIES = {
    "Shanghai": (31_230_000, 121_470_000),
    "Beijing": (39_900_000, 116_400_000),
    "Shenzhen": (22_540_000, 114_060_000),
    "Chengdu": (30_570_000, 104_070_000),
    "Harbin": (45_800_000, 126_500_000),
    "Urumqi": (43_800_000, 87_600_000),
}
# One point given in three datums by widely used converters, as a second opinion on our formulas.
POINT = (39_915_000, 116_404_000)
POINT_AS_GCJ02 = (39_916_404, 116_410_244)
POINT_OF_GCJ02_AS_BD09 = (39_921_337, 116_410_369)


def test_forward_formulas_agree_with_published_points() -> None:
    assert from_wgs84(Datum.gcj02, *POINT) == POINT_AS_GCJ02
    # The way through WGS-84 rounds once more, by at most one micro-degree.
    assert from_wgs84(Datum.bd09, *to_wgs84(Datum.gcj02, *POINT)) == pytest.approx(POINT_OF_GCJ02_AS_BD09, rel=0, abs=1)


def test_back_from_published_points() -> None:
    assert distance_mm(*to_wgs84(Datum.gcj02, *POINT_AS_GCJ02), *POINT) < 200
    back = to_wgs84(Datum.bd09, *POINT_OF_GCJ02_AS_BD09)
    assert distance_mm(*back, *to_wgs84(Datum.gcj02, *POINT)) < 200


@pytest.mark.parametrize("city", CITIES)
def test_a_fence_without_the_datum_would_fail_in_every_city(city: str) -> None:
    shift_m = distance_mm(*CITIES[city], *to_wgs84(Datum.gcj02, *CITIES[city])) / 1000
    assert 260 < shift_m < 650


def test_outside_china_only_baidu_shifts() -> None:
    paris = (48_856_600, 2_352_200)
    assert to_wgs84(Datum.gcj02, *paris) == paris
    assert from_wgs84(Datum.gcj02, *paris) == paris
    assert to_wgs84(Datum.bd09, *paris) != paris


def test_a_point_just_inside_the_border_does_not_jump() -> None:
    """The guesses cross the western border; the answer must still be the point that the shift sends here."""
    given = (40.0, 72.0041)
    found = _gcj02_to_wgs84(given)
    assert found[1] < 72.004
    assert _shifted(found) == pytest.approx(given, rel=0, abs=1e-7)


def test_wgs84_is_untouched_and_unknown_is_refused() -> None:
    assert to_wgs84(Datum.wgs84, *POINT) == Position(*POINT)
    for convert in (to_wgs84, from_wgs84):
        with pytest.raises(ValueError, match="unknown"):
            convert(Datum.unknown, *POINT)


@pytest.mark.parametrize(
    ("datum", "latitude_e6", "longitude_e6"),
    [
        (Datum.wgs84, None, 1),
        (Datum.wgs84, 1, None),
        (Datum.wgs84, 0, 0),
        (Datum.gcj02, 0, 0),
        (Datum.wgs84, 90_000_001, 0),
        (Datum.wgs84, 1, -180_000_001),
        (Datum.unknown, *POINT),
        (Datum.bd09, -90_000_000, 10_000_000),
        (Datum.bd09, 10_000_000, -180_000_000),
    ],
)
def test_no_position(datum: Datum, latitude_e6: int | None, longitude_e6: int | None) -> None:
    assert known_position(datum, latitude_e6, longitude_e6) is None


def test_a_position_on_the_equator_is_one() -> None:
    assert known_position(Datum.wgs84, 0, 9_450_000) == (0, 9_450_000)
    assert known_position(Datum.gcj02, *POINT) == to_wgs84(Datum.gcj02, *POINT)
