"""What a noun may do is proven: each command, verb, table, job and import stands in an operation of the crash matrix."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from server.domain.desk import JOBS, TABLES, VERBS
from server.domain.imports.kinds import IMPORTS
from shared_schema.registry import ENTITIES

TESTS: Final = Path(__file__).parents[1]
MATRIX: Final = (*(TESTS / "features").glob("*.py"), *(TESTS / "prove").glob("crash*.py"))


def wanted() -> Iterator[str]:
    """The names by which an operation asks for each of them."""
    yield from (command.__name__ for entity in ENTITIES for command in entity.commands.values())
    yield from (verb.asks.__name__ for verb in VERBS)
    yield from (table.asks.__name__ for table in TABLES)
    yield from (job.record.__name__ for job in JOBS)
    yield from (one.name for one in IMPORTS)


def said() -> frozenset[str]:
    """Every name and every text of the modules that make operations."""
    nodes = [node for path in MATRIX for node in ast.walk(ast.parse(path.read_text()))]
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return frozenset(names | {str(node.value) for node in nodes if isinstance(node, ast.Constant)})


@pytest.mark.parametrize("name", sorted(set(wanted())))
def test_an_operation_asks_for_it(name: str) -> None:
    assert name in said()
