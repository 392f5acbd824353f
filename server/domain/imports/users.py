"""Users from a file: known by the name they sign in with. No file gives a password, a code or an end (D-709)."""

from collections.abc import Iterable, Sequence
from typing import Final

from server.domain.imports import cells
from server.domain.imports.departments import department_id
from server.domain.imports.frame import Account, Asking, Column, Import, Logins, Need, Planned, Row, filled, imported_id, unless
from server.domain.needs import Every, Rows
from shared_schema.external import ExternalId
from shared_schema.records.reference import Department, Person, Role
from shared_schema.scalars import Name

NAME: Final = "users"
ROLE_ZH: Final = {1: "业务员", 2: "经理", 3: "助理", 4: "财务", 5: "管理员"}
LANGUAGE: Final = r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"


def user_id(asking: Asking, login: str) -> bytes:
    """The user who signs in with this name, or will."""
    known = asking.accounts.get(login)
    return known.user_id if known is not None else imported_id(asking.actor.org_id, NAME, login)


def wants(asking: Asking, rows: Sequence[Row]) -> Iterable[Need]:
    """The accounts of these names, their persons, and every department."""
    yield Logins(frozenset(row.key[0] for row in rows))
    yield Every(Department)
    yield Rows(Person, frozenset(user_id(asking, *row.key) for row in rows))


def plan(asking: Asking, row: Row) -> Planned:
    """The person and the account. Whether a user may still sign in stays as it was."""
    record_id, known = user_id(asking, *row.key), asking.accounts.get(row.key[0])
    person = asking.state.find(Person, record_id)
    record = filled(USERS, person or Person(record_id, 0, row.values["name"]), row)
    if "department" in row.values:
        named = department_id(asking, row.values["department"], "department")
        record = Person(record.id, record.rev, record.name, record.role, named, record.active)
    unless(record_id != asking.actor.user_id or record.role is Role.admin, "self_demoted", "role")
    language = row.get("language", known.language if known is not None else "zh")
    return Planned((record,), Account(record_id, row.key[0], language))


USERS: Final = Import(
    name=NAME,
    zh="用户",
    en="Users",
    record=Person,
    key=("login",),
    wants=wants,
    plan=plan,
    columns=(
        Column("login", "账号", "Account", cells.login, "lin", required=True, also=("登录名", "login")),
        Column("name", "姓名", "Name", cells.text(Name), "林静", required=True, slot="name"),
        Column("role", "角色", "Role", cells.member(Role, ROLE_ZH), "业务员", required=True, slot="role"),
        Column("department", "部门", "Department", cells.word(ExternalId), "D-10", also=("部门编号",)),
        Column("language", "语言", "Language", cells.matching(cells.word(ExternalId), LANGUAGE, "not_language"), "zh"),
    ),
)
