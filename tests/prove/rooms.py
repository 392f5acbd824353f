"""Planted bugs of the rooms outside `sync/` (`rooms_*.py`): each in a process of its own, which runs the tests that must turn red.

The changed module is put in the place of the honest one before anything of the server is loaded. The named tests are green in every
`make test`: a red one has noticed the bug. This module itself loads nothing of the project's core.

`python -m tests.prove.rooms NAME…` runs some of them, or all, and shows what the tests say.
"""

import os
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Final

import pytest
from msgspec import Struct

from tests.prove import (
    apart,
    rooms_archive,
    rooms_assignment,
    rooms_claims,
    rooms_contests,
    rooms_database,
    rooms_desk,
    rooms_domain,
    rooms_duplicates,
    rooms_edge,
    rooms_engine,
    rooms_entered,
    rooms_erasures,
    rooms_evaluation,
    rooms_extensions,
    rooms_holds,
    rooms_identity,
    rooms_jobs,
    rooms_lists,
    rooms_locks,
    rooms_nearby,
    rooms_phone,
    rooms_placings,
    rooms_pools,
    rooms_reclaim,
    rooms_reminders,
    rooms_retention,
    rooms_roles,
    rooms_route,
    rooms_store,
    rooms_sync,
    rooms_tiers,
    rooms_visits,
)
from tests.prove.box import Box
from tests.prove.planting import Plant, changed
from tests.prove.sources import ROOT
from tests.prove.spread import UNBOUND
from tests.prove.trial import LOADED_ONCE

WALL_S_MAX: Final = 600
OURS: Final = frozenset({"sync", "server", "mobile_api", "shared_schema", "geo", "notifications"})
LOADED: Final = (
    *LOADED_ONCE,
    *("litestar", "litestar.response", "uvicorn", "httpx", "argon2", "jwt", "zstandard", "prometheus_client"),
    *(
        "aiosqlite",
        "asyncpg",
        "sqlalchemy.ext.asyncio",
        "alembic.command",
        "alembic.config",
        "geographiclib.geodesic",
        "click",
        "rich.console",
    ),
)
"""What no plant touches: loaded before the forks."""
QUIET: Final = ("-q", "-x", "--no-header", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:schemathesis")
ROOMS: Final = (
    *(
        rooms_engine,
        rooms_archive,
        rooms_assignment,
        rooms_contests,
        rooms_desk,
        rooms_nearby,
        rooms_duplicates,
        rooms_entered,
        rooms_erasures,
        rooms_evaluation,
        rooms_extensions,
        rooms_holds,
        rooms_lists,
        rooms_domain,
        rooms_claims,
        rooms_identity,
        rooms_sync,
        rooms_visits,
    ),
    *(
        rooms_store,
        rooms_edge,
        rooms_jobs,
        rooms_reclaim,
        rooms_reminders,
        rooms_retention,
        rooms_roles,
        rooms_route,
        rooms_phone,
        rooms_placings,
        rooms_pools,
        rooms_locks,
        rooms_tiers,
        rooms_database,
    ),
)
PLANTS: Final[Mapping[str, Plant]] = {one.name: one for room in ROOMS for one in room.PLANTS}


class Asked(Struct, frozen=True):
    """Which plant, and the time that is left for it."""

    name: str
    box: Box = UNBOUND


class Seen(Struct, frozen=True):
    """What became of a plant. `by`: the test that turned red; empty: it survived, or was given up, for the box was full."""

    name: str
    by: str
    seconds: float
    given_up: bool = False


class _Red:
    """Keeps the names of tests that failed in their own body: a fixture that cannot be made notices nothing."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and report.when == "call":
            self.names.append(report.nodeid)


def seen(asked: Asked, *, loud: bool = False) -> Seen:
    """Fork, plant, run the tests; wait for the end, or until the box is full."""
    apart.load(LOADED, OURS)
    began_s = time.monotonic()
    told = apart.heard(lambda mouth: _look(PLANTS[asked.name], mouth, loud), asked.box.at_most_s(WALL_S_MAX)).decode()
    return Seen(asked.name, told, time.monotonic() - began_s, not told and asked.box.full)


def _look(plant: Plant, mouth: int, loud: bool) -> None:
    """What the child does."""
    red = _Red()
    try:
        apart.plant(plant.module, changed(plant))
        if not loud:
            apart.hush()
        pytest.main([*QUIET, "--rootdir", str(ROOT), "--databases", plant.databases, *(f"tests/{one}" for one in plant.tests)], [red])
    finally:
        os.write(mouth, "".join(red.names[:1]).encode())
        sys.stdout.flush()


def main(names: Sequence[str]) -> int:
    """Run these, or all; the exit code: 1 when one survives."""
    survivors = []
    for name in names or PLANTS:
        found = seen(Asked(name), loud=len(names) == 1)
        sys.stdout.write(f"{name:<32}{found.seconds:>6.1f} s  {found.by or 'SURVIVED'}\n")
        sys.stdout.flush()
        survivors += [] if found.by else [name]
    sys.stdout.write(f"{len(survivors)} survived: {', '.join(survivors)}\n")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
