"""`docs/proof.md`: its tables are those of the code, and every proof, test and planted bug that it names exists."""

from functools import cache
from typing import Final

from tests import features
from tests.contract.documents import DOCS, ROOT, table
from tests.prove import claims_found, claims_plants, crash_plants, directed, notices_plants, plants, rooms, simulate, stack_plants
from tests.prove.__main__ import PROOFS
from tests.prove.laws import NAMES as LAWS
from tests.prove.planting import changed
from tests.prove.promises import PROMISES, Promise
from tests.prove.survivors import REASONS

PLANTS: Final = {*plants.PLANTS, *stack_plants.STACK_PLANTS, *directed.PLANTS, *(one.operation.name for one in crash_plants.PLANTS)}
ISSUE: Final = (
    *("silent_winner", "unrecorded_loss", "resurrection", "tombstone_dropped", "page_off_by_one", "scope_joined_at_head"),
    *("cursor_without_base", "own_edit_conflict", "base_from_outcome", "base_raised_by_rebase", "base_not_inherited", "exception_by_user"),
    *("delete_without_base", "revs_reused", "outcomes_dropped", "group_split", "group_cut_by_request", "late_answer_applied"),
    *(
        "child_left_behind",
        "child_beside_transfer",
        "last_writer_claims",
        "unmasked_card",
        "authorised_when_queued",
        "plant: dedupe outside the transaction",
    ),
)
"""Bugs that must always be planted, by their names."""


@cache
def _text(path: str) -> str:
    return (ROOT / path).read_text("utf-8")


def _exists(reference: str) -> bool:
    path, _, name = reference.partition("::")
    return (ROOT / path).is_file() and (not name or f"def {name}(" in _text(path))


def test_every_invariant_is_promised_once() -> None:
    assert [one.number for one in PROMISES] == list(range(1, 47))
    named = {proof for one in PROMISES for proof in one.proofs}
    of_nouns = {invariant for proof in features.PROOFS.values() for invariant in proof.invariants}
    assert set(simulate.INVARIANTS) - of_nouns <= named, set(simulate.INVARIANTS) - named
    assert {int(invariant.partition(" ")[0]) for invariant in of_nouns} <= {one.number for one in PROMISES}, (
        "it says which promise it keeps"
    )


def test_every_proof_and_every_plant_exists() -> None:
    known = {*simulate.INVARIANTS, *LAWS, *PROOFS}
    assert [proof for one in PROMISES for proof in one.proofs if proof not in known and not _exists(proof)] == []
    assert [plant for one in PROMISES for plant in one.plants if plant not in PLANTS and not _exists(plant)] == []
    assert [one.test for one in directed.PLANTS.values() if not _exists(one.test)] == []
    assert all(one.plants for one in PROMISES)
    assert set(ISSUE) <= PLANTS


def test_every_bug_of_a_room_fits_its_place_and_names_its_tests() -> None:
    """Who changes the words in which a bug stands changes the bug with them; a name stands for one bug in all of the proof."""
    for one in rooms.PLANTS.values():
        compile(changed(one), one.where, "exec")
        assert [test for test in one.tests if not _exists(f"tests/{test.partition('[')[0]}")] == [], one.name
    assert len(rooms.PLANTS) == sum(len(room.PLANTS) for room in rooms.ROOMS) >= 40
    assert not PLANTS & rooms.PLANTS.keys()


def test_every_bug_of_a_server_process_fits_its_place() -> None:
    """Those of the notices and of the claims proof, which a process loads before the program; each has a fault that its proof counts."""
    bugs = [*(one.bug for one in notices_plants.PLANTS.values()), *(one.bug for one in claims_plants.PLANTS.values())]
    for one in bugs:
        compile(changed(one), one.where, "exec")
    assert len({one.name for one in bugs} | rooms.PLANTS.keys() | PLANTS) == len(bugs) + len(rooms.PLANTS) + len(PLANTS)
    assert {one.fault for one in claims_plants.PLANTS.values()} <= set(claims_found.NEVER)


def _row(one: Promise) -> list[str]:
    return [str(one.number), one.words, *(", ".join(_named(each) for each in several) for several in (one.proofs, one.plants))]


def _named(reference: str) -> str:
    return f"`{reference.rpartition('/')[2]}`" if "::" in reference else reference


def test_the_table_of_promises_is_the_codes() -> None:
    assert table((DOCS / "proof.md").read_text("utf-8"), "## What is promised") == [_row(one) for one in PROMISES]


def test_every_explained_survivor_is_told() -> None:
    told = table((DOCS / "proof.md").read_text("utf-8"), "### Random changes that are no bugs")
    assert [row[:3] for row in told] == [[module, f"`{before}` → `{after}`", why] for (module, before, after), why in REASONS.items()]
