"""What follows from a provider's word: each has its reaction, and waiting grows without an end and without a herd."""

import pytest

from notifications.reaction import AGAIN_S_MAX, Guilt, Reaction, Said, Then, Word, again_in_s, asked, asked_s, reaction


@pytest.mark.parametrize("word", list(Word))
def test_every_word_has_a_reaction_and_a_storm_of_refusals_deletes_nothing(word: Word) -> None:
    found = reaction(Said(word))
    assert found.retires == (word is Word.gone)
    if word in (Word.not_found, Word.forbidden, Word.unauthenticated, Word.third_party):
        assert (found.then, found.guilt is Guilt.nobody) == (Then.again, False)


@pytest.mark.parametrize(("told_s", "pause_s"), [(None, 60), (0, 60), (1, 1), (59, 59), (61, 61), (600, 600)])
def test_a_provider_that_had_too_much_is_left_alone_for_as_long_as_it_says_or_a_minute(told_s: int | None, pause_s: int) -> None:
    assert reaction(Said(Word.too_much, told_s)) == Reaction(Then.again, pause_s=pause_s)


@pytest.mark.parametrize("word", list(Word))
def test_an_empty_message_speaks_against_a_target_only_if_it_is_refused_too(word: Word) -> None:
    found = asked(Said(word))
    assert (found.retires, found.doubts) == (word is Word.gone, word is Word.invalid)


def test_waiting_doubles_up_to_an_hour() -> None:
    assert [again_in_s(tries, Said(Word.ill), 0) for tries in range(1, 12)] == [10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600]
    assert again_in_s(10**9, Said(Word.ill), 1) == AGAIN_S_MAX * 1.1


@pytest.mark.parametrize("tries", [1, 4, 9, 10**9])
def test_a_provider_that_names_a_time_is_given_it_within_a_tenth_at_every_try(tries: int) -> None:
    assert [again_in_s(tries, Said(Word.ill, 75), chance) for chance in (0, 0.5, 1)] == pytest.approx([75, 78.75, 82.5])
    assert again_in_s(tries, Said(Word.ill, 0), 0) == again_in_s(tries, Said(Word.ill), 0), "at once is no time"


SENT = "Tue, 01 Dec 2026 08:00:00 GMT"


@pytest.mark.parametrize(
    ("told", "answered", "wait_s"),
    [
        ("90", "", 90),
        ("0", "", 0),
        ("Tue, 01 Dec 2026 08:01:30 GMT", SENT, 90),
        ("Tue, 01 Dec 2026 16:01:30 +0800", SENT, 90),
        ("Tue, 01 Dec 2026 07:59:59 GMT", SENT, None),
        ("Tue, 01 Dec 2026 08:01:30 GMT", "", None),
        ("Tue, 01 Dec 2026 08:01:30", SENT, None),
        ("Fri, 01 Dec 2096 08:00:00 GMT", SENT, None),
        ("", SENT, None),
        ("soon", SENT, None),
        ("-5", SENT, None),
        ("9" * 40, SENT, None),
    ],
)
def test_a_wait_is_told_in_seconds_or_by_a_date_of_the_providers_clock(told: str, answered: str, wait_s: int | None) -> None:
    assert asked_s(told, answered) == wait_s
