"""A zipped workbook is measured before it is believed: its parts, their unpacked sizes, and the harm that their XML could do to a
parser."""

import io
import re
import zipfile
import zlib
from typing import Final

from server.domain.imports.sheet import Limits, SheetError

PIECE_BYTES: Final = 1 << 16
SMALL_PART_BYTES: Final = 8 << 20
"""A part that is read as a whole: styles, the list of sheets."""
SMALL_PART_TAGS: Final = 200_000
RATIO_FREE_BYTES: Final = 1 << 20
"""So little may be packed as tightly as it likes: an empty sheet is."""
_STREAMED: Final = re.compile(r"xl/(worksheets/[^/]*|sharedStrings)\.xml", re.IGNORECASE)
"""Parts that are read piece by piece."""
_ENCODING: Final = re.compile(rb"""encoding\s*=\s*["']([^"']*)["']""")
_ROW: Final = re.compile(rb"<(?:[\w.-]+:)?(?:row|si)[\s/>]")
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff", b"\0<", b"<\0")
_TAGS_PER_CELL: Final = 12
"""A cell has a formula, a value, a text in several runs."""
_HEAD_BYTES: Final = 200
_OVERLAP_BYTES: Final = 64


def opened(raw: bytes, limits: Limits) -> zipfile.ZipFile:
    """The archive, every part of it unpacked once and thrown away. Raises SheetError.

    The sizes that a zip claims for itself are not believed. A document type, and with it every entity, is refused; so are comments and
    CDATA, behind which elements could hide from the count.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
        entries = archive.infolist()
        if len(entries) > limits.parts or len({entry.filename for entry in entries}) != len(entries):
            raise SheetError("zip_parts", limit=limits.parts)
        left, tags = limits.unpacked_bytes, limits.tags
        for entry in entries:
            if entry.flag_bits & 0x1:
                raise SheetError("zip_locked")
            counted = _Part(entry, limits)
            left, tags = counted.measured(archive, left, tags)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError, RuntimeError):
        raise SheetError("workbook_broken") from None
    return archive


class _Part:
    """One part while it is measured."""

    def __init__(self, entry: zipfile.ZipInfo, limits: Limits) -> None:
        self._entry = entry
        self._is_xml = False
        self._streamed = _STREAMED.fullmatch(entry.filename) is not None
        packed = max(entry.compress_size, 1)
        self._bytes_max = max(RATIO_FREE_BYTES, packed * limits.unpacked_times)
        self._row_tags_max = limits.columns * _TAGS_PER_CELL
        self._row_tags = 0
        self._small_tags = SMALL_PART_TAGS

    def measured(self, archive: zipfile.ZipFile, left: int, tags: int) -> tuple[int, int]:
        """Unpack it within the bytes and tags that are left, and return the rest of both."""
        size, tail = 0, b""
        with archive.open(self._entry) as unpacked:
            while piece := unpacked.read(PIECE_BYTES):
                if not size:
                    self._is_xml = _is_xml(piece, self._entry.filename)
                size += len(piece)
                left -= len(piece)
                if left < 0 or size > self._bytes_max or (not self._streamed and size > SMALL_PART_BYTES):
                    raise SheetError("zip_bomb")
                if self._is_xml:
                    tags -= piece.count(b"<")
                    self._look(tail + piece, tail)
                    self._small_tags -= piece.count(b"<")
                    tail = piece[-_OVERLAP_BYTES:]
                if tags < 0 or (self._small_tags < 0 and not self._streamed):
                    raise SheetError("zip_bomb")
        return left, tags

    def _look(self, text: bytes, tail: bytes) -> None:
        """Refuse constructs that no sheet needs, and count the elements between two rows."""
        if b"\0" in text or b"<!DOCTYPE" in text or b"<!ENTITY" in text or (self._streamed and b"<!" in text):
            raise SheetError("workbook_broken")
        if not self._streamed:
            return
        fresh = text[len(tail) :]
        last = 0
        for found in _ROW.finditer(fresh):
            self._count(fresh[last : found.start()])
            self._row_tags, last = 0, found.start()
        self._count(fresh[last:])

    def _count(self, piece: bytes) -> None:
        self._row_tags += piece.count(b"<")
        if self._row_tags > self._row_tags_max:
            raise SheetError("columns_many", line=0, limit=self._row_tags_max // _TAGS_PER_CELL)


def _is_xml(piece: bytes, name: str) -> bool:
    """Whether a part that begins so is XML, whatever its name. Raises SheetError for XML whose bytes are not its letters.

    A parser finds tags in other encodings too, where nobody counted them.
    """
    head = piece.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith(b"<"):
        if name.lower().endswith((".xml", ".rels")) or piece.startswith(_UTF_16):
            raise SheetError("workbook_broken")
        return False
    named = _ENCODING.search(head[:_HEAD_BYTES])
    if named is not None and named[1].lower() not in (b"utf-8", b"us-ascii", b"ascii"):
        raise SheetError("workbook_broken")
    return True
