"""The engine names no noun: what it must know of one is declared with the record, or said by its feature (docs/architecture.md)."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from shared_schema.registry import BY_NAME

ROOT: Final = Path(__file__).parents[2]
ENGINE: Final = ("sync", "server/services", "server/store", "server/jobs", "mobile_api/routes")
AGREED: Final = frozenset(
    {"sync/agreed/quotes.py", "sync/agreed/money.py", "sync/agreed/amendments.py", "sync/agreed/reclaim.py", "sync/agreed/holds.py"}
    | {"sync/agreed/tiers.py"}
)
"""What phone and server compute alike, a file per noun."""
OWN: Final = frozenset({"base", "customer", "inbox", "contribution", "notification", "reference"})
"""Records of which the engine is made: families, cards, notices, people."""
OWN_NAMES: Final = frozenset(
    {"customer", "standing", "collaborator", "inbox_item", "contribution", "notification", "organisation", "department", "person"}
    | {"field_definition"}
)

PROOF_NAMES_NOUNS: Final = frozenset(
    {"awaited", "crash_scene", "entries", "fuzz_bodies", "history", "ill_phones", "pooled", "rightful", "store", "watch"}
)
"""Modules of `tests/prove` that still import a noun's records: what can go into `tests/features` does, and this list only shrinks."""
BUGS: Final = ("plants", "directed", "rooms_")
"""A planted bug names what it breaks."""
OF_NOUNS: Final = ("claims", "geo")
"""A proof of its own about some nouns: nothing of the engine's proofs stands in it."""


def nouns_in(path: Path) -> Iterator[str]:
    """Modules of records that a file imports, and names of entities that stand in it as strings."""
    foreign = frozenset(BY_NAME) - OWN_NAMES
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("shared_schema.records."):
            module = (node.module or "").rpartition(".")[2]
            if module not in OWN:
                yield module
        if isinstance(node, ast.Constant) and node.value in foreign:
            yield repr(node.value)


def found() -> dict[str, set[str]]:
    files = {path.relative_to(ROOT).as_posix(): path for folder in ENGINE for path in sorted((ROOT / folder).rglob("*.py"))}
    named = {name: set(nouns_in(path)) for name, path in files.items() if name not in AGREED}
    return {name: nouns for name, nouns in named.items() if nouns}


def test_the_engine_names_no_noun() -> None:
    assert found() == {}


def test_the_engine_of_the_proof_names_no_further_noun() -> None:
    files = {
        path.stem: path
        for path in sorted((ROOT / "tests" / "prove").glob("*.py"))
        if not any(word in path.stem for word in (*BUGS, *OF_NOUNS))
    }
    assert {name for name, path in files.items() if any(noun.isidentifier() for noun in nouns_in(path))} == PROOF_NAMES_NOUNS
