"""Whatever the page and the terminal can show of codes, kinds, fields, values and commands has words in both languages."""

import re
from pathlib import Path
from typing import Final

import mobile_api
from mobile_api.page_words import WORDS_JS
from mobile_api.phone.terminal import TEXTS
from mobile_api.phone.texts_named import DO
from mobile_api.titles import TITLES
from shared_schema.places import VisitFlag
from shared_schema.policy import Lane
from shared_schema.problem import Code
from shared_schema.records.inbox import ItemState
from shared_schema.registry import ENTITIES
from shared_schema.wire import Result

STATIC: Final = Path(mobile_api.__file__).parent / "static"
TEXTS_JS: Final = (STATIC / "texts.js").read_text("utf-8")
PAGE_JS: Final = (STATIC / "page.js").read_text("utf-8")
PAIR: Final = re.compile(r'(\w+): \["((?:[^"\\]|\\.)*)", "((?:[^"\\]|\\.)*)"\]')
SAID: Final = {name: (english, chinese) for name, english, chinese in PAIR.findall(TEXTS_JS)}
SHOWN: Final = [entity for entity in ENTITIES if entity.lane is not Lane.reference]
HAN: Final = re.compile("[\u4e00-\u9fff]")
UNTRANSLATED: Final = {"WGS-84", "GCJ-02", "BD-09", "A", "B", "C"}
CHANGES: Final = {"created", "applied", "merged", "undone", "deleted", "restored", "imported"}
MOVES: Final = {"transferred", "collaborator", "collaborator_ended", "claimed", "released"}
FACTS: Final = {"visit", "contact_log", "sample_entry"}
ON_RECORDS: Final = {"submit", "approve", "reject", "return_quote", "revise", "settle"}
"""Commands with a line in the timeline; those on a card, a note or a standing have none, or are told as moves."""


def test_every_name_of_the_protocol_has_words() -> None:
    fields = {slot.removesuffix("_id") for entity in SHOWN for slot in entity.slots if slot not in entity.server_owned}
    commands = {f"{DO}{tag}" for entity in SHOWN for tag in entity.commands}
    values = {value.name for entity in SHOWN for enum in entity.enums.values() for value in enum}
    named = fields | values | {entity.name for entity in SHOWN} | commands | {str(one.name) for one in VisitFlag}
    assert (named | {"command", "note", "reason"}) - TEXTS.keys() == set()
    assert set(TITLES) == set(Code)


def test_every_word_is_said_in_both_languages() -> None:
    told = {**TEXTS, **{code.word: both for code, both in TITLES.items()}, **SAID}
    assert [name for name, (english, chinese) in told.items() if not HAN.search(chinese) and english not in UNTRANSLATED] == []
    assert len(SAID) > 130


def test_the_page_has_a_sentence_for_everything_that_happens() -> None:
    """P-507, P-511. No code in place of a word: `claim`, `released`, `claimed_by_other` stood there, in Chinese too."""
    wanted = {f"did_{what}" for what in CHANGES | MOVES | FACTS | ON_RECORDS | {"superseded", "other"}}
    wanted |= {f"decision_{what}" for what in CHANGES} | {f"state_{state.name}" for state in ItemState}
    wanted |= {f"result_{result.name}" for result in Result}
    assert wanted - SAID.keys() == set()
    assert [name for name, both in SAID.items() for text in both if re.search(r"\{(code|what|decision|command)\}", text)] == []


def test_the_page_asks_for_no_sentence_that_is_not_there() -> None:
    asked = set(re.findall(r'say\("(\w+)"', PAGE_JS)) | set(re.findall(r'data-text="(\w+)"', (STATIC / "index.html").read_text("utf-8")))
    assert asked - SAID.keys() == set()


def test_the_server_names_what_the_page_numbers() -> None:
    told = WORDS_JS.decode()
    for name in ("ENTITIES", "STATES", "RESULTS", "TITLES", "ENUMS", "WORDS"):
        assert f"export const {name} = {{" in told
    assert '"claimed_by_other": ["Somebody else was first", "已被他人领取"]' in told
    assert '"do_claim": ["claim the customer", "领取客户"]' in told
