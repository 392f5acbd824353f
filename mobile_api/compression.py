"""gzip and zstd, both ways: a body that comes in is inflated in small steps under a byte budget, so no frame can claim memory."""

import gzip
import zlib
from typing import Final, Protocol

import zstandard

from shared_schema.problem import Code, Problem

RATIO_MAX: Final = 100
_RATIO_FLOOR_BYTES: Final = 64 * 1024
"""Below this size nobody asks how well a body was compressed: repetitive small bodies are honest."""
_STEP_BYTES: Final = 256
"""Compressed bytes per step. zstd writes at most 128 KiB for 4 bytes, so a step never grows by more than 8 MiB."""
_WINDOW_BYTES_MAX: Final = 4 * 1024 * 1024
_ANSWER_LEVEL: Final = 3


class _Inflater(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


def inflate(compressed: bytes, encoding: str, budget_bytes: int) -> bytes:
    """The body behind one gzip or zstd frame, at most `budget_bytes` long.

    Raises Problem(content_encoding_unknown | compression_broken | compression_ratio | body_too_large).
    """
    ratio_bytes = max(_RATIO_FLOOR_BYTES, RATIO_MAX * len(compressed))
    inflater = _inflater(encoding)
    body = bytearray()
    for start in range(0, len(compressed), _STEP_BYTES):
        body += _step(inflater, compressed[start : start + _STEP_BYTES])
        if len(body) > budget_bytes:
            raise Problem(Code.body_too_large, f"more than {budget_bytes} bytes when inflated")
        if len(body) > ratio_bytes:
            raise Problem(Code.compression_ratio, f"inflates to more than {RATIO_MAX} times its size")
        if inflater.eof:
            if inflater.unused_data or start + _STEP_BYTES < len(compressed):
                raise Problem(Code.compression_broken, "bytes follow the compressed frame")
            return bytes(body)
    raise Problem(Code.compression_broken, "the compressed frame is cut short")


def _inflater(encoding: str) -> _Inflater:
    if encoding == "gzip":
        return zlib.decompressobj(wbits=31)
    if encoding == "zstd":
        return zstandard.ZstdDecompressor(max_window_size=_WINDOW_BYTES_MAX).decompressobj()
    raise Problem(Code.content_encoding_unknown, "gzip and zstd are understood")


def _step(inflater: _Inflater, piece: bytes) -> bytes:
    try:
        return inflater.decompress(piece)
    except (zlib.error, zstandard.ZstdError):
        raise Problem(Code.compression_broken, "the compressed frame is damaged") from None


def deflate(body: bytes, encoding: str) -> bytes:
    """`body` as one `gzip` or `zstd` frame."""
    if encoding == "zstd":
        return zstandard.ZstdCompressor(level=_ANSWER_LEVEL).compress(body)
    return gzip.compress(body, compresslevel=_ANSWER_LEVEL, mtime=0)
