"""Texts of notices: the same in both languages, complete, and small enough for every channel."""

import ast
import json
from pathlib import Path

import msgspec
import pytest

from notifications.channels import Notice
from notifications.messages import FACT_LIMIT_CHARACTERS, PAYLOAD_LIMIT_BYTES, Message, message, placeholders
from server.domain.notices import NOTICES
from server.domain.quote_decisions import HEARD
from shared_schema.notices import Language

ROOT = Path(__file__).parents[3]
FACTS = {
    "actor": "李娜",
    "customer": "福记五金",
    "record": "福记五金 · 电话",
    "reason": "区域调整",
    "number": "Q2026-000001",
    "note": "请降价",
    "pool": "华东",
}
FACTS |= {name: "福" for kind in NOTICES.values() for words in kind.values() for name in placeholders(words) - FACTS.keys()}


def said_of(kind: str, language: Language, facts: dict[str, str]) -> Message:
    return message(NOTICES[kind][language], facts)


def test_every_kind_has_every_language_with_the_same_placeholders() -> None:
    for kind, words in NOTICES.items():
        assert set(words) == set(Language), kind
        assert len({placeholders(one) for one in words.values()}) == 1, kind
        assert placeholders(words[Language.en]), kind


def test_what_is_heard_has_words_and_what_has_words_is_heard() -> None:
    sources = [path.read_text() for folder in ("sync", "server/domain") for path in (ROOT / folder).glob("*.py")]
    calls = [node for source in sources for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    kinds = [call.args[0] for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Heard"]
    heard = {kind.value for kind in kinds if isinstance(kind, ast.Constant)}
    assert len(kinds) > len(heard) > 1
    assert heard | set(HEARD.values()) == set(NOTICES)


def test_the_words() -> None:
    assert said_of("assigned", Language.en, FACTS).body == "李娜 assigned 福记五金 to you."
    assert said_of("assigned", Language.zh, FACTS).body == "李娜已将客户“福记五金”分配给您。"
    assert "区域调整" in said_of("unassigned", Language.zh, FACTS).body
    assert "福记五金 · 电话" in said_of("parked", Language.en, FACTS).body


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", NOTICES)
def test_each_missing_fact_is_named(kind: str, language: Language) -> None:
    for name in placeholders(NOTICES[kind][language]):
        with pytest.raises(ValueError, match=name):
            said_of(kind, language, {other: fact for other, fact in FACTS.items() if other != name})


def test_a_fact_is_text_never_a_template_or_a_second_line() -> None:
    body = said_of("assigned", Language.en, {"actor": "{customer}\n\tX", "customer": " "}).body
    assert body == "{customer} X assigned – to you."


def test_a_long_fact_is_cut() -> None:
    full, long = "名" * FACT_LIMIT_CHARACTERS, "名" * (FACT_LIMIT_CHARACTERS + 1)
    assert full in said_of("parked", Language.zh, {"record": full}).body
    cut = said_of("parked", Language.zh, {"record": long}).body
    assert long[:-2] + "…" in cut
    assert long[:-1] not in cut, "the ellipsis counts"


@pytest.mark.parametrize("letter", ["名", "😀", '"'])
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", NOTICES)
def test_the_whole_notice_fits_the_payload_as_utf8_and_as_escaped_json(kind: str, language: Language, letter: str) -> None:
    said = said_of(kind, language, dict.fromkeys(FACTS, letter * 500))
    notice = Notice(
        id=b"\xff" * 16, kind=kind, user_id=b"\xff" * 16, language=language, title=said.title, body=said.body, deadline_ms=2**53 - 1
    )
    plain = msgspec.json.encode(notice)
    assert len(plain) <= PAYLOAD_LIMIT_BYTES
    assert len(json.dumps(json.loads(plain)).encode()) <= PAYLOAD_LIMIT_BYTES
