"""One notice a day and happening, in the reader's language."""

import pytest

from notifications.plan import dedupe_key, language_of
from shared_schema.notices import Language

TRANSFER, OTHER = b"\x01" * 16, b"\x02" * 16


def test_the_key_is_stable_and_differs_by_kind_subject_and_day() -> None:
    key = dedupe_key("assigned", TRANSFER, 20_500)
    assert key == "assigned:" + "01" * 16 + ":20500"
    others = {
        dedupe_key("unassigned", TRANSFER, 20_500),
        dedupe_key("assigned", OTHER, 20_500),
        dedupe_key("assigned", TRANSFER, 20_501),
    }
    assert key not in others
    assert len(others) == 3


@pytest.mark.parametrize("tag", ["zh", "ZH-cn", "zh-Hans-CN", "zh-Hant-TW", "zh_CN.UTF-8", "cmn-Hans", "yue-HK", " zh "])
def test_chinese(tag: str) -> None:
    assert language_of(tag) is Language.zh


@pytest.mark.parametrize("tag", ["en", "en-GB", "de-CH", "fr_FR.UTF-8", "C", "", "x-zh", "zha"])
def test_english_for_all_others(tag: str) -> None:
    assert language_of(tag) is Language.en
