"""Laws of what claims to be text and is none: it can be kept, hashed and read on, and changes nothing that is text (P-110, P-721)."""

import json
import random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared_schema import twin
from shared_schema.broken_text import from_json, packed, readable, readable_tree
from shared_schema.problem import Code, Problem
from shared_schema.text import unclean
from sync.decode import envelope, understand

QUICK = settings(max_examples=100, deadline=None, database=None, print_blob=True)
CANONICAL = msgspec.msgpack.Encoder(order="deterministic")
CLEAN = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
LONE = st.text(st.characters(categories=["Cs"]), min_size=1, max_size=3)
ANY_TEXT = st.lists(CLEAN | LONE, max_size=4).map("".join)


def trees(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """What a JSON body may hold."""
    leaves = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts
    return st.recursive(leaves, lambda inner: st.lists(inner, max_size=20) | st.dictionaries(texts, inner, max_size=20), max_leaves=30)


def plain(text: str) -> str:
    """As JSON reads it: a high and a low surrogate side by side are one letter."""
    return json.loads(json.dumps(text))  # type: ignore[no-any-return]


def turned(dice: random.Random, tree: Any) -> Any:
    """The same tree with its keys in another order."""
    if isinstance(tree, dict):
        items = list(tree.items())
        dice.shuffle(items)
        return {key: turned(dice, part) for key, part in items}
    return [turned(dice, part) for part in tree] if isinstance(tree, list) else tree


@QUICK
@given(trees(CLEAN))
def test_what_is_text_is_packed_and_read_as_ever(tree: Any) -> None:
    """P-702."""
    raw = CANONICAL.encode(tree)
    assert packed(tree) == raw
    assert readable(raw) == raw
    assert readable_tree(tree) == tree


@QUICK
@given(trees(ANY_TEXT.map(plain)), st.randoms(use_true_random=False))
def test_what_is_none_has_one_form_whatever_the_order_of_its_keys(tree: Any, dice: random.Random) -> None:
    """P-310, P-721: escaped as JSON escapes it or not, the bytes are those of the tree."""
    raw = packed(tree)
    assert packed(turned(dice, tree)) == raw
    assert packed(from_json(json.dumps(tree).encode())) == raw
    clear = readable(raw)
    assert len(clear) == len(raw)
    told = msgspec.msgpack.decode(clear, strict=False)
    assert (unclean(told) is None) == (unclean(tree) is None)


@QUICK
@given(st.binary(max_size=300))
def test_any_bytes_keep_their_length_and_are_read_once(raw: bytes) -> None:
    """Also what is no message at all."""
    clear = readable(raw)
    assert len(clear) == len(raw)
    assert readable(clear) == clear


ID = "019e7044-8800-75b3-b3a4-32972b55e7d2"


def mutation(n: int, name: str) -> dict[str, Any]:
    """A patch of a customer's name, on JSON."""
    group = {"first_n": n, "index": 0, "count": 1}
    return {
        "n": n,
        "group": group,
        "kind": 2,
        "entity": 1,
        "id": ID,
        "bases": {"name": 1},
        "body": {"name": name, "city": "上海"},
        "device_ms": 1,
    }


def request(*names: str) -> bytes:
    """A push of patches, on JSON."""
    told = {"protocol": 1, "schema": 1, "app": "a", "cursor": "", "acked_n": 0, "device_ms": 5}
    return json.dumps({**told, "mutations": [mutation(n, name) for n, name in enumerate(names, 1)]}).encode()


@QUICK
@given(st.lists(st.booleans(), min_size=2, max_size=5), st.characters(categories=["Cs"]))
def test_in_a_push_each_is_judged_by_its_own_bytes(which: list[bool], lone: str) -> None:
    """P-324: the bytes of a good entry are the same beside a bad one."""
    names = [f"a{lone}b" if is_bad else f"Shop {at}" for at, is_bad in enumerate(which)]
    raws = twin.sync_request_from_json(request(*names)).mutations
    good = twin.sync_request_from_json(request(*(f"Shop {at}" for at in range(len(which))))).mutations
    for raw, alone, is_bad in zip(raws, good, which, strict=True):
        if is_bad:
            with pytest.raises(Problem) as refused:
                understand(envelope(bytes(raw)))
            assert (refused.value.code, refused.value.field) == (Code.text_unclean, "name")
        else:
            assert bytes(raw) == bytes(alone)
            understand(envelope(bytes(raw)))
