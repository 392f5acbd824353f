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
    Hostile("text_not_utf8", "text_unclean", slots(2, "??").replace(b"??", b"\xff\xfe")),
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
    Hostile("json_4000_digits", "field_wrong", b'{"protocol": ' + b"9" * 4000 + b"}", JSON),
    Hostile("json_lone_surrogate", "text_unclean", sync(app="?").replace(b"?", b"\\ud800"), JSON),
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
_MORE_TYPES = [
    Hostile("plain_text", "content_type_unknown", GOOD, "text/plain"),
    Hostile("octets", "content_type_unknown", GOOD, "application/octet-stream"),
    Hostile("msgpack_with_charset_latin1", "content_type_unknown", GOOD, f"{MSGPACK}; charset=latin-1"),
    Hostile("json_with_boundary", "content_type_unknown", b"{}", f"{JSON}; boundary=x"),
    Hostile("json_two_parameters", "content_type_unknown", b"{}", f"{JSON}; charset=utf-8; x=y"),
    Hostile("json_patch", "content_type_unknown", b"[]", "application/json-patch+json"),
    Hostile("json_with_quoted_charset", "content_type_unknown", b"{}", f'{JSON}; charset="utf-8"'),
    Hostile("any_type", "content_type_unknown", GOOD, "*/*"),
    Hostile("compress", "content_encoding_unknown", GOOD, MSGPACK, "compress"),
    Hostile("zstd_and_gzip", "content_encoding_unknown", zstd(gzip.compress(GOOD)), MSGPACK, "gzip, zstd"),
    Hostile("gzip_with_quality", "content_encoding_unknown", gzip.compress(GOOD), MSGPACK, "gzip;q=1"),
    Hostile("x_gzip", "content_encoding_unknown", gzip.compress(GOOD), MSGPACK, "x-gzip"),
]
_FRAMES = [
    Hostile("gzip_of_nothing_cut", "compression_broken", gzip.compress(b"")[:-1], MSGPACK, "gzip"),
    Hostile("gzip_wrong_size", "compression_broken", gzip.compress(GOOD)[:-4] + b"\xff\xff\xff\xff", MSGPACK, "gzip"),
    Hostile("gzip_wrong_method", "compression_broken", b"\x1f\x8b\x07" + gzip.compress(GOOD)[3:], MSGPACK, "gzip"),
    Hostile("zlib_called_gzip", "compression_broken", zlib.compress(GOOD), MSGPACK, "gzip"),
    Hostile("raw_deflate_called_gzip", "compression_broken", zlib.compress(GOOD)[2:-4], MSGPACK, "gzip"),
    Hostile("gzip_magic_only", "compression_broken", b"\x1f\x8b", MSGPACK, "gzip"),
    Hostile("zstd_called_gzip", "compression_broken", zstd(GOOD), MSGPACK, "gzip"),
    Hostile("zstd_magic_only", "compression_broken", b"\x28\xb5\x2f\xfd", MSGPACK, "zstd"),
    Hostile("zstd_skippable_frame", "compression_broken", b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd" + zstd(GOOD), MSGPACK, "zstd"),
    Hostile("zstd_window_of_128_mib", "compression_broken", b"\x28\xb5\x2f\xfd\x00\x88\x01\x00\x00", MSGPACK, "zstd"),
    Hostile("zstd_with_a_dictionary", "compression_broken", b"\x28\xb5\x2f\xfd\x21\x07\x01\x01\x00\x00\x00", MSGPACK, "zstd"),
    Hostile("gzip_then_gzip_of_nothing", "compression_broken", gzip.compress(GOOD) + gzip.compress(b""), MSGPACK, "gzip"),
    Hostile("gzip_of_nothing", "body_truncated", gzip.compress(b""), MSGPACK, "gzip"),
    Hostile("gzip_of_half_a_message", "body_truncated", gzip.compress(GOOD[:-1]), MSGPACK, "gzip"),
    Hostile("zstd_of_two_messages", "body_trailing", zstd(GOOD * 2), MSGPACK, "zstd"),
    Hostile("zstd_of_deep_nesting", "body_too_deep", zstd(nested(17)), MSGPACK, "zstd"),
    Hostile("gzip_of_json_cut", "body_truncated", gzip.compress(sync()[:-1]), JSON, "gzip"),
    Hostile("json_gzip_bomb", "compression_ratio", gzip.compress(b" " * 3_000_000), JSON, "gzip"),
]
_MORE_MSGPACK = [
    Hostile("float_cut", "body_truncated", b"\x91\xcb\x00\x00"),
    Hostile("array_head_cut", "body_truncated", b"\xdc\x00"),
    Hostile("map_without_values", "body_truncated", b"\x82\xa1a\x01\xa1b"),
    Hostile("text_length_one_too_long", "body_truncated", GOOD[:-2].replace(b"\xa5probe", b"\xa6probe") + b"\x00"),
    Hostile("text_of_4_gib", "body_truncated", b"\x91\xdb\xff\xff\xff\xff"),
    Hostile("key_of_4_gib", "body_truncated", b"\x81\xdb\xff\xff\xff\xffa"),
    Hostile("one_array_head", "body_truncated", b"\x97"),
    Hostile("nested_array_of_4_billion", "body_too_many_items", GOOD[:-1] + b"\xdd\xff\xff\xff\xff"),
    Hostile("map_of_65535_in_a_mutation", "body_too_many_items", GOOD[:-1] + b"\x91\xde\xff\xff"),
    Hostile("many_small_arrays", "body_too_many_items", b"\xdc\xff\xff" + b"\x92\xc0\xc0" * 65_535),
    Hostile("mixed_levels", "body_too_deep", b"\x91\x81\xa1a" * 9 + b"\xc0"),
    Hostile("reserved_byte_alone", "body_malformed", b"\xc1"),
    Hostile("reserved_byte_in_a_map", "body_malformed", b"\x81\xa1a\xc1"),
    Hostile("float_key", "body_malformed", b"\x81\xcb\x00\x00\x00\x00\x00\x00\x00\x00\x01"),
    Hostile("true_key", "body_malformed", b"\x81\xc3\x01"),
    Hostile("map_key", "body_malformed", b"\x81\x80\x01"),
    Hostile("ext_key", "body_malformed", b"\x81\xd4\x01\x00\x01"),
    Hostile("app_with_a_surrogate", "text_unclean", slots(2, "???").replace(b"???", b"\xed\xa0\x80")),
    Hostile("app_overlong_slash", "text_unclean", slots(2, "??").replace(b"??", b"\xc0\xaf")),
    Hostile("fixext16", "extension_type", b"\x91\xd8\x01" + bytes(16)),
    Hostile("ext8_in_a_mutation", "extension_type", GOOD[:-1] + b"\x91\xc7\x01\x05\x00"),
    Hostile("ext_alone", "extension_type", b"\xc7\x00\x01"),
    Hostile("empty_key_twice", "duplicate_key", b"\x82\xa0\x01\xa0\x02"),
    Hostile("same_key_deep_inside", "duplicate_key", GOOD[:-1] + b"\x91\x91\x81\xa1a\x82\xa1b\x01\xa1b\x02"),
    Hostile("nil_after_the_message", "body_trailing", b"\xc0\xc0"),
    Hostile("ten_nuls_after_the_message", "body_trailing", GOOD + bytes(10)),
]
_MORE_FIELDS = [
    Hostile("a_number_instead", "field_wrong", b"\x07"),
    Hostile("a_text_instead", "field_wrong", b"\xa1a"),
    Hostile("protocol_nil", "field_wrong", slots(0, None)),
    Hostile("schema_negative", "field_wrong", slots(1, -1)),
    Hostile("schema_infinite", "field_wrong", slots(1, float("inf"))),
    Hostile("schema_beyond_a_million", "field_wrong", slots(1, 1_000_001)),
    Hostile("app_nil", "field_wrong", slots(2, None)),
    Hostile("app_bytes", "field_wrong", slots(2, b"probe")),
    Hostile("app_with_delete", "text_unclean", slots(2, "a\x7f")),
    Hostile("app_with_a_return", "text_unclean", slots(2, "a\r\n")),
    Hostile("app_in_loose_hangul", "text_unclean", slots(2, "\u1100\u1161")),
    Hostile("cursor_nil", "field_wrong", slots(3, None)),
    Hostile("cursor_a_number", "field_wrong", slots(3, 1)),
    Hostile("acked_negative", "field_wrong", slots(4, -1)),
    Hostile("acked_half", "field_wrong", slots(4, 0.5)),
    Hostile("clock_negative", "field_wrong", slots(5, -1)),
    Hostile("clock_of_64_bits", "field_wrong", slots(5, 2**63)),
    Hostile("clock_text", "field_wrong", slots(5, "now")),
    Hostile("mutations_a_map", "field_wrong", slots(6, {})),
    Hostile("mutations_text", "field_wrong", slots(6, "[]")),
    Hostile("page_negative", "field_wrong", pack([*SYNC, -1])),
    Hostile("page_nil", "field_wrong", pack([*SYNC, None])),
]
_MORE_JSON = [
    Hostile("json_only_spaces", "body_truncated", b"   ", JSON),
    Hostile("json_cut_in_a_key", "body_truncated", b'{"pro', JSON),
    Hostile("json_cut_after_colon", "body_truncated", b'{"protocol":', JSON),
    Hostile("json_single_quotes", "body_malformed", b"{'a': 1}", JSON),
    Hostile("json_bare_key", "body_malformed", b"{a: 1}", JSON),
    Hostile("json_missing_comma", "body_malformed", b'{"a": 1 "b": 2}', JSON),
    Hostile("json_leading_zero", "body_malformed", b'{"protocol": 01}', JSON),
    Hostile("json_hexadecimal", "body_malformed", b'{"protocol": 0x1}', JSON),
    Hostile("json_plus_sign", "body_malformed", b'{"protocol": +1}', JSON),
    Hostile("json_bad_escape", "body_malformed", b'{"app": "\\x41"}', JSON),
    Hostile("json_raw_newline_in_text", "body_malformed", b'{"app": "a\nb"}', JSON),
    Hostile("json_not_utf8", "text_unclean", sync(app="?").replace(b"?", b"\xff"), JSON),
    Hostile("json_raw_surrogate", "text_unclean", sync(app="?").replace(b"?", b"\xed\xa0\x80"), JSON),
    Hostile("json_structure_not_utf8", "body_malformed", b'{"app": \xff"x"}', JSON),
    Hostile("json_in_utf_16", "body_malformed", '{"app": "x"}'.encode("utf-16"), JSON),
    Hostile("json_app_c1", "text_unclean", sync(app="a\x9b2J"), JSON),
    Hostile("app_c1", "text_unclean", slots(2, "a\x9b2J")),
    Hostile("json_as_utf32", "body_malformed", json.dumps(SYNC_NAMED).encode("utf-32"), JSON),
    Hostile("json_nan_in_a_mutation", "body_malformed", sync(mutations=[0]).replace(b"[0]", b"[NaN]"), JSON),
    Hostile("json_65_bit_integer", "field_wrong", b'{"protocol": 36893488147419103232}', JSON),
    Hostile("json_two_numbers", "body_trailing", b"1 2", JSON),
    Hostile("json_closing_bracket_too_many", "body_trailing", sync() + b"}", JSON),
    Hostile("json_same_key_in_a_mutation", "duplicate_key", sync(mutations=[0]).replace(b"[0]", b'[{"n": 1, "n": 2}]'), JSON),
    Hostile("json_deep_objects", "body_too_deep", b'{"a":' * 17 + b"1" + b"}" * 17, JSON),
    Hostile("json_deep_mutation", "body_too_deep", sync(mutations=[0]).replace(b"0]", b"[" * 15 + b"]" * 15 + b"]"), JSON),
    Hostile("json_many_commas", "body_too_many_items", b"," * 65_000, JSON),
    Hostile("json_a_number", "field_wrong", b"1", JSON),
    Hostile("json_a_text", "field_wrong", b'"sync"', JSON),
    Hostile("json_true", "field_wrong", b"true", JSON),
    Hostile("json_protocol_text", "field_wrong", sync(protocol="1"), JSON),
    Hostile("json_protocol_half", "field_wrong", sync(protocol=1.5), JSON),
    Hostile("json_protocol_true", "field_wrong", sync(protocol=True), JSON),
    Hostile("json_acked_beyond_53_bits", "field_wrong", sync(acked_n=2**53), JSON),
    Hostile("json_clock_negative", "field_wrong", sync(device_ms=-1), JSON),
    Hostile("json_page_of_zero", "field_wrong", sync(page_bytes=0), JSON),
    Hostile("json_mutations_null", "field_wrong", sync(mutations=None), JSON),
    Hostile("json_cursor_a_list", "field_wrong", sync(cursor=[1]), JSON),
    Hostile("json_app_of_41_letters", "field_wrong", sync(app="x" * 41), JSON),
    Hostile("json_app_not_nfc", "text_unclean", sync(app="Cafe\u0301"), JSON),
    Hostile("json_app_escape", "text_unclean", sync(app="\x1b[2J"), JSON),
]
HOSTILE: Final = (*_TYPES, *_SIZES, *_MSGPACK, *_FIELDS, *_JSON, *_MORE_TYPES, *_FRAMES, *_MORE_MSGPACK, *_MORE_FIELDS, *_MORE_JSON)
