"""Draws random bugs from the source of `sync/`: which places can be changed, and the module's tree with one of them changed."""

import ast
import random
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = "sync"
COMPARISONS: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
WORDS_ONLY: Final = frozenset({"_words"})
"""Functions that only cut a sentence for people: another length is no bug."""
Change = Callable[[], Callable[[], None]]
"""Puts itself in place; what it answers takes it away again."""


class Site(Struct, frozen=True):
    """One place of one module and one way to change it."""

    operator: str
    node: ast.AST
    change: Change
    instead: ast.AST | None = None
    """What stands there then, where the node itself is replaced."""


class Mutant(Struct, frozen=True):
    """A random bug: enough to make it again in another process, and to show it."""

    module: str
    index: int
    operator: str
    line: int
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.module.replace('.', '/')}.py:{self.line} ({self.operator})\n    - {self.before}\n    + {self.after}"


def modules() -> list[str]:
    """Every module of the pure core."""
    return [f"{PACKAGE}.{file.stem}" for file in sorted((ROOT / PACKAGE).glob("*.py")) if file.stem != "__init__"]


def file_of(module: str) -> Path:
    """Where a module, or a package, is written."""
    path = ROOT / module.replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def parsed(module: str) -> ast.Module:
    """A fresh tree of a module."""
    return ast.parse(file_of(module).read_text("utf-8"))


@cache
def mutants() -> tuple[Mutant, ...]:
    """Every random bug there could be, in order of module and place."""
    return tuple(_described(module, index, site) for module in modules() for index, site in enumerate(sites(parsed(module))))


def drawn(seed: int, count: int) -> list[Mutant]:
    """So many different ones, drawn by seed: first an operator and then one of its places, so that rare operators come too."""
    dice = random.Random(seed)
    left: dict[str, list[Mutant]] = {}
    for one in mutants():
        left.setdefault(one.operator, []).append(one)
    found: list[Mutant] = []
    while left and len(found) < count:
        operator = dice.choice(sorted(left))
        found.append(left[operator].pop(dice.randrange(len(left[operator]))))
        if not left[operator]:
            del left[operator]
    return found


def described(module: str, index: int) -> Mutant:
    """What the index-th change of a module does to its line."""
    return _described(module, index, sites(parsed(module))[index])


def _described(module: str, index: int, site: Site) -> Mutant:
    before = _text(site.node)
    undo = site.change()
    after = _text(site.instead or site.node)
    undo()
    return Mutant(module, index, site.operator, getattr(site.node, "lineno", 0), before, after)


def mutated(module: str, index: int) -> ast.Module:
    """The tree of a module with its index-th change in place."""
    tree = parsed(module)
    sites(tree)[index].change()
    return ast.fix_missing_locations(tree)


def _text(node: ast.AST) -> str:
    """Its first line is enough: a changed statement of many lines is shown by its head."""
    lines = ast.unparse(node).splitlines()
    return lines[0] if len(lines) == 1 else " ".join(line.strip() for line in lines)[:240]


# places


def sites(tree: ast.Module) -> list[Site]:
    """Every change of a module, in order of its text. Only the bodies of functions: no limits, defaults, annotations, docstrings."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name not in WORDS_ONLY]
    inner = {id(one) for function in functions for one in ast.walk(function) if one is not function and isinstance(one, ast.FunctionDef)}
    outer = [function for function in functions if id(function) not in inner]
    return [site for function in sorted(outer, key=lambda one: one.lineno) for site in _of_function(function)]


def _of_function(function: ast.FunctionDef) -> Iterator[Site]:
    typed = {id(one) for part in _annotations(function) for one in ast.walk(part)}
    for node in ast.walk(function):
        if id(node) in typed:
            continue
        for field in ("body", "orelse"):
            body = getattr(node, field, None)
            if isinstance(body, list):
                yield from _statements(body)
        yield from _expressions(node)


def _annotations(function: ast.FunctionDef) -> Iterator[ast.AST]:
    for node in ast.walk(function):
        if isinstance(node, ast.FunctionDef) and node.returns is not None:
            yield node.returns
        elif isinstance(node, (ast.arg, ast.AnnAssign)) and node.annotation is not None:
            yield node.annotation


def _statements(body: list[ast.stmt]) -> Iterator[Site]:
    """A statement that acts is dropped; a procedure ends before its last one."""
    for at, node in enumerate(body):
        if isinstance(node, (ast.AugAssign, ast.Raise, ast.Break, ast.Continue)) or _acts(node):
            yield _replaced("drop", body, at, ast.Pass())
    acting = [at for at, node in enumerate(body) if not _is_docstring(node)]
    if len(acting) > 1 and isinstance(body[acting[-1]], (ast.For, ast.While, ast.If)):
        yield _replaced("return early", body, acting[-1], ast.Return())


def _acts(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign):
        return all(isinstance(one, (ast.Attribute, ast.Subscript)) for one in node.targets)
    return isinstance(node, ast.Expr) and not _is_docstring(node)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _expressions(node: ast.AST) -> Iterator[Site]:
    if isinstance(node, ast.Compare):
        for at, operator in enumerate(node.ops):
            yield Site("compare", node, _put(node.ops, at, COMPARISONS[type(operator)]()))
    elif isinstance(node, ast.BoolOp):
        yield Site("and/or", node, _set(node, "op", ast.Or() if isinstance(node.op, ast.And) else ast.And()))
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        yield Site("constant + 1", node, _set(node, "value", node.value + 1))
        yield Site("constant - 1", node, _set(node, "value", node.value - 1))
    elif isinstance(node, ast.Constant) and type(node.value) is bool:
        yield Site("constant", node, _set(node, "value", not node.value))
    elif isinstance(node, (ast.If, ast.While, ast.IfExp)):
        opposite = ast.UnaryOp(ast.Not(), node.test)
        yield Site("negate", node.test, _set(node, "test", opposite), opposite)
    elif isinstance(node, ast.comprehension):
        for at, test in enumerate(node.ifs):
            yield _replaced("negate", node.ifs, at, ast.UnaryOp(ast.Not(), test))
            yield _replaced("no condition", node.ifs, at, ast.Constant(True))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("min", "max", "any", "all"):
        other = {"min": "max", "max": "min", "any": "all", "all": "any"}[node.func.id]
        yield Site(node.func.id, node, _set(node.func, "id", other))


def _replaced(operator: str, where: list[Any], at: int, instead: ast.AST) -> Site:
    return Site(operator, where[at], _put(where, at, instead), instead)


def _put(where: list[Any], at: int, value: ast.AST) -> Change:
    def change() -> Callable[[], None]:
        before, where[at] = where[at], value
        return lambda: where.__setitem__(at, before)

    return change


def _set(node: ast.AST, field: str, value: object) -> Change:
    def change() -> Callable[[], None]:
        before = getattr(node, field)
        setattr(node, field, value)
        return lambda: setattr(node, field, before)

    return change
