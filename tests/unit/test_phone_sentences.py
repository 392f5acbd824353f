"""Each sentence of the terminal is told with the facts that it mentions, no more and no fewer; and names a command that can be typed."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import mobile_api.phone
from mobile_api.phone.terminal import TEXTS
from mobile_api.phone.words import Words

SAID_BY = {"say", "words", "UnclearError"}
FOLDER = Path(mobile_api.phone.__file__).parent


def _named(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""


def _sentences(told: ast.expr) -> Iterator[str]:
    """The names that an argument may be: one, or either side of a choice."""
    if isinstance(told, ast.Constant) and isinstance(told.value, str):
        yield told.value
    elif isinstance(told, ast.IfExp):
        yield from (*_sentences(told.body), *_sentences(told.orelse))


def _told() -> list[tuple[str, str, frozenset[str]]]:
    """Where, which sentence, the facts given to it."""
    found = []
    for file in sorted(FOLDER.glob("*.py")):
        for call in (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)):
            if _named(call) in SAID_BY and call.args and all(one.arg is not None for one in call.keywords):
                facts = frozenset(str(one.arg) for one in call.keywords)
                found += [(f"{file.name}:{call.lineno}", name, facts) for name in _sentences(call.args[0])]
    return found


def _mentioned(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_sentence_is_told_with_the_facts_that_it_mentions() -> None:
    """A fact that is missing was a traceback, in the one case that nobody had typed."""
    told = _told()
    assert len(told) > 80
    unknown = [place for place in told if place[1] not in TEXTS]
    assert unknown == []
    short = [(where, name) for where, name, facts in told if not set.union(*map(_mentioned, TEXTS[name])) <= facts]
    assert short == []


def test_both_languages_mention_the_same_facts() -> None:
    assert [name for name, (english, chinese) in TEXTS.items() if _mentioned(english) != _mentioned(chinese)] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_sentence_names_the_file_once(language: str) -> None:
    """A hint that itself says `--file` stands for another file than this phone's."""
    words = Words(language, "outrider device --file mine.db", TEXTS)
    said = [words(name, **dict.fromkeys(set.union(*map(_mentioned, TEXTS[name])), 1)) for name in TEXTS if "{text!r}" not in TEXTS[name][0]]
    assert [one for one in said if one.count("--file") > 1] == []
    assert "outrider device --file NAME.db login" in words("other_user", file="x") or language == "zh"
