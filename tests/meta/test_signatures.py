"""What a function is given is said by names: no pair without a name, and no decider looks again at what its declaration says."""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from server.domain.feature import Answer
from server.domain.rules import ANSWERS
from shared_schema.records.quote import Approve, Quote

ROOT: Final = Path(__file__).parents[2]
PROGRAM: Final = ("shared_schema", "sync", "geo", "notifications", "server", "mobile_api")


def unnamed(text: str) -> Iterator[str]:
    """Parameters whose whole type is a tuple of so many parts, or None: a struct, or a parameter for each part, says what they are."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
            yield from (f"{node.name}({one.arg})" for one in found if one.annotation is not None and _is_unnamed(one.annotation))


def _is_unnamed(hint: ast.expr) -> bool:
    if isinstance(hint, ast.BinOp):
        return _is_unnamed(hint.left) or _is_unnamed(hint.right)
    if not isinstance(hint, ast.Subscript) or getattr(hint.value, "id", "") != "tuple" or not isinstance(hint.slice, ast.Tuple):
        return False
    return not any(isinstance(one, ast.Constant) and one.value is ... for one in hint.slice.elts)


def checks_types(answer: Answer[Any, Any]) -> bool:
    """Whether a decider asks of what type its record or its command is: the engine has looked at both."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(answer.decide))).body
    assert isinstance(tree, ast.FunctionDef)
    _, _, record, command, _ = (one.arg for one in tree.args.args)
    asked = (node.args[0] for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance")
    return any(isinstance(one, ast.Name) and one.id in (record, command) for one in asked)


@pytest.mark.parametrize("folder", PROGRAM)
def test_no_parameter_is_a_tuple_without_a_name(folder: str) -> None:
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files
    assert {path.relative_to(ROOT).as_posix(): found for path in files if (found := list(unnamed(path.read_text())))} == {}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=lambda one: f"{one.record.__name__} {one.command.__name__}")
def test_no_decider_looks_at_the_types_of_its_answer(answer: Answer[Any, Any]) -> None:
    assert not checks_types(answer)


def looks_again(_actor: Any, _state: Any, _quote: Any, command: Any, _entered: Any) -> Any:
    """A decider as none may be."""
    return (command,) if isinstance(command, Approve) else ()


def test_what_may_not_be_is_found() -> None:
    assert list(unnamed("def f(a: tuple[int, str], b: tuple[int, ...], *, c: 'x', d: tuple[int, int] | None): ...")) == ["f(a)", "f(d)"]
    assert checks_types(Answer(Quote, Approve, looks_again))
