"""Texts of notices: the same in both languages, complete, and small enough for every channel."""

import json

import msgspec
import pytest

from notifications.channels import Notice
from notifications.kinds import Language, NoticeKind
from notifications.messages import FACT_LIMIT_CHARACTERS, PAYLOAD_LIMIT_BYTES, TEXTS, message, placeholders

FACTS = {
    "actor": "李娜",
    "customer": "福记五金",
    "record": "福记五金 · 电话",
    "reason": "区域调整",
    "number": "Q2026-000001",
    "note": "请降价",
    "pool": "华东",
}


def test_every_language_has_every_kind_with_the_same_placeholders() -> None:
    assert set(TEXTS) == set(Language)
    for language in Language:
        assert set(TEXTS[language]) == set(NoticeKind)
        for kind in NoticeKind:
            assert placeholders(kind, language) == placeholders(kind, Language.en) != frozenset()


def test_the_words() -> None:
    assert message(NoticeKind.assigned, Language.en, FACTS).body == "李娜 assigned 福记五金 to you."
    assert message(NoticeKind.assigned, Language.zh, FACTS).body == "李娜已将客户“福记五金”分配给您。"
    assert "区域调整" in message(NoticeKind.unassigned, Language.zh, FACTS).body
    assert "福记五金 · 电话" in message(NoticeKind.parked, Language.en, FACTS).body


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", NoticeKind)
def test_each_missing_fact_is_named(kind: NoticeKind, language: Language) -> None:
    for name in placeholders(kind, language):
        with pytest.raises(ValueError, match=name):
            message(kind, language, {other: fact for other, fact in FACTS.items() if other != name})


def test_a_fact_is_text_never_a_template_or_a_second_line() -> None:
    body = message(NoticeKind.assigned, Language.en, {"actor": "{customer}\n\tX", "customer": " "}).body
    assert body == "{customer} X assigned – to you."


def test_a_long_fact_is_cut() -> None:
    full, long = "名" * FACT_LIMIT_CHARACTERS, "名" * (FACT_LIMIT_CHARACTERS + 1)
    assert full in message(NoticeKind.parked, Language.zh, {"record": full}).body
    cut = message(NoticeKind.parked, Language.zh, {"record": long}).body
    assert long[:-2] + "…" in cut
    assert long[:-1] not in cut, "the ellipsis counts"


@pytest.mark.parametrize("letter", ["名", "😀", '"'])
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", NoticeKind)
def test_the_whole_notice_fits_the_payload_as_utf8_and_as_escaped_json(kind: NoticeKind, language: Language, letter: str) -> None:
    said = message(kind, language, dict.fromkeys(FACTS, letter * 500))
    notice = Notice(
        id=b"\xff" * 16, kind=kind, user_id=b"\xff" * 16, language=language, title=said.title, body=said.body, deadline_ms=2**53 - 1
    )
    plain = msgspec.json.encode(notice)
    assert len(plain) <= PAYLOAD_LIMIT_BYTES
    assert len(json.dumps(json.loads(plain)).encode()) <= PAYLOAD_LIMIT_BYTES
