"""The one form in which numbers are compared (D-151)."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.numbers import phone, registration

LIKE_THIS = st.from_regex(r"(\+?86)?1[3-9][0-9]{9}", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("138 0013-8000", "+8613800138000"),
        ("+86 13800138000", "+8613800138000"),
        ("（０２１）５５５５－０１００", "+862155550100"),
        ("021-55550100 ext 8", "+862155550100"),
        ("+1 (415) 555-2671", "+14155552671"),
        ("021-55550100转8", "=021555501008"),
        ("55550100", "+8655550100"),
        ("v1234567", "+861234567"),
        ("12345678901234567890", "=12345678901234567890"),
        ("110", None),
        ("+86 21 55", None),
        ("call me", None),
        ("", None),
    ],
)
def test_a_telephone_number(text: str, expected: str | None) -> None:
    """D-151: without a country code it is one of the region; what the library cannot read is its digits, if they are seven or more."""
    assert phone(text, "CN") == expected


@given(LIKE_THIS)
def test_a_mobile_of_china_is_read_as_the_library_reads_it(text: str) -> None:
    number = phonenumbers.parse(text, "CN")
    assert phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    assert phone(text, "CN") == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@given(st.text(max_size=40), st.sampled_from(["CN", "US", "DE"]))
def test_any_text_has_a_form_and_the_form_is_its_own(text: str, region: str) -> None:
    once = phone(text, region)
    assert once is None or phone(once, region) == once


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9131 0000-ma1fl0000x", "91310000MA1FL0000X"),
        ("９１３１００００ＭＡ１ＦＬ００００Ｘ", "91310000MA1FL0000X"),
        ("91310000\u2013MA1FL0000X", "91310000MA1FL0000X"),
        ("none", None),
        ("无", None),
        ("- -", None),
    ],
)
def test_a_registration_number(text: str, expected: str | None) -> None:
    assert registration(text) == expected
