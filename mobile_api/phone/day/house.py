"""The server of the demo as a process of its own: start it, wait until it is ready, stop it."""

import fcntl
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mobile_api.phone.day.handset import DayFailedError
from mobile_api.phone.day.providers import Providers

HOST: Final = "127.0.0.1"
FIRST_PORT: Final = 8080
PORTS_TRIED: Final = 50
READY_S: Final = 120
STOP_S: Final = 15
SERVE: Final = ("-c", "from mobile_api.cli import main; main()", "serve")


class Port:
    """A free port on loopback, held against other demos from now until its server listens and after."""

    def __init__(self, first: int = FIRST_PORT) -> None:
        for number in range(first, first + PORTS_TRIED):
            held = _hold(number)
            if held is not None:
                self.number = number
                self._held = held
                return
        raise DayFailedError(f"no free port between {first} and {first + PORTS_TRIED - 1}; stop what listens there and try again")

    def release(self) -> None:
        """Let others have it."""
        os.close(self._held)


def _hold(number: int) -> int | None:
    """The handle of a lock on this port; None when another demo has it or somebody listens there."""
    try:
        handle = os.open(Path(tempfile.gettempdir()) / f"outrider-demo-{number}.lock", os.O_CREAT | os.O_RDWR, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, number))
    except OSError:
        os.close(handle)
        return None
    return handle


class House:
    """One server process and where it writes its log. `providers`: of push, to which it sends. `launcher`: how Python is told to serve."""

    providers: Providers

    def __init__(self, environment: dict[str, str], log: Path, launcher: Sequence[str] = SERVE, first_port: int = FIRST_PORT) -> None:
        self.wanted_port = first_port
        self._held = Port(first_port)
        self.port = self._held.number
        self.url = f"http://{HOST}:{self.port}"
        self._log = log
        self._launcher = launcher
        self._environment = {**os.environ, **environment, "OUTRIDER_HOST": HOST, "OUTRIDER_PORT": str(self.port)}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it is ready. Raises DayFailedError with the end of its log."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, *self._launcher], env=self._environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        until = time.monotonic() + READY_S
        while not self._ready():
            if self._process.poll() is not None or time.monotonic() > until:
                self.stop()
                raise DayFailedError(f"the server did not start; its last words ({self._log}):\n{self._last_words()}")
            time.sleep(0.05)

    def wait(self) -> None:
        """Stay until the server ends."""
        if self._process is not None:
            self._process.wait()

    def stop(self) -> None:
        """Ask it to end, and all it started; insist after a while."""
        process, self._process = self._process, None
        if process is None:
            return
        self._held.release()
        if process.poll() is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _ready(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=2)
        try:
            connection.request("GET", "/ready")
            return connection.getresponse().status == http.client.OK
        except OSError:
            return False
        finally:
            connection.close()

    def _last_words(self) -> str:
        return "\n".join(self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-12:])
