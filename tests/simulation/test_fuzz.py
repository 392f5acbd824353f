"""The quick share of T6, and what the fuzz has found so far."""

from collections import Counter
from typing import Any

import pytest

from server.database import Database
from shared_schema.problem import Code, Problem
from shared_schema.wire import ENCODER, OUTCOME_DECODER, Kind, Result
from sync.decode import mine
from tests.prove import fuzz, fuzz_app, fuzz_door
from tests.prove.fuzz_mutants import KINDS
from tests.world import START_MS, Entry, Phone, World

BODIES = 4_000
REQUESTS = 150


@pytest.fixture
async def rep(database: Database) -> Phone:
    """A phone of a rep alone in an organisation."""
    world = await World(database).open()
    return await world.phone(await world.user("ann"))


def test_every_kind_of_body_is_taken_or_refused_by_its_code() -> None:
    """P-706."""
    share = fuzz_door.many((2, range(BODIES)))
    assert not share.faults
    assert [name for name in fuzz_door.wanted() if not share.counts[name]] == []


def test_a_seed_gives_the_same_bodies() -> None:
    assert [fuzz_door.made(5, at) for at in range(300)] == [fuzz_door.made(5, at) for at in range(300)]
    assert fuzz_door.made(5, 1) != fuzz_door.made(6, 1)


def test_every_named_input_is_refused_by_its_own_code() -> None:
    """P-706."""
    assert fuzz.named_faults() == []


async def test_no_request_makes_the_server_fail(migrated_url: str) -> None:
    course = await fuzz_app.run(migrated_url, 1, range(REQUESTS), lambda: None)
    assert course.faults == []
    assert course.counts["outcome applied"] > 0
    assert sum(course.counts[f"kind {kind}"] for kind in KINDS) == REQUESTS


@pytest.mark.parametrize("name", ["a\x00b", "\x1b[2J", "x" * 100_000, "Cafe\u0301"])
async def test_a_field_name_no_database_can_hold_is_refused_alone(rep: Phone, name: str) -> None:
    """A device names the field of a server's record itself: the name is repeated only when it is one (found by reading)."""
    entry = Entry(1, Kind.patch, "person", next(rep.world.ids), {name: 1})
    outcome = OUTCOME_DECODER.decode((await rep.push(entry.raw())).outcomes[0])
    assert (outcome.result, outcome.code, outcome.field) == (Result.rejected, "server_owned", None)
    pulled = await rep.pull(b"")
    assert all(len(page.rows) < 10_000 for page in pulled.pages), "nor does the card carry it"


@pytest.mark.parametrize("n", [-1, 0, 2**53, 2**64 - 1])
async def test_a_number_that_no_device_could_read_back_refuses_the_request(rep: Phone, n: int) -> None:
    """A negative n came back as a forked outcome which no device can decode (found by seed 2)."""
    raw: list[Any] = [n, [0, 0, 1], 1, 1, bytes(16), {}, {}, START_MS]
    with pytest.raises(Problem) as refused:
        await rep.push(ENCODER.encode(raw))
    assert refused.value.code is Code.field_wrong


def test_a_card_shows_no_name_that_is_none() -> None:
    """Keys of a refused body are its author's bytes too."""
    assert mine(ENCODER.encode({"name": "x", "a\x00b": 1, "y" * 61: 2, "extra": {"shelf": 1, "\x1b": 2}})) == {
        "name": "x",
        "extra.shelf": 1,
    }


async def test_the_fuzz_notices_what_it_looks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A door that refuses what is honest, and one that fails, are both faults."""

    def failing(body: bytes, items_max: int = 0) -> None:
        if b"fuzz" in body:
            raise KeyError("planted")

    monkeypatch.setattr("mobile_api.codec.scan_msgpack", failing)
    share = await fuzz_door.many_here(1, range(300))
    assert any("planted" in fault.what for fault in share.faults)

    def refusing(body: bytes, items_max: int = 0) -> None:
        raise Problem(Code.body_malformed, f"{len(body)} of {items_max}")

    monkeypatch.setattr("mobile_api.codec.scan_json", refusing)
    share = await fuzz_door.many_here(1, range(300))
    assert any("honest" in fault.what for fault in share.faults)


def test_a_kind_that_never_happened_fails_the_proof() -> None:
    wrong = fuzz.missing("bodies", fuzz_door.wanted(), Counter({"kind honest": 1}))
    assert len(wrong) == len(fuzz_door.wanted()) - 1
