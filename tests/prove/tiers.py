"""The tiers that a random bug must pass, cheapest first: laws, unit tests of the core, histories, the real stack on SQLite."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest

from tests.prove.laws import case
from tests.prove.play import play
from tests.prove.trial import BEGUN, NAMES

ROOT: Final = Path(__file__).parents[2]
LAW_CASES: Final = 1_700
FIRST_HISTORIES: Final = 25
UNIT: Final = (
    *("tests/unit/sync", "tests/unit/test_device.py", "tests/unit/test_line_admission.py", "tests/unit/test_phone_file.py"),
    *("tests/unit/domain", "tests/property/test_money.py"),
)
STACK: Final = ("tests/integration/test_sync_*.py", "tests/integration/test_hostile_sync.py", "tests/integration/test_phone.py")
QUIET: Final = (
    *("-x", "-q", "--no-header", "--assert=plain", "--hypothesis-seed=0"),
    *("-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:schemathesis"),
)
Tell = Callable[[str, str, int], None]
Noticed = Iterator[tuple[str, int]]
"""At most one pair: what noticed the bug, after how many cases."""


class _Failures:
    """Keeps the names of tests that did not pass, and how many ran."""

    def __init__(self) -> None:
        self.failed: list[str] = []
        self.ran = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.ran += report.when == "call"
        if report.failed:
            self.failed.append(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.failed.append(f"{report.nodeid} (not even read)")


def laws(_: int) -> Noticed:
    """T0: seeded cases of every law."""
    for seed in range(LAW_CASES):
        broken = case(seed)
        if broken is not None:
            yield broken.law, seed + 1
            return


def histories(first: int, end: int) -> Noticed:
    """T1: whole histories."""
    for seed in range(first, end):
        played = play(seed, Counter())
        if played.broken:
            yield played.broken, seed + 1
            return


def tests(patterns: Sequence[str]) -> Noticed:
    """Tests of the suite, in this process, on SQLite."""
    files = [str(file) for pattern in patterns for file in sorted(ROOT.glob(pattern))]
    failures = _Failures()
    code = pytest.main([*QUIET, "--rootdir", str(ROOT), "--databases", "sqlite", *files], [failures])
    if failures.failed or code != pytest.ExitCode.OK:
        yield (failures.failed or [f"pytest ended with {code}"])[0], failures.ran


TIERS: Final[dict[str, Callable[[int], Noticed]]] = dict(
    zip(
        NAMES,
        (
            laws,
            lambda most: histories(0, min(FIRST_HISTORIES, most)),
            lambda _: tests(UNIT),
            lambda most: histories(FIRST_HISTORIES, most),
            lambda _: tests(STACK),
        ),
        strict=True,
    )
)


def look(most: int, names: Sequence[str], tell: Tell) -> None:
    """Try these tiers until one notices; at most so many histories. What is told last counts."""
    for name in names:
        tell(name, BEGUN, 0)
        for killed, count in TIERS[name](most):
            tell(name, killed, count)
            return
    tell(names[-1], "", 0)
