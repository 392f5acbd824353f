"""Notices as they are written: each kind in every language, with the names of its facts in braces."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct


class Language(StrEnum):
    """A language every text exists in."""

    zh = "zh"
    en = "en"


class Words(Struct, frozen=True):
    """Title and body of a notice in one language, and the line for a locked screen that anybody may see: without a fact."""

    title: str
    body: str
    line: str


Texts = Mapping[str, Mapping[Language, Words]]
"""Kind of notice → its words in each language."""
