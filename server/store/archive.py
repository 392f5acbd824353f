"""The file of a backup: frames of packed rows with a digest at the end, the same for both databases."""

import contextlib
import fcntl
import hashlib
import os
import re
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
import zstandard

from server.chance import secret

MAGIC: Final = b"outrider backup\n"
FORMAT: Final = 1
LEVEL: Final = 3
FRAME_ROWS: Final = 1_000
FRAME_BYTES: Final = 1_048_576
"""A frame ends at so many bytes of packed rows, or at so many rows."""
FRAME_BYTES_MAX: Final = 64 * 1_048_576
DIGEST_BYTES: Final = 32
CHUNK_BYTES: Final = 1_048_576
DRAFT: Final = re.compile(r"\..+\.[0-9a-f]{12}\.outrider\.part", re.DOTALL)
"""The hidden name of a backup that is not whole yet."""
LENGTH: Final = struct.Struct(">I")
Tell = Callable[[int, int], None]
"""Hears how many more rows or bytes are done, of how many in all."""


class ArchiveError(ValueError):
    """The file is no whole backup of this program; the text names the fault and the way out."""


class Header(msgspec.Struct, frozen=True):
    """The head of an archive. `revision`: of the tables; `counts`: table → rows, all of one snapshot."""

    format: int
    version: str
    revision: str
    made_ms: int
    counts: dict[str, int]

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(self.counts.values())


class Block(msgspec.Struct, frozen=True, array_like=True):
    """Some rows of one table, values in the order of `columns`."""

    table: str
    columns: list[str]
    rows: list[msgspec.Raw]


_ENCODER: Final = msgspec.msgpack.Encoder()
_HEADER: Final = msgspec.msgpack.Decoder(Header)
_BLOCK: Final = msgspec.msgpack.Decoder(Block)
_ROW: Final = msgspec.msgpack.Decoder(list[object])


@contextlib.contextmanager
def created(path: Path, *, replace: bool) -> Iterator[BinaryIO]:
    """A file for its owner alone that stands at `path`, whole and on the disk, once the block has ended without an error.

    The leftovers of a dead process in the same folder go first. Raises FileExistsError unless `replace`, and OSError.
    """
    if path.exists() and not replace:
        raise FileExistsError(path)
    clear_drafts(path.parent)
    draft, handle = _drafted(path)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            if replace:  # while the lock is held: an unlocked draft is a dead one's
                draft.replace(path)
            else:
                path.hardlink_to(draft)  # a file that came meanwhile is not overwritten
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _drafted(path: Path) -> tuple[Path, int]:
    """A new hidden file beside `path`, locked as long as its handle is open."""
    while True:
        draft = path.with_name(f".{path.name}.{secret(6).hex()}.outrider.part")
        handle = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with contextlib.suppress(OSError):  # a file system without locks: nobody else gets one either, so nobody clears it away
            fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:
            return draft, handle
        os.close(handle)  # cleared away by another backup before it was locked


def clear_drafts(folder: Path) -> None:
    """Remove the drafts of backups that died. One that is being written is locked by its writer and stays; a death ends the lock."""
    for draft in [one for one in folder.iterdir() if DRAFT.fullmatch(one.name)]:
        with contextlib.suppress(OSError):  # locked, another user's, or gone meanwhile
            handle = os.open(draft, os.O_RDWR | os.O_NOFOLLOW)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                draft.unlink()
            finally:
                os.close(handle)


class Writer:
    """Writes an archive into an open file: the header at once, then rows table by table, at last the digest."""

    def __init__(self, file: BinaryIO, header: Header) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self._packer = zstandard.ZstdCompressor(level=LEVEL)
        self.size_bytes = 0
        self._put(MAGIC)
        self._frame(_ENCODER.encode(header))

    def add(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Rows of one table, cut into frames."""
        packed: list[msgspec.Raw] = []
        size = 0
        for row in rows:
            raw = _ENCODER.encode(tuple(row))
            packed.append(msgspec.Raw(raw))
            size += len(raw)
            if size >= FRAME_BYTES or len(packed) >= FRAME_ROWS:
                self._frame(_ENCODER.encode(Block(table, list(columns), packed)))
                packed, size = [], 0
        if packed:
            self._frame(_ENCODER.encode(Block(table, list(columns), packed)))

    def finish(self) -> None:
        """Seal the content."""
        self._put(self._hash.digest())

    def _frame(self, content: bytes) -> None:
        packed = self._packer.compress(content)
        self._put(LENGTH.pack(len(packed)) + packed)

    def _put(self, data: bytes) -> None:
        self._hash.update(data)
        self._file.write(data)
        self.size_bytes += len(data)


def verified(path: Path, tell: Tell) -> Header:
    """Read the whole file once and compare its digest; nothing else may be believed before. Raises ArchiveError, OSError."""
    size_bytes = path.stat().st_size
    left = size_bytes - DIGEST_BYTES
    with path.open("rb") as file:
        if left < len(MAGIC) or file.read(len(MAGIC)) != MAGIC:
            raise ArchiveError("this is no backup of outrider, or only its beginning; choose another file")
        hash_ = hashlib.sha256(MAGIC)
        left -= len(MAGIC)
        while left:
            chunk = file.read(min(CHUNK_BYTES, left))
            if not chunk:
                raise ArchiveError("the backup became shorter while it was read; copy it again")
            hash_.update(chunk)
            left -= len(chunk)
            tell(len(chunk), size_bytes)
        if file.read() != hash_.digest():
            raise ArchiveError("the backup is damaged or cut short, so nothing of it was used; copy it again, or choose an older one")
    with path.open("rb") as file:
        header = next(_frames(file, size_bytes), b"")
    try:
        read = _HEADER.decode(header)
    except (msgspec.DecodeError, ValueError):
        raise ArchiveError("the backup is in a format that this program does not know; use a newer program") from None
    if read.format != FORMAT:
        raise ArchiveError(
            f"the backup has format {read.format}, this program knows {FORMAT}; use the program that made it, or a newer one"
        )
    return read


def blocks(path: Path) -> Iterator[tuple[str, list[str], list[tuple[object, ...]]]]:
    """(table, columns, rows) of a verified archive, frame by frame. Raises ArchiveError."""
    with path.open("rb") as file:
        frames = _frames(file, path.stat().st_size)
        next(frames)
        for content in frames:
            try:
                block = _BLOCK.decode(content)
                rows: list[tuple[object, ...]] = [tuple(_ROW.decode(raw)) for raw in block.rows]
            except (msgspec.DecodeError, ValueError):
                raise ArchiveError("the backup holds rows that this program cannot read; use a newer program") from None
            yield block.table, block.columns, rows


def _frames(file: BinaryIO, size_bytes: int) -> Iterator[bytes]:
    file.seek(len(MAGIC))
    unpacker = zstandard.ZstdDecompressor()
    while file.tell() < size_bytes - DIGEST_BYTES:
        (length,) = LENGTH.unpack(file.read(LENGTH.size))
        with unpacker.stream_reader(file.read(length)) as reader:
            content = reader.read(FRAME_BYTES_MAX + 1)
        if len(content) > FRAME_BYTES_MAX:
            raise ArchiveError("a part of the backup is larger than this program ever writes")
        yield content
