"""Known cells, covers at the corners of the globe, and what a mask gives away."""

import pytest

from geo.distance import distance_mm
from geo.grid import CellRange, cell, cell_centre, cover, masked, tile

SHANGHAI = (31_230_400, 121_473_700)
CORNERS = [(90_000_000, 0), (-90_000_000, 77), (0, 180_000_000), (0, -180_000_000), (0, 0), (89_999_999, 179_999_999)]


def holds(ranges: list[CellRange], number: int) -> bool:
    return any(first <= number <= last for first, last in ranges)


def test_numbers_on_disk_stay_what_they_are() -> None:
    """They stand in a column of every database and on phones: another formula would need every row written again."""
    assert cell(*SHANGHAI) == 6_355_994_980
    assert tile(*SHANGHAI) == 176_424_344
    assert masked(*SHANGHAI) == (31_230_900, 121_474_239)


def test_the_antimeridian_is_one_line_and_longitudes_wrap() -> None:
    assert cell(10_000_000, 180_000_000) == cell(10_000_000, -180_000_000)
    assert tile(10_000_000, 181_000_000) == tile(10_000_000, -179_000_000)
    both = cover(10_000_000, 179_999_000, 1_000)
    assert holds(both, cell(10_000_000, 179_999_999))
    assert holds(both, cell(10_000_000, -179_999_000))
    assert len({first >> 18 for first, _ in both}) * 2 == len(both)


def test_away_from_the_antimeridian_there_is_one_range_a_row() -> None:
    found = cover(*SHANGHAI, 5_000)
    rows = [first >> 18 for first, _ in found]
    assert rows == sorted(set(rows))
    assert all(last >> 18 == row for row, (_, last) in zip(rows, found, strict=True))


@pytest.mark.parametrize("longitude_e6", [0, 90_000_000, 180_000_000, -1])
@pytest.mark.parametrize("pole_e6", [90_000_000, -90_000_000])
def test_a_disc_on_a_pole_goes_all_round(pole_e6: int, longitude_e6: int) -> None:
    # Written from the far side: 3 km before the pole, 2 km behind it.
    near = pole_e6 - (27_000 if pole_e6 > 0 else -27_000)
    far = pole_e6 - (18_000 if pole_e6 > 0 else -18_000)
    found = cover(near, longitude_e6, 6_000)
    assert holds(found, cell(pole_e6, 12_345_678))
    assert distance_mm(near, longitude_e6, far, longitude_e6 + 180_000_000) < 6_000_000
    assert holds(found, cell(far, longitude_e6 + 180_000_000))


def test_a_disc_of_nothing_is_its_own_cell() -> None:
    for corner in CORNERS:
        assert holds(cover(*corner, 0), cell(*corner))
    assert cover(31_232_500, 121_473_700, 0) == [CellRange(cell(31_232_500, 121_473_700), cell(31_232_500, 121_473_700))]


@pytest.mark.parametrize(("latitude_e6", "radius_m"), [(90_000_001, 1), (-90_000_001, 1), (0, -1), (0, 50_001)])
def test_beyond_the_poles_or_the_bound_is_refused(latitude_e6: int, radius_m: int) -> None:
    with pytest.raises(ValueError, match=r"no (latitude|radius)"):
        cover(latitude_e6, 0, radius_m)


@pytest.mark.parametrize("number", [-1, 36_000 << 18, (18_000 << 18) + 72_000, 3])
def test_a_number_that_is_no_cell_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="no cell"):
        cell_centre(number)


def test_a_mask_moves_every_point_by_less_than_its_own_size_and_tells_neighbours_apart_no_more() -> None:
    for corner in (*CORNERS, SHANGHAI, (-33_868_820, 151_209_290)):
        assert distance_mm(*corner, *masked(*corner)) < 145_000
    middle = masked(*SHANGHAI)
    around = {masked(middle[0] + north, middle[1] + east) for north in range(-800, 801, 100) for east in range(-1_000, 1_001, 100)}
    assert around == {middle}
