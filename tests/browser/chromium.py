"""A real Chromium for the tests: the one that the environment names, one of this machine, or the one that an npm package carries."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.browser import web

VARIABLE: Final = "OUTRIDER_CHROMIUM"
NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS: Final = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
REMEDY: Final = (
    "The tests of the web apps need a Chromium and found none. Do one of: install one (on Debian and Ubuntu: apt install chromium); "
    f"set {VARIABLE} to the path of one; or let npm reach its registry, for it carries one for Linux on x86-64 (67 MB)."
)
HERE: Final = Path(__file__).parent
CARRIED: Final = Path(sys.prefix) / "chromium"
INSTALL_S: Final = 300
LISTENING: Final = "DevTools listening on "


class ChromiumMissingError(Exception):
    """No Chromium can be had; the text says how to get one."""


@dataclass(frozen=True)
class Chromium:
    """A browser that starts: its program, and what its environment needs besides this one's."""

    path: str
    more: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str | float | bool]:
        """The environment of its processes."""
        return {**os.environ, **self.more}

    def starts(self) -> bool:
        """Whether the program runs at all: a library may be missing, or the path be none."""
        try:
            asked = subprocess.run([self.path, "--version"], env=os.environ | self.more, capture_output=True, check=False, timeout=60)
        except (OSError, subprocess.TimeoutExpired):
            return False
        return asked.returncode == 0


def find(carried: Path = CARRIED) -> Chromium:
    """The browser of this run; `carried` is the folder into which npm's is unpacked, once. Raises ChromiumMissingError."""
    if named := os.environ.get(VARIABLE):
        if not (found := Chromium(named)).starts():
            raise ChromiumMissingError(f"{VARIABLE} is set, but no browser starts there. {REMEDY}")
        return found
    for name in NAMES:
        if (path := shutil.which(name)) and (found := Chromium(path)).starts():
            return found
    return _carried(carried)


def _carried(folder: Path) -> Chromium:
    """The browser of the npm package. Whatever the workers of a run ask at once, one of them installs it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        home = folder / "unpacked"
        if not home.exists():
            _install(folder)
    plain = Chromium(str(home / "chromium"))
    found = plain if plain.starts() else Chromium(plain.path, {"LD_LIBRARY_PATH": str(home / "al2023" / "lib")})
    if not found.starts():
        raise ChromiumMissingError(f"The Chromium that npm carries does not start on this machine. {REMEDY}")
    return found


def _install(folder: Path) -> None:
    """Fetch the package of the lock file beside this file, and unpack it. Raises ChromiumMissingError."""
    for name in ("package.json", "package-lock.json", ".npmrc", "unpack.mjs"):
        shutil.copy(HERE / name, folder)
    fresh = folder / "fresh"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    node = os.environ.get("OUTRIDER_NODE") or str(Path(sys.prefix) / "bin" / "node")
    npm = [node, web.NPM, "ci", "--loglevel=error", "--no-progress"]
    for command in (npm, [node, "unpack.mjs"]):
        try:
            subprocess.run(command, cwd=folder, env=os.environ | {"TMPDIR": str(fresh)}, capture_output=True, check=True, timeout=INSTALL_S)
        except (OSError, subprocess.SubprocessError) as error:
            raise ChromiumMissingError(REMEDY) from error
    shutil.rmtree(folder / "node_modules")
    fresh.rename(folder / "unpacked")


ZONE: Final = {"TZ": "Asia/Shanghai"}
"""In the machine's own zone, a day of the organisation would be tomorrow for some hours of each day."""


@dataclass(frozen=True)
class Running:
    """A browser with a profile that outlives it: Playwright connects to `endpoint`."""

    process: subprocess.Popen[str]
    endpoint: str

    def kill(self) -> None:
        """End it as a phone ends an app: at once, with all its processes, and without a word to any of them."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def running(chromium: Chromium, profile: Path, *more: str) -> Iterator[Running]:
    """Start a browser on `profile`, where the organisations of tests are; it is ready inside the block, and gone after it."""
    told = [chromium.path, *ARGUMENTS, "--remote-debugging-port=0", f"--user-data-dir={profile}", *more, "about:blank"]
    options = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True, "start_new_session": True}
    with subprocess.Popen(told, env=os.environ | chromium.more | ZONE, **options) as process:  # type: ignore[call-overload]  # options are what they are
        try:
            yield Running(process, _endpoint(process))
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def _endpoint(process: subprocess.Popen[str]) -> str:
    """The address that a starting browser tells; the rest of its words is read, lest it wait for a reader."""
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        if line.startswith(LISTENING):
            threading.Thread(target=process.stderr.read, name="chromium's words", daemon=True).start()
            return line.removeprefix(LISTENING).strip()
        said.append(line)
    raise AssertionError("".join(said))
