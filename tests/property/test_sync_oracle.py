"""The sync oracle: after any history every phone holds what a new one would, and no value that anybody entered is lost.

`OUTRIDER_TEST_HISTORIES` plays more of them, `OUTRIDER_TEST_SEED` others; a failing history is printed, and shrunk
(which takes minutes) with `OUTRIDER_TEST_SHRINK=1`.
"""

import asyncio
import itertools
import os
from collections import Counter

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from server.database import Database, open_database
from tests.simulation.history import ACTIONS, History, Step

HISTORIES = int(os.environ.get("OUTRIDER_TEST_HISTORIES", "12"))
SEED = int(os.environ.get("OUTRIDER_TEST_SEED", "20261122"))
PHASES = (Phase.generate, Phase.shrink) if os.environ.get("OUTRIDER_TEST_SHRINK") else (Phase.generate,)
STEPS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, len(ACTIONS) - 1), st.integers(0, 2**16)), min_size=40, max_size=70)
MUST_OCCUR = (
    *("applied", "merged", "parked", "rejected", "conflict", "moved", "custom_field_unknown"),
    *("use_mine", "moved scopes", "lost_answer", "one_page", "purge", "delete", "clock", "values"),
)


async def _opened(url: str) -> Database:
    return open_database(url)


def test_every_history_converges_and_loses_nothing(migrated_url: str) -> None:
    counts: Counter[str] = Counter()
    organisations = itertools.count(1)
    with asyncio.Runner() as runner:
        database = runner.run(_opened(migrated_url))

        async def play(steps: list[Step]) -> None:
            history = await History(database, next(organisations), counts).open()
            for step in steps:
                await history.step(step)
            await history.settle()

        @seed(SEED)
        @settings(
            max_examples=HISTORIES,
            report_multiple_bugs=False,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
            phases=PHASES,
        )
        @given(STEPS)
        def histories(steps: list[Step]) -> None:
            runner.run(play(steps))

        try:
            histories()
        finally:
            runner.run(database.close())
            print(f"seed {SEED}, {next(organisations) - 1} histories: {dict(sorted(counts.items()))}")  # noqa: T201 - counts belong to the proof
    assert [name for name in MUST_OCCUR if not counts[name]] == []
