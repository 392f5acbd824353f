"""A migrated database of its own for a proof that starts processes: a new SQLite file, or one that the run's PostgreSQL lends."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.postgres import Lender, blocking, drop_run, run_name
from server.store import schema


@contextmanager
def migrated(name: str, home: Path, proof: str) -> Iterator[str]:
    """The URL of a migrated, empty database. `name`: `sqlite` or `postgres`; `proof`: who borrows it."""
    if name == "sqlite":
        url = f"sqlite:///{home / 'outrider.db'}"
        blocking(schema.migrate(url))
        yield url
        return
    run_of = run_name(os.getpid())
    lender = Lender.open(run_of, f"{proof}{os.getpid()}")
    try:
        url = lender.create()
        blocking(schema.migrate(url))
        yield url
    finally:
        lender.close()
        drop_run(run_of)
