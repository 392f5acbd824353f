"""The part that Alembic runs on the connection and inside the transaction that `server.store.schema` gives it."""

from alembic import context

from server.models import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
