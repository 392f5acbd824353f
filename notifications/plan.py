"""Which notice to send: the key that makes it one, and the language of its reader."""

import re
from typing import Final

from shared_schema.notices import Language
from shared_schema.scalars import Day, Id

_CHINESE_SUBTAGS: Final = frozenset({"zh", "cmn", "yue"})


def dedupe_key(kind: str, subject_id: Id, day: Day) -> str:
    """The key under which one reader gets a notice once a day: unique together with the user.

    `subject_id` names the happening (a transfer, an inbox item), not the customer: a customer that comes back the same day is news again.
    """
    return f"{kind}:{subject_id.hex()}:{day}"


def language_of(tag: str) -> Language:
    """The language for a BCP-47 tag or a POSIX locale; Chinese for zh, cmn and yue in any script or region, English for all others."""
    primary = re.split(r"[-_.@]", tag.strip().lower(), maxsplit=1)[0]
    return Language.zh if primary in _CHINESE_SUBTAGS else Language.en
