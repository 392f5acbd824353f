"""The language of a reader, and what goes out of what is due: quiet hours, caps, and one push for all that was held back."""

from datetime import UTC

import pytest

from notifications.plan import HOUR_MS, MINUTE_MS, PUSHES_AN_HOUR_MAX, Pending, Verdict, Wish, arrange, digest_line, language_of
from shared_schema.notices import Language

MIDNIGHT_MS = 86_400_000 * 20_000
AWAKE = Wish(UTC)
ASLEEP = Wish(UTC, 22 * 60, 7 * 60)
A, B, C, D = (bytes([at]) * 16 for at in range(1, 5))


@pytest.mark.parametrize("tag", ["zh", "ZH-cn", "zh-Hans-CN", "zh-Hant-TW", "zh_CN.UTF-8", "cmn-Hans", "yue-HK", " zh "])
def test_chinese(tag: str) -> None:
    assert language_of(tag) is Language.zh


@pytest.mark.parametrize("tag", ["en", "en-GB", "de-CH", "fr_FR.UTF-8", "C", "", "x-zh", "zha"])
def test_english_for_all_others(tag: str) -> None:
    assert language_of(tag) is Language.en


def test_each_goes_out_by_itself_while_its_reader_is_awake() -> None:
    assert arrange([Pending(B, 2), Pending(A, 1)], AWAKE, [], 5) == [Verdict(A, "planned"), Verdict(B, "planned")]


def test_quiet_hours_hold_all_back_but_what_is_critical_and_what_stands_in_the_list_alone() -> None:
    pending = [Pending(A, 1), Pending(B, 2, critical=True, listed=True), Pending(C, 3, listed=True), Pending(D, 4, held=True)]
    until_ms = MIDNIGHT_MS + 7 * HOUR_MS
    assert arrange(pending, ASLEEP, [], MIDNIGHT_MS + 5) == [
        Verdict(B, "planned"), Verdict(C, "listed"), Verdict(A, "held", until_ms), Verdict(D, "held", until_ms),
    ]  # fmt: skip


def test_what_was_held_back_comes_as_one_that_says_how_many() -> None:
    pending = [Pending(A, 1, held=True), Pending(B, 2, held=True), Pending(C, 3), Pending(D, 4, held=True, critical=True)]
    assert arrange(pending, ASLEEP, [], MIDNIGHT_MS + 7 * HOUR_MS) == [
        Verdict(D, "planned"), Verdict(A, "digested"), Verdict(B, "planned", None, 2), Verdict(C, "planned"),
    ]  # fmt: skip
    assert arrange([Pending(A, 1, held=True)], ASLEEP, [], MIDNIGHT_MS + 8 * HOUR_MS) == [Verdict(A, "planned")]


def test_beyond_the_cap_the_rest_waits_until_the_hour_is_over() -> None:
    now_ms = 10 * HOUR_MS
    recent = [now_ms - 50 * MINUTE_MS] * (PUSHES_AN_HOUR_MAX - 1)
    pending = [Pending(A, 1), Pending(B, 2), Pending(C, 3, critical=True)]
    assert arrange(pending, AWAKE, recent, now_ms) == [
        Verdict(C, "planned"), Verdict(A, "planned"), Verdict(B, "held", now_ms + 10 * MINUTE_MS),
    ]  # fmt: skip
    held = [Pending(A, 1, held=True), Pending(B, 2, held=True)]
    assert {one.state for one in arrange(held, AWAKE, [*recent, now_ms], now_ms)} == {"held"}
    assert all((one.due_ms or 0) > now_ms for one in arrange(held, AWAKE, [now_ms - HOUR_MS] * 20, now_ms))


@pytest.mark.parametrize("language", list(Language))
def test_a_push_for_several_says_how_many(language: Language) -> None:
    assert "7" in digest_line(7, language)
