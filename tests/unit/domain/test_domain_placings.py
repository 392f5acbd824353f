"""Places that visits propose: which visits are good, where they lie together, and which datum fits them (D-216, D-217)."""

from typing import Any, Final

import pytest
from msgspec.structs import replace

from geo.datum import from_wgs84
from geo.distance import distance_mm
from server.domain.learned_places import GOOD_ACCURACY_MM, Sighting, fitting_datum, gathered, good_at
from shared_schema.places import Datum, Mocked, Position, Provider, VisitFlag
from shared_schema.records.activity import Visit

SHOP: Final = Position(31_230_400, 121_473_700)
STEP_E6: Final = 100
"""Eleven metres to the north."""
GOOD: Final = Visit(
    b"v" * 16,
    0,
    b"c" * 16,
    1,
    latitude_e6=SHOP.latitude_e6,
    longitude_e6=SHOP.longitude_e6,
    datum=Datum.wgs84,
    accuracy_mm=GOOD_ACCURACY_MM,
)


def seen(day: int, steps: int = 0, east: int = 0) -> Sighting:
    return Sighting(day, Position(SHOP.latitude_e6 + steps * STEP_E6, SHOP.longitude_e6 + east * STEP_E6))


def test_a_good_visit_tells_where_it_was_in_wgs84() -> None:
    assert good_at(GOOD) == SHOP
    gcj = from_wgs84(Datum.gcj02, *SHOP)
    found = good_at(
        replace(GOOD, latitude_e6=gcj.latitude_e6, longitude_e6=gcj.longitude_e6, datum=Datum.gcj02, flags=int(VisitFlag.dwell))
    )
    assert found is not None
    assert distance_mm(*found, *SHOP) < 1_000


@pytest.mark.parametrize(
    "worse",
    [
        {"accuracy_mm": GOOD_ACCURACY_MM + 1},
        {"accuracy_mm": 0},
        {"accuracy_mm": None},
        {"provider": Provider.manual},
        {"mock": True},
        {"mocked": Mocked.yes},
        {"flags": int(VisitFlag.speed)},
        {"flags": int(VisitFlag.repeated)},
        {"latitude_e6": None},
    ],
)
def test_no_place_is_learned_from_a_visit_that_proves_little(worse: dict[str, Any]) -> None:
    """D-216."""
    assert good_at(replace(GOOD, **worse)) is None


def test_three_days_make_a_place_and_two_do_not() -> None:
    """D-216: however many visits of one day there are."""
    assert gathered([]) is None
    assert gathered([seen(1), seen(1, 1), seen(2), seen(2, 1)]) is None
    found = gathered([seen(1), seen(2, 3), seen(3, 3)])
    assert found is not None
    assert (found.visits, found.days) == (3, 3)
    assert found.at == Position(SHOP.latitude_e6 + 200, SHOP.longitude_e6)
    assert 20_000 < found.spread_mm < 23_000


def test_visits_far_from_each_other_make_no_place() -> None:
    """D-216: one stray visit hurts nothing, two places of as many days leave the answer open."""
    assert gathered([seen(1), seen(2, 20), seen(3, 40)]) is None
    found = gathered([seen(1), seen(2), seen(3), seen(4, 90)])
    assert found is not None
    assert (found.at, found.visits) == (SHOP, 3)
    assert gathered([*(seen(day) for day in (1, 2, 3)), *(seen(day, 90) for day in (4, 5, 6))]) is None


def test_the_middle_also_where_the_longitude_begins_anew() -> None:
    edge = [Sighting(day, Position(0, longitude)) for day, longitude in ((1, 179_999_900), (2, -179_999_900), (3, 179_999_990))]
    found = gathered(edge)
    assert found is not None
    assert abs(found.at.longitude_e6) > 179_999_900
    assert found.spread_mm < 25_000


@pytest.mark.parametrize("true", [Datum.gcj02, Datum.bd09])
def test_a_pair_told_in_a_wrong_datum_is_found_by_its_visits(true: Datum) -> None:
    """D-217: the offset of another datum, and no other one."""
    pair = from_wgs84(true, *SHOP)
    assert fitting_datum(Datum.wgs84, pair, SHOP) is true
    assert fitting_datum(true, pair, SHOP) is None
    assert fitting_datum(Datum.wgs84, SHOP, SHOP) is None
    assert fitting_datum(Datum.wgs84, Position(pair.latitude_e6 + 2_000, pair.longitude_e6), SHOP) is None
    assert fitting_datum(Datum.gcj02, SHOP, SHOP) is Datum.wgs84


def test_outside_china_no_datum_moves_anything() -> None:
    london = Position(51_507_400, -127_800)
    assert fitting_datum(Datum.wgs84, Position(london.latitude_e6 + 3_000, london.longitude_e6), london) is None
