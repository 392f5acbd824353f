"""The kinds of mutants: each does one thing to a tree, to bytes, or to what is said about them. A new kind joins by being listed."""

import gzip
import random
import zlib
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import msgspec
import zstandard

from mobile_api.codec import JSON, MSGPACK
from shared_schema.registry import BY_NAME
from tests.prove.fuzz_bodies import SURROGATE, SYNC, TWIN_KEYS, Facts, Sent, encode, honest

Place = tuple[Any, Any]
"""A container and the index or key within it."""
TreeMutant = Callable[[random.Random, list[Any]], None]
"""Changes what stands in a list of one: the tree."""
BytesMutant = Callable[[random.Random, bytes, str], bytes]
SentMutant = Callable[[random.Random, Sent], Sent]
EVERYTHING: Final[tuple[Any, ...]] = (
    None, True, False, 0, 1, -1, 255, 65_536, 2**31, 2**53, -(2**53), 1.5, -0.0, "", "x", "1", "a" * 5_000, b"", b"\x00", bytes(15),
    bytes(16), bytes(17), bytes(300), [], [[]], {}, {"": 0}, {"command": "submit"}, [0] * 600, {str(n): n for n in range(200)},
)  # fmt: skip
HUGE: Final = (2**53 - 1, 2**53, 2**63 - 1, 2**63, 2**64 - 1, -(2**63), 10**18, 10**40, -(10**40), 10**400)
ODD_FLOATS: Final = (float("nan"), float("inf"), -float("inf"), 1e308, 5e-324, -0.0, 0.1)
UNCLEAN: Final = ("\x00", "a\x00b", "\x1b[31m", "\x7f", "Cafe\u0301", "\x85\x01", "\r\n", "\u1100\u1161", "\u212b")
FIELDS: Final = sorted({name for entity in BY_NAME.values() for name in (*entity.group_of, *entity.server_owned)})
TYPES: Final = (None, "", "text/plain", "application/json; charset=utf-16", "application/x-msgpack", f"{JSON}, {MSGPACK}", "\x00", "é")
ENCODINGS: Final = ("br", "deflate", "gzip, gzip", "GZIP", "zstd;q=1", "identity", "", "gzip", "zstd", "\xff")
ACCEPTS: Final = ("text/html", "*/*;q=0", "application/json;q=nan", ";", "," * 500, "q=1", MSGPACK, "application/*;q=0.5", "*/*;q=9")
LENGTHS: Final = ("0", "1", "-1", "9" * 30, "x", "", "1.5", "٣", " 7")


class Mutant(NamedTuple):
    """One body of the fuzz: its kind and the request."""

    kind: str
    sent: Sent


def places(node: Any) -> list[Place]:
    """Every place in a tree."""
    found: list[Place] = []
    left = [node]
    while left:
        each = left.pop()
        keys = range(len(each)) if isinstance(each, list) else list(each)
        found += [(each, key) for key in keys]
        left += [each[key] for key in keys if isinstance(each[key], (list, dict))]
    return found


def put(dice: random.Random, tree: list[Any], value: Any) -> None:
    """Put a value somewhere."""
    container, key = dice.choice(places(tree))
    container[key] = value


def texts(tree: list[Any]) -> list[Place]:
    """Places where text stands; somewhere else when there is none."""
    every = places(tree)
    return [(container, key) for container, key in every if isinstance(container[key], str)] or every


def containers(tree: list[Any], kind: type) -> list[Any]:
    """Containers of one kind that are not empty; else the outermost."""
    found = [container[key] for container, key in places(tree) if isinstance(container[key], kind) and container[key]]
    return found or [tree]


# trees


def type_swap(dice: random.Random, tree: list[Any]) -> None:
    put(dice, tree, dice.choice(EVERYTHING))


def huge_integer(dice: random.Random, tree: list[Any]) -> None:
    put(dice, tree, dice.choice(HUGE))


def odd_float(dice: random.Random, tree: list[Any]) -> None:
    put(dice, tree, dice.choice(ODD_FLOATS))


def unclean_text(dice: random.Random, tree: list[Any]) -> None:
    container, key = dice.choice(texts(tree))
    container[key] = dice.choice(UNCLEAN)


def unclean_key(dice: random.Random, tree: list[Any]) -> None:
    """A key that is no clean name: one more, or in the place of every other, so that a refusal has only this one to name."""
    chosen = dice.choice(containers(tree, dict))
    if isinstance(chosen, dict):
        if dice.random() < 0.6:
            chosen.clear()
        chosen[dice.choice(UNCLEAN)] = 1
    else:
        chosen[0] = {dice.choice(UNCLEAN): 1}


def surrogate(dice: random.Random, tree: list[Any]) -> None:
    container, key = dice.choice(texts(tree))
    container[key] = f"a{SURROGATE}b"


def surrogate_in_one(dice: random.Random, tree: list[Any]) -> None:
    """A lone surrogate in one entry of a push: a text of it, one of its names, or what is around its body."""
    told = tree[0]
    mutations = told.get("mutations", []) if isinstance(told, dict) else told[6] if isinstance(told, list) else []
    if not mutations:
        surrogate(dice, tree)
        return
    one = dice.choice(mutations)
    held = [one]
    around = [place for place in places(held)[1:] if place[0] is one and place[1] not in ("n", 0)]
    written = [(container, key) for container, key in places(held) if isinstance(container[key], str)]
    named = [container[key] for container, key in places(held) if isinstance(container[key], dict) and container[key] is not one]
    dice_of = dice.random()
    if written and dice_of < 0.6:
        container, key = dice.choice(written)
        container[key] = dice.choice((SURROGATE, f"a{SURROGATE}b", container[key] + SURROGATE))
    elif named and dice_of < 0.85:
        dice.choice(named)[f"a{SURROGATE}"] = 1
    else:
        container, key = dice.choice(around)
        container[key] = SURROGATE


def slot_removed(dice: random.Random, tree: list[Any]) -> None:
    container, key = dice.choice(places(tree)[1:] or [(tree, 0)])
    del container[key]
    if not tree:
        tree.append(None)


def slot_doubled(dice: random.Random, tree: list[Any]) -> None:
    chosen = dice.choice(containers(tree, list))
    at = dice.randrange(len(chosen))
    chosen[at:at] = [chosen[at]] * dice.choice((1, 1, 2, 1_000))


def slots_reordered(dice: random.Random, tree: list[Any]) -> None:
    dice.shuffle(dice.choice(containers(tree, list)))


def values_exchanged(dice: random.Random, tree: list[Any]) -> None:
    every = places(tree)[1:]
    if len(every) > 1:
        (one, here), (other, there) = dice.sample(every, 2)
        if not isinstance(one[here], (list, dict)) and not isinstance(other[there], (list, dict)):
            one[here], other[there] = other[there], one[here]


def key_doubled(dice: random.Random, tree: list[Any]) -> None:
    chosen = dice.choice(containers(tree, dict))
    twins = {TWIN_KEYS[0]: 1, TWIN_KEYS[1]: 2}
    if isinstance(chosen, dict):
        chosen.update(twins)
    else:
        chosen[0] = twins


def deep_nesting(dice: random.Random, tree: list[Any]) -> None:
    value: Any = None
    for _ in range(dice.choice((3, 10, 14, 15, 16, 17, 60, 300))):
        value = [value] if dice.random() < 0.5 else {"a": value}
    put(dice, tree, value)


def many_items(dice: random.Random, tree: list[Any]) -> None:
    put(dice, tree, [0] * dice.choice((1_000, 1_001, 19_999, 20_001, 64_001)))


def extension(dice: random.Random, tree: list[Any]) -> None:
    put(dice, tree, msgspec.msgpack.Ext(dice.randrange(-128, 128), dice.randbytes(dice.choice((1, 4, 8, 12, 16, 40)))))


def foreign_field(dice: random.Random, tree: list[Any]) -> None:
    chosen = dice.choice(containers(tree, dict))
    if isinstance(chosen, dict):
        chosen[dice.choice(FIELDS)] = dice.choice(EVERYTHING)


def mutation_numbers(dice: random.Random, tree: list[Any]) -> None:
    """Another n, group, kind or entity of one mutation: gaps, repetitions, unknown ones."""
    mutations = tree[0].get("mutations", []) if isinstance(tree[0], dict) else tree[0][6] if isinstance(tree[0], list) else []
    if not mutations:
        type_swap(dice, tree)
        return
    one = dice.choice(mutations)
    value = dice.choice((0, 1, 2, 3, 4, 5, 6, 11, 22, 77, 499, 500, 2**40))
    if isinstance(one, dict):
        name = dice.choice(("n", "group", "kind", "kind", "entity", "entity"))
        one[name] = {**one["group"], dice.choice(("first_n", "index", "count")): value} if name == "group" else value
    else:
        slot = dice.choice((0, 1, 2, 2, 3, 3))
        one[slot] = [value if place == dice.randrange(3) else part for place, part in enumerate(one[1])] if slot == 1 else value


# bytes


def bit_flip(dice: random.Random, body: bytes, _: str) -> bytes:
    changed = bytearray(body)
    for _bit in range(dice.choice((1, 1, 2, 8))):
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def truncation(dice: random.Random, body: bytes, _: str) -> bytes:
    return body[: dice.randrange(len(body))]


def length_lie(dice: random.Random, body: bytes, media: str) -> bytes:
    """A length or count other than the true one: a few more or less, or four billion."""
    heads = b'[]{},:"' if media == JSON else bytes((*range(0x80, 0xC0), 0xC4, 0xC5, 0xD9, 0xDA, 0xDC, 0xDE))
    spots = [at for at, byte in enumerate(body) if byte in heads] or [0]
    at = dice.choice(spots)
    if media == JSON:
        return body[:at] + body[at : at + 1] * dice.choice((0, 2, 3)) + body[at + 1 :]
    lies = (bytes([(body[at] + dice.choice((-2, -1, 1, 2))) % 256]), b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff",
            b"\xdb\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff", b"\xdc\xff\xff", b"\xc9\xff\xff\xff\xff\x01")  # fmt: skip
    return body[:at] + dice.choice(lies) + body[at + 1 :]


def bytes_inserted(dice: random.Random, body: bytes, _: str) -> bytes:
    at = dice.randrange(len(body) + 1)
    pieces = (
        b"\xc1",
        b"\xd4\x01\x01",
        b"\xc0",
        b"[",
        b'"',
        b"\x91" * 40,
        b"[" * 40,
        b"\\",
        b"\\u0000",
        b"NaN",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
    )
    return body[:at] + (dice.choice(pieces) if dice.random() < 0.7 else dice.randbytes(dice.randrange(1, 9))) + body[at:]


def bytes_removed(dice: random.Random, body: bytes, _: str) -> bytes:
    at = dice.randrange(len(body))
    return body[:at] + body[at + dice.randrange(1, 9) :]


def slice_doubled(dice: random.Random, body: bytes, _: str) -> bytes:
    start, at = dice.randrange(len(body)), dice.randrange(len(body) + 1)
    return body[:at] + body[start : start + dice.randrange(1, 60)] + body[at:]


def trailing(dice: random.Random, body: bytes, _: str) -> bytes:
    return body + dice.choice((b"\xc0", b"0", body, b"{}", b"\x00", b" x", b"\n\n1"))


def noise(dice: random.Random, _: bytes, __: str) -> bytes:
    return dice.randbytes(dice.choice((0, 1, 2, 16, 300)))


# what is said about the bytes


def media_confused(_: random.Random, sent: Sent) -> Sent:
    return sent._replace(media=JSON if sent.media == MSGPACK else MSGPACK)


def headers(dice: random.Random, sent: Sent) -> Sent:
    choice = dice.randrange(4)
    if choice == 0:
        return sent._replace(media=dice.choice(TYPES))
    if choice == 1:
        return sent._replace(encoding=dice.choice(ENCODINGS))
    return sent._replace(accept=dice.choice(ACCEPTS)) if choice == 2 else sent._replace(length=dice.choice(LENGTHS))


def compressed(dice: random.Random, sent: Sent) -> Sent:
    """A damaged body in an honest frame."""
    body = bit_flip(dice, sent.body, sent.media or JSON) if dice.random() < 0.7 else sent.body
    return _framed(dice, sent, body)


def frame_damaged(dice: random.Random, sent: Sent) -> Sent:
    framed = _framed(dice, sent, sent.body)
    damage = dice.choice((bit_flip, truncation, bytes_inserted, bytes_removed, trailing))
    return framed._replace(body=damage(dice, framed.body, JSON), encoding=dice.choice((framed.encoding, framed.encoding, "gzip", "zstd")))


def bomb(dice: random.Random, sent: Sent) -> Sent:
    encoding, body = dice.choice(_BOMB_BODIES)
    return sent._replace(body=body, encoding=encoding)


def _framed(dice: random.Random, sent: Sent, body: bytes) -> Sent:
    if dice.random() < 0.5:
        return sent._replace(body=gzip.compress(body, dice.choice((0, 1, 9)), mtime=0), encoding="gzip")
    sized = dice.random() < 0.5
    return sent._replace(body=zstandard.ZstdCompressor(write_content_size=sized, write_checksum=sized).compress(body), encoding="zstd")


def _gzipped(body: bytes) -> bytes:
    packer = zlib.compressobj(1, wbits=31)
    return packer.compress(body) + packer.flush()


_ZEROS: Final = bytes(8 * 1024 * 1024)
_BOMB_BODIES: Final = (
    ("gzip", _gzipped(_ZEROS)),
    ("zstd", zstandard.ZstdCompressor().compress(_ZEROS)),
    ("zstd", zstandard.ZstdCompressor(write_content_size=False).compress(_ZEROS)),
    ("gzip", _gzipped(b"[" * 3_000_000)),
    ("zstd", zstandard.ZstdCompressor().compress(b"\x91" * 3_000_000)),
    ("gzip", _gzipped(bytes(5_000_000) + random.Random(1).randbytes(100_000))),
    ("identity", bytes(256 * 1024 + 1)),
)

TREES: Final[Mapping[str, TreeMutant]] = {
    each.__name__: each
    for each in (type_swap, huge_integer, odd_float, unclean_text, unclean_key, surrogate, surrogate_in_one, slot_removed, slot_doubled,
                 slots_reordered, values_exchanged, key_doubled, deep_nesting, many_items, extension, foreign_field, mutation_numbers)
}  # fmt: skip
BYTES: Final[Mapping[str, BytesMutant]] = {
    each.__name__: each
    for each in (bit_flip, truncation, length_lie, bytes_inserted, bytes_removed, slice_doubled, trailing, noise)
}  # fmt: skip
SENT: Final[Mapping[str, SentMutant]] = {each.__name__: each for each in (media_confused, headers, compressed, frame_damaged, bomb)}
HONEST: Final = "honest"
ALONE: Final = surrogate_in_one.__name__
"""What is wrong with one entry, and nothing else: the others are taken."""
KINDS: Final = (HONEST, *TREES, *BYTES, *SENT)
_RARE: Final = {"bomb": 0.05, "many_items": 0.1}
"""What takes long is tried less often: it is about sizes, and there are few of them."""
_WEIGHTS: Final = [_RARE.get(kind, 1.0) for kind in KINDS]


def mutant(dice: random.Random, index: int, path: str = SYNC, facts: Facts | None = None) -> Mutant:
    """Request number `index` of a run and what was done to it; of those that may be refused whole one in five has a second injury of its
    bytes. The first requests try each kind once, so that the shortest run on the slowest machine has met them all."""
    kind = KINDS[index] if index < len(KINDS) else dice.choices(KINDS, _WEIGHTS)[0]
    tree, media = honest(dice, path, facts or Facts())
    held = [tree]
    if kind in TREES:
        TREES[kind](dice, held)
    body = encode(held[0], media, escaped=dice.random() < 0.5)
    if kind in BYTES:
        body = BYTES[kind](dice, body, media)
    if kind not in (HONEST, ALONE) and body and dice.random() < 0.2:
        second: BytesMutant = dice.choice(tuple(BYTES.values()))
        body = second(dice, body, media)
    sent = Sent(path, body, media)
    if kind in SENT and body:
        sent = SENT[kind](dice, sent)
    return Mutant(kind, sent)
