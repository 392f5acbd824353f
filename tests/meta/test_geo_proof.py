"""The geo proof: its generator knows nothing of the judge, days that it never saw hold, and planted bugs of the judge show in it."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from geo import verify
from shared_schema.places import VisitFlag
from tests.prove import geo, geo_days, geo_visits

HELD_OUT: Final = 20_260_304
"""No bound was chosen by looking at these days."""
GENERATOR: Final = Path(geo_days.__file__)
ALLOWED: Final = ("geo.datum", "shared_schema.places", "shared_schema.records.activity", "shared_schema.records.customer")
HOUSE: Final = ("geo", "server", "sync", "mobile_api", "shared_schema", "notifications", "tests")


def imported(source: str) -> Iterator[str]:
    """The modules that a source names in its imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)


def strangers(source: str) -> set[str]:
    """Modules of ours that the generator may not load."""
    return {one for one in imported(source) if one.split(".")[0] in HOUSE and one not in ALLOWED}


def test_the_generator_may_not_load_the_judge() -> None:
    assert strangers(GENERATOR.read_text("utf-8")) == set()
    assert strangers("from geo.verify import judge\nimport server.domain.facts\nfrom tests.prove import geo_visits") == {
        "geo.verify",
        "server.domain.facts",
        "tests.prove",
    }


def test_days_that_nobody_looked_at_hold() -> None:
    counts, lines, faults = geo_visits.proved(HELD_OUT)
    assert faults == [], "\n".join(lines)
    assert counts["verdict_precision"] >= 0.99
    assert counts["verdict_recall"] >= 0.99
    assert counts["honest_accused"] <= 0.005


def test_the_same_seed_makes_the_same_days() -> None:
    assert geo_days.days(3, 2, 2, "phone") == geo_days.days(3, 2, 2, "phone")
    assert geo_days.days(3, 2, 2, "phone") != geo_days.days(4, 2, 2, "phone")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WEAK_ACCURACY_MM", 20_000),
        ("WEAK_ACCURACY_MM", 10_000_000),
        ("FIX_AGE_MAX_MS", 2_000),
        ("FIX_AGE_MAX_MS", 10**9),
        ("FUTURE_TOLERANCE_MS", 10**9),
        ("SPEED_MAX_M_S", 2),
        ("SPEED_MAX_M_S", 10_000),
        ("_fits_shifted", lambda *_: False),
        ("EARLIER_MAX", 1),
        ("DOUBTS", VisitFlag.none),
        ("DOUBTS", verify.DOUBTS & ~VisitFlag.mock),
    ],
)
def test_a_judge_with_another_bound_is_noticed(monkeypatch: pytest.MonkeyPatch, name: str, value: object) -> None:
    """Also one that only ever excuses, and one that only ever doubts."""
    monkeypatch.setattr(verify, name, value)
    assert geo_visits.proved(7)[2] != []


def test_every_part_is_asked_and_a_fault_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    part = {"found": lambda seed, _box: ({"wrong": seed}, ["a line"], ["it is wrong"])}
    monkeypatch.setattr(geo, "PARTS", part)
    assert geo.run({"SEED": "5"}) == 1
    told = capsys.readouterr().out
    assert "a line" in told
    assert "FAULT of found: it is wrong" in told
    assert '"wrong": 5' in told.splitlines()[-1]
