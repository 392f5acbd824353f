"""The breaker: it opens for a storm of refusals that are no target's, opens longer each time, and a push that is taken closes it."""

import pytest

from notifications.breaker import OPEN_MS, OPEN_MS_MAX, REFUSALS_MAX, Breaker, heard
from notifications.reaction import Said, Word, asked, is_proven, reaction

NOW_MS = 1_780_000_000_000


def after(*words: Word, begin: Breaker | None = None, now_ms: int = NOW_MS) -> Breaker:
    breaker = begin or Breaker()
    for word in words:
        breaker = heard(breaker, reaction(Said(word)), now_ms)
    return breaker


@pytest.mark.parametrize("word", [Word.not_found, Word.forbidden, Word.unauthenticated, Word.other_sender, Word.ended])
def test_a_storm_opens_it(word: Word) -> None:
    assert after(*[word] * (REFUSALS_MAX - 1)).is_closed(NOW_MS)
    opened = after(*[word] * REFUSALS_MAX)
    assert (opened.is_closed(NOW_MS), opened.is_closed(NOW_MS + OPEN_MS), opened.is_ill) == (False, True, True)
    assert after(*[word] * 50, begin=opened).open_until_ms == opened.open_until_ms


def test_a_probe_that_fails_opens_it_twice_as_long_and_one_that_is_taken_closes_it() -> None:
    breaker, now_ms = after(*[Word.forbidden] * REFUSALS_MAX), NOW_MS
    waits = []
    for _ in range(7):
        now_ms = breaker.open_until_ms
        breaker = after(Word.forbidden, begin=breaker, now_ms=now_ms)
        waits.append(breaker.open_until_ms - now_ms)
    assert waits == [min(OPEN_MS_MAX, OPEN_MS * 2**at) for at in range(1, 8)]
    closed = after(Word.taken, begin=breaker, now_ms=now_ms)
    assert (closed.is_closed(now_ms), closed.is_ill, closed.taken_ms) == (True, False, now_ms)


@pytest.mark.parametrize("word", [Word.gone, Word.invalid, Word.too_large, Word.ill, Word.unheard])
def test_what_is_a_target_s_or_passes_opens_nothing(word: Word) -> None:
    assert after(*[word] * 100) == Breaker()


def test_one_taken_between_keeps_it_closed() -> None:
    assert after(*[Word.forbidden, Word.forbidden, Word.taken] * 20).is_closed(NOW_MS)


def test_a_pause_is_for_the_whole_provider_and_a_push_that_was_under_way_does_not_end_it() -> None:
    paused = heard(Breaker(), reaction(Said(Word.too_much, 90)), NOW_MS)
    assert (paused.is_closed(NOW_MS + 89_999), paused.is_closed(NOW_MS + 90_000), paused.is_ill) == (False, True, False)
    assert heard(paused, reaction(Said(Word.taken)), NOW_MS).paused_until_ms == paused.paused_until_ms
    assert heard(paused, reaction(Said(Word.too_much)), NOW_MS).paused_until_ms == paused.paused_until_ms


def test_it_says_since_when_it_has_not_been_well() -> None:
    """D-946: from the first opening on, however often it opens again; a push that is taken ends it."""
    opened = after(*[Word.forbidden] * REFUSALS_MAX)
    again = after(Word.forbidden, begin=opened, now_ms=opened.open_until_ms)
    assert (opened.since_ms, again.openings, again.since_ms) == (NOW_MS, 2, NOW_MS)
    assert after(Word.taken, begin=again, now_ms=again.open_until_ms).since_ms == 0
    assert after(Word.third_party, begin=Breaker(platform_refusals=REFUSALS_MAX - 1)).since_ms == NOW_MS


def test_a_platform_is_told_of_and_stops_nothing() -> None:
    found = after(*[Word.third_party] * REFUSALS_MAX)
    assert (found.is_closed(NOW_MS), found.is_platform_ill, found.is_ill) == (True, True, False)


@pytest.mark.parametrize(("tried_ms", "taken_ms", "proven"), [(None, 9, False), (5, 5, False), (5, 4, False), (5, 6, True)])
def test_a_doubt_holds_only_if_others_were_served_between(tried_ms: int | None, taken_ms: int, proven: bool) -> None:
    assert is_proven(asked(Said(Word.invalid)), tried_ms, taken_ms) is proven
    assert is_proven(reaction(Said(Word.ended)), tried_ms, taken_ms) is proven
    assert not is_proven(reaction(Said(Word.forbidden)), tried_ms, taken_ms)
