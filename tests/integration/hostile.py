"""Named hostile requests and the code with which the door refuses each."""

import gzip
import json
import zlib
from typing import Any, Final, NamedTuple

import msgspec
import zstandard

from mobile_api.codec import JSON, MSGPACK

pack = msgspec.msgpack.encode
ID: Final = bytes(range(16))
SYNC: Final[list[Any]] = [1, 1, "probe", b"", 0, 0, []]
SYNC_NAMED: Final = {"protocol": 1, "schema": 1, "app": "probe", "cursor": "", "acked_n": 0, "device_ms": 0, "mutations": []}
PATCH: Final[list[Any]] = [1, [1, 0, 1], 2, 1, ID, {"name": 1}, {"name": "Lu Xun Tea House"}, 0]


class Hostile(NamedTuple):
    """One bad request: its headers, its body, the problem code it deserves."""

    name: str
    code: str
    body: bytes
    media: str | None = MSGPACK
    encoding: str | None = None


def sync(**changes: Any) -> bytes:
    """A sync request on JSON with some members changed."""
    return json.dumps({**SYNC_NAMED, **changes}).encode()


def slots(place: int, value: Any) -> bytes:
    """A sync request on msgpack with one slot changed."""
    return pack([*SYNC[:place], value, *SYNC[place + 1 :]])


def nested(levels: int) -> bytes:
    """A sync request whose one mutation is that many arrays deep."""
    return pack(SYNC[:6]).replace(b"\x96", b"\x97", 1) + b"\x91" + b"\x91" * levels + b"\xc0"


def zstd(body: bytes, **options: Any) -> bytes:
    """One zstd frame."""
    return zstandard.ZstdCompressor(**options).compress(body)


GOOD: Final = pack(SYNC)
_TYPES = [
    Hostile("no_content_type", "content_type_unknown", GOOD, None),
    Hostile("empty_content_type", "content_type_unknown", GOOD, ""),
    Hostile("form", "content_type_unknown", b"a=1", "application/x-www-form-urlencoded"),
    Hostile("multipart", "content_type_unknown", GOOD, "multipart/form-data; boundary=x"),
    Hostile("text_json", "content_type_unknown", b"{}", "text/json"),
    Hostile("x_msgpack", "content_type_unknown", GOOD, "application/x-msgpack"),
    Hostile("json_latin1", "content_type_unknown", b"{}", "application/json; charset=latin-1"),
    Hostile("json_utf16", "content_type_unknown", b"{}", "application/json; charset=utf-16"),
    Hostile("msgpack_suffix", "content_type_unknown", GOOD, "application/vnd.msgpackx"),
    Hostile("two_types", "content_type_unknown", GOOD, f"{MSGPACK}, {JSON}"),
    Hostile("brotli", "content_encoding_unknown", GOOD, MSGPACK, "br"),
    Hostile("deflate", "content_encoding_unknown", zlib.compress(GOOD), MSGPACK, "deflate"),
    Hostile("gzip_twice", "content_encoding_unknown", gzip.compress(gzip.compress(GOOD)), MSGPACK, "gzip, gzip"),
]
_SIZES = [
    Hostile("no_body", "body_missing", b""),
    Hostile("no_body_json", "body_missing", b"", JSON),
    Hostile("too_large", "body_too_large", b"\xc4" * (256 * 1024 + 1)),
    Hostile("gzip_bomb", "compression_ratio", gzip.compress(bytes(3_000_000)), MSGPACK, "gzip"),
    Hostile("zstd_bomb", "compression_ratio", zstd(bytes(3_000_000)), MSGPACK, "zstd"),
    Hostile("zstd_bomb_that_says_its_size", "body_too_large", zstd(bytes(1 << 28)), MSGPACK, "zstd"),
    Hostile("zstd_bomb_of_unsaid_size", "body_too_large", zstd(bytes(1 << 26), write_content_size=False), MSGPACK, "zstd"),
    Hostile("gzip_over_budget", "body_too_large", gzip.compress(bytes(range(256)) * 200 * 200, 1), MSGPACK, "gzip"),
    Hostile("gzip_cut", "compression_broken", gzip.compress(GOOD)[:-4], MSGPACK, "gzip"),
    Hostile("gzip_header_only", "compression_broken", gzip.compress(GOOD)[:10], MSGPACK, "gzip"),
    Hostile("gzip_wrong_sum", "compression_broken", gzip.compress(GOOD)[:-8] + bytes(8), MSGPACK, "gzip"),
    Hostile("gzip_two_members", "compression_broken", gzip.compress(GOOD) * 2, MSGPACK, "gzip"),
    Hostile("gzip_then_text", "compression_broken", gzip.compress(GOOD) + b"x", MSGPACK, "gzip"),
    Hostile("not_gzip", "compression_broken", GOOD, MSGPACK, "gzip"),
    Hostile("not_zstd", "compression_broken", GOOD, MSGPACK, "zstd"),
    Hostile("gzip_called_zstd", "compression_broken", gzip.compress(GOOD), MSGPACK, "zstd"),
    Hostile("zstd_cut", "compression_broken", zstd(GOOD)[:-1], MSGPACK, "zstd"),
    Hostile("zstd_two_frames", "compression_broken", zstd(GOOD) * 2, MSGPACK, "zstd"),
    Hostile("zstd_then_text", "compression_broken", zstd(GOOD) + b"x", MSGPACK, "zstd"),
    Hostile("zstd_wrong_sum", "compression_broken", zstd(GOOD, write_checksum=True)[:-4] + bytes(4), MSGPACK, "zstd"),
]
_MSGPACK = [
    Hostile("cut_in_array", "body_truncated", GOOD[:-1]),
    Hostile("cut_in_text", "body_truncated", b"\x91\xa5abc"),
    Hostile("cut_in_length", "body_truncated", b"\xdb\x00\x00"),
    Hostile("cut_in_key", "body_truncated", b"\x81\xa5ab"),
    Hostile("cut_in_number", "body_truncated", b"\x91\xcf\x00"),
    Hostile("bin_of_4_gib", "body_truncated", b"\xc6\xff\xff\xff\xff"),
    Hostile("array_of_4_billion", "body_too_many_items", b"\xdd\xff\xff\xff\xff"),
    Hostile("map_of_4_billion", "body_too_many_items", b"\xdf\xff\xff\xff\xff"),
    Hostile("array_of_65536_nils", "body_too_many_items", b"\xdd\x00\x01\x00\x00" + b"\xc0" * 65536),
    Hostile("map_of_40000", "body_too_many_items", b"\xde\x9c\x40"),
    Hostile("seventeen_levels", "body_too_deep", nested(15)),
    Hostile("a_quarter_million_levels", "body_too_deep", b"\x91" * 250_000),
    Hostile("maps_all_the_way_down", "body_too_deep", b"\x81\xa1a" * 60_000),
    Hostile("trailing_byte", "body_trailing", GOOD + b"\xc0"),
    Hostile("two_messages", "body_trailing", GOOD * 2),
    Hostile("reserved_byte", "body_malformed", b"\x91\xc1"),
    Hostile("integer_key", "body_malformed", b"\x81\x01\x01"),
    Hostile("bin_key", "body_malformed", b"\x81\xc4\x01a\x01"),
    Hostile("nil_key", "body_malformed", b"\x81\xc0\x01"),
    Hostile("array_key", "body_malformed", b"\x81\x90\x01"),
    Hostile("fixext", "extension_type", b"\x91\xd4\x01\x00"),
    Hostile("timestamp", "extension_type", b"\x91\xd6\xff\x00\x00\x00\x00"),
    Hostile("ext_of_4_gib", "extension_type", b"\xc9\xff\xff\xff\xff\x01"),
    Hostile("same_key_twice", "duplicate_key", b"\x82\xa1a\x01\xa1a\x02"),
    Hostile("same_key_in_two_forms", "duplicate_key", b"\x82\xa1a\x01\xda\x00\x01a\x02"),
    Hostile("same_key_in_a_mutation", "duplicate_key", GOOD[:-1] + b"\x91\x82\xa4name\xa1a\xa4name\xa1b"),
    Hostile("text_not_utf8", "body_malformed", slots(2, "??").replace(b"??", b"\xff\xfe")),
]
_FIELDS = [
    Hostile("nil", "field_wrong", b"\xc0"),
    Hostile("a_map_instead", "field_wrong", b"\x80"),
    Hostile("empty_array", "field_wrong", b"\x90"),
    Hostile("slot_missing", "field_wrong", pack(SYNC[:5])),
    Hostile("negative_protocol", "field_wrong", slots(0, -1)),
    Hostile("protocol_of_64_bits", "field_wrong", slots(0, 2**64 - 1)),
    Hostile("protocol_true", "field_wrong", slots(0, True)),
    Hostile("protocol_text", "field_wrong", slots(0, "1")),
    Hostile("protocol_half", "field_wrong", slots(0, 1.5)),
    Hostile("protocol_nan", "field_wrong", slots(0, float("nan"))),
    Hostile("app_of_41_letters", "field_wrong", slots(2, "x" * 41)),
    Hostile("app_with_nul", "text_unclean", slots(2, "a\x00b")),
    Hostile("app_with_escape", "text_unclean", slots(2, "\x1b[31m")),
    Hostile("app_not_nfc", "text_unclean", slots(2, "Cafe\u0301")),
    Hostile("cursor_text", "field_wrong", slots(3, "abc")),
    Hostile("cursor_too_long", "field_wrong", slots(3, bytes(16_385))),
    Hostile("acked_beyond_53_bits", "field_wrong", slots(4, 2**53)),
    Hostile("mutations_nil", "field_wrong", slots(6, None)),
    Hostile("1001_mutations", "field_wrong", slots(6, [None] * 1001)),
    Hostile("page_of_zero", "field_wrong", pack([*SYNC, 0])),
    Hostile("page_too_large", "field_wrong", pack([*SYNC, 256 * 1024 + 1])),
]
_JSON = [
    Hostile("json_cut", "body_truncated", sync()[:-1], JSON),
    Hostile("json_cut_in_text", "body_truncated", b'{"app": "pro', JSON),
    Hostile("json_word", "body_malformed", b"hello", JSON),
    Hostile("json_comment", "body_malformed", b"// x\n" + sync(), JSON),
    Hostile("json_trailing_comma", "body_malformed", b'{"a": 1,}', JSON),
    Hostile("json_byte_order_mark", "body_malformed", b"\xef\xbb\xbf" + sync(), JSON),
    Hostile("json_as_utf16", "body_malformed", json.dumps(SYNC_NAMED).encode("utf-16"), JSON),
    Hostile("json_nan", "body_malformed", b'{"protocol": NaN}', JSON),
    Hostile("json_infinity", "body_malformed", b'{"protocol": -Infinity}', JSON),
    Hostile("json_4000_digits", "body_malformed", b'{"protocol": ' + b"9" * 4000 + b"}", JSON),
    Hostile("json_lone_surrogate", "body_malformed", sync(app="?").replace(b"?", b"\\ud800"), JSON),
    Hostile("json_raw_control", "body_malformed", b'{"app": "a\x01"}', JSON),
    Hostile("json_two_values", "body_trailing", sync() + b"{}", JSON),
    Hostile("json_same_key_twice", "duplicate_key", b'{"app": "a", "app": "b"}', JSON),
    Hostile("json_same_key_escaped", "duplicate_key", b'{"app": "a", "\\u0061pp": "b"}', JSON),
    Hostile("json_deep", "body_too_deep", b"[" * 17 + b"]" * 17, JSON),
    Hostile("json_very_deep", "body_too_many_items", b"[" * 200_000, JSON),
    Hostile("json_many_items", "body_too_many_items", b"[" + b"0," * 65_000 + b"0]", JSON),
    Hostile("json_many_quotes", "body_too_many_items", b'"' * 262_000, JSON),
    Hostile("json_array", "field_wrong", b"[]", JSON),
    Hostile("json_null", "field_wrong", b"null", JSON),
    Hostile("json_field_missing", "field_wrong", b'{"protocol": 1}', JSON),
    Hostile("json_cursor_not_base64", "field_wrong", sync(cursor="§§"), JSON),
    Hostile("json_app_nul", "text_unclean", sync(app="a\x00"), JSON),
    Hostile("json_mutations_an_object", "field_wrong", sync(mutations={}), JSON),
    Hostile("json_1001_mutations", "field_wrong", sync(mutations=[0] * 1001), JSON),
    Hostile("msgpack_called_json", "body_malformed", GOOD, JSON),
    Hostile("json_called_msgpack", "body_trailing", sync(), MSGPACK),
]
HOSTILE: Final = (*_TYPES, *_SIZES, *_MSGPACK, *_FIELDS, *_JSON)
