"""Properties of distance, datum and verdict over the whole globe."""

from math import hypot

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from geo.datum import _gcj02_to_bd09, _gcj02_to_wgs84, _inverse, _wgs84_to_gcj02, from_wgs84, to_wgs84
from geo.distance import distance_mm, flat_distance_mm
from geo.verify import Around, judge
from shared_schema.places import Datum, Position, Verdict
from shared_schema.records.activity import Visit

LONGITUDES = st.integers(-180_000_000, 180_000_000)
LATITUDES = st.integers(-90_000_000, 90_000_000)
# In from the rectangle's edge by more than the largest shift, so that there and back is defined.
CHINA = st.tuples(st.floats(0.9, 55.7), st.floats(72.1, 137.7))
ANYTHING = st.none() | st.integers(-(2**53), 2**53)
CENTIMETRE_MM = 10


@settings(max_examples=300, deadline=None)
@given(st.integers(-60_000_000, 60_000_000), LONGITUDES, st.integers(-450_000, 450_000), st.integers(-900_000, 900_000))
def test_flat_is_within_half_a_metre_at_fifty_kilometres(latitude: int, longitude: int, north: int, east: int) -> None:
    other = max(-60_000_000, min(60_000_000, latitude + north))
    exact = distance_mm(latitude, longitude, other, longitude + east)
    if exact <= 50_000_000:
        assert abs(flat_distance_mm(latitude, longitude, other, longitude + east) - exact) <= 500


@settings(max_examples=200, deadline=None)
@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_distances_are_symmetric_and_far_is_never_near(latitude: int, longitude: int, to_latitude: int, to_longitude: int) -> None:
    there = distance_mm(latitude, longitude, to_latitude, to_longitude)
    assert abs(there - distance_mm(to_latitude, to_longitude, latitude, longitude)) <= 1
    flat = flat_distance_mm(latitude, longitude, to_latitude, to_longitude)
    assert flat == flat_distance_mm(to_latitude, to_longitude, latitude, longitude)
    if there > 51_000_000:
        assert flat > 50_000_000


@settings(max_examples=300, deadline=None)
@given(CHINA)
def test_three_rounds_lead_back_within_a_centimetre(point: tuple[float, float]) -> None:
    shifted = _wgs84_to_gcj02(point)
    assert _apart_mm(_gcj02_to_wgs84(shifted), point) < CENTIMETRE_MM
    assert _apart_mm(_inverse(_gcj02_to_bd09, _gcj02_to_bd09(shifted)), shifted) < CENTIMETRE_MM


@settings(max_examples=200, deadline=None)
@given(CHINA, st.sampled_from([Datum.wgs84, Datum.gcj02, Datum.bd09]))
def test_there_and_back_in_micro_degrees(point: tuple[float, float], datum: Datum) -> None:
    start = Position(round(point[0] * 1e6), round(point[1] * 1e6))
    back = to_wgs84(datum, *from_wgs84(datum, *start))
    assert max(abs(back[0] - start[0]), abs(back[1] - start[1])) <= 1


@settings(max_examples=200, deadline=None)
@given(
    st.builds(
        Visit,
        id=st.just(b"v" * 16),
        rev=st.just(0),
        customer_id=st.just(b"c" * 16),
        device_ms=st.integers(0, 2**53),
        latitude_e6=ANYTHING | LATITUDES,
        longitude_e6=ANYTHING | LONGITUDES,
        datum=st.sampled_from(Datum),
        accuracy_mm=ANYTHING | st.integers(1, 300_000),
        fix_ms=ANYTHING,
        mock=st.booleans(),
        left_ms=ANYTHING,
        left_latitude_e6=ANYTHING | LATITUDES,
        left_longitude_e6=ANYTHING | LONGITUDES,
        left_datum=st.sampled_from(Datum),
        uptime_ms=ANYTHING,
        heard_ms=ANYTHING,
        heard_uptime_ms=ANYTHING,
    ),
    st.none() | st.builds(Position, LATITUDES, LONGITUDES),
    st.integers(-(2**53), 2**53),
)
def test_any_evidence_gets_a_verdict(visit: Visit, place: Position | None, skew_ms: int) -> None:
    before = replace(visit, id=b"w" * 16, latitude_e6=5)
    judgement = judge(visit, Around(now_ms=0, skew_ms=skew_ms, place=place, fence_m=100, earlier=[before]))
    assert judgement.verdict is not Verdict.unknown
    if judgement.verdict is not Verdict.unverified:
        assert judgement.distance_mm is not None


def _apart_mm(one: tuple[float, float], other: tuple[float, float]) -> float:
    """On a sphere: right to a percent, and finer than the micro-degree of the public distances."""
    return hypot(one[0] - other[0], one[1] - other[1]) * 111_320_000
