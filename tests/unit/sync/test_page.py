"""How far a page reaches (P-207 to P-209)."""

from shared_schema.policy import Lane
from sync.cursor import Place, ScopeHead, Wanted
from sync.page import fill, more

ROWS = [(1, b"1234"), (2, b"5678")]


def wanted(number: int, *, held: Place | None = None) -> Wanted:
    return Wanted(ScopeHead(number, int(Lane.now), 2, 0), True, 0, 2, held)


def test_what_the_budget_does_not_reach_is_not_read_and_keeps_its_place() -> None:
    """P-208: exactly used up, or exceeded by a row that is larger than all of it."""
    stale = Place(3, 1, 0)
    for budget_bytes, position in ((8, 2), (7, 1), (3, 1)):
        several = [wanted(1), wanted(2), wanted(3, held=stale), wanted(4), wanted(5)]
        read: list[int] = []
        pages, places = fill(several, budget_bytes, lambda one, read=read: (read.append(one.scope.number) or ROWS, True))  # type: ignore[misc]
        expected = [1] if budget_bytes != 7 else [1, 2]
        assert read == expected
        assert [one.scope for one in pages] == expected
        assert (pages[0].position, pages[0].done) == (position, position == 2)
        assert places[-1] == stale
        assert more(several, places)
