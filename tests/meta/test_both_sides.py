"""Every pure rule that a phone evaluates stands in Python and in TypeScript, and vectors hold the two equal."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.meta import both_sides
from tests.meta.both_sides import EXCEPTIONS_MAX, OWED, SERVERS, camel, evaluated, faults, twin_of
from tests.vectors.registry import counted


@pytest.fixture(scope="module")
def vectors() -> Mapping[str, int]:
    return counted()


def test_every_rule_stands_on_both_sides_and_is_played(vectors: Mapping[str, int]) -> None:
    assert list(faults(vectors)) == []


def test_a_rule_that_no_vector_plays_is_found(vectors: Mapping[str, int]) -> None:
    rule = "sync.agreed.money:divided"
    assert list(faults({**vectors, rule: 0})) == [f"{rule}: no vector plays it against agreed/money.ts:divided; add cases to tests/vectors"]


def test_a_rule_without_a_twin_is_found(vectors: Mapping[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client without the module of nearby tiles: both rules of the room are named."""
    for file in both_sides.CLIENT.rglob("*.ts"):
        if file.name != "nearby.ts":
            copied = tmp_path / file.relative_to(both_sides.CLIENT)
            copied.parent.mkdir(parents=True, exist_ok=True)
            copied.write_text(file.read_text("utf-8"), "utf-8")
    monkeypatch.setattr(both_sides, "CLIENT", tmp_path)
    assert list(faults(vectors)) == [
        f"geo.nearby:{rule}: the client has no geo/nearby.ts:{camel(rule)}" for rule in ("nearest", "tiles_around", "tiles_to_keep")
    ]


def test_a_phone_that_asks_another_room_is_found(vectors: Mapping[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new feature of the phone that asks the server's verdict: nobody ported it, and nobody said why not."""
    (tmp_path / "terminal_verdict.py").write_text("from sync import merge\nfrom sync.history import lines\nmerge.conflicts\n")
    monkeypatch.setattr(both_sides, "PHONE", tmp_path)
    told = [fault for fault in faults(vectors) if "its room has no twin" in fault]
    assert [fault.partition(": ")[0] for fault in told] == ["sync.merge:conflicts"]


def test_an_exception_that_is_not_needed_is_found(vectors: Mapping[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(both_sides, "SERVERS", {**SERVERS, "geo.grid:tile": "a reason", "geo.grid:till": "a reason"})
    told = list(faults(vectors))
    assert "geo.grid:tile: the exception is not needed, for it has a twin" in told
    assert "geo.grid:till: the exception names no rule" in told


def test_the_exceptions_only_shrink() -> None:
    assert len(SERVERS) + len(OWED) == EXCEPTIONS_MAX, "an exception is gone: lower EXCEPTIONS_MAX to the number that is left"


def test_what_a_phone_evaluates_is_found_by_what_it_names() -> None:
    assert {
        "sync.sets:removing",
        "geo.verify:judge",
        "sync.agreed.quotes:content_hash",
        "shared_schema.text:searched",
    } <= evaluated()
    assert twin_of("sync.agreed.quotes:content_hash") == "agreed/quotes.ts:contentHash"
