"""Departments from a file: parents may stand later in it, or be there already."""

from collections.abc import Iterable, Sequence
from typing import Final

from server.domain.imports import cells
from server.domain.imports.columns import same_text
from server.domain.imports.frame import Asking, Column, Import, Need, Planned, Row, filled, imported_id, unless
from server.domain.needs import Every, InTurn, Rows
from server.domain.tree import subtree
from shared_schema.external import ExternalId
from shared_schema.records.reference import Department
from shared_schema.scalars import Name

NAME: Final = "departments"


def department_id(asking: Asking, named: str, column: str) -> bytes:
    """The department that a cell names: by its external id, else by its name if one alone bears it. Every department is loaded.

    Raises FlawError.
    """
    record_id = imported_id(asking.actor.org_id, NAME, named)
    if asking.state.find(Department, record_id) is not None:
        return record_id
    found = [one for one in asking.all(Department) if same_text(one.name, named)]
    unless(found, "no_department", column, text=named)
    unless(len(found) == 1, "names_many", column, text=named)
    return found[0].id


def wants(asking: Asking, rows: Sequence[Row]) -> Iterable[Need]:
    """One tree, one lock: two moves at once could close a circle that neither sees."""
    yield InTurn("departments")
    yield Every(Department)
    yield Rows(Department, frozenset(imported_id(asking.actor.org_id, NAME, *row.key) for row in rows))


def plan(asking: Asking, row: Row) -> Planned:
    """The department, below one that is there by now."""
    record_id = imported_id(asking.actor.org_id, NAME, *row.key)
    record = filled(DEPARTMENTS, asking.state.find(Department, record_id) or Department(record_id, 0, row.values["name"]), row)
    if "parent" in row.values:
        parent_id = department_id(asking, row.values["parent"], "parent")
        parents = {one.id: one.parent_id for one in asking.all(Department)}
        unless(parent_id not in subtree(parents, record_id), "department_circle", "parent")
        record = Department(record.id, record.rev, record.name, parent_id)
    return Planned((record,))


def ordered(rows: Sequence[Row]) -> list[Row]:
    """Parents before the departments below them. Rows in a circle come last, and are refused when their parent is not there."""
    by_key = {row.key[0]: row for row in rows}
    found: dict[str, Row] = {}
    for row in rows:
        line: list[Row] = []
        at: Row | None = row
        while at is not None and at.key[0] not in found and at not in line:
            line.append(at)
            at = by_key.get(at.values.get("parent", ""))
        if at is None or at.key[0] in found:
            found.update({one.key[0]: one for one in reversed(line)})
    return [*found.values(), *(row for row in rows if row.key[0] not in found)]


DEPARTMENTS: Final = Import(
    name=NAME,
    zh="部门",
    en="Departments",
    record=Department,
    key=("external_id",),
    wants=wants,
    plan=plan,
    ordered=ordered,
    columns=(
        Column("external_id", "外部编号", "External id", cells.word(ExternalId), "D-10", required=True, also=("部门编号", "department no")),
        Column("name", "名称", "Name", cells.text(Name), "华东销售部", required=True, slot="name", also=("部门名称", "部门")),
        Column("parent", "上级部门", "Parent", cells.word(ExternalId), "", also=("上级部门编号", "parent external id")),
    ),
)
