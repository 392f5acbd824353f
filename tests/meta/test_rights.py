"""Each right has one writer (`server/store/rights.py`): no other statement of the server writes its table, whatever it is written in."""

import ast
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
import sqlalchemy as sa

from server.models import RECORD_TABLES, metadata
from server.store import convert, rights, write
from server.store.rights import RIGHTS

ROOT: Final = Path(__file__).parents[2]
SQL: Final = re.compile(r"(?<!FOR )(?<!DO )\b(INSERT INTO|UPDATE|DELETE FROM) +([\w?]+)")
STATEMENTS: Final = {sa.insert: True, sa.delete: True, sa.update: False}
"""How a statement begins → whether it writes every column."""
RECORDS: Final = frozenset(RECORD_TABLES)
ANY: Final = frozenset(metadata.tables)
KNOWN: Final[Mapping[str, str]] = {
    "server.store.convert:Statements.__init__": "it builds the statements of records; who asks for them is found as their writer",
    "server.store.dump:Loader.put": "a restore replaces the whole organisation, which begins a new epoch",
    "server.store.books:_over": "it knows no table but those of TABLES, none of which is a right's",
    "server.store.device_lines:_advance": "it knows no column but those in MOVING, none of which is a right's",
}
"""Function that writes what its text does not say → why that is no second writer of a right."""


class Write(NamedTuple):
    """One statement: the function in which it stands, the tables that it may write, and the columns; None: all."""

    where: str
    tables: frozenset[str]
    columns: frozenset[str] | None


def writes(text: str, module: str, names: Mapping[str, Any]) -> Iterator[Write]:
    """Every statement of a module that writes, by its text; `names`: what the module's own names stand for."""
    tree = ast.parse(text)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        found = _called(node, names, parents) if isinstance(node, ast.Call) else _said(node, names, parents)
        for tables, columns in found:
            yield Write(f"{module}:{_function(node, parents)}", tables, columns)


Found = Iterator[tuple[frozenset[str], frozenset[str] | None]]
Parents = Mapping[ast.AST, ast.AST]


def _called(node: ast.Call, names: Mapping[str, Any], parents: Parents) -> Found:
    """`sa.update(table)`, `table.update()`, and statements of records, which are any record's."""
    called = _value(node.func, names)
    if called is convert.statements:
        yield RECORDS, None
    elif called in STATEMENTS:
        yield _tables(node.args[0], names), None if STATEMENTS[called] else _columns(node, parents)
    elif isinstance(node.func, ast.Attribute) and node.func.attr in {"insert", "update", "delete"} and not node.args and not node.keywords:
        yield _tables(node.func.value, names), None if node.func.attr != "update" else _columns(node, parents)


def _said(node: ast.AST, names: Mapping[str, Any], parents: Parents) -> Found:
    """SQL in a text; a name in it that is not known here may be any table's. A docstring is none."""
    whole = isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
    if whole and not isinstance(parents.get(node), (ast.Expr, ast.JoinedStr, ast.FormattedValue)):
        pieces = node.values if isinstance(node, ast.JoinedStr) else [node]
        for name in (named for _, named in SQL.findall("".join(_text(one, names) for one in pieces))):
            yield ANY if "?" in name else frozenset({name}), None


def _text(piece: ast.AST, names: Mapping[str, Any]) -> str:
    value = _value(piece.value, names) if isinstance(piece, ast.FormattedValue) else getattr(piece, "value", "?")
    return value if isinstance(value, str) else "?"


def _tables(node: ast.expr, names: Mapping[str, Any]) -> frozenset[str]:
    table = _value(node, names)
    return frozenset({table.name}) if isinstance(table, sa.Table) else ANY


def _columns(node: ast.AST, parents: Parents) -> frozenset[str] | None:
    """The columns which the chain of an UPDATE names; None when one is not written out."""
    while isinstance(above := parents[node], (ast.Attribute, ast.Call)) and not (isinstance(above, ast.Call) and above.func is not node):
        node = above
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "values":
            told = [one.arg for one in node.keywords]
            return None if node.args or None in told else frozenset(one for one in told if one is not None)
    return None


def _function(node: ast.AST, parents: Parents) -> str:
    found: list[str] = []
    while (node := parents.get(node, node)) in parents:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.insert(0, node.name)
    return ".".join(found)


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """What an expression of names, attributes and constant keys stands for; None when that is not known before it runs."""
    match node:
        case ast.Name(id=name):
            return names.get(name)
        case ast.Attribute(value=inner, attr=name):
            return getattr(_value(inner, names), name, None)
        case ast.Subscript(value=inner, slice=ast.Constant(value=name)):
            held = _value(inner, names)
            return held.get(name) if isinstance(held, Mapping) else None
    return None


def of_rights(found: Iterator[Write]) -> set[tuple[str, str]]:
    """(table, function) of what writes a right."""
    told = {right.table.name: right.columns for right in RIGHTS}
    return {
        (table, one.where)
        for one in found
        for table in one.tables & told.keys()
        if one.columns is None or not told[table] or one.columns & told[table]
    }


def server() -> Iterator[Write]:
    """Every statement of the server that writes; a phone's own file and the migrations are no part of it."""
    for path in [*sorted((ROOT / "server").rglob("*.py")), *sorted((ROOT / "mobile_api").rglob("*.py"))]:
        inside = path.relative_to(ROOT)
        if inside.parts[:2] not in {("server", "migrations"), ("mobile_api", "phone")}:
            module = ".".join(inside.with_suffix("").parts).removesuffix(".__init__")
            yield from writes(path.read_text("utf-8"), module, vars(import_module(module)))


def test_each_right_has_one_writer() -> None:
    found = {(table, where) for table, where in of_rights(server()) if where not in KNOWN}
    declared = {(right.table.name, f"{right.writer.__module__}:{right.writer.__qualname__}") for right in RIGHTS}
    assert found == declared
    assert {one.where for one in server() if one.where in KNOWN} == set(KNOWN)


def test_the_columns_of_a_right_are_its_table_s() -> None:
    assert all(right.columns <= set(right.table.c.keys()) for right in RIGHTS)


PLANTED: Final = (
    "def late(conn): conn.execute(sa.update(account).values(login='x'))",
    "def late(conn): conn.execute(sa.insert(account).values(login='x'))",
    "def late(conn, values): conn.execute(sa.update(device).where(device.c.line_no == 1).values(**values))",
    "def late(conn): conn.execute(sa.update(device).values(seen_ms=1, state='active').returning(device.c.line_no))",
    "def late(conn): conn.execute(device.delete())",
    "def late(conn): conn.execute(sa.update(RECORD_TABLES['person']).values(role=5))",
    "def late(conn, table): conn.execute(sa.delete(table))",
    "def late(conn): conn.exec_driver_sql('UPDATE person SET role = 5')",
    "def late(conn): conn.exec_driver_sql(f'INSERT INTO {scope.name} (lane) VALUES (1)')",
    "def late(conn, name): conn.exec_driver_sql(f'DELETE FROM {name}')",
    "def late(conn, entity): conn.exec_driver_sql(statements(entity, 'sqlite').insert, [])",
    "LATE = sa.delete(scope)",
)
HARMLESS: Final = (
    "def seen(conn): conn.execute(sa.update(device).values(seen_ms=1))",
    "def moved(conn): conn.execute(sa.update(scope).values(head=scope.c.head + 1))",
    "def moved(conn): conn.execute(sa.update(RECORD_TABLES['standing']).values(owner_id=None))",
    "def told(conn): conn.exec_driver_sql('INSERT INTO feed (org_id) VALUES (1)')",
    "def locked(conn): conn.exec_driver_sql('SELECT 1 FROM person FOR UPDATE')",
    "def said():\n    '''DELETE FROM person is what nobody does.'''",
    "def counted(found, more): found.update(more)",
)
NAMES: Final = {**vars(write), **vars(rights), "sa": sa, "RECORD_TABLES": RECORD_TABLES}


@pytest.mark.parametrize("text", PLANTED)
def test_a_second_writer_is_found(text: str) -> None:
    assert of_rights(writes(text, "late", NAMES))


@pytest.mark.parametrize("text", HARMLESS)
def test_what_writes_no_right_is_not_found(text: str) -> None:
    assert not of_rights(writes(text, "late", NAMES))
