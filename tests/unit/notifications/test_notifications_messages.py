"""Texts of notices: the same in both languages, complete, and small enough for every channel."""

import ast
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Final

import msgspec
import pytest

from notifications.messages import FACT_LIMIT_CHARACTERS, PAYLOAD_LIMIT_BYTES, Message, message, placeholders
from server.domain.features import FEATURES
from server.domain.notices import INBOX, NOTICES
from shared_schema.notices import Language

ROOT = Path(__file__).parents[3]
FACTS_MAX: Final = 4
"""So many facts of full length, over title and body, fit the payload; `test_the_whole_notice_fits…` measures it."""
LITERAL: Final = "the kind is a literal in Heard(...), or a value of a dict of literals in the same module"
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
        assert set(words) == set(Language), f"{kind}: the words stand in every language"
        assert len({placeholders(one) for one in words.values()}) == 1, f"{kind}: every language names the same facts in braces"
        assert placeholders(words[Language.en]), f"{kind}: a notice without a fact does not say what it is about"
        for language, one in words.items():
            assert one.line.strip(), f"{kind}, {language}: a locked screen shows the line"
            assert not set(one.line) & set("{}"), f"{kind}, {language}: a locked screen shows the line, so it names nobody"


def kinds_heard(source: str) -> Iterator[str]:
    """The kinds of notice that a module lets somebody hear. Raises ValueError for one that cannot be read off the text."""
    tree = ast.parse(source)
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if ast.unparse(call.func).rpartition(".")[2] == "Heard":
            said = next((word.value for word in call.keywords if word.arg == "kind"), call.args[0] if call.args else None)
            yield from literals(tree, said)


def literals(tree: ast.Module, said: ast.expr | None) -> list[str]:
    """The words that an expression stands for."""
    kept = {one.target.id: one.value for one in tree.body if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)}
    named = kept.get(said.value.id) if isinstance(said, ast.Subscript) and isinstance(said.value, ast.Name) else None
    found = named.values if isinstance(named, ast.Dict) else [said]
    words = [one.value for one in found if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    if len(words) < len(found):
        raise ValueError(LITERAL)
    return words


def test_what_is_heard_has_words_and_what_has_words_is_heard() -> None:
    heard: set[str] = set()
    for path in (path for folder in ("sync", "server/domain") for path in sorted((ROOT / folder).rglob("*.py"))):
        try:
            heard |= set(kinds_heard(path.read_text()))
        except ValueError as wrong:
            pytest.fail(f"{path.relative_to(ROOT)}: {wrong}")
    assert heard - NOTICES.keys() == set(), "heard without words: put the words into `notices` of the noun's FEATURE"
    assert NOTICES.keys() - heard == set(), f"words that nobody hears: delete them, or hear them; {LITERAL}"


def test_a_kind_that_cannot_be_read_is_no_kind() -> None:
    assert list(kinds_heard("K: Final = {1: 'a', 2: 'b'}\nHeard(K[one], user)\nHeard(kind='c')")) == ["a", "b", "c"]
    for source in ("state.Heard(kind, user)", "Heard(f'a{b}')", "Heard(K[one])", "K: Final = {1: 'a', 2: b}\nHeard(K[one])", "Heard()"):
        with pytest.raises(ValueError, match="literal"):
            list(kinds_heard(source))


def test_two_features_have_no_kind_in_common() -> None:
    said = Counter(kind for words in (INBOX, *(one.notices for one in FEATURES)) for kind in words)
    assert [kind for kind, count in said.items() if count > 1] == [], (
        "one kind in two features: the words of one would hide the other's, so rename one"
    )


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", NOTICES)
def test_a_notice_holds_four_facts_at_most(kind: str, language: Language) -> None:
    words = NOTICES[kind][language]
    places = [name for text in (words.title, words.body) for _, name, _, _ in Formatter().parse(text) if name]
    assert len(places) <= FACTS_MAX, f"title and body together hold at most {FACTS_MAX} facts: leave one of {places} out"


def test_the_words() -> None:
    assert said_of("assigned", Language.en, FACTS).body == "李娜 assigned 福记五金 to you."
    assert said_of("assigned", Language.zh, FACTS).body == "李娜已将客户“福记五金”分配给你。"
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
    ids = {"id": "f" * 36, "user": "f" * 36, "tag": "f" * 60, "to": "f" * 60, "kind": kind}
    plain = msgspec.json.encode({**ids, "title": said.title, "body": said.body, "deadline_ms": 2**53 - 1})
    told = f"the channels carry {PAYLOAD_LIMIT_BYTES} bytes: say {kind!r} in fewer words, or with fewer facts"
    assert len(plain) <= PAYLOAD_LIMIT_BYTES, told
    assert len(json.dumps(json.loads(plain)).encode()) <= PAYLOAD_LIMIT_BYTES, told
