"""The rights of the database role beyond its own tables."""

import sqlalchemy as sa


def superuser(conn: sa.Connection) -> bool:
    """Whether the role could read and change everything on the server, past every policy; never so on SQLite."""
    if conn.dialect.name == "sqlite":
        return False
    return bool(conn.exec_driver_sql("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user").scalar_one())
