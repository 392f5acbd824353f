"""The file of a backup: what comes out is what went in, and a file that is not whole is refused before anything is read from it."""

import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import zstandard

from server.store import archive
from server.store.archive import FORMAT, ArchiveError, Header, Writer, blocks, clear_drafts, created, verified

ROWS = [(at, None, True, b"\x00\xff" * (at % 7), "名" * (at % 5), 2**62) for at in range(2_500)]
COLUMNS = ["a", "b", "c", "d", "e", "f"]


def quiet(_more: int, _total: int) -> None:
    """Nobody watches."""


def written(path: Path, *, format_: int = FORMAT) -> Path:
    with created(path, replace=False) as file:
        writer = Writer(file, Header(format_, "1.0", "0006", 5, {"one": len(ROWS), "empty": 0}))
        writer.add("one", COLUMNS, ROWS)
        writer.add("empty", COLUMNS, [])
        writer.finish()
    return path


def test_what_comes_out_is_what_went_in(tmp_path: Path) -> None:
    path = written(tmp_path / "a")
    header = verified(path, quiet)
    assert (header.revision, header.rows) == ("0006", 2_500)
    found = list(blocks(path))
    assert [len(rows) for _, _, rows in found] == [1_000, 1_000, 500]
    assert [row for table, columns, rows in found for row in rows if (table, columns) == ("one", COLUMNS)] == ROWS
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_a_frame_ends_at_its_bytes_too(tmp_path: Path) -> None:
    with created(tmp_path / "a", replace=False) as file:
        writer = Writer(file, Header(FORMAT, "1.0", "0006", 5, {"one": 5}))
        writer.add("one", ["a"], [(b"x" * 600_000,)] * 5)
        writer.finish()
    assert [len(rows) for _, _, rows in blocks(tmp_path / "a")] == [2, 2, 1]


def test_every_flipped_byte_and_every_cut_is_refused(tmp_path: Path) -> None:
    whole = written(tmp_path / "a").read_bytes()
    path = tmp_path / "b"
    for at in [*range(60), *range(60, len(whole), 211), *range(len(whole) - 40, len(whole))]:
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(ArchiveError):
            verified(path, quiet)
        path.write_bytes(whole[:at])
        with pytest.raises(ArchiveError):
            verified(path, quiet)
    path.write_bytes(whole + b"\x00")
    with pytest.raises(ArchiveError):
        verified(path, quiet)


def test_another_format_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=f"format {FORMAT + 1}"):
        verified(written(tmp_path / "a", format_=FORMAT + 1), quiet)


def test_nothing_is_written_over_or_left_behind(tmp_path: Path) -> None:
    path = written(tmp_path / "a")
    before = path.read_bytes()
    with pytest.raises(FileExistsError), created(path, replace=False):
        pass
    with pytest.raises(ZeroDivisionError), created(path, replace=True) as file:
        file.write(b"half" * (1 // 0))
    with pytest.raises(FileExistsError), created(tmp_path / "b", replace=False):  # somebody else was faster
        (tmp_path / "b").write_bytes(b"theirs")
    assert (path.read_bytes(), (tmp_path / "b").read_bytes()) == (before, b"theirs")
    with created(path, replace=True) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a", "b"]


def test_a_frame_cannot_blow_up_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "FRAME_BYTES_MAX", 1_000_000)
    packed = zstandard.ZstdCompressor().compress(bytes(2_000_000))
    out = io.BytesIO()
    writer = Writer(out, Header(FORMAT, "1.0", "0006", 5, {}))
    writer._put(archive.LENGTH.pack(len(packed)) + packed)
    writer.finish()
    (tmp_path / "a").write_bytes(out.getvalue())
    verified(tmp_path / "a", quiet)
    with pytest.raises(ArchiveError, match="larger"):
        list(blocks(tmp_path / "a"))


DYING = """
import os, signal, sys
from pathlib import Path
from server.store.archive import created
with created(Path(sys.argv[1]), replace=False) as file:
    file.write(b"half")
    print("writing", flush=True)
    if sys.argv[2] == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    sys.stdin.read()
"""


def writing(path: Path, how: str) -> "subprocess.Popen[str]":
    """A process that is writing a backup: it dies in the middle, or waits."""
    words = [sys.executable, "-c", DYING, str(path), how]
    begun = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert begun.stdout is not None
    assert begun.stdout.readline() == "writing\n"
    return begun


def test_what_a_dead_backup_left_goes_with_the_next_and_a_running_one_stays(tmp_path: Path) -> None:
    """Whatever name the dead one was to have; another program's files are not touched."""
    foreign = tmp_path / ".mail.0123456789ab.part"
    foreign.write_bytes(b"not ours")
    with writing(tmp_path / "yesterday", "dies") as died:
        died.communicate()
    assert died.returncode == -signal.SIGKILL
    (dead,) = tmp_path.glob(".yesterday.*.part")
    with writing(tmp_path / "slow", "waits") as running:
        (alive,) = tmp_path.glob(".slow.*.part")
        written(tmp_path / "a")
        assert (dead.exists(), alive.exists()) == (False, True)
        running.communicate()
    assert running.returncode == 0
    assert sorted(each.name for each in tmp_path.iterdir()) == [foreign.name, "a", "slow"]


def test_a_draft_that_was_cleared_away_before_its_lock_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between a file and its lock lies a moment in which it looks like a dead one's."""
    opened = os.open

    def cleared(path: Path, flags: int, mode: int = 0o777) -> int:
        handle = opened(path, flags, mode)
        if flags & os.O_CREAT:
            monkeypatch.setattr(os, "open", opened)
            clear_drafts(tmp_path)
        return handle

    monkeypatch.setattr(os, "open", cleared)
    written(tmp_path / "a")
    assert os.open is opened
    assert [each.name for each in tmp_path.iterdir()] == ["a"]
