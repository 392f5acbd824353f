"""T8, a quick share: both devices side by side through a few histories, and that planted bugs of the TypeScript core are seen."""

from collections import Counter

import pytest

from tests.prove import shadow_hunt
from tests.prove.shadow import play_beside, shadowed
from tests.prove.shadow_node import CLIENT, Difference, Node
from tests.prove.shadow_plants import BY_NAME

SEEN_AT_ONCE = ("base_not_inherited", "create_over_row")


def test_both_devices_do_the_same() -> None:
    counts: Counter[str] = Counter()
    with shadowed(CLIENT, counts):
        assert [one.detail for one in (play_beside(seed) for seed in range(2)) if one.broken] == []
    assert min(counts[name] for name in ("entries", "answers", "screens", "requests", "tidied", "taken back", "meanings")) > 0


@pytest.mark.parametrize("name", SEEN_AT_ONCE)
def test_a_planted_bug_is_shown_by_its_course(name: str) -> None:
    """The others: `make prove NAME=shadow`."""
    seed = shadow_hunt.recorded()[name].seed
    with shadow_hunt.client(name) as client, shadowed(client, Counter()):
        assert seed is not None
        assert play_beside(seed).broken


def test_each_planted_bug_has_its_course() -> None:
    assert shadow_hunt.recorded().keys() == BY_NAME.keys()


def test_each_planted_bug_fits_its_place() -> None:
    """A change of the words in which a bug stands changes the bug too."""
    counts = {name: (CLIENT / "src" / plant.file).read_text("utf-8").count(plant.before) for name, plant in BY_NAME.items()}
    assert {name: count for name, count in counts.items() if count != 1} == {}


def test_what_the_other_device_cannot_answer_is_a_difference() -> None:
    other = Node()
    with pytest.raises(Difference, match="no such question"):
        other.ask("nothing", id=1)
    other.close()
