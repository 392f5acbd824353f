"""Which rules of Python a phone evaluates, and where TypeScript has the twin of each."""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
CLIENT: Final = ROOT / "mobile_api" / "web" / "client" / "src"
PHONE: Final = ROOT / "mobile_api" / "phone"
PURE: Final = ("sync", "geo", "shared_schema")
PLAYED: Final[Mapping[str, str]] = {
    "sync.agreed": "agreed",
    "geo": "geo",
    "sync.sets": "sync/sets.ts",
    "sync.undo": "sync/undo.ts",
    "sync.cursor": "sync/cursor.ts",
    "shared_schema.text": "wire/text.ts",
    "mobile_api.phone.pace": "phone/pace.ts",
}
"""Rooms of pure rules, a module or a whole package → where the twins stand. Vectors hold the two sides equal."""
DRIVEN: Final[Mapping[str, str]] = {f"sync.{name}": "sync" for name in ("device", "overlay", "receipts", "rows", "decisions")}
"""Rooms of the device: the simulator drives both sides (`make prove NAME=shadow`), so they need no vectors."""
PARTLY: Final[Mapping[str, str]] = {f"sync.{name}": "sync" for name in ("decode", "entered", "unsent")}
"""Rooms of which a phone evaluates the functions that it names, and the server the rest; driven like those of the device."""
NAMED: Final[Mapping[str, str]] = {
    "shared_schema.twin:id_text": "wire/ids.ts:idText",
    "shared_schema.titles:title": "generated/words.ts:TITLES_ZH",
    "notifications.messages:message": "agreed/messages.ts:message",
}
"""Rules of other rooms that a phone evaluates → file and name of the twin, which vectors play too."""
SERVERS: Final[Mapping[str, str]] = {
    "sync.cursor:seal": "the server seals cursors, which are opaque to a device",
    "sync.cursor:unseal": "the server opens them",
    "sync.cursor:accepted": "the server judges them",
    "sync.cursor:speaks_of_now": "the server judges them",
    "sync.cursor:plan": "the server plans an answer",
    "sync.cursor:after": "the server issues them",
    "sync.sets:stamped": "stamps are the server's",
    "sync.sets:stands": "the server asks it of a card",
    "sync.sets:gathered": "the server gathers entries on a card",
    "sync.sets:fits": "the server asks it of a card",
    "sync.sets:shown": "the server asks it of a body that it cannot read",
    "sync.sets:listed": "the client holds a set as history and cards do",
    "sync.sets:plain": "the client holds an operation as a card does",
    "shared_schema.text:unclean": "the door names the unclean field of a request",
    "sync.overlay:same": "the terminal compares records; an app has its own comparison of values",
    "sync.decode:envelope": "the phone's file reads its own bytes; the client reads them in wire/envelopes.ts",
}
"""Rules without a twin, each with the reason. The list only shrinks."""
OWED: Final[Mapping[str, str]] = {}
"""Rules that a phone evaluates and that have no twin yet; none is left."""
EXCEPTIONS_MAX: Final = 16


def faults(vectors: Mapping[str, int]) -> Iterator[str]:
    """A sentence for each rule that stands on one side alone, or that no vector plays; `vectors`: rule → how many cases it has."""
    excused = {*SERVERS, *OWED}
    for rule in sorted({*_rules_of(PLAYED), *_rules_of(DRIVEN), *evaluated()} - excused):
        twin = twin_of(rule)
        if twin is None:
            yield f"{rule}: a phone evaluates it, and its room has no twin; say in both_sides.py where it stands in the client"
        elif not _stands(twin):
            yield f"{rule}: the client has no {twin}"
        elif not _in(rule, {**DRIVEN, **PARTLY}) and not vectors.get(rule):
            yield f"{rule}: no vector plays it against {twin}; add cases to tests/vectors"
    yield from (f"{rule}: the exception is not needed, for it has a twin" for rule in sorted(excused) if _has_twin(rule))
    yield from (f"{rule}: the exception names no rule" for rule in sorted(excused) if not is_rule(rule))
    if len(excused) > EXCEPTIONS_MAX:
        yield f"there are {len(excused)} exceptions, and the list only shrinks from {EXCEPTIONS_MAX}"


def evaluated() -> frozenset[str]:
    """`module:function` of every pure function that a module of the phone names; its plays and its demos are no phone."""
    return frozenset(rule for file in PHONE.glob("*.py") for rule in _named_in(ast.parse(file.read_text("utf-8"))) if is_rule(rule))


def _named_in(tree: ast.Module) -> Iterator[str]:
    """What is imported from pure rooms, and what is asked of their modules (`sets.removing`)."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PURE]
    names = {alias.name: f"{node.module}.{alias.name}" for node in imports for alias in node.names}
    yield from (f"{node.module}:{alias.name}" for node in imports for alias in node.names)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names:
            yield f"{names[node.value.id]}:{node.attr}"


def is_rule(rule: str) -> bool:
    """Whether there is such a public function."""
    module, _, name = rule.partition(":")
    return name in functions(module)


@cache
def functions(module: str) -> tuple[str, ...]:
    """Public functions of a module, in order; none where there is no such file."""
    file = ROOT / f"{module.replace('.', '/')}.py"
    if not file.is_file():
        return ()
    tree = ast.parse(file.read_text("utf-8"))
    return tuple(node.name for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"))


def twin_of(rule: str) -> str | None:
    """`place:name` of a rule's twin, the place a file or a folder of the client; None where nobody said one."""
    module, _, name = rule.partition(":")
    if rule in NAMED:
        return NAMED[rule]
    for room, place in (*PLAYED.items(), *DRIVEN.items(), *PARTLY.items()):
        if module == room:
            return f"{place}:{camel(name)}"
        if module.startswith(f"{room}."):
            return f"{place}/{module.removeprefix(f'{room}.')}.ts:{camel(name)}"
    return None


def camel(name: str) -> str:
    """snake_case as camelCase."""
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def _has_twin(rule: str) -> bool:
    twin = twin_of(rule)
    return twin is not None and _stands(twin)


def _stands(twin: str) -> bool:
    place, _, name = twin.partition(":")
    files = (CLIENT / place).glob("*.ts") if not place.endswith(".ts") else [CLIENT / place]
    wanted = re.compile(rf"^export (?:async )?(?:function\*? |const ){name}\b", re.MULTILINE)
    return any(file.is_file() and wanted.search(file.read_text("utf-8")) for file in files)


def _in(rule: str, rooms: Mapping[str, str]) -> bool:
    module = rule.partition(":")[0]
    return any(module == room or module.startswith(f"{room}.") for room in rooms)


def _rules_of(rooms: Mapping[str, str]) -> Iterator[str]:
    """Every public function of these rooms."""
    for room in rooms:
        folder = ROOT / room.replace(".", "/")
        modules = [f"{room}.{file.stem}" for file in folder.glob("*.py") if file.stem != "__init__"] if folder.is_dir() else [room]
        yield from (f"{module}:{name}" for module in modules for name in functions(module))
