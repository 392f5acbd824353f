"""Where a restored organisation goes on: no number of the lost time is given out again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.branch import NUMBERS, PRINTED_NUMBERS, REVS, Stand, branched
from server.domain.claims import spend, used
from shared_schema.records.pool import Pool
from shared_schema.records.reference import Organisation
from shared_schema.registry import BY_RECORD
from sync.state import Held, State

NOW_MS = 1_780_000_000_000
NUMBER = st.integers(0, 2**41)
STAND = st.builds(Stand, NUMBER, NUMBER, st.dictionaries(st.sampled_from(["line", "scope", "quote:2026"]), NUMBER))


@given(STAND, st.none() | STAND, st.integers(NOW_MS, NOW_MS + 10**11))
def test_everything_goes_on_beyond_what_was_saved_and_what_was_replaced(saved: Stand, replaced: Stand | None, now_ms: int) -> None:
    """P-902, P-903."""
    after = branched(saved, replaced, now_ms)
    for before in (saved, replaced or saved):
        assert after.epoch > before.epoch
        assert after.rev >= before.rev + REVS
        assert all(after.counters[key] >= value + (PRINTED_NUMBERS if ":" in key else NUMBERS) for key, value in before.counters.items())


@given(STAND, st.integers(1, 10**9))
def test_one_archive_restored_twice_gives_two_branches_apart(saved: Stand, later_ms: int) -> None:
    """P-902, P-903: whatever the first branch gave out meanwhile, at most a thousand revs of one record and one line a millisecond."""
    early = Stand(
        min(saved.epoch, NOW_MS - 1), min(saved.rev, NOW_MS * 1_000 - REVS), {"line": min(saved.counters.get("line", 0), NOW_MS - NUMBERS)}
    )
    first, second = branched(early, None, NOW_MS), branched(early, None, NOW_MS + later_ms)
    assert second.epoch > first.epoch
    assert second.rev >= first.rev + later_ms * 1_000
    assert second.counters["line"] >= first.counters["line"] + later_ms


def test_a_clock_that_runs_behind_still_leaves_room() -> None:
    """P-902."""
    saved = Stand(NOW_MS, NOW_MS * 1_000, {"quote:2026": 41, "line": 3})
    after = branched(saved, None, 5)
    assert (after.epoch, after.rev) == (NOW_MS + 1, NOW_MS * 1_000 + REVS)
    assert (after.counters["quote:2026"], after.counters["line"]) == (41 + PRINTED_NUMBERS, 3 + NUMBERS)


@pytest.mark.parametrize(("now_ms", "years"), [(NOW_MS, {"2026"}), (1_798_761_600_000 - 3_600_000, {"2026", "2027"})])
def test_what_had_not_been_counted_when_the_backup_was_made_may_have_been_since(now_ms: int, years: set[str]) -> None:
    """P-903: the first quote of a year, the first phone of an organisation; at new year in either year, as the time zone says."""
    after = branched(Stand(1, 1, {"quote:2025": 7}), None, now_ms).counters
    assert after.keys() == {"line", "scope", "quote:2025", *(f"quote:{year}" for year in years)}
    assert min(after[f"quote:{year}"] for year in years) == PRINTED_NUMBERS
    assert after["line"] >= now_ms


def test_a_lock_that_counts_nothing_is_as_one_that_nobody_has_taken() -> None:
    """P-903: the simulator and a real database differed after a restore, by a hold that was only locked."""
    saved, replaced = Stand(7, 9, {"holds:0a": 0, "line": 3}), Stand(7, 9, {"holds:0b": 0, "line": 3})
    assert not {"holds:0a", "holds:0b"} & branched(saved, replaced, NOW_MS).counters.keys()


def test_the_claims_of_the_day_count_as_the_backup_says() -> None:
    """P-903, D-129: they are no numbers that were given out; who has used up a day's claims gets no second day by a restore."""
    today = Pool(b"p" * 16, 1, "East", claim_daily_limit=20)
    state = State()
    state.load(BY_RECORD[Organisation], Held(Organisation(b"o" * 16, 1, "Acme", time_zone="UTC"), {}))
    for _ in range(20):
        spend(b"u" * 16, state, today, NOW_MS)
    lost = Stand(7, 9, {key: value + 5 for key, value in state.counters.items()})
    state.counters = dict(branched(Stand(7, 9, state.counters), lost, NOW_MS + 1_000).counters)
    assert used(b"u" * 16, state, today, NOW_MS + 2_000) == 20


def test_numbers_that_no_longer_fit_are_refused() -> None:
    with pytest.raises(OverflowError):
        branched(Stand(1, 2**53 - 10, {}), None, NOW_MS)
