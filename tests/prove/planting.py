"""A bug as a few words of one function changed: where it stands, what stands there instead, and which tests must notice."""

import ast
from typing import Final

from msgspec import Struct

from tests.prove.sources import file_of

NAMED: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Plant(Struct, frozen=True):
    """`where`: `module:function`, `module:Class.method`, or `module:` for what stands outside functions. `why`: the bug in one sentence.

    `before` stands there exactly once. `tests`: their ids below `tests/`, each green without the bug; one must turn red with it.
    """

    name: str
    why: str
    where: str
    before: str
    after: str
    tests: tuple[str, ...]
    databases: str = "sqlite"

    @property
    def module(self) -> str:
        return self.where.partition(":")[0]


class MisfitError(ValueError):
    """The words of a plant do not stand where it says: the program changed, and the plant must follow."""


def changed(plant: Plant) -> str:
    """The source of the plant's module with the bug in it. Raises MisfitError."""
    module, _, name = plant.where.partition(":")
    lines = file_of(module).read_text("utf-8").splitlines(keepends=True)
    first, last = _lines(ast.parse("".join(lines)), name.split("."), plant) if name else (0, len(lines))
    text = "".join(lines[first:last])
    if text.count(plant.before) != 1 or plant.before == plant.after:
        raise MisfitError(f"{plant.name}: {plant.before!r} stands {text.count(plant.before)} times in {plant.where}")
    return "".join([*lines[:first], text.replace(plant.before, plant.after), *lines[last:]])


def _lines(tree: ast.AST, names: list[str], plant: Plant) -> tuple[int, int]:
    """Where a function or a class of these nested names stands, with what decorates it."""
    for name in names:
        found = [node for node in ast.iter_child_nodes(tree) if isinstance(node, NAMED) and node.name == name]
        if len(found) != 1:
            raise MisfitError(f"{plant.name}: there is no {plant.where}")
        tree = found[0]
    assert isinstance(tree, NAMED)
    first = min([tree.lineno, *(one.lineno for one in tree.decorator_list)])
    return first - 1, tree.end_lineno or first
