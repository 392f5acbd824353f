"""The planted bugs of the notices proof still fit the program. The proof itself: `make prove NAME=notices`."""

import pytest

from tests.prove.notices_plants import PLANTS, NoticesPlant
from tests.prove.planting import changed

FAULTS = {"lost", "duplicated", "wrongful_deletions", "irrelevant_sent"}


@pytest.mark.parametrize("plant", PLANTS.values(), ids=PLANTS)
def test_the_bug_fits(plant: NoticesPlant) -> None:
    assert changed(plant.bug)


def test_every_fault_has_a_bug_that_shows_it() -> None:
    assert {one.fault for one in PLANTS.values()} == FAULTS
