"""What people type or paste, as it is entered: each form that an input method or a clipboard gives, and what cannot be."""

from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Meta

from shared_schema.records.customer import Release
from shared_schema.registry import BY_NAME
from shared_schema.text import clean_text, control_in, plain, searched, typed
from shared_schema.wire import ENCODER, Kind
from sync.device import Edit
from sync.entered import MisfitError, fitted_by, tidied

QUICK = settings(max_examples=300, deadline=None, database=None, print_blob=True)


def entered(values: dict[str, Any], noun: str = "customer", kind: Kind = Kind.create) -> dict[str, Any]:
    """What is queued of these values."""
    return dict(tidied(Edit(kind, BY_NAME[noun], bytes(16), values)).values)


@pytest.mark.parametrize(
    ("noun", "values", "kept"),
    [
        ("customer", {"name": "Cafe\u0301 Lu\u0308"}, {"name": "Café Lü"}),
        ("customer", {"name": "  Tea House\r\n"}, {"name": "Tea House"}),
        ("customer", {"name": "Tea\tHouse"}, {"name": "Tea House"}),
        ("customer", {"address": "Nanjing Road 1\r\nShanghai"}, {"address": "Nanjing Road 1 Shanghai"}),
        ("customer", {"note": "one\r\ntwo\rthree\x85four\u2028five\tsix"}, {"note": "one\ntwo\nthree\nfour\nfive\tsix"}),
        ("customer", {"tags": ["e\u0301", " vip "]}, {"tags": ["é", "vip"]}),
        (
            "customer",
            {"tags": {"add": ["vip\n"], "remove": [["e\u0301", 1, 1]]}},
            {"tags": {"add": ["vip"], "remove": [["e\u0301", 1, 1]]}},
        ),
        ("customer", {"extra.shelf": "le\u0301ft\r\n", "kind": 1}, {"extra.shelf": "léft\n", "kind": 1}),
        ("customer", {"interests": [bytes(16)], "latitude_e6": None}, {"interests": [bytes(16)], "latitude_e6": None}),
        ("team_note", {"text": "a\r\nb"}, {"text": "a\nb"}),
        ("visit", {"purpose": "shelf\ncheck"}, {"purpose": "shelf check"}),
    ],
)
def test_a_paste_is_kept_in_one_form(noun: str, values: dict[str, Any], kept: dict[str, Any]) -> None:
    """P-622."""
    assert entered(values, noun) == kept


@pytest.mark.parametrize(
    ("noun", "values", "told"),
    [
        ("customer", {"name": "Tea\nHouse"}, ("text_lines", "name", {})),
        ("customer", {"name": "Tea\x0bHouse"}, ("text_control", "name", {"letter": "U+000B"})),
        ("customer", {"note": "a\x9b2J"}, ("text_control", "note", {"letter": "U+009B"})),
        ("customer", {"note": "a\ud800"}, ("text_control", "note", {"letter": "U+D800"})),
        ("customer", {"name": " \r\n "}, ("text_empty", "name", {"limit": 1})),
        ("customer", {"name": "茶" * 121}, ("text_long", "name", {"letters": 121, "limit": 120})),
        ("customer", {"note": "x" * 4_001}, ("text_long", "note", {"letters": 4_001, "limit": 4_000})),
        ("customer", {"extra.shelf": "x" * 1_001}, ("text_long", "extra.shelf", {"letters": 1_001, "limit": 1_000})),
        ("customer", {"tags": {"add": ["x" * 41]}}, ("text_long", "tags", {"letters": 41, "limit": 40})),
        ("customer", {"tags": [" "]}, ("text_empty", "tags", {"limit": 1})),
        ("quote", {"currency": "CN"}, ("text_short", "currency", {"limit": 3})),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(noun: str, values: dict[str, Any], told: tuple[str, str, dict[str, Any]]) -> None:
    """P-623."""
    for kind in (Kind.create, Kind.patch):
        with pytest.raises(MisfitError) as refused:
            entered(values, noun, kind)
        assert (refused.value.name, refused.value.slot, refused.value.facts) == told


@pytest.mark.parametrize(("given", "told"), [("x", ("text_short", 2)), ("xxxxx", ("text_long", 4))])
def test_of_several_bounds_each_counts(given: str, told: tuple[str, int]) -> None:
    """P-623: a field may narrow its type by one bound of its own; the other is still that of the type."""
    hints = {"code": Annotated[Annotated[str, Meta(max_length=4)], Meta(min_length=2)]}
    assert fitted_by(hints, {"code": "xxx"}) == {"code": "xxx"}
    with pytest.raises(MisfitError) as refused:
        fitted_by(hints, {"code": given})
    assert (refused.value.name, refused.value.facts["limit"]) == told


def test_the_words_of_a_command_are_texts_too() -> None:
    """P-622, P-623."""
    release = Release(bytes(16), epoch=1, reason="Cafe\u0301\r\nclosed ")
    edit = Edit(Kind.command, BY_NAME["standing"], bytes(16), command=ENCODER.encode(release))
    assert BY_NAME["standing"].command_decoder.decode(tidied(edit).command) == Release(bytes(16), epoch=1, reason="Café closed")
    with pytest.raises(MisfitError) as refused:
        tidied(Edit(Kind.command, BY_NAME["standing"], bytes(16), command=ENCODER.encode(Release(bytes(16), reason="\x00"))))
    assert refused.value.slot == "reason"


def test_an_undo_brings_back_what_stood() -> None:
    """A name that another app entered on two lines is no new text."""
    assert entered({"name": "two\nlines"}, kind=Kind.undo) == {"name": "two\nlines"}


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Lu Xun Tea House", "ｌｕ　ｘｕｎ"), ("ＬＵ ＸＵＮ　茶馆", "lu xun 茶"), ("Café", "cafe\u0301"), ("021-5550199", "０２１－５５５"),
        ("ﾃｨｰﾊｳｽ", "ティー"), ("STRASSE", "straße"), ("tea\u200bhouse", "teahouse"), ("Tea  \t House", "tea house"),
    ],
)  # fmt: skip
def test_what_is_looked_for_is_found_in_whichever_form(text: str, query: str) -> None:
    """P-624."""
    assert searched(query) in searched(text)


@QUICK
@given(st.text())
def test_each_form_is_reached_once(text: str) -> None:
    """P-622, P-624: and what has no control character in it is clean."""
    for form in (typed, plain, searched):
        assert form(form(text)) == form(text)
    assert clean_text(typed(text)) or control_in(typed(text)) is not None
