"""The one MetaData and the column words every table is written with."""

from typing import Any, Final

import sqlalchemy as sa

metadata: Final = sa.MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    }
)
"""Every key starts with `org_id`, the first condition of every query. There are no foreign keys: the family lock keeps
children with their parents, and a foreign key to `org` would take a share lock on one row in every insert."""


def key(name: str, type_: Any) -> sa.Column[Any]:
    """A column of the primary key; its value is always given, never counted by the database."""
    return sa.Column(name, type_, primary_key=True, autoincrement=False)


def org_key() -> sa.Column[Any]:
    """The tenant: first column of every primary key."""
    return key("org_id", sa.BigInteger)


def given(name: str, type_: Any, default: Any = None) -> sa.Column[Any]:
    """A column that always has a value; `default` is filled in by Core inserts, not by the database."""
    return sa.Column(name, type_, nullable=False, default=default)


def maybe(name: str, type_: Any) -> sa.Column[Any]:
    """A column that may be empty."""
    return sa.Column(name, type_, nullable=True)
