"""The phone's SQLite file: a shelf for the reference device, and a few notes beside it.

Each device operation runs inside `transaction()`: a kill at any moment leaves the state before it or the state after it.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from shared_schema.problem import Code, Problem
from sync.shelf import HeldScope, Pending, Seat
from sync.state import Key

VERSION: Final = 1
_APPLICATION_ID: Final = 0x4F757472  # "Outr": tells our file from any other SQLite file
_BUSY_S: Final = 10
_TABLES: Final = (
    "CREATE TABLE note (name TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE scope (number INTEGER PRIMARY KEY, body BLOB NOT NULL)",
    "CREATE TABLE row (entity INTEGER, id BLOB, body BLOB NOT NULL, PRIMARY KEY (entity, id)) WITHOUT ROWID",
    "CREATE TABLE hold (scope INTEGER, entity INTEGER, id BLOB, generation INTEGER, PRIMARY KEY (scope, entity, id)) WITHOUT ROWID",
    "CREATE INDEX hold_record ON hold (entity, id)",
    "CREATE TABLE pending (n INTEGER PRIMARY KEY, body BLOB NOT NULL)",
    f"PRAGMA application_id = {_APPLICATION_ID}",
    f"PRAGMA user_version = {VERSION}",
)
_EMPTIED: Final = ("row", "hold", "scope", "pending", "note")
_SEAT: Final = "seat"
_SEAT_DECODER: Final = msgspec.msgpack.Decoder(Seat)
_SCOPE_DECODER: Final = msgspec.msgpack.Decoder(HeldScope)
_PENDING_DECODER: Final = msgspec.msgpack.Decoder(Pending)
_ENCODE: Final = msgspec.msgpack.encode


class FileShelf:
    """`sync.shelf.Shelf` on a file which only its owner can read; it is made when it is not there.

    Raises Problem(field_wrong) when the file is another program's or a newer app's.
    """

    def __init__(self, path: Path) -> None:
        # Made before SQLite sees it: its log and its index file take over the rights of the file.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
        self._run = self._connection.execute
        try:
            self._prepare(path)
        except sqlite3.DatabaseError:
            self._connection.close()
            raise Problem(Code.field_wrong, f"{path} is not a phone's file", field="file") from None
        except Problem:
            self._connection.close()
            raise

    def _prepare(self, path: Path) -> None:
        written = self._written(path)
        path.chmod(0o600)
        self._run("PRAGMA synchronous = FULL")
        self._run("PRAGMA journal_mode = WAL")
        if not written:
            with self.transaction():
                for statement in () if self._written(path) else _TABLES:  # another process may have been quicker
                    self._run(statement)

    def _written(self, path: Path) -> bool:
        """Whether the tables are there; a file that is not ours is refused before anything about it changes."""
        owner, version = self._number("PRAGMA application_id"), self._number("PRAGMA user_version")
        if owner == _APPLICATION_ID and version != VERSION:
            raise Problem(Code.field_wrong, f"{path} was written by app version {version}, this one knows {VERSION}", field="file")
        if owner != _APPLICATION_ID and (owner, version, self._number("SELECT count(*) FROM sqlite_master")) != (0, 0, 0):
            raise Problem(Code.field_wrong, f"{path} is not a phone's file", field="file")
        return owner == _APPLICATION_ID

    def _number(self, statement: str) -> int:
        return int(self._run(statement).fetchone()[0])

    def close(self) -> None:
        """Close the file; its log is folded into it, so that a copy of the one file is a whole backup."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One device operation: all of it is stored, or nothing."""
        self._run("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._run("ROLLBACK")
            raise
        self._run("COMMIT")

    def note(self, name: str) -> bytes | None:
        """The phone's note under a name: tokens, settings."""
        found = self._run("SELECT body FROM note WHERE name = ?", (name,)).fetchone()
        return found[0] if found is not None else None

    def put_note(self, name: str, body: bytes | None) -> None:
        """Write a note; None forgets it."""
        if body is None:
            self._run("DELETE FROM note WHERE name = ?", (name,))
        else:
            self._run("INSERT OR REPLACE INTO note VALUES (?, ?)", (name, body))

    def wipe(self) -> None:
        """Forget every record, every entry and every note, and leave no trace of them on the disk."""
        with self.transaction():
            for table in _EMPTIED:
                self._run(f"DELETE FROM {table}")  # noqa: S608 - the names stand above
        self._run("VACUUM")
        self._run("PRAGMA wal_checkpoint(TRUNCATE)")

    # the shelf

    def seat(self) -> Seat:
        body = self.note(_SEAT)
        return _SEAT_DECODER.decode(body) if body is not None else Seat()

    def put_seat(self, seat: Seat) -> None:
        self.put_note(_SEAT, _ENCODE(seat))

    def scopes(self) -> dict[int, HeldScope]:
        return {number: _SCOPE_DECODER.decode(body) for number, body in self._run("SELECT number, body FROM scope")}

    def put_scope(self, scope: HeldScope) -> None:
        self._run("INSERT OR REPLACE INTO scope VALUES (?, ?)", (scope.scope, _ENCODE(scope)))

    def drop_scope(self, scope: int) -> None:
        self._run("DELETE FROM scope WHERE number = ?", (scope,))

    def row(self, key: Key) -> bytes | None:
        found = self._run("SELECT body FROM row WHERE entity = ? AND id = ?", key).fetchone()
        return found[0] if found is not None else None

    def rows(self, entity: int) -> list[tuple[bytes, bytes]]:
        return self._run("SELECT id, body FROM row WHERE entity = ? ORDER BY id", (entity,)).fetchall()

    def put_row(self, key: Key, body: bytes) -> None:
        self._run("INSERT OR REPLACE INTO row VALUES (?, ?, ?)", (*key, body))

    def drop_row(self, key: Key) -> None:
        self._run("DELETE FROM row WHERE entity = ? AND id = ?", key)

    def hold(self, scope: int, key: Key, generation: int) -> None:
        self._run("INSERT OR REPLACE INTO hold VALUES (?, ?, ?, ?)", (scope, *key, generation))

    def release(self, scope: int, key: Key) -> bool:
        self._run("DELETE FROM hold WHERE scope = ? AND entity = ? AND id = ?", (scope, *key))
        return self._run("SELECT 1 FROM hold WHERE entity = ? AND id = ? LIMIT 1", key).fetchone() is None

    def sweep(self, scope: int, generation: int) -> list[Key]:
        stale = self._run("SELECT entity, id FROM hold WHERE scope = ? AND generation < ?", (scope, generation)).fetchall()
        return [key for key in stale if self.release(scope, key)]

    def pendings(self) -> list[Pending]:
        return [_PENDING_DECODER.decode(body) for (body,) in self._run("SELECT body FROM pending ORDER BY n")]

    def put_pending(self, pending: Pending) -> None:
        self._run("INSERT OR REPLACE INTO pending VALUES (?, ?)", (pending.n, _ENCODE(pending)))

    def drop_pending(self, n: int) -> None:
        self._run("DELETE FROM pending WHERE n = ?", (n,))
