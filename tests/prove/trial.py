"""One random bug in a process of its own: the changed module is put in the place of the honest one before anything of `sync/` is loaded.

This module itself loads nothing of the project's core. A bug that never ends, or eats all memory, is ended and counts as noticed.
"""

import importlib
import json
import os
import resource
import time
import traceback
from typing import Final

from msgspec import Struct

from tests.prove import apart
from tests.prove.box import Box
from tests.prove.sources import PACKAGE, mutated

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
    """Which change of which module, empty for none; so many histories at most; given up when the box is full."""

    module: str
    index: int
    histories: int
    tiers: tuple[str, ...]
    box: Box = Box(None)


class Found(Struct, frozen=True):
    """What became of it. `killed`: the test or invariant, empty for a survivor · `tried`: how many of the tier's cases it took."""

    tier: str
    killed: str
    tried: int
    seconds: float


def tried(task: Task) -> Found:
    """Fork, plant, look; wait for the end."""
    apart.load(LOADED_ONCE, {PACKAGE})
    began_s = time.monotonic()
    told = [tuple(json.loads(line)) for line in apart.heard(lambda mouth: _look(task, mouth), task.box.at_most_s(WALL_S_MAX)).splitlines()]
    seconds = time.monotonic() - began_s
    tier, killed, count = told[-1] if told else ("T0 import", BEGUN, 0)
    if task.box.full and killed == BEGUN:
        return Found(tier, "", count, seconds)
    if killed == BEGUN:  # the suite's own length grows: only where a tier is short does its time decide
        killed = "never ends, or eats all memory" if tier not in CPU_S_MAX and seconds < WALL_S_MAX else ""
    return Found(tier, killed, count, seconds)


def _look(task: Task, mouth: int) -> None:
    """What the child does."""
    resource.setrlimit(resource.RLIMIT_AS, (BYTES_MAX, BYTES_MAX))
    apart.hush()

    def tell(tier: str, killed: str, count: int) -> None:
        if killed == BEGUN:
            until_s = int(time.process_time()) + CPU_S_MAX.get(tier, CPU_S_USUAL)
            resource.setrlimit(resource.RLIMIT_CPU, (until_s, resource.RLIM_INFINITY))
        os.write(mouth, json.dumps((tier, killed[:300], count)).encode() + b"\n")

    try:
        if task.module:
            apart.plant(task.module, mutated(task.module, task.index))
        tell("T0 import", BEGUN, 0)
        importlib.import_module(TIERS).look(task.histories, task.tiers, tell)
    except BaseException:  # noqa: BLE001 - whatever a bug raises is how it is noticed
        tell("T0 import", traceback.format_exc().strip().splitlines()[-1], 0)
