"""Numbers as people write them, in the one form in which they are compared (D-151)."""

import re
import unicodedata
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from shared_schema.problem import Code, Problem

DIGITS_MIN: Final = 7
"""Of a telephone number: shorter ones are extensions and service numbers, which many bear."""
CHARACTERS_MIN: Final = 5
"""Of a registration number: shorter ones are words such as `none`."""
REGIONS: Final = frozenset(phonenumbers.SUPPORTED_REGIONS)
MOBILE_CN: Final = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})", re.ASCII)
BETWEEN: Final = re.compile(r"[\s\-\u2010-\u2015\u2212]+")
NO_DIGIT: Final = re.compile(r"[^0-9]+", re.ASCII)


def require_region(region: str) -> None:
    """Raises Problem(rule_broken) for a region whose numbers the library does not know."""
    if region not in REGIONS:
        raise Problem(Code.rule_broken, "a region is a code of two capital letters, such as CN", field="phone_region")


def registration(text: str, _region: str = "") -> str | None:
    """A registration number: NFKC, without spaces and hyphens, in capital letters. None: too short to mean one company."""
    if text.isascii() and text.isalnum():
        return text.upper() if len(text) >= CHARACTERS_MIN else None
    found = BETWEEN.sub("", unicodedata.normalize("NFKC", text)).upper()
    return found if len(found) >= CHARACTERS_MIN else None


def phone(text: str, region: str) -> str | None:
    """A telephone number in E.164, without its extension, as somebody in `region` dials it.

    A number that the library takes for none of any region is compared by its digits alone, behind an equals sign. None: too few digits.
    """
    if not text:
        return None
    plain = text if text.isascii() and text.isalnum() else BETWEEN.sub("", unicodedata.normalize("NFKC", text))
    if region == "CN" and (mobile := MOBILE_CN.fullmatch(plain)) is not None:  # what the library says too, at a fortieth of the time
        return "+86" + mobile[1]
    digits = NO_DIGIT.sub("", plain)
    if len(digits) < DIGITS_MIN:
        return None
    try:
        number = phonenumbers.parse(plain, region)
    except NumberParseException:
        return "=" + digits
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return "=" + digits
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
