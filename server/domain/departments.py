"""Departments: the desk makes, renames and moves them, a file brings them; a department has a parent that is possible."""

from collections.abc import Iterable
from typing import Final

from server.domain.feature import Feature, Listing, Table
from server.domain.imports.departments import DEPARTMENTS
from server.domain.needs import Asking, DeskNeed, Every, InTurn
from server.domain.tree import Parents, parents_of, subtree
from shared_schema.problem import Code, Problem
from shared_schema.records.reference import Department, DepartmentRequest
from sync.state import State


def place(parents: Parents, department_id: bytes, parent_id: bytes | None) -> None:
    """Judge whether a department may stand below `parent_id`.

    Raises Problem(rule_broken) for an unknown parent or a circle.
    """
    if parent_id is None:
        return
    if parent_id not in parents:
        raise Problem(Code.rule_broken, "there is no such department", field="parent_id")
    if parent_id in subtree(parents, department_id):
        raise Problem(Code.rule_broken, "a department cannot stand below itself", field="parent_id")


def whole_tree(_asking: Asking, _asked: DepartmentRequest) -> Iterable[DeskNeed]:
    """The whole tree: two moves at once could close a circle that neither sees."""
    yield InTurn("departments")
    yield Every(Department)


def judge(state: State, department: Department) -> tuple[Department]:
    """Raises Problem(rule_broken)."""
    place(parents_of(state), department.id, department.parent_id)
    return (department,)


FEATURE: Final = Feature(
    lists=(Listing(Department, "List the departments."),),
    tables=(Table(Department, DepartmentRequest, "Make, rename or move a department.", wants=whole_tree, judge=judge),),
    imports=(DEPARTMENTS,),
)
