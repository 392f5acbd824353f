"""The phone's file: whole or unchanged at any kill, closed to others, refused when it is not ours."""

import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from mobile_api.phone.file import FileShelf
from shared_schema.problem import Problem
from sync.shelf import Pending, Seat

KILLED = """
import os, signal, sys
from pathlib import Path
from mobile_api.phone.file import FileShelf
from sync.shelf import Pending, Seat
shelf, steps = FileShelf(Path(sys.argv[1])), int(sys.argv[2])
def step(at):
    if at == steps:
        os.kill(os.getpid(), signal.SIGKILL)
step(0)
with shelf.transaction():
    step(1)
    shelf.put_seat(Seat(next_n=2))
    step(2)
    shelf.put_pending(Pending(1, b"raw"))
    step(3)
    for number in range(3000):
        shelf.put_row((1, number.to_bytes(16, "big")), b"body" * 50)
    step(4)
step(5)
"""


@pytest.mark.parametrize("steps", range(6))
def test_a_kill_leaves_the_old_or_the_new_state(tmp_path: Path, steps: int) -> None:
    """P-604."""
    path = tmp_path / "phone.db"
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path), str(steps)], check=False)
    assert killed.returncode == -signal.SIGKILL
    shelf = FileShelf(path)
    new = steps == 5
    assert shelf.seat() == (Seat(next_n=2) if new else Seat())
    assert len(shelf.pendings()) == new
    assert len(shelf.rows(1)) == 3000 * new
    shelf.close()


def _fail(shelf: FileShelf) -> None:
    with shelf.transaction():
        shelf.put_pending(Pending(1, b"raw"))
        shelf.put_seat(Seat(next_n=1 // 0))


def test_a_failed_operation_leaves_nothing(tmp_path: Path) -> None:
    shelf = FileShelf(tmp_path / "phone.db")
    with pytest.raises(ZeroDivisionError):
        _fail(shelf)
    assert shelf.pendings() == []
    shelf.close()


def test_only_its_owner_reads_the_file_and_its_log(tmp_path: Path) -> None:
    path = tmp_path / "phone.db"
    path.touch(0o644)
    shelf = FileShelf(path)
    with shelf.transaction():
        shelf.put_note("tokens", b"secret")
    assert {each.stat().st_mode & 0o777 for each in tmp_path.iterdir()} == {0o600}
    assert len(list(tmp_path.iterdir())) == 3
    shelf.close()


def test_a_copy_of_the_closed_file_is_a_whole_backup(tmp_path: Path) -> None:
    path, copy = tmp_path / "phone.db", tmp_path / "copy.db"
    shelf = FileShelf(path)
    with shelf.transaction():
        shelf.put_pending(Pending(1, b"raw"))
    shelf.close()
    shutil.copy(path, copy)
    restored = FileShelf(copy)
    assert [one.raw for one in restored.pendings()] == [b"raw"]
    restored.close()


def test_a_wiped_file_holds_no_byte_of_what_it_knew(tmp_path: Path) -> None:
    shelf = FileShelf(tmp_path / "phone.db")
    shelf._run("PRAGMA secure_delete = OFF")  # some builds of SQLite overwrite what is deleted, others do not
    with shelf.transaction():
        shelf.put_row((1, bytes(16)), b"Harbour Books canary")
        shelf.put_pending(Pending(1, b"canary entry"))
        shelf.put_note("tokens", b"canary token")
    shelf.wipe()
    assert shelf.rows(1) == []
    assert [each.name for each in tmp_path.iterdir() if b"canary" in each.read_bytes()] == []
    shelf.close()


def test_a_foreign_or_newer_file_is_refused_and_untouched(tmp_path: Path) -> None:
    text, other, newer = (tmp_path / each for each in ("notes.txt", "other.db", "newer.db"))
    text.write_text("these are my notes, and no database at all\n" * 100)
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE mine (a)")
    connection.close()
    FileShelf(newer).close()
    with sqlite3.connect(newer) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    for path, words in ((text, "not a phone's file"), (other, "not a phone's file"), (newer, "app version 99")):
        with pytest.raises(Problem, match=words):
            FileShelf(path)
    with sqlite3.connect(other) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    connection.close()
    assert text.read_text().startswith("these are my notes")
