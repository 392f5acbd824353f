"""Planted bugs that need a real database, two transactions at once, or a real phone: each with the one test that must turn red.

`noticed(name)` runs that test in a process of its own with the bug in place. The honest test is green in every `make test`.
"""

import subprocess
import sys
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import msgspec
import pytest
import sqlalchemy as sa
from msgspec import Struct

from server.domain import pools
from server.domain.rules import RULES
from shared_schema.elements import SetChange
from shared_schema.entity import Entity
from shared_schema.places import Position
from shared_schema.records.inbox import Value
from shared_schema.records.pool import Claim, PoolCard
from shared_schema.registry import BY_NAME, BY_NUMBER
from shared_schema.wire import ENCODER
from sync.decode import Grouped
from sync.decode import grouped as honest_grouped
from sync.rules import Actor, Entered
from sync.sets import Stood, Tag
from sync.sets import changed as honest_changed
from sync.shelf import MemoryShelf
from sync.state import Held, Key, State
from tests.prove.box import Box

ROOT: Final = Path(__file__).parents[2]
SECONDS_MAX: Final = 300
RED: Final = pytest.ExitCode.TESTS_FAILED


class Directed(Struct, frozen=True):
    """A bug as (module, attribute) → what stands there instead, and the test, on which databases it must turn red.

    `times`: how often at most the test is run until it does. A race is not lost every time; without the bug it never is.
    """

    put: Mapping[tuple[str, str], Any]
    test: str
    databases: str = "both"
    times: int = 1


def nothing(*_: Any, **__: Any) -> None:
    """What was to happen does not."""


def unlocked(_: sa.Connection, __: int, customer_ids: Collection[bytes]) -> set[bytes]:
    """A lock of families that locks none."""
    return set(customer_ids)


def with_defaults(entity: Entity, slots: Mapping[str, Value]) -> Grouped:
    """Whatever a patch does not name of its groups is emptied."""
    groups = honest_grouped(entity, slots)
    return {group: {**dict.fromkeys(entity.groups.get(group, ()), ""), **values} for group, values in groups.items()}


def known_slots_kept(shelf: MemoryShelf, key: Key, body: bytes) -> None:
    """A device keeps of a row what its app understands."""
    if key[0] in BY_NUMBER:
        shelf._rows[key] = ENCODER.encode(BY_NUMBER[key[0]].body_decoder.decode(body))


def every_tag_removed(stood: Stood, change: SetChange, tag: Tag) -> Stood:
    """A remove takes the element away, whoever else added it."""
    gone = {one.element for one in stood if (one.line_no, one.n) in {(old.line_no, old.n) for old in change.remove}}
    return tuple(one for one in honest_changed(stood, change, tag) if one.element not in gone)


def last_writer_claims(actor: Actor, state: State, card: PoolCard, command: Claim, entered: Entered) -> Any:
    """Whoever claims last has the customer."""
    standing = state.standing(card.id)
    assert standing is not None
    key = (BY_NAME["standing"].number, standing.id)
    known, free = state.held[key], {"owner_id": None, "pool_id": card.pool_id, "epoch": command.epoch}
    state.held[key] = Held(msgspec.structs.replace(standing, **free), known.stamps)
    try:
        return pools.claim(actor, state, card, command, entered)
    finally:
        state.held[key] = known


PLANTS: Final[Mapping[str, Directed]] = {
    "child_beside_transfer": Directed(
        {("server.store.families", "lock"): unlocked},
        "tests/integration/test_sync_scopes.py::test_no_child_is_left_beside_a_running_transfer",
        "postgres",
        times=10,
    ),
    "last_writer_claims": Directed(
        {
            ("server.services.sync_push", "RULES"): msgspec.structs.replace(
                RULES, answers={**RULES.answers, (PoolCard, Claim): last_writer_claims}
            )
        },
        "tests/integration/test_sync_pools.py::test_of_claims_at_once_one_wins",
    ),
    "unmasked_card": Directed(
        {("server.domain.pools", "masked"): Position},
        "tests/integration/test_sync_pools.py::test_a_released_customer_leaves_whole_and_stands_masked_in_its_tile",
    ),
    "old_app_empties": Directed(
        {("sync.decode", "grouped"): with_defaults},
        "tests/integration/test_versions.py::test_an_old_app_nulls_nothing_that_it_does_not_know",
        "sqlite",
    ),
    "unseen_tags_removed": Directed(
        {("sync.sets", "changed"): every_tag_removed},
        "tests/integration/test_sync_sets.py::test_a_remove_takes_only_the_tags_it_saw",
        "sqlite",
    ),
    "old_places_awaited": Directed(
        {("sync.device", "_void_places"): nothing},
        "tests/unit/sync/test_phone.py::test_a_place_of_another_epoch_shows_when_its_scope_has_begun_anew",
        "sqlite",
    ),
    "no_patience": Directed(
        {("mobile_api.phone.transport", "_wait_s"): nothing},
        "tests/unit/test_transport.py::test_a_busy_server_is_asked_again_when_it_says",
        "sqlite",
    ),
    "unknown_slots_cut": Directed(
        {("sync.shelf.MemoryShelf", "put_row"): known_slots_kept},
        "tests/unit/test_device.py::test_rows_of_a_newer_server_are_kept_raw",
        "sqlite",
    ),
}


def noticed(name: str, box: Box) -> str:
    """The tier and the test that turned red; empty when it stayed green, or the box was full before."""
    command = [sys.executable, "-m", "tests.prove.directed", name]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=box.at_most_s(SECONDS_MAX), check=False)
    except subprocess.TimeoutExpired:
        return ""
    return f"T3 directed, {PLANTS[name].test}" if done.returncode == RED else ""


def confronted(name: str) -> int:
    """Run the test with the bug in place, until it is red; pytest's exit code."""
    plant = PLANTS[name]
    asked = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--databases", plant.databases, plant.test]
    with ExitStack() as stack:
        for (module, attribute), instead in plant.put.items():
            stack.enter_context(patch(f"{module}.{attribute}", instead))
        codes = (pytest.main(asked) for _ in range(plant.times))
        return next((code for code in codes if code != pytest.ExitCode.OK), pytest.ExitCode.OK)


if __name__ == "__main__":
    sys.exit(confronted(sys.argv[1]))
