"""The house rules as functions: each takes one source file and gives sentences about what breaks the rule."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

FILE_LINES, TEST_FILE_LINES, MIGRATION_LINES, FUNCTION_LINES, PARAMETERS = 300, 500, 150, 40, 6
LINE_LETTERS = 140
PURE = ("sync/", "geo/", "shared_schema/", "server/domain/")
TOP_LEVEL = {
    *("server", "sync", "mobile_api", "notifications", "geo", "shared_schema", "tests", "docs", "bench"),
    *("pyproject.toml", "README.md", "Makefile", "constraints.txt", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md"),
    *(".ci", ".gitignore"),
}
DICE_AND_CLOCKS = {"time", "random", "secrets"}
OUTSIDE_WORLD = {
    "os",
    "io",
    "socket",
    "subprocess",
    "sqlite3",
    "threading",
    "asyncio",
    "tempfile",
    "shutil",
    "pathlib",
    "requests",
    "httpx",
}
MACHINE_CLOCKS = ("server/clock.py", "server/migrations/", "mobile_api/phone/day/provider.py")
CHANCE_CALLS = {"uuid1", "uuid4", "urandom", "utcnow", "token_bytes", "token_hex", "getrandbits"}
SOLE_IMPORTERS = {
    "geopy": "geo/",
    "geographiclib": "geo/",
    "firebase_admin": "notifications/channels/fcm",
    "sqlalchemy": "server/",
    "alembic": "server/",
    "openpyxl": "server/sheets/",
    "litestar": "mobile_api/",
}
BANNED_WORDS = {"util", "utils", "helper", "helpers", "common", "misc"}
# Spelled in pieces, so that this file does not break its own rule.
PRIVATE_PLACES = re.compile(
    r"(?<![\w.:-])/" + r"(?:work|root|home|Users)/\w|/opt/" + r"(?:wheels|pypi)|"
    r"(?:pypi|pythonhosted|npmjs|npmmirror)\." + r"(?:org|com)|index" + r"-url|-----BEGIN [A-Z ]*PRIVATE" + r" KEY"
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One tracked file: its path from the root, with slashes, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def is_test(self) -> bool:
        return self.path.startswith("tests/") or self.path.endswith(".test.ts")

    @cached_property
    def functions(self) -> list[Function]:
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]

    @cached_property
    def imports(self) -> list[tuple[str, int]]:
        """Full names of what is imported (`from a import b` gives a.b), with lines."""
        return [pair for node in ast.walk(self.tree) for pair in imported(node)]

    @cached_property
    def calls(self) -> list[tuple[str, int]]:
        """Dotted names of what is called, with lines."""
        found = [node for node in ast.walk(self.tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute)]
        return [(ast.unparse(node.func), node.lineno) for node in found]


Rule = Callable[[Source], Iterator[str]]


def imported(node: ast.AST) -> Iterator[tuple[str, int]]:
    """What one node imports: nothing unless it is an import."""
    if isinstance(node, ast.Import):
        yield from ((alias.name, node.lineno) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def file_length(source: Source) -> Iterator[str]:
    """A file fits in the head."""
    bound = TEST_FILE_LINES if source.is_test else MIGRATION_LINES if "migrations/versions/" in source.path else FILE_LINES
    lines = source.text.count("\n")
    if lines > bound:
        yield f"{lines} lines, at most {bound}"


def function_length(source: Source) -> Iterator[str]:
    """A function fits on the screen."""
    for node in source.functions:
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        if lines > FUNCTION_LINES:
            yield f"line {node.lineno}: {node.name} has {lines} lines, at most {FUNCTION_LINES}"


def parameters(source: Source) -> Iterator[str]:
    """More than six things to say to a function want a struct; self is not counted."""
    for node in source.functions:
        wanted = node.args
        names = [each.arg for each in (*wanted.posonlyargs, *wanted.args, *wanted.kwonlyargs, wanted.vararg, wanted.kwarg) if each]
        count = len(names) - (names[:1] in (["self"], ["cls"]))
        if count > PARAMETERS:
            yield f"line {node.lineno}: {node.name} has {count} parameters, at most {PARAMETERS}"


def imports_on_top(source: Source) -> Iterator[str]:
    """What a file needs stands in its head; only the command line and the channels of push load by name, and late."""
    inside = {line for function in source.functions for node in ast.walk(function) for _, line in imported(node)}
    yield from (f"line {line}: import inside a function" for line in sorted(inside))
    if source.is_test or source.path in ("mobile_api/cli.py", "server/jobs/channels.py"):
        return
    for name, line in source.calls:
        if name.split(".")[-1] in {"import_module", "__import__"}:
            yield f"line {line}: import by name"


def pure_code(source: Source) -> Iterator[str]:
    """Pure rooms get time, ids and chance as arguments and touch nothing outside."""
    pure = source.path.startswith(PURE)
    if not pure and not (source.path.startswith("notifications/") and "/channels/" not in source.path):
        return
    banned = DICE_AND_CLOCKS | OUTSIDE_WORLD if pure else DICE_AND_CLOCKS
    for name, line in source.imports:
        if name.split(".")[0] in banned or name.split(".")[-1] in CHANCE_CALLS:
            yield f"line {line}: pure code imports {name}"
    for name, line in source.calls:
        clock = re.search(r"\b(datetime|date)\.(now|today)$", name) or name.split(".")[-1] in CHANCE_CALLS
        if clock or (pure and name in {"open", "print", "input"}):
            yield f"line {line}: pure code calls {name}"


def one_clock(source: Source) -> Iterator[str]:
    """The server and its reference phone ask the server's clock what time it is: a demo and a test may move that one."""
    if not source.path.startswith(("server/", "mobile_api/")) or source.path.startswith(MACHINE_CLOCKS):
        return
    for name, line in source.calls:
        if re.search(r"\btime\.time(_ns)?$|\b(datetime|date)\.(now|today)$|\butcnow$", name) and not source.path.startswith(PURE):
            yield f"line {line}: {name} beside the server's clock"


def sole_importers(source: Source) -> Iterator[str]:
    """Each outside library has one room."""
    if source.is_test or source.path.startswith("bench/"):
        return
    for name, line in source.imports:
        home = SOLE_IMPORTERS.get(name.split(".")[0])
        if home and not source.path.startswith(home):
            yield f"line {line}: only {home} imports {name.split('.')[0]}"


def names(source: Source) -> Iterator[str]:
    """A name says what a thing is; the words below say nothing."""
    for part in PurePosixPath(source.path).with_suffix("").parts:
        words = part.lower().split("_")
        if BANNED_WORDS & set(words) or words[-1] in {"manager", "managers"}:
            yield f"{part} is no name for a module"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef) and re.search(r"(Manager|Helper|Utils?|Common)$", node.name):
            yield f"line {node.lineno}: {node.name} is no name for a class"


def docstring(source: Source) -> Iterator[str]:
    """The first line of a module is its single duty."""
    if source.text.strip() and not ast.get_docstring(source.tree):
        yield "no module docstring"


def head_comment(source: Source) -> Iterator[str]:
    """The first comment of a TypeScript module is its single duty."""
    if not source.text.startswith("/**"):
        yield "no comment at the head says what the module does"


def line_length(source: Source) -> Iterator[str]:
    """A line fits on the screen."""
    for number, line in enumerate(source.text.splitlines(), 1):
        if len(line) > LINE_LETTERS:
            yield f"line {number}: {len(line)} letters, at most {LINE_LETTERS}"


def top_level(source: Source) -> Iterator[str]:
    """The root holds what an ADR allowed."""
    first = source.path.split("/")[0]
    if first not in TOP_LEVEL:
        yield f"{first} at the top level needs an ADR"


def private_places(source: Source) -> Iterator[str]:
    """A tracked file names no machine's folders, no package registry's host and holds no key."""
    for number, line in enumerate(source.text.splitlines(), 1):
        if found := PRIVATE_PLACES.search(line):
            yield f"line {number}: {found.group()}"


PYTHON_RULES: tuple[Rule, ...] = (
    *(file_length, function_length, parameters, imports_on_top),
    *(pure_code, one_clock, sole_importers, names, docstring),
)
SCRIPT_RULES: tuple[Rule, ...] = (file_length, line_length, head_comment)
SCRIPTS = (".ts", ".tsx", ".mjs")
TEXT_RULES: tuple[Rule, ...] = (top_level, private_places)


def broken(source: Source) -> list[str]:
    """Every rule the file breaks, as `path: sentence`; a file Python cannot read is one of them."""
    rules = TEXT_RULES + (PYTHON_RULES if source.path.endswith(".py") else SCRIPT_RULES if source.path.endswith(SCRIPTS) else ())
    try:
        return [f"{source.path}: {sentence}" for rule in rules for sentence in rule(source)]
    except SyntaxError as error:
        return [f"{source.path}: {error.msg}"]
