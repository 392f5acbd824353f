"""The command `outrider` as an operator types it, in this process: what it says and how it ends. A second saved for each."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import pytest
import uvicorn
from click.testing import CliRunner

from mobile_api.cli import main

SET_BY_SERVE = ("OUTRIDER_HOST", "OUTRIDER_PORT", "OUTRIDER_WORKERS")
"""What `outrider serve` writes into the environment for its processes; it must not outlive the command here."""


class Said(NamedTuple):
    """How a command ended, and its words."""

    returncode: int
    stdout: str
    stderr: str


def environment(folder: Path, url: str) -> dict[str, str]:
    """That of a process with the settings of one database, with its signing key in `folder`, and none of this machine's."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("OUTRIDER_")}
    return {**plain, "OUTRIDER_DATABASE_URL": url, "OUTRIDER_SECRET_FILE": str(folder / "key"), "PYTHONUTF8": "1"}


def outrider(folder: Path, url: str, *words: str, more: Mapping[str, str] | None = None) -> Said:
    """Type a command that ends by itself; a fault that it does not put into words is raised here. `serve` must be refused."""
    none: dict[str, str | None] = {name: None for name in (*os.environ, *SET_BY_SERVE) if name.startswith("OUTRIDER_")}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(uvicorn, "run", _started)
        done = CliRunner(env={**none, **environment(folder, url), **(more or {})}).invoke(main, words)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Said(done.exit_code, done.stdout, done.stderr)


def _started(*_: Any, **__: Any) -> NoReturn:
    raise AssertionError("the server was started")
