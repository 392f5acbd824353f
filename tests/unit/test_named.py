"""Whatever the apps and the terminal can show of codes, kinds, fields, values and commands has words in both languages."""

import re
from typing import Final

from mobile_api import labels
from mobile_api.phone.terminal import TEXTS
from mobile_api.phone.texts_named import DO
from shared_schema.places import VisitFlag
from shared_schema.policy import Lane
from shared_schema.problem import Code
from shared_schema.registry import ENTITIES
from shared_schema.titles import TITLES

SHOWN: Final = [entity for entity in ENTITIES if entity.lane is not Lane.reference]
HAN: Final = re.compile("[\u4e00-\u9fff]")
UNTRANSLATED: Final = {"WGS-84", "GCJ-02", "BD-09", "A", "B", "C"}


def test_every_name_of_the_protocol_has_words() -> None:
    fields = {slot.removesuffix("_id") for entity in SHOWN for slot in entity.slots if slot not in entity.server_owned}
    commands = {f"{DO}{tag}" for entity in SHOWN for tag in entity.commands}
    values = {value.name for entity in SHOWN for enum in entity.enums.values() for value in enum}
    named = fields | values | {entity.name for entity in SHOWN} | commands | {str(one.name) for one in VisitFlag}
    assert (named | {"command", "note", "reason"}) - TEXTS.keys() == set()
    assert set(TITLES) == set(Code)


def test_the_apps_have_words_for_every_name() -> None:
    """Kinds, fields, values and commands, those of reference records too: a noun that lacks one cannot be built."""
    told = labels.module()
    assert "fix_age" in told
    assert '  contact_title: "职务",' in told
    for entity in ENTITIES:
        assert f"  {entity.name}: " in told
        assert all(f"  {slot.removesuffix('_id')}: " in told for slot in entity.slots)
        values = [(slot, value.name) for slot, enum in entity.enums.items() for value in enum]
        assert all(f"  {name}: " in told or f"  {slot}_{name}: " in told for slot, name in values)


def test_every_word_is_said_in_both_languages() -> None:
    told = {**TEXTS, **{code.word: both for code, both in TITLES.items()}}
    assert [name for name, (english, chinese) in told.items() if not HAN.search(chinese) and english not in UNTRANSLATED] == []
