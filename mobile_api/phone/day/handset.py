"""The director's end of one player process: start it, order it about, restart it after a kill, put an old file in its place."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Timer
from typing import Final, TypeVar

import msgspec

from mobile_api.phone.day.orders import ANSWER_DECODER, Answer, Order, Quit, Refused

A = TypeVar("A", bound=Answer)
PATIENCE_S: Final = 60
MODULE: Final = "mobile_api.phone.day.player"


class DayFailedError(Exception):
    """The day cannot go on; the text says why, and how to go on."""


class Handset:
    """One phone. `file`: its memory, which outlives the process; `ahead_ms`: how far its clock is ahead of the others'."""

    def __init__(self, login: str, name: str, file: Path, ahead_ms: int = 0, clock_words: Sequence[str] = ()) -> None:
        self.login = login
        self.name = name
        self.file = file
        self.ahead_ms = ahead_ms
        self.clock_words = clock_words
        self.user_id = ""
        self.bytes_up = self.bytes_down = 0
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Switch the phone on."""
        command = [sys.executable, "-m", MODULE, "--file", str(self.file), "--name", self.login, "--ahead-ms", str(self.ahead_ms)]
        command += self.clock_words
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")  # noqa: S603

    def tell(self, order: Order) -> None:
        """Give an order without waiting for its answer."""
        pipe = self._running().stdin
        if pipe is None:
            raise DayFailedError(f"the phone of {self.name} does not listen")
        pipe.write(msgspec.json.encode(order).decode() + "\n")
        pipe.flush()

    def hear(self) -> Answer | None:
        """The next answer; None when the process died first."""
        process = self._running()
        watch = Timer(PATIENCE_S, process.kill)
        watch.start()
        try:
            line = process.stdout.readline() if process.stdout is not None else ""
        finally:
            watch.cancel()
        return ANSWER_DECODER.decode(line) if line else None

    def ask(self, order: Order, expected: type[A]) -> A:
        """Give an order and wait. Raises DayFailedError when the phone refuses or dies."""
        self.tell(order)
        return self.expect(expected)

    def expect(self, expected: type[A]) -> A:
        """The next answer, of this kind. Raises DayFailedError."""
        answer = self.hear()
        if isinstance(answer, expected):
            return answer
        if isinstance(answer, Refused):
            raise DayFailedError(f"the phone of {self.name} was refused: {answer.code} {answer.detail}")
        raise DayFailedError(f"the phone of {self.name} stopped answering; its words stand above")

    def died(self) -> int:
        """Wait for a process that was killed; its exit status."""
        return self._close()

    def stop(self) -> None:
        """Close the file and switch off."""
        if self._process is not None and self._process.poll() is None:
            self.tell(Quit())
            self.hear()
        if self._process is not None:
            self._close()

    def backup(self, to: Path) -> None:
        """Copy the switched-off phone's file."""
        shutil.copyfile(self.file, to)

    def restore(self, backup: Path) -> None:
        """Put an old file in place of the switched-off phone's own."""
        for leftover in (f"{self.file}-wal", f"{self.file}-shm"):
            Path(leftover).unlink(missing_ok=True)
        shutil.copyfile(backup, self.file)

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            raise DayFailedError(f"the phone of {self.name} is switched off")
        return self._process

    def _close(self) -> int:
        process = self._running()
        self._process = None
        try:
            process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        return process.returncode
