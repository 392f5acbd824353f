"""One random bug in a process of its own: the changed module is put in the place of the honest one before anything of `sync/` is loaded.

This module itself loads nothing of the project's core. A bug that never ends, or eats all memory, is ended and counts as noticed.
"""

import ast
import importlib
import json
import os
import resource
import select
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from types import ModuleType
from typing import Final

from msgspec import Struct

from tests.prove.sources import PACKAGE, file_of, mutated

LOADED_ONCE: Final = ("sqlalchemy", "pytest", "hypothesis", "anyio", "rich.progress", "alembic", "_pytest.assertion.rewrite")
"""What every trial needs and no bug touches: loaded before the fork."""
TIERS: Final = "tests.prove.tiers"
NAMES: Final = ("T0 laws", "T1 simulate", "T0 tests", "T1 simulate, longer", "T3 stack")
"""The tiers in the order in which they are tried."""
BEGUN: Final = "begun"
WALL_S_MAX: Final = 1_500
CPU_S_MAX: Final = {"T3 stack": 600}
CPU_S_USUAL: Final = 60
"""Seconds of computing for one tier: a busy machine ends no trial too early."""
BYTES_MAX: Final = 4 * 1024**3


class Task(Struct, frozen=True):
    """Which change of which module, empty for none; and so many histories at most."""

    module: str
    index: int
    histories: int
    tiers: tuple[str, ...]


class Found(Struct, frozen=True):
    """What became of it. `killed`: the test or invariant, empty for a survivor · `tried`: how many of the tier's cases it took."""

    tier: str
    killed: str
    tried: int
    seconds: float


class Planter(MetaPathFinder, Loader):
    """Loads one module from its changed source, given as text or tree."""

    def __init__(self, module: str, source: str | ast.Module) -> None:
        self.module, self.source, self.file = module, source, file_of(module)

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != self.module:
            return None
        spec = spec_from_loader(name, self, is_package=self.file.stem == "__init__")
        if spec is not None and spec.submodule_search_locations is not None:
            spec.submodule_search_locations.append(str(self.file.parent))
        return spec

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = str(self.file)
        exec(compile(self.source, str(self.file), "exec"), module.__dict__)  # noqa: S102 - our own source


def tried(task: Task) -> Found:
    """Fork, plant, look; wait for the end."""
    for name in LOADED_ONCE:
        importlib.import_module(name)
    if any(name == PACKAGE or name.startswith(f"{PACKAGE}.") for name in sys.modules):
        raise RuntimeError("the core is loaded already: no bug can be planted in this process")
    began_s = time.monotonic()
    ear, mouth = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(ear)
        _look(task, mouth)
    os.close(mouth)
    told = _heard(ear, began_s + WALL_S_MAX)
    seconds = time.monotonic() - began_s
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    tier, killed, count = told[-1] if told else ("T0 import", BEGUN, 0)
    if killed == BEGUN:  # the suite's own length grows: only where a tier is short does its time decide
        killed = "never ends, or eats all memory" if tier not in CPU_S_MAX and seconds < WALL_S_MAX else ""
    return Found(tier, killed, count, seconds)


def _heard(ear: int, until_s: float) -> list[tuple[str, str, int]]:
    """What the child told, line by line, until it ended or its time was over."""
    text = b""
    while (left_s := until_s - time.monotonic()) > 0 and select.select([ear], [], [], left_s)[0]:
        part = os.read(ear, 65_536)
        if not part:
            break
        text += part
    os.close(ear)
    return [tuple(json.loads(line)) for line in text.splitlines()]


def _look(task: Task, mouth: int) -> None:
    """The child: never returns."""
    resource.setrlimit(resource.RLIMIT_AS, (BYTES_MAX, BYTES_MAX))
    silence = os.open(os.devnull, os.O_RDWR)
    for place in (0, 1, 2):
        os.dup2(silence, place)

    def tell(tier: str, killed: str, count: int) -> None:
        if killed == BEGUN:
            until_s = int(time.process_time()) + CPU_S_MAX.get(tier, CPU_S_USUAL)
            resource.setrlimit(resource.RLIMIT_CPU, (until_s, resource.RLIM_INFINITY))
        os.write(mouth, json.dumps((tier, killed[:300], count)).encode() + b"\n")

    try:
        if task.module:
            sys.meta_path.insert(0, Planter(task.module, mutated(task.module, task.index)))
        tell("T0 import", BEGUN, 0)
        importlib.import_module(TIERS).look(task.histories, task.tiers, tell)
    except BaseException:  # noqa: BLE001 - whatever a bug raises is how it is noticed
        tell("T0 import", traceback.format_exc().strip().splitlines()[-1], 0)
    os._exit(0)
